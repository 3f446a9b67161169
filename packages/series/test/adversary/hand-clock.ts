import type { Clock } from '@ticket-lifecycle/series';

interface Timer {
  readonly at: number;
  readonly order: number;
  readonly callback: () => void;
}

/** Time that stands still until somebody moves it to the next timer. */
export class HandClock implements Clock {
  // With a fraction, as the real clock has one.
  #now = 1_767_225_600_437.5;
  #set = 0;
  readonly #timers = new Set<Timer>();

  readonly now = (): number => this.#now;

  readonly setTimeout = (callback: () => void, delayMs: number): Timer => {
    const timer = { at: this.#now + Math.max(0, delayMs), order: (this.#set += 1), callback };
    this.#timers.add(timer);
    return timer;
  };

  readonly clearTimeout = (timer: unknown): void => void this.#timers.delete(timer as Timer);

  readonly sleep = (delayMs: number): Promise<void> =>
    new Promise((resolve) => {
      this.setTimeout(resolve, delayMs);
    });

  /** Moves the time to the next timer and fires it; false where there is none until `until`. */
  fireNext(until = Infinity): boolean {
    let first: Timer | undefined;
    for (const timer of this.#timers) {
      if (first === undefined || timer.at < first.at) first = timer;
      else if (timer.at === first.at && timer.order < first.order) first = timer;
    }
    if (first === undefined || first.at > until) return false;
    this.#timers.delete(first);
    this.#now = Math.max(this.#now, first.at);
    first.callback();
    return true;
  }
}
