import { expect, test } from 'vitest';
import { createInterruptibleSleep, sleepUntil } from '../../src/worker/interruptible-sleep.ts';

const hour = 60 * 60 * 1000;

test('a sleep ends when it is woken', async () => {
  const sleep = createInterruptibleSleep();
  const sleeping = sleep.for(hour);
  sleep.wake();
  await expect(sleeping).resolves.toBeUndefined();
});

test('what came right before a sleep is not slept over, and is told once', async () => {
  const sleep = createInterruptibleSleep();
  sleep.wake();
  await sleep.for(hour);
  let isOver = false;
  const second = sleep.for(hour).then(() => (isOver = true));
  await new Promise((resolve) => setImmediate(resolve));
  expect(isOver).toBe(false);
  sleep.wake();
  await second;
});

test('a wake before the work begins needs no second round', async () => {
  const sleep = createInterruptibleSleep();
  sleep.wake();
  sleep.forget();
  let isOver = false;
  const sleeping = sleep.for(hour).then(() => (isOver = true));
  await new Promise((resolve) => setImmediate(resolve));
  expect(isOver).toBe(false);
  sleep.wake();
  await sleeping;
});

test('nobody who waits for a moment is back before it', async () => {
  const moments = Array.from({ length: 40 }, (_, index) => performance.now() + index * 0.7);
  const early = moments.map(async (moment) => {
    await sleepUntil(moment);
    return performance.now() < moment;
  });
  expect(await Promise.all(early)).not.toContain(true);
});
