import { setTimer } from '@ticket-lifecycle/internal/wait-at-most';

/**
 * The source of time. Tests pass one that they move by hand.
 *
 * @example
 * ```ts
 * import { systemClock } from '@ticket-lifecycle/series';
 *
 * const before = systemClock.now();
 * console.log(systemClock.now() >= before); // true
 * ```
 */
export interface Clock {
  /** Milliseconds since the epoch, never going backwards within a process. */
  now(): number;
  /** Calls back once, not before `delayMs` have passed. */
  setTimeout(callback: () => void, delayMs: number): unknown;
  clearTimeout(timer: unknown): void;
}

const ticker = (): unknown => Reflect.get(performance, 'now');
let latestTicker = ticker();
let startedAt = performance.timeOrigin;

/** The process's own clock. Monotonic: it ignores changes of the wall clock. */
export const systemClock: Clock = {
  now() {
    // Test runners fake time by another function, whose ticks begin anew, and give the real one back.
    if (ticker() !== latestTicker) {
      latestTicker = ticker();
      startedAt = Date.now() - performance.now();
    }
    return startedAt + performance.now();
  },
  setTimeout: (callback, delayMs) => setTimeout(callback, delayMs),
  clearTimeout: (timer) => clearTimeout(timer as NodeJS.Timeout),
};

const steadyClocks = new WeakMap<Clock, Clock>();
const systemClocks = new WeakSet<Clock>();

/**
 * The same clock, made to keep its promise never to go backwards. Where it is set back, as faked
 * clocks are, time goes on from the latest moment that was read, so no wait grows. One clock has one
 * steady clock, whoever asks for it. Only the system's clock has one for each that asks: whatever is
 * made after a test that faked time begins at the real time.
 */
export function steady(clock: Clock): Clock {
  const known = steadyClocks.get(clock);
  if (known !== undefined) return known;
  let latest = -Infinity;
  let aheadMs = 0;
  const made: Clock = {
    now() {
      const read = clock.now();
      if (read < latest) aheadMs += latest - read;
      latest = read;
      return read + aheadMs;
    },
    setTimeout: (callback, delayMs) => clock.setTimeout(callback, delayMs),
    clearTimeout: (timer) => clock.clearTimeout(timer),
  };
  if (clock === systemClock) systemClocks.add(made);
  else steadyClocks.set(clock, made);
  steadyClocks.set(made, made);
  return made;
}

/** Whether a steady clock is that of the system, and not one of a caller. */
export const isSystemTime = (clock: Clock): boolean => systemClocks.has(clock);

/** What clocks may drift apart by between two looks. */
export const mostDriftMs = 2000;

/**
 * Starts to count. Gives the milliseconds since then, also those for which the computer slept: the
 * process's own clock may stand still meanwhile.
 */
export function stopwatch(clock: Clock): () => number {
  const begin = clock.now();
  const wallBegin = Date.now();
  const wallMs = () => (isSystemTime(clock) ? Date.now() - wallBegin : 0);
  return () => Math.max(clock.now() - begin, wallMs());
}

/**
 * Starts to watch a clock. Says whether it has stood still since, or the time of the day was set: then
 * its moments from before say little of what happened elsewhere.
 */
export function sleepWatch(clock: Clock): () => boolean {
  const begin = clock.now();
  const sinceMs = stopwatch(clock);
  return () => sinceMs() - (clock.now() - begin) > mostDriftMs;
}

/**
 * By how much a clock is behind the time of the day, because it stood still while the computer slept.
 * Another process has other such times, so what it is told is to be by the time of the day.
 */
export const behindMs = (clock: Clock): number =>
  isSystemTime(clock) ? Math.max(0, Date.now() - clock.now()) : 0;

/** Resolves after a delay, or as soon as the signal aborts. Never rejects. */
export function pause(clock: Clock, delayMs: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted === true) return resolve();
    const cancel = setTimer(clock, done, delayMs);
    signal?.addEventListener('abort', done, { once: true });
    function done() {
      cancel();
      signal?.removeEventListener('abort', done);
      resolve();
    }
  });
}

/**
 * Waits for work, but no longer than until the signal aborts. Gives what the work gives, or else what
 * `onAbort` gives or throws. The work itself goes on.
 */
export async function waitUnlessAborted<Result, Aborted>(
  work: PromiseLike<Result>,
  signal: AbortSignal | undefined,
  onAbort: () => Aborted,
): Promise<Result | Aborted> {
  if (signal === undefined) return work;
  const aborted = Promise.withResolvers<void>();
  const stop = () => aborted.resolve();
  if (signal.aborted) stop();
  else signal.addEventListener('abort', stop, { once: true });
  try {
    return await Promise.race([work, aborted.promise.then(onAbort)]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

/** A time that has passed, as people are told of it: in whole milliseconds, none below 0. */
export const wholeMs = (ms: number): number => Math.max(0, Math.round(ms));
