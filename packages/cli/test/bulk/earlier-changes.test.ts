import { expect, test } from 'vitest';
import { createEarlierChanges } from '../../src/bulk/earlier-changes.ts';
import type { DatedOutcome, Intent } from '../../src/journal/entries.ts';

const made = (at: number, event: string, from: string, to: string, more = {}): DatedOutcome => ({
  type: 'outcome',
  line: 1,
  kind: 'confirmed',
  ticketId: 'T-1',
  event,
  from,
  to,
  status: to,
  by: 'response',
  at,
  ...more,
});
const doubtful = (at: number): Intent => ({
  type: 'intent',
  line: 2,
  ticketId: 'T-1',
  event: 'RESOLVE',
  from: 'in-progress',
  to: 'resolved',
  fromStatus: 'in-progress',
  toStatus: 'resolved',
  last: true,
  at,
});
const first = { name: 'first', isFinished: true };
const second = { name: 'second', isFinished: true };
const none = new Map<number, never>();
const openWith = (intent: Intent, steps: DatedOutcome[] = []) =>
  new Map([[2, { intents: [intent], steps, from: undefined }]]);
const startFromOpen = { ticketId: 'T-1', event: 'START', from: 'open', staffUserId: 7 };

/** A run that began first and was gone on with last: its latest step is the latest of all. */
function reopened() {
  const earlier = createEarlierChanges<typeof first>();
  earlier.add(first)([
    made(10, 'START', 'open', 'in-progress'),
    made(90, 'REOPEN', 'closed', 'open'),
  ]);
  earlier.end(first, none);
  earlier.add(second)([made(50, 'RESOLVE', 'in-progress', 'resolved')]);
  earlier.end(second, none);
  return earlier;
}

test('where a ticket was left is told by the latest step, and not by the run that began last', () => {
  const earlier = reopened();
  expect(earlier.of(startFromOpen)).toBeUndefined();
  expect(earlier.of({ ...startFromOpen, event: 'CLOSE', from: 'in-progress' })).toMatchObject({
    kind: 'made',
  });
});

test('steps count in the order of their time, however the runs are told', () => {
  const steps = [
    made(10, 'START', 'open', 'in-progress'),
    made(20, 'RESOLVE', 'in-progress', 'resolved'),
    made(30, 'CLOSE', 'resolved', 'closed'),
    made(40, 'REOPEN', 'closed', 'open'),
  ];
  const orders = [0, 1, 2, 3].flatMap((a) =>
    [0, 1, 2, 3].flatMap((b) => [0, 1, 2, 3].map((c) => [a, b, c, 6 - a - b - c])),
  );
  for (const order of orders.filter(
    (one) => new Set(one).size === 4 && one.every((at) => steps[at]),
  )) {
    const earlier = createEarlierChanges<typeof first>();
    for (const at of order) earlier.add(first)(steps.slice(at, at + 1));
    expect([order, earlier.of(startFromOpen)]).toEqual([order, undefined]);
    const stale = { ...startFromOpen, event: 'CLOSE', from: 'resolved' };
    expect([order, earlier.of(stale)?.kind]).toEqual([order, 'made']);
  }
});

test.each([
  ['earlier', 10, 'response', 'in-doubt'],
  ['at the same moment', 50, 'response', 'in-doubt'],
  ['later', 90, 'response', undefined],
  ['later, by the lifecycle alone', 90, 'lifecycle', 'in-doubt'],
])('a change in doubt stays so beside an outcome that was %s', (_, at, by, kind) => {
  const outcome = made(at, 'REOPEN', 'closed', 'open', { by });
  for (const isDoubtFirst of [true, false]) {
    const earlier = createEarlierChanges<typeof first>();
    if (isDoubtFirst) earlier.end(first, openWith(doubtful(50)));
    earlier.add(second)([outcome]);
    if (!isDoubtFirst) earlier.end(first, openWith(doubtful(50)));
    expect(earlier.of(startFromOpen)?.kind).toBe(kind);
  }
});

test('the steps before a change in doubt do not end its doubt, though written down behind it', () => {
  const earlier = createEarlierChanges<typeof first>();
  earlier.add(first);
  earlier.end(first, openWith(doubtful(50), [made(90, 'START', 'open', 'in-progress')]));
  expect(earlier.of(startFromOpen)).toMatchObject({ kind: 'in-doubt', run: first });
});

test('what was written before a moment does not count', () => {
  const earlier = createEarlierChanges<typeof first>(60);
  earlier.add(first)([made(59, 'START', 'open', 'in-progress')]);
  earlier.end(first, openWith(doubtful(50)));
  expect(earlier.isEmpty).toBe(true);
  earlier.add(second)([made(60, 'START', 'open', 'in-progress')]);
  expect(earlier.of(startFromOpen)).toMatchObject({ kind: 'made', run: second });
});
