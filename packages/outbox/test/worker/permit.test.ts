import { expect, test } from 'vitest';
import { FencedError } from '../../src/index.ts';
import { createPermit } from '../../src/worker/permit.ts';

test('holds without asking again for a while', async () => {
  let asked = 0;
  const permit = createPermit(async () => (asked += 1) > 0);
  await permit.ensure();
  await permit.ensure();
  expect([permit.isHeld(), asked]).toEqual([true, 1]);
});

test('is asked for anew when the process was stopped for too long', async () => {
  let asked = 0;
  const permit = createPermit(async () => (asked += 1) > 0);
  await permit.renew();
  // Nothing runs meanwhile, as in a process that is stopped.
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1550);
  expect(permit.isHeld()).toBe(false);
  await permit.ensure();
  expect(asked).toBe(2);
});

test('never comes back once the store has said no', async () => {
  const answers = [false, true];
  const permit = createPermit(async () => answers.shift() ?? true);
  await expect(permit.ensure()).rejects.toThrow(FencedError);
  await expect(permit.ensure()).rejects.toThrow(FencedError);
  expect(await permit.renew()).toBe(false);
});

test('is no longer renewed when its worker goes on under another name', async () => {
  const permit = createPermit(async () => true);
  await permit.ensure();
  permit.revoke();
  await expect(permit.ensure()).rejects.toThrow(FencedError);
});

test('is not held for a moment when the store has said no', async () => {
  const permit = createPermit(async () => false);
  const renewing = permit.renew();
  const seen: boolean[] = [];
  // One look for each turn in which the answer is passed on, and some more.
  for (let turn = 0; turn < 20; turn += 1) {
    seen.push(permit.isHeld());
    await Promise.resolve();
  }
  expect([await renewing, ...seen]).not.toContain(true);
});

test('is asked for again where the answer came too late to count, and is not lost', async () => {
  const delays = [2000, 0];
  const permit = createPermit(async () => {
    await new Promise((resolve) => setTimeout(resolve, delays.shift()));
    return true;
  });
  await permit.ensure();
  expect([permit.isHeld(), delays]).toEqual([true, []]);
});

test('is not held, and not lost, where every answer comes too late', async () => {
  const permit = createPermit(async () => {
    await new Promise((resolve) => setTimeout(resolve, 2000));
    return true;
  });
  await expect(permit.ensure()).rejects.toThrow('The store took too long');
  expect(permit.isHeld()).toBe(false);
});

test('a question that is never answered does not keep the next from being asked', async () => {
  const answers = [new Promise<boolean>(() => {}), Promise.resolve(true)];
  const permit = createPermit(() => answers.shift() ?? Promise.resolve(false));
  await permit.ensure();
  expect([permit.isHeld(), answers]).toEqual([true, []]);
});
