import type { Lease, LeaseAnswer } from './lease.ts';
import type { Rung } from './rung.ts';
import type { Waiting } from './waiting.ts';

/** What happens at the end of a request. */
export type OnEnd = (entry: Waiting, answer: LeaseAnswer, sentAt: number, sentUnder: Rung) => void;

/** A slot that was handed out. One object for each request, whatever the number of requests. */
export class SlotLease implements Lease {
  readonly waitedMs: number;
  readonly #entry: Waiting;
  readonly #sentAt: number;
  readonly #sentUnder: Rung;
  #onEnd: OnEnd | undefined;

  constructor(entry: Waiting, sentAt: number, sentUnder: Rung, onEnd: OnEnd) {
    this.waitedMs = sentAt - entry.askedAt;
    this.#entry = entry;
    this.#sentAt = sentAt;
    this.#sentUnder = sentUnder;
    this.#onEnd = onEnd;
  }

  release(answer: LeaseAnswer): void {
    const onEnd = this.#onEnd;
    this.#onEnd = undefined;
    onEnd?.(this.#entry, answer, this.#sentAt, this.#sentUnder);
  }
}
