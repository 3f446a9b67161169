import { expect, test } from 'vitest';
import { createTaskPool } from '../../src/bulk/task-pool.ts';

test('lets in only as many as there is room for', async () => {
  const pool = createTaskPool(2);
  const ends: (() => void)[] = [];
  const task = () => new Promise<void>((resolve) => ends.push(resolve));
  await pool.start(task);
  await pool.start(task);
  const third = pool.start(task);
  expect(ends).toHaveLength(2);
  ends[0]?.();
  await third;
  expect(ends).toHaveLength(3);
  const drained = pool.drain();
  for (const end of ends) end();
  await expect(drained).resolves.toBeUndefined();
});

test('what breaks a task breaks the run, after the others have ended', async () => {
  const pool = createTaskPool(5);
  const { promise, resolve } = Promise.withResolvers<void>();
  let hasEnded = false;
  await pool.start(async () => {
    await promise;
    hasEnded = true;
  });
  await pool.start(() => Promise.reject(new Error('broken')));
  const drained = pool.drain();
  resolve();
  await expect(drained).rejects.toThrow('broken');
  expect(hasEnded).toBe(true);
  await expect(pool.start(() => promise)).rejects.toThrow('broken');
});
