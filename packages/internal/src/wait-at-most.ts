/** The longest delay of a timer: a longer one overflows `setTimeout`, which then fires at once. */
export const longestTimerMs = 2 ** 31 - 1;

interface Timers {
  /** Milliseconds, never going backwards. */
  now(): number;
  setTimeout(callback: () => void, delayMs: number): unknown;
  clearTimeout(timer: unknown): void;
}

const systemTimers: Timers = {
  now: () => performance.now(),
  setTimeout: (callback, delayMs) => setTimeout(callback, delayMs),
  clearTimeout: (timer) => clearTimeout(timer as NodeJS.Timeout),
};

// Later than any timer that fires at all, and soon enough for those who wait.
const backupMs = 1000;

/**
 * Calls back once, after a delay. A second timer stands in for the first, which may be lost: a timer
 * that was set while timers were faked never fires. Returns a function that cancels both.
 */
export function setTimer(clock: Timers, callback: () => void, delayMs: number): () => void {
  const timers = [delayMs, delayMs + backupMs].map((ms) =>
    clock.setTimeout(fire, Math.min(Math.max(0, ms), longestTimerMs)),
  );
  function cancel() {
    for (const timer of timers) clock.clearTimeout(timer);
  }
  function fire() {
    cancel();
    callback();
  }
  return cancel;
}

// A timer that is later than this shows that the process was stopped or its event loop stalled.
const stallMs = 50;
const parts = 4;
// Time to read what came during a stop at the very end.
const wakeUpMs = 250;

/**
 * Calls back once, after `ms` in which this process could run. While it is stopped, as that of a
 * computer that sleeps, it can neither send nor read: so that takes a quarter of the time at most, and
 * after a stop at the very end there is a moment more. Returns a function that cancels.
 */
export function setTimeLimit(clock: Timers, callback: () => void, ms: number): () => void {
  const partMs = Math.ceil(ms / parts);
  let cancel = wait(parts, partMs);
  return () => cancel();

  function wait(left: number, forMs: number): () => void {
    const lateAt = clock.now() + forMs + stallMs;
    const passed = () => {
      if (left > 1) cancel = wait(left - 1, partMs);
      else if (left === 1 && clock.now() > lateAt) cancel = wait(0, wakeUpMs);
      else callback();
    };
    return setTimer(clock, passed, forMs);
  }
}

/**
 * Waits for work, but no longer than `ms` in which this process could run. Gives what the work gives,
 * or else what `onLate` gives or throws; `undefined` without it. The work itself goes on.
 */
export async function waitAtMost<Result, Late>(
  ms: number,
  work: PromiseLike<Result> | Result,
  onLate: () => Late = () => undefined as Late,
  timers: Timers = systemTimers,
): Promise<Result | Late> {
  const late = Promise.withResolvers<void>();
  const cancel = setTimeLimit(timers, late.resolve, ms);
  try {
    return await Promise.race([work, late.promise.then(onLate)]);
  } finally {
    cancel();
  }
}

/** Whether a value has to be waited for. */
export const isThenable = <Value>(value: PromiseLike<Value> | Value): value is PromiseLike<Value> =>
  typeof (value as { readonly then?: unknown } | null | undefined)?.then === 'function';
