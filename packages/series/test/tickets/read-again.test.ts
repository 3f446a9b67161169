import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { judgeDoubt, type DoubtfulChange, type TicketSeen } from '../../src/tickets/judge-doubt.ts';
import { growingPauseMs, readAgainInMs } from '../../src/tickets/read-again.ts';
import { createServerClock } from '../../src/request/server-clock.ts';

const sentAt = Date.parse('2026-03-01T12:00:10.500Z');
const quietAt = sentAt + 30_000;
const edges = [{ from: 'open', to: 'in-progress' }] as const;
const change: DoubtfulChange = { edges, sentAt, quietAt };
const seen: TicketSeen = {
  status: 'open',
  createdAt: '2026-01-01T00:00:00.123Z',
  updatedAt: new Date(sentAt + 40).toISOString(),
  claimedBy: undefined,
  clockOffset: { atLeastMs: -300, atMostMs: 100 },
  seenAt: quietAt,
};
const context = { since: sentAt, now: quietAt, readMs: 0, forMs: 10_000 };

test('until the quiet moment a ticket is read after 1, 3, 7 and 15 seconds, and then', () => {
  const moments: number[] = [];
  for (let now = sentAt; now < quietAt;) {
    const inMs = readAgainInMs(change, { ...seen, seenAt: now }, { ...context, now });
    if (inMs === undefined) throw new Error('It ended too early.');
    expect(inMs).toBe(growingPauseMs(quietAt, sentAt, now));
    now += inMs;
    moments.push((now - sentAt) / 1000);
  }
  expect(moments).toEqual([1, 3, 7, 15, 30]);
});

describe('after the quiet moment, a further read', () => {
  test('comes when an answer may prove that the update was before the send', () => {
    const inMs = readAgainInMs(change, seen, { ...context, readMs: 20 }) ?? 0;
    // The next second over there begins 40 to 100 ms ahead of ours.
    const answeredAt = quietAt + 20 + inMs;
    const msOfSecond = [40, 100].map((offsetMs) => (answeredAt + offsetMs) % 1000);
    expect(msOfSecond[0]).toBeGreaterThan(930);
    expect(msOfSecond[1]).toBeLessThan(70);
  });

  test.each([
    ['the server tells no time', { clockOffset: undefined }],
    ['its clock can not be so far ahead', { clockOffset: { atLeastMs: -300, atMostMs: 30 } }],
    ['the ticket was surely updated later', { updatedAt: new Date(sentAt + 9000).toISOString() }],
    ['the ticket does not say when it was updated', { updatedAt: undefined }],
    ['the status may be that before and after', { status: 'in-progress' }],
  ] as const)('never comes where %s', (_, now) => {
    const both: DoubtfulChange = {
      ...change,
      edges: [...edges, { from: 'in-progress', to: 'open' }],
    };
    const asked = 'status' in now ? both : change;
    expect(judgeDoubt(asked, { ...seen, ...now })).toBe('undecided');
    expect(readAgainInMs(asked, { ...seen, ...now }, context)).toBeUndefined();
  });

  test('comes where the answer was old', () => {
    const old = { ...change, clockOffset: { atLeastMs: 2000, atMostMs: 2900 } };
    expect(readAgainInMs(old, seen, context)).toBe(1000);
    const later = { ...context, now: quietAt + 10_000 };
    expect(readAgainInMs(old, seen, later)).toBeDefined();
    expect(readAgainInMs(old, seen, { ...later, now: later.now + 1 })).toBeUndefined();
  });

  test('never comes after so long', () => {
    expect(readAgainInMs(change, seen, { ...context, now: quietAt + 10_000 })).toBeDefined();
    expect(readAgainInMs(change, seen, { ...context, now: quietAt + 10_001 })).toBeUndefined();
  });
});

test('a server whose dates have whole seconds tells within a few reads that nothing happened', () => {
  // Between them a date may be that of a proxy, and proves nothing.
  const offsets = fc.oneof(
    fc.integer({ min: -3_600_000, max: 900 }),
    fc.integer({ min: 60_000, max: 3_600_000 }),
  );
  const aheadMs = fc.integer({ min: 150, max: 900 });
  fc.assert(
    fc.property(offsets, aheadMs, fc.integer({ min: 1, max: 40 }), (...drawn) => {
      expect(readsUntilUntouched(...drawn)).toBeLessThanOrEqual(40);
    }),
  );

  function readsUntilUntouched(offsetMs: number, beforeMs: number, wayMs: number): number {
    const server = createServerClock();
    const dateAt = (at: number) =>
      new Date(Math.floor((at + offsetMs) / 1000) * 1000).toUTCString();
    const updatedAt = new Date(sentAt + offsetMs - beforeMs).toISOString();
    let now = quietAt;
    for (let reads = 1; ; reads += 1) {
      const seenAt = now;
      now += 2 * wayMs;
      server.note(dateAt(seenAt + wayMs), seenAt, now);
      const ticket = { ...seen, updatedAt, seenAt, clockOffset: server.offset() };
      if (judgeDoubt(change, ticket) === 'untouched') return reads;
      const again = { since: quietAt, now, readMs: 2 * wayMs, forMs: 45_000 };
      const inMs = readAgainInMs(change, ticket, again);
      if (inMs === undefined) return Infinity;
      now += inMs;
    }
  }
});
