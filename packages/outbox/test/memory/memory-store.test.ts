import { expect, onTestFinished, test, vi } from 'vitest';
import { createMemoryStore } from '../../src/memory/memory-store.ts';
import { checkChange } from '../../src/model/change.ts';
import { timeOrderedId } from '../../src/model/time-ordered-id.ts';
import { change } from '../support/trial.ts';
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

test('a change that waits or is under way for more than a minute does not go on', async () => {
  vi.useFakeTimers({ toFake: ['Date'] });
  onTestFinished(() => void vi.useRealTimers());
  const store = open();
  const life = await store.enter();
  for (const ticket of ['TICKET-1', 'TICKET-2', 'TICKET-3']) {
    await store.accept([{ id: timeOrderedId(), change: checkChange(change(ticket)) }]);
  }
  await store.claim(life, { number: 1, most: 1, held: [] });
  vi.setSystemTime(Date.now() + 59_000);
  expect(await store.inspect.blocked()).toEqual([]);
  vi.setSystemTime(Date.now() + 2000);
  const kinds = (await store.inspect.blocked()).map(({ kind, reason }) => [kind, reason]);
  expect(kinds).toEqual([
    ['underWay', 'A delivery of it has been under way for long.'],
    ['waiting', 'Its turn has come, and no worker has taken it.'],
    ['waiting', 'Its turn has come, and no worker has taken it.'],
  ]);
});
