import { expect, test } from 'vitest';
import { createMemoryStore } from '../../src/memory/memory-store.ts';
import { storeContract } from '../support/store-contract.ts';

const open = () => createMemoryStore({ requestsPerSecond: 25, pace: 'burst', timeoutMs: 500 });

storeContract('in memory', async () => open());

test('a worker that is silent is found by another, and what it held is in doubt', async () => {
  const store = open();
  const silent = await store.enter();
  const other = await store.enter();
  const dead: unknown[] = [];
  const deadline = performance.now() + 10_000;
  while (dead.length === 0 && performance.now() < deadline) {
    dead.push(...(await store.sweep(other)).dead);
    await new Promise((resolve) => setTimeout(resolve, 50));
    await store.renew(other);
  }
  expect(dead).toEqual([{ worker: silent.id, changes: 0 }]);
  expect([await store.renew(silent), await store.renew(other)]).toEqual([false, true]);
});
