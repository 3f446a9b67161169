import { describe, expect, test } from 'vitest';
import { judgeDoubt, type DoubtfulChange, type TicketSeen } from '../../src/tickets/judge-doubt.ts';

const sentAt = Date.parse('2026-03-01T12:00:10.500Z');
const quietAt = sentAt + 30_000;
const edges = [{ from: 'open', to: 'in-progress' }] as const;
const change: DoubtfulChange = { edges, sentAt, quietAt };
const sameClock = { atLeastMs: 0, atMostMs: 0 };
const seen: TicketSeen = {
  status: 'open',
  createdAt: '2026-01-01T00:00:00.123Z',
  updatedAt: '2026-02-01T00:00:00.000Z',
  claimedBy: undefined,
  clockOffset: sameClock,
  seenAt: quietAt,
};

describe('the status decides first', () => {
  test.each([
    ['the status that was asked for', {}, { status: 'in-progress' }, 'arrived'],
    [
      'the same, long before the request is over',
      {},
      { status: 'in-progress', seenAt: 0 },
      'arrived',
    ],
    [
      'the same, claimed by us',
      { claimedBy: 7 },
      { status: 'in-progress', claimedBy: 7 },
      'arrived',
    ],
    [
      'the same, claimed by another',
      { claimedBy: 7 },
      { status: 'in-progress', claimedBy: 8 },
      'elsewhere',
    ],
    [
      'the same, claimed by nobody',
      { claimedBy: 7 },
      { status: 'in-progress', claimedBy: null },
      'elsewhere',
    ],
    ['a third status', {}, { status: 'closed' }, 'elsewhere'],
    ['a status that nobody knows', {}, { status: 'on-hold' }, 'elsewhere'],
    ['the old status while the request may be under way', {}, { seenAt: quietAt - 1 }, 'undecided'],
    ['the old status afterwards', {}, {}, 'untouched'],
    [
      'a status from which and to which it may lead',
      { edges: [...edges, { from: 'closed', to: 'open' }] },
      {},
      'undecided',
    ],
  ] as const)('%s', (_, known, now, verdict) => {
    expect(judgeDoubt({ ...change, ...known }, { ...seen, ...now })).toBe(verdict);
  });
});

describe('the old status counts as untouched only with proof', () => {
  const late = '2026-03-01T12:00:10.700Z';
  const early = '2026-03-01T12:00:10.200Z';
  const unknownClock = { clockOffset: undefined };
  test.each([
    ['no UpdatedAt at all', {}, { updatedAt: undefined }, 'undecided'],
    ['an UpdatedAt that is no time', {}, { updatedAt: 'yesterday' }, 'undecided'],
    ['updated after the send', {}, { updatedAt: late }, 'undecided'],
    ['updated 300 ms before the send', {}, { updatedAt: early }, 'untouched'],
    [
      'the same by a clock that may be 400 ms behind',
      {},
      { updatedAt: early, clockOffset: { atLeastMs: -400, atMostMs: 0 } },
      'undecided',
    ],
    [
      'in the second of the send, without a fraction',
      {},
      { updatedAt: '2026-03-01T12:00:10Z' },
      'undecided',
    ],
    [
      'in the second before, without a fraction',
      {},
      { updatedAt: '2026-03-01T12:00:09Z' },
      'untouched',
    ],
    ['long ago, by a clock that nobody knows', {}, unknownClock, 'undecided'],
    [
      'as it was read before the send',
      { updatedAt: late },
      { ...unknownClock, updatedAt: late },
      'untouched',
    ],
    [
      'as it was read before, to the second',
      { updatedAt: '2026-03-01T12:00:10Z', readAt: sentAt - 10 },
      { ...unknownClock, updatedAt: '2026-03-01T12:00:10Z' },
      'undecided',
    ],
    [
      'as it was read a second before, to the second',
      { updatedAt: '2026-03-01T12:00:09Z', readAt: sentAt - 1000 },
      { ...unknownClock, updatedAt: '2026-03-01T12:00:09Z' },
      'untouched',
    ],
    ['not as it was read before', { updatedAt: early }, { updatedAt: late }, 'undecided'],
    [
      'long ago, and not as it was read before: it was updated since',
      { updatedAt: '2026-01-15T00:00:00.123Z' },
      {},
      'undecided',
    ],
    [
      'never changed since it was made',
      { sentAt: undefined },
      { ...unknownClock, updatedAt: seen.createdAt },
      'untouched',
    ],
    [
      'never changed, to the second',
      { sentAt: undefined },
      { ...unknownClock, createdAt: '2026-01-01T00:00:00Z', updatedAt: '2026-01-01T00:00:00Z' },
      'undecided',
    ],
    [
      'never changed, by a database of whole seconds that writes a fraction of zero',
      { sentAt: undefined },
      {
        ...unknownClock,
        createdAt: '2026-01-01T00:00:00.000Z',
        updatedAt: '2026-01-01T00:00:00.000Z',
      },
      'undecided',
    ],
    [
      'made in the second of the send, and perhaps changed and changed back in it',
      {},
      { createdAt: '2026-03-01T12:00:10.000Z', updatedAt: '2026-03-01T12:00:10.000Z' },
      'undecided',
    ],
    [
      'made long before the send, to the second',
      {},
      { createdAt: '2026-01-01T00:00:00.000Z', updatedAt: '2026-01-01T00:00:00.000Z' },
      'untouched',
    ],
    [
      'before a send that lies in the future, because our clock was set back',
      { sentAt: quietAt + 1 },
      { updatedAt: late },
      'undecided',
    ],
    [
      'before a send in the future, as it was read before that',
      { sentAt: quietAt + 1, updatedAt: late },
      { updatedAt: late },
      'untouched',
    ],
    ['nobody knows when it was sent', { sentAt: undefined }, {}, 'undecided'],
    [
      'as it was read a moment before, by a database of whole seconds',
      { updatedAt: '2026-03-01T12:00:10.000Z', readAt: sentAt - 10 },
      {
        ...unknownClock,
        createdAt: '2026-01-01T00:00:00.000Z',
        updatedAt: '2026-03-01T12:00:10.000Z',
      },
      'undecided',
    ],
    [
      'as it was read a moment before, by chance at the beginning of a second',
      { updatedAt: '2026-03-01T12:00:10.000Z', readAt: sentAt - 10 },
      { ...unknownClock, updatedAt: '2026-03-01T12:00:10.000Z' },
      'untouched',
    ],
    ['in the minute of the send', {}, { updatedAt: '2026-03-01T12:00Z' }, 'undecided'],
    ['in the minute before', {}, { updatedAt: '2026-03-01T11:59Z' }, 'untouched'],
    [
      'in the minute of the send, filled up with zeros',
      {},
      { createdAt: '2026-01-01T08:00:00Z', updatedAt: '2026-03-01T12:00:00Z' },
      'undecided',
    ],
    [
      'in the minute before, filled up with zeros',
      {},
      { createdAt: '2026-01-01T08:00:00Z', updatedAt: '2026-03-01T11:59:00Z' },
      'untouched',
    ],
    [
      'ten seconds before the send, by chance at the beginning of a minute',
      {},
      { createdAt: '2026-01-01T08:00:07Z', updatedAt: '2026-03-01T12:00:00Z' },
      'untouched',
    ],
    ['on the day of the send', {}, { updatedAt: '2026-03-01' }, 'undecided'],
    ['long ago, in no time zone', {}, { updatedAt: '2026-02-01T00:00:00.123' }, 'undecided'],
    ['long ago, in another zone', {}, { updatedAt: '2026-02-01T00:00:00.123+09:00' }, 'untouched'],
    ['long ago, in another form', {}, { updatedAt: 'Sun, 01 Feb 2026 00:00:00 GMT' }, 'undecided'],
    [
      'after the send by our clock, and before it by a date that is ahead',
      {},
      { updatedAt: late, clockOffset: { atLeastMs: 60_000, atMostMs: 61_000 } },
      'undecided',
    ],
    [
      'a minute before the send, by a server an hour ahead',
      {},
      {
        updatedAt: '2026-03-01T12:59:10.501Z',
        clockOffset: { atLeastMs: 3_600_000, atMostMs: 3_601_000 },
      },
      'untouched',
    ],
    [
      'long ago, in an answer older than an earlier one',
      { clockOffset: sameClock },
      { clockOffset: { atLeastMs: -31_000, atMostMs: -30_000 } },
      'undecided',
    ],
    [
      'before the send, by a clock that has gone ahead since, or beside ours that stood still',
      { clockOffset: sameClock },
      {
        updatedAt: '2026-03-01T12:20:10.500Z',
        clockOffset: { atLeastMs: 3_600_000, atMostMs: 3_601_000 },
      },
      'undecided',
    ],
    [
      'two seconds after the send, by a clock that was slow and has been set right',
      { clockOffset: { atLeastMs: -9000, atMostMs: -8000 } },
      { updatedAt: '2026-03-01T12:00:03.500Z' },
      'undecided',
    ],
    [
      'long ago, by a clock that has gone ahead since',
      { clockOffset: sameClock },
      { clockOffset: { atLeastMs: 3_600_000, atMostMs: 3_601_000 } },
      'untouched',
    ],
    [
      'long ago, by a second server whose clock is behind, or in an old answer',
      { clockOffset: sameClock },
      { clockOffset: { atLeastMs: -3000, atMostMs: -2000 } },
      'undecided',
    ],
    [
      'as it was read before the send, in an answer that is older than another',
      { updatedAt: seen.updatedAt },
      { hasOldDate: true },
      'undecided',
    ],
    [
      'never changed, in such an answer',
      {},
      { updatedAt: seen.createdAt, hasOldDate: true },
      'undecided',
    ],
    [
      'long ago, in an answer that is a little older than its date may be',
      { clockOffset: sameClock },
      { clockOffset: { atLeastMs: -1200, atMostMs: -200 } },
      'undecided',
    ],
    [
      'long ago, by a second server whose clock is behind by some milliseconds',
      { clockOffset: sameClock },
      { clockOffset: { atLeastMs: -1020, atMostMs: -20 } },
      'untouched',
    ],
  ] as const)('%s', (_, known, now, verdict) => {
    expect(judgeDoubt({ ...change, ...known }, { ...seen, ...now })).toBe(verdict);
  });
});
