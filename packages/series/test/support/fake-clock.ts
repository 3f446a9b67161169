import type { Clock } from '../../src/index.ts';

interface Timer {
  readonly at: number;
  readonly callback: () => void;
}

/** A clock that stands still until it is moved, or jumps to its next timer while it runs a task. */
export class FakeClock implements Clock {
  // No whole second: a ticket made in one looks like one of a server that tells no fractions.
  #now = 1_000_123;
  readonly #timers = new Set<Timer>();

  readonly now = (): number => this.#now;

  readonly setTimeout = (callback: () => void, delayMs: number): Timer => {
    const timer = { at: this.#now + delayMs, callback };
    this.#timers.add(timer);
    return timer;
  };

  readonly clearTimeout = (timer: unknown): void => {
    this.#timers.delete(timer as Timer);
  };

  /** How many timers are set. */
  get pending(): number {
    return this.#timers.size;
  }

  /** Waits on this clock. */
  readonly sleep = (delayMs: number): Promise<void> =>
    new Promise((resolve) => {
      this.setTimeout(resolve, delayMs);
    });

  /** Passes time, firing what becomes due, in order. */
  async advance(delayMs: number): Promise<void> {
    const until = this.#now + delayMs;
    for (;;) {
      await settleTasks();
      const next = this.#next();
      if (next === undefined || next.at > until) break;
      this.#fire(next);
    }
    this.#now = until;
    await settleTasks();
  }

  /** Stalls the event loop: time passes, and no timer fires until it is over. */
  stall(delayMs: number): void {
    this.#now += delayMs;
  }

  /** Passes as much time as a promise needs to settle. */
  async run<Value>(promise: Promise<Value>): Promise<Value> {
    let isSettled = false;
    const settled = promise.finally(() => {
      isSettled = true;
    });
    settled.catch(() => {});
    for (;;) {
      await settleTasks();
      if (isSettled) return settled;
      const next = this.#next();
      if (next === undefined)
        throw new Error('Nothing is under way that could settle the promise.');
      this.#fire(next);
    }
  }

  #next(): Timer | undefined {
    return [...this.#timers].sort((a, b) => a.at - b.at)[0];
  }

  #fire(timer: Timer): void {
    this.#timers.delete(timer);
    this.#now = Math.max(this.#now, timer.at);
    timer.callback();
  }
}

/** Counts the timers that one user of a clock has set, whoever else uses it. */
export function countTimers(shared: Clock) {
  const timers = new Set<unknown>();
  const clock: Clock = {
    now: () => shared.now(),
    setTimeout(callback, delayMs) {
      const timer = shared.setTimeout(() => {
        timers.delete(timer);
        callback();
      }, delayMs);
      timers.add(timer);
      return timer;
    },
    clearTimeout(timer) {
      timers.delete(timer);
      shared.clearTimeout(timer);
    },
  };
  return { clock, timers };
}

/** Streams of a Request or Response take a few turns of the event loop, but no time. */
async function settleTasks(): Promise<void> {
  for (let turn = 0; turn < 6; turn += 1) {
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
  }
}
