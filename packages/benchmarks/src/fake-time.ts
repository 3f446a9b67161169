interface Timer {
  readonly at: number;
  readonly order: number;
  readonly callback: () => void;
}

/** Time that passes only when nothing else is left to do: an hour of waiting takes a moment. */
export class FakeTime {
  #now = 1_767_225_600_000;
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

  /** Passes as much time as a promise needs to resolve, or `undefined` if it never would. */
  async run<Value>(promise: Promise<Value>): Promise<Value | undefined> {
    let isOver = false;
    const result = promise.finally(() => {
      isOver = true;
    });
    result.catch(() => {});
    for (;;) {
      await idle();
      if (isOver) return result;
      const next = this.#next();
      if (next === undefined) return undefined;
      this.#timers.delete(next);
      this.#now = Math.max(this.#now, next.at);
      next.callback();
    }
  }

  #next(): Timer | undefined {
    let first: Timer | undefined;
    for (const timer of this.#timers) {
      if (first === undefined || timer.at < first.at) first = timer;
      else if (timer.at === first.at && timer.order < first.order) first = timer;
    }
    return first;
  }
}

/** A clock whose timers are counted, beside whoever else uses the same time. */
export function countedClock(time: FakeTime) {
  const timers = new Set<unknown>();
  return {
    timers,
    now: time.now,
    setTimeout(callback: () => void, delayMs: number): unknown {
      const timer = time.setTimeout(() => {
        timers.delete(timer);
        callback();
      }, delayMs);
      timers.add(timer);
      return timer;
    },
    clearTimeout(timer: unknown): void {
      timers.delete(timer);
      time.clearTimeout(timer);
    },
  };
}

/** Bodies of requests and answers take a few turns of the event loop, but no time. */
async function idle(): Promise<void> {
  for (let turn = 0; turn < 8; turn += 1) {
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
  }
}
