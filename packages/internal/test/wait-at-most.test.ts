import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { longestTimerMs, setTimeLimit, waitAtMost } from '../src/wait-at-most.ts';

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

const never = new Promise<never>(() => {});

test('work that ends in time gives its result, and leaves no timer', async () => {
  expect(await waitAtMost(20, Promise.resolve('done'), () => 'late')).toBe('done');
  await expect(waitAtMost(20, Promise.reject(new Error('no')), () => 'late')).rejects.toThrow('no');
  expect(vi.getTimerCount()).toBe(0);
});

test('work that takes too long gives what is said instead', async () => {
  const waited = waitAtMost(20, never, () => 'late');
  vi.advanceTimersByTime(20);
  expect(await waited).toBe('late');
});

test('or the error that is thrown instead', async () => {
  const waited = waitAtMost(20, never, () => {
    throw new Error('too late');
  });
  vi.advanceTimersByTime(20);
  await expect(waited).rejects.toThrow('too late');
});

test('a time that no timer can hold is waited for as long as some can', async () => {
  const waited = waitAtMost(Infinity, never, () => 'late');
  // In four parts, a timer each.
  vi.advanceTimersByTime(4 * longestTimerMs - 1);
  expect(vi.getTimerCount()).toBeGreaterThan(0);
  vi.advanceTimersByTime(1);
  expect(await waited).toBe('late');
});

test('a stop of the process takes no more than a quarter of the time', () => {
  const clock = stoppableClock();
  let endedAt: number | undefined;
  setTimeLimit(clock, () => (endedAt = clock.now()), 1000);
  vi.advanceTimersByTime(100);
  clock.stopFor(60_000);
  vi.advanceTimersByTime(749);
  expect(endedAt).toBeUndefined();
  vi.advanceTimersByTime(1);
  expect(endedAt).toBe(60_100 + 750);
});

test('after a stop at the very end there is a moment more, once', () => {
  const clock = stoppableClock();
  let endedAt: number | undefined;
  setTimeLimit(clock, () => (endedAt = clock.now()), 1000);
  vi.advanceTimersByTime(999);
  clock.stopFor(60_000);
  expect(endedAt).toBeUndefined();
  vi.advanceTimersByTime(249);
  expect(endedAt).toBeUndefined();
  clock.stopFor(60_000);
  expect(endedAt).toBe(60_999 + 249 + 60_000);
});

test('a time limit that is cancelled after a stop never ends, and leaves no timer', () => {
  const clock = stoppableClock();
  const onEnd = vi.fn<() => void>();
  const cancel = setTimeLimit(clock, onEnd, 1000);
  vi.advanceTimersByTime(100);
  clock.stopFor(60_000);
  cancel();
  expect(vi.getTimerCount()).toBe(0);
  vi.advanceTimersByTime(60_000);
  expect(onEnd).not.toHaveBeenCalled();
});

/** A clock that goes on while no timer can fire. Those that are due fire when the stop ends. */
function stoppableClock() {
  let stoppedMs = 0;
  const startedAt = Date.now();
  const timers = new Map<object, { readonly dueAt: number; readonly callback: () => void }>();
  const now = () => Date.now() - startedAt + stoppedMs;
  const fire = (timer: object) => {
    const callback = timers.get(timer)?.callback;
    clock.clearTimeout(timer);
    callback?.();
  };
  const clock = {
    now,
    setTimeout(callback: () => void, delayMs: number) {
      const timer = setTimeout(() => fire(timer), delayMs);
      timers.set(timer, { dueAt: now() + delayMs, callback });
      return timer;
    },
    clearTimeout(timer: unknown) {
      clearTimeout(timer as NodeJS.Timeout);
      timers.delete(timer as object);
    },
    stopFor(ms: number) {
      stoppedMs += ms;
      for (const [timer, { dueAt }] of timers) if (dueAt <= now()) fire(timer);
    },
  };
  return clock;
}
