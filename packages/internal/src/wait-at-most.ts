/** The longest delay of a timer: a longer one overflows `setTimeout`, which then fires at once. */
export const longestTimerMs = 2 ** 31 - 1;

interface Timers {
  setTimeout(callback: () => void, delayMs: number): unknown;
  clearTimeout(timer: unknown): void;
}

const systemTimers: Timers = {
  setTimeout: (callback, delayMs) => setTimeout(callback, delayMs),
  clearTimeout: (timer) => clearTimeout(timer as NodeJS.Timeout),
};

/**
 * Waits for work, but no longer than `ms`. Gives what the work gives, or else what `onLate` gives
 * or throws; `undefined` without it. The work itself goes on.
 */
export async function waitAtMost<Result, Late>(
  ms: number,
  work: PromiseLike<Result> | Result,
  onLate: () => Late = () => undefined as Late,
  timers: Timers = systemTimers,
): Promise<Result | Late> {
  const late = Promise.withResolvers<void>();
  const timer = timers.setTimeout(late.resolve, Math.min(ms, longestTimerMs));
  try {
    return await Promise.race([work, late.promise.then(onLate)]);
  } finally {
    timers.clearTimeout(timer);
  }
}

/** Whether a value has to be waited for. */
export const isThenable = <Value>(value: PromiseLike<Value> | Value): value is PromiseLike<Value> =>
  typeof (value as { readonly then?: unknown } | null | undefined)?.then === 'function';
