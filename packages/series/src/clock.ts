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

const startedAt = performance.timeOrigin;

/** The process's own clock. Monotonic: it ignores changes of the wall clock. */
export const systemClock: Clock = {
  now: () => startedAt + performance.now(),
  setTimeout: (callback, delayMs) => setTimeout(callback, delayMs),
  clearTimeout: (timer) => clearTimeout(timer as NodeJS.Timeout),
};

/** Resolves after a delay, or as soon as the signal aborts. Never rejects. */
export function pause(clock: Clock, delayMs: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted === true) return resolve();
    const timer = clock.setTimeout(done, delayMs);
    signal?.addEventListener('abort', done, { once: true });
    function done() {
      clock.clearTimeout(timer);
      signal?.removeEventListener('abort', done);
      resolve();
    }
  });
}
