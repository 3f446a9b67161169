import { expect, test } from 'vitest';
import { createGate } from '../../src/bulk/task-pool.ts';

test('lets in only as many as there is room for', async () => {
  const gate = createGate(2);
  const ends: (() => void)[] = [];
  const task = () => new Promise<void>((resolve) => ends.push(resolve));
  await gate.start(task);
  await gate.start(task);
  const third = gate.start(task);
  expect(ends).toHaveLength(2);
  ends[0]?.();
  await third;
  expect(ends).toHaveLength(3);
  const drained = gate.drain();
  for (const end of ends) end();
  await expect(drained).resolves.toBeUndefined();
});

test('what breaks a task breaks the run, after the others have ended', async () => {
  const gate = createGate(5);
  const { promise, resolve } = Promise.withResolvers<void>();
  let hasEnded = false;
  await gate.start(async () => {
    await promise;
    hasEnded = true;
  });
  await gate.start(() => Promise.reject(new Error('broken')));
  const drained = gate.drain();
  resolve();
  await expect(drained).rejects.toThrow('broken');
  expect(hasEnded).toBe(true);
  await expect(gate.start(() => promise)).rejects.toThrow('broken');
});
