import { expect, onTestFinished, test, vi } from 'vitest';
import { createMemoryStore } from '../../src/memory/memory-store.ts';
import { checkChange } from '../../src/model/change.ts';
import { timeOrderedId } from '../../src/model/time-ordered-id.ts';
import { change } from '../support/trial.ts';
import { endsContract } from '../support/ends-contract.ts';
import { storeContract } from '../support/store-contract.ts';

const open = () => createMemoryStore({ requestsPerSecond: 25, pace: 'burst', timeoutMs: 500 });

storeContract('in memory', async () => open());
endsContract('in memory', async () => open());

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

test('changes are handed out, however many tickets of their key wait', async () => {
  const store = open();
  const checked = checkChange(change('TICKET'));
  const tickets = Array.from({ length: 130_000 }, (_, at) => ({
    id: timeOrderedId(),
    change: { ...checked, ticketId: `TICKET-${at}` },
  }));
  await store.accept(tickets);
  const life = await store.enter();
  const { jobs } = await store.claim(life, { number: 1, most: 2, held: [] });
  expect(jobs.map(({ id }) => id)).toEqual(tickets.slice(0, 2).map(({ id }) => id));
});

/** A store whose time is moved by hand. */
function openInTime() {
  vi.useFakeTimers({ toFake: ['Date', 'performance'] });
  onTestFinished(() => void vi.useRealTimers());
  const store = open();
  const accept = async (ticketId: string, notBefore?: Date) => {
    const id = timeOrderedId();
    await store.accept([{ id, change: checkChange(change(ticketId)), notBefore }]);
    return id;
  };
  const shown = async () =>
    (await store.inspect.blocked()).map(({ by, kind, reason, since, waiting }) => ({
      by,
      kind,
      reason,
      since: since.getTime(),
      waiting,
    }));
  return { store, accept, shown };
}
const minuteMs = 60_000;
const neverSeen = 'No worker has reached the outbox yet.';
const notSeen = 'No worker has reached the outbox for 121 s: none runs, or their calls fail.';

test('what no worker takes is shown with that reason: in its turn, and when its time has come', async () => {
  const { store, accept, shown } = openInTime();
  const begunAt = Date.now();
  const first = await accept('TICKET-1');
  const timer = await accept('TICKET-2', new Date(begunAt + minuteMs));
  // Behind what is shown it is counted there.
  await accept('TICKET-1', new Date(begunAt + minuteMs));
  expect(await shown()).toEqual([]);
  expect((await store.inspect.why(timer))?.since?.getTime()).toBe(begunAt);
  vi.advanceTimersByTime(2 * minuteMs + 1000);
  const waiting = { kind: 'waiting', reason: neverSeen };
  expect(await shown()).toEqual([
    { ...waiting, by: first, since: begunAt, waiting: 1 },
    { ...waiting, by: timer, since: begunAt + minuteMs, waiting: 0 },
  ]);
  const why = await store.inspect.why(timer);
  expect([why?.since?.getTime(), why?.isDue, why?.stands]).toEqual([
    begunAt + minuteMs,
    true,
    neverSeen,
  ]);
});

test('without a worker, what waits is shown after ten seconds', async () => {
  const { store, accept, shown } = openInTime();
  const first = await accept('TICKET-1');
  vi.advanceTimersByTime(9000);
  expect(await shown()).toEqual([]);
  vi.advanceTimersByTime(2000);
  expect(await shown()).toMatchObject([{ by: first, kind: 'waiting', reason: neverSeen }]);
  await store.enter();
  expect(await shown()).toEqual([]);
});

test('a timer waits since its time, and not since it was accepted', async () => {
  const { store, accept, shown } = openInTime();
  const life = await store.enter();
  await accept('TICKET-1', new Date(Date.now() + 10 * minuteMs));
  vi.advanceTimersByTime(10 * minuteMs);
  await store.renew(life);
  await accept('TICKET-2');
  await store.claim(life, { number: 1, most: 0, held: [] });
  expect(await shown()).toEqual([]);
  // The oldest was accepted before all others, and let in after them.
  expect((await store.inspect.depth()).oldestMs).toBe(10 * minuteMs);
});

test('a next attempt that no worker makes tells both: that, and how the latest one ended', async () => {
  const { store, accept, shown } = openInTime();
  const life = await store.enter();
  const id = await accept('TICKET-1');
  const [job] = (await store.claim(life, { number: 1, most: 1, held: [] })).jobs;
  const claim = { life: life.id, id, fence: job?.fence ?? 0 };
  const ends = { kind: 'retry', doubt: 'none', reason: 'The API was away.', delayMs: 1 } as const;
  await store.end([{ ...claim, ...ends }], []);
  expect(await shown()).toMatchObject([{ by: id, kind: 'retrying', reason: 'The API was away.' }]);
  vi.advanceTimersByTime(121_000);
  expect(await shown()).toMatchObject([
    { by: id, kind: 'retrying', reason: `${notSeen} Its latest attempt: The API was away.` },
  ]);
});

test('what has arrived for a key that is paused is shown as paused, also when its time has come', async () => {
  const { store, accept, shown } = openInTime();
  const begunAt = Date.now();
  const [first, timer] = [
    await accept('TICKET-1'),
    await accept('TICKET-2', new Date(begunAt + 10)),
  ];
  vi.advanceTimersByTime(10);
  await store.pause('default', 'The workspace moves.');
  const paused = { kind: 'paused', reason: 'Its key is paused. The workspace moves.' };
  expect(await shown()).toMatchObject([
    { by: first, ...paused },
    { by: timer, ...paused },
  ]);
});
