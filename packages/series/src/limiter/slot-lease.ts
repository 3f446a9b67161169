import { wholeMs } from '../clock.ts';
import type { Waiter } from './lanes.ts';
import { checkAnswer, type Lease, type LeaseAnswer } from './lease.ts';

/** A slot that was handed out, and the request that has it. */
export class SlotLease implements Lease {
  readonly entry: Waiter;
  /** Counts the requests of its key. */
  readonly number: number;
  readonly sentAt: number;
  /** The stage of its key's caution. */
  readonly stage: number;
  readonly othersUnderWay: number;
  readonly measuresPath: boolean;
  /** When its request leaves, where a slow key or guard delays it. */
  delayedUntil: number | undefined = undefined;
  #holder: LeaseHolder | undefined;

  constructor(
    entry: Waiter,
    number: number,
    sentAt: number,
    stage: number,
    othersUnderWay: number,
    measuresPath: boolean,
    holder: LeaseHolder,
  ) {
    this.entry = entry;
    this.number = number;
    this.sentAt = sentAt;
    this.stage = stage;
    this.othersUnderWay = othersUnderWay;
    this.measuresPath = measuresPath;
    this.#holder = holder;
  }

  get waitedMs(): number {
    return wholeMs(this.sentAt - this.entry.askedAt);
  }

  pace(): Promise<void> | undefined {
    return this.#holder?.pace(this);
  }

  mayLeave(): boolean {
    return this.#holder?.mayLeave(this) === true;
  }

  release(answer: LeaseAnswer): void {
    // First: with the handle, the slot and the lane would be lost.
    checkAnswer(answer);
    const holder = this.#holder;
    this.#holder = undefined;
    holder?.end(this, answer);
  }
}

export type Limited = Extract<LeaseAnswer, { readonly kind: 'limited' }>;

/** The budget, as a lease sees it. */
export interface LeaseHolder {
  end(lease: SlotLease, answer: LeaseAnswer): void;
  pace(lease: SlotLease): Promise<void> | undefined;
  mayLeave(lease: SlotLease): boolean;
}
