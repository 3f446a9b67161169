import { expect, test } from 'vitest';
import { createNap, sleepUntil } from '../../src/worker/interruptible-sleep.ts';

const hour = 60 * 60 * 1000;

test('a nap ends when somebody wakes it', async () => {
  const nap = createNap();
  const napping = nap.take(hour);
  nap.wake();
  await expect(napping).resolves.toBeUndefined();
});

test('what came right before a nap is not slept over, and is told once', async () => {
  const nap = createNap();
  nap.wake();
  await nap.take(hour);
  let isOver = false;
  const second = nap.take(hour).then(() => (isOver = true));
  await new Promise((resolve) => setImmediate(resolve));
  expect(isOver).toBe(false);
  nap.wake();
  await second;
});

test('what is about to be seen to needs no second look', async () => {
  const nap = createNap();
  nap.wake();
  nap.begin();
  let isOver = false;
  const napping = nap.take(hour).then(() => (isOver = true));
  await new Promise((resolve) => setImmediate(resolve));
  expect(isOver).toBe(false);
  nap.wake();
  await napping;
});

test('nobody who waits for a moment is back before it', async () => {
  const moments = Array.from({ length: 40 }, (_, index) => performance.now() + index * 0.7);
  const early = moments.map(async (moment) => {
    await sleepUntil(moment);
    return performance.now() < moment;
  });
  expect(await Promise.all(early)).not.toContain(true);
});
