import type { Lease, LeaseAnswer } from './lease.ts';
import type { Rung } from './rung.ts';
import type { Waiting } from './waiting.ts';

/** A request that has its slot. */
export interface Sent {
  readonly entry: Waiting;
  /** Counts the requests of its key. */
  readonly number: number;
  readonly sentAt: number;
  readonly sentUnder: Rung;
}

/** What happens at the end of a request. */
export type OnEnd = (sent: Sent, answer: LeaseAnswer) => void;

/** A slot that was handed out. */
export class SlotLease implements Lease {
  readonly waitedMs: number;
  readonly #sent: Sent;
  #onEnd: OnEnd | undefined;

  constructor(sent: Sent, onEnd: OnEnd) {
    this.waitedMs = sent.sentAt - sent.entry.askedAt;
    this.#sent = sent;
    this.#onEnd = onEnd;
  }

  release(answer: LeaseAnswer): void {
    const onEnd = this.#onEnd;
    this.#onEnd = undefined;
    onEnd?.(this.#sent, answer);
  }
}
