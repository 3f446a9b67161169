import { expect, test } from 'vitest';
import { createMemoryStore } from '../../src/memory/memory-store.ts';
import type { NewChange } from '../../src/model/store.ts';
import { storeFollowUps } from '../../src/worker/store-follow-ups.ts';
import { change } from '../support/trial.ts';

test('what a change sets off is stored once, also when an answer is lost or it is set off again', async () => {
  const memory = createMemoryStore({ requestsPerSecond: 25, pace: 'burst', timeoutMs: 500 });
  let toLose = 1;
  const accept = async (changes: readonly NewChange[]) => {
    await memory.accept(changes);
    if ((toLose -= 1) >= 0) throw new Error('accept: the answer was lost.');
  };
  // Of one state, the same event may be due twice.
  const later = [1, 2].map((days) => ({
    change: change('TICKET-1', 'REMIND', { whileIn: 'waiting' }),
    notBefore: new Date(Date.now() + days * 86_400_000),
  }));
  const more = { signal: new AbortController().signal, onError: () => {} };
  for (const id of ['one', 'one', 'another']) {
    expect(await storeFollowUps({ accept }, later, { id, ...more })).toBe(true);
  }
  expect(await memory.inspect.depth()).toMatchObject({ later: 4 });
});

test('what a change sets off is stored, also where it is a little larger than that change', async () => {
  const memory = createMemoryStore({ requestsPerSecond: 25, pace: 'burst', timeoutMs: 500 });
  const large = change('TICKET-1', 'REMIND', { context: { note: 'x'.repeat(100_000) } });
  const more = { id: 'one', signal: new AbortController().signal, onError: () => {} };
  expect(await storeFollowUps(memory, [{ change: large, notBefore: new Date() }], more)).toBe(true);
  expect(await memory.inspect.depth()).toMatchObject({ waiting: 1 });
});
