import type { Lease, LeaseAnswer } from './lease.ts';
import type { Rung } from './rung.ts';
import type { Waiting } from './waiting.ts';

/** A slot that was handed out, and the request that has it. */
export class SlotLease implements Lease {
  readonly entry: Waiting;
  /** Counts the requests of its key. */
  readonly number: number;
  readonly sentAt: number;
  readonly sentUnder: Rung;
  #onEnd: OnEnd | undefined;

  constructor(entry: Waiting, number: number, sentAt: number, sentUnder: Rung, onEnd: OnEnd) {
    this.entry = entry;
    this.number = number;
    this.sentAt = sentAt;
    this.sentUnder = sentUnder;
    this.#onEnd = onEnd;
  }

  get waitedMs(): number {
    return this.sentAt - this.entry.askedAt;
  }

  release(answer: LeaseAnswer): void {
    const onEnd = this.#onEnd;
    this.#onEnd = undefined;
    onEnd?.(this, answer);
  }
}

/** What happens at the end of a request. */
export type OnEnd = (lease: SlotLease, answer: LeaseAnswer) => void;
