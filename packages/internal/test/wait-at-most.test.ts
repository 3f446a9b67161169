import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { longestTimerMs, waitAtMost } from '../src/wait-at-most.ts';

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

const never = new Promise<never>(() => {});

test('work that ends in time gives its result, and leaves no timer', async () => {
  expect(await waitAtMost(10, Promise.resolve('done'), () => 'late')).toBe('done');
  await expect(waitAtMost(10, Promise.reject(new Error('no')), () => 'late')).rejects.toThrow('no');
  expect(vi.getTimerCount()).toBe(0);
});

test('work that takes too long gives what is said instead', async () => {
  const waited = waitAtMost(10, never, () => 'late');
  vi.advanceTimersByTime(10);
  expect(await waited).toBe('late');
});

test('or the error that is thrown instead', async () => {
  const waited = waitAtMost(10, never, () => {
    throw new Error('too late');
  });
  vi.advanceTimersByTime(10);
  await expect(waited).rejects.toThrow('too late');
});

test('a time that no timer can hold is waited for as long as one can', async () => {
  const waited = waitAtMost(Infinity, never, () => 'late');
  vi.advanceTimersByTime(longestTimerMs - 1);
  expect(vi.getTimerCount()).toBeGreaterThan(0);
  vi.advanceTimersByTime(1);
  expect(await waited).toBe('late');
});
