import { afterEach, expect, test, vi } from 'vitest';
import { FencedError, type OutboxEvent } from '../../src/index.ts';
import type { Life } from '../../src/model/claim.ts';
import { createMemoryStore } from '../../src/memory/memory-store.ts';
import { watchStore } from '../../src/worker/watched-store.ts';
import { behindNetwork, type WorkerCall } from '../support/faulty-store.ts';

afterEach(() => vi.useRealTimers());

/** A store that can be away, for some calls or for all. */
function setUp() {
  const away = new Set<WorkerCall>();
  const events: OutboxEvent[] = [];
  const network = behindNetwork(
    createMemoryStore({ requestsPerSecond: 25, pace: 'burst', timeoutMs: 500 }),
    { before: (call) => (away.has(call) ? 'never-arrives' : undefined) },
  );
  const { store, onError } = watchStore(network, (event) => events.push(event));
  const told = () => events.map(({ type }) => type);
  /** A caller that tells what it meets, as all of them do. */
  const call = (made: Promise<unknown>) => made.catch(onError);
  return { away, store, told, call, onError };
}

test('tells once that the store went away, and once that it is back', async () => {
  const { away, store, told, call } = setUp();
  const life = await store.enter();
  for (const name of ['renew', 'sweep', 'takeSlots'] as const) away.add(name);
  for (let round = 0; round < 50; round += 1) {
    await call(store.renew(life));
    await call(store.sweep(life));
    await call(store.takeSlots({ default: 1 }));
  }
  expect(told()).toEqual(['error']);
  away.clear();
  for (let round = 0; round < 5; round += 1) {
    await call(store.renew(life));
    await call(store.sweep(life));
    await call(store.takeSlots({ default: 1 }));
  }
  expect(told()).toEqual(['error', 'restored']);
});

test('tells of one call that always fails once, while the others work', async () => {
  const { away, store, told, call } = setUp();
  const life = await store.enter();
  away.add('sweep');
  for (let round = 0; round < 20; round += 1) {
    await call(store.renew(life));
    await call(store.sweep(life));
  }
  expect(told()).toEqual(['error']);
});

test('slots that nobody asks for any more keep no outage open', async () => {
  vi.useFakeTimers({ toFake: ['performance'] });
  const { away, store, told, call } = setUp();
  const life = await store.enter();
  away.add('takeSlots');
  await call(store.takeSlots({ default: 1 }));
  await call(store.renew(life));
  expect(told()).toEqual(['error']);
  vi.advanceTimersByTime(60_000);
  await call(store.renew(life));
  expect(told()).toEqual(['error', 'restored']);
});

test('a renewal that a claim takes the place of keeps no outage open', async () => {
  const { away, store, told, call } = setUp();
  const life = await store.enter();
  away.add('renew');
  await call(store.renew(life));
  await call(store.claim(life, { number: 1, most: 0, held: [] }));
  expect(told()).toEqual(['error', 'restored']);
});

test('a life that came after nobody waited for it any more is left', async () => {
  vi.useFakeTimers();
  const memory = createMemoryStore({ requestsPerSecond: 25, pace: 'burst', timeoutMs: 500 });
  const entered = Promise.withResolvers<Life>();
  const leave = vi.fn<(life: Life) => Promise<void>>().mockResolvedValue();
  const { store } = watchStore({ ...memory, enter: () => entered.promise, leave }, () => {});
  const entering = store.enter().catch((error: unknown) => String(error));
  await vi.advanceTimersByTimeAsync(10_000);
  expect(await entering).toContain('did not answer enter');
  const life = await memory.enter();
  entered.resolve(life);
  await vi.advanceTimersByTimeAsync(0);
  expect(leave).toHaveBeenCalledExactlyOnceWith(life);
});

test('a life that has ended is no outage', async () => {
  const { store, told } = setUp();
  const life = await store.enter();
  await store.leave(life);
  const asked = store.claim(life, { number: 1, most: 1, held: [] });
  await expect(asked).rejects.toThrow(FencedError);
  expect(told()).toEqual([]);
});

test('what has nothing to do with the store is told each time', async () => {
  const { told, onError } = setUp();
  onError(new Error('one'));
  onError('two');
  expect(told()).toEqual(['error', 'error']);
});

test.each([
  ['is given up', undefined, 'did not answer end within 5000 ms'],
  ['has as long as it says that it needs', 35_000, 'written'],
])('an end that takes seven seconds %s', async (_, endMs, expected) => {
  vi.useFakeTimers();
  const memory = createMemoryStore({ requestsPerSecond: 25, pace: 'burst', timeoutMs: 500 });
  const end = () => new Promise<never>((__, reject) => setTimeout(reject, 7000, 'written'));
  const { store } = watchStore({ ...memory, end, endMs }, () => {});
  const ended = store.end([], []).catch(String);
  await vi.advanceTimersByTimeAsync(7000);
  expect(await ended).toContain(expected);
});
