import { runInNewContext } from 'node:vm';
import * as fc from 'fast-check';
import { Temporal } from 'temporal-polyfill';
import { describe, expect, test } from 'vitest';
import { defineLifecycle } from '../../src/index.ts';
import { momentOf } from '../../src/moments.ts';
import { inTimeZone } from '../../src/queries/time-zone.ts';
import { faultsOf, machineOf } from '../support/machine-of.ts';

const machineWith = (due: unknown) =>
  machineOf({
    initial: 'resolved',
    states: {
      resolved: { meta: { due }, on: { CLOSE: 'closed', REMIND: 'resolved' } },
      closed: { type: 'final' },
    },
  });
const after = (duration: string) =>
  defineLifecycle(machineWith({ after: duration, event: 'CLOSE' }));

/** When CLOSE becomes due, as text. */
const dueAt = (duration: string, entered: string, timeZone?: string) => {
  const calendar = timeZone === undefined ? undefined : inTimeZone(timeZone);
  return after(duration).deadlines('resolved', entered, { calendar })[0]?.at.toISOString();
};

test('an event becomes due when its time has come, not a millisecond before', () => {
  const lifecycle = after('P7D');
  const entered = '2026-11-25T12:00:00Z';
  expect(lifecycle.due('resolved', entered, '2026-12-02T11:59:59.999Z')).toEqual([]);
  expect(lifecycle.due('resolved', entered, '2026-12-02T12:00:00Z')).toEqual(['CLOSE']);
  expect(lifecycle.due('resolved', entered, '2027-12-02T12:00:00Z')).toEqual(['CLOSE']);
  expect(lifecycle.due('resolved', entered, entered)).toEqual([]);
});

test('moments may be dates, milliseconds or texts, in any zone', () => {
  const lifecycle = after('PT1H');
  const entered = Date.UTC(2026, 0, 1);
  const later = '2026-01-01T03:00:00+02:00';
  for (const moment of [
    entered,
    new Date(entered),
    '2026-01-01T00:00:00Z',
    '2026-01-01T01:00+0100',
  ]) {
    expect(lifecycle.due('resolved', moment, later)).toEqual(['CLOSE']);
    expect(lifecycle.due('resolved', moment, entered)).toEqual([]);
  }
});

test('several become due one after the other, and are given in that order', () => {
  const lifecycle = defineLifecycle(
    machineWith([
      { after: 'P14D', event: 'CLOSE' },
      { after: 'P7D', event: 'REMIND' },
    ]),
  );
  const entered = '2026-11-01T00:00:00Z';
  expect(lifecycle.due('resolved', entered, '2026-11-08T00:00:00Z')).toEqual(['REMIND']);
  expect(lifecycle.due('resolved', entered, '2026-11-15T00:00:00Z')).toEqual(['REMIND', 'CLOSE']);
  expect(lifecycle.deadlines('resolved', entered)).toEqual([
    { event: 'REMIND', after: 'P7D', at: new Date('2026-11-08T00:00:00Z') },
    { event: 'CLOSE', after: 'P14D', at: new Date('2026-11-15T00:00:00Z') },
  ]);
});

test('a state without a deadline has nothing due, and so has one that is not ours', () => {
  const lifecycle = after('P1D');
  expect(lifecycle.due('closed', 0, Date.UTC(3000, 0))).toEqual([]);
  expect(lifecycle.due('gone', 0, Date.UTC(3000, 0))).toEqual([]);
  expect(lifecycle.deadlines('closed', 0)).toEqual([]);
});

describe('a duration is added as the calendar says', () => {
  test.each([
    [
      'a month from a day that the next has not',
      'P1M',
      '2026-01-31T10:00:00Z',
      '2026-02-28T10:00:00.000Z',
    ],
    ['the same in a leap year', 'P1M', '2028-01-31T10:00:00Z', '2028-02-29T10:00:00.000Z'],
    ['a year from a leap day', 'P1Y', '2028-02-29T10:00:00Z', '2029-02-28T10:00:00.000Z'],
    ['a day over a leap day', 'P1D', '2028-02-28T10:00:00Z', '2028-02-29T10:00:00.000Z'],
    ['no leap day in 2100', 'P1D', '2100-02-28T10:00:00Z', '2100-03-01T10:00:00.000Z'],
    ['months over a new year', 'P3M', '2026-11-30T10:00:00Z', '2027-02-28T10:00:00.000Z'],
    ['weeks', 'P2W', '2026-11-25T10:00:00Z', '2026-12-09T10:00:00.000Z'],
    ['all parts at once', 'P1Y2M1W3DT4H5M6S', '2026-01-01T00:00:00Z', '2027-03-11T04:05:06.000Z'],
    ['hours that make days', 'PT48H', '2026-02-27T10:00:00Z', '2026-03-01T10:00:00.000Z'],
    ['minutes alone', 'PT90M', '2026-11-25T10:00:00Z', '2026-11-25T11:30:00.000Z'],
    ['half a second', 'PT0.5S', '2026-11-25T10:00:00Z', '2026-11-25T10:00:00.500Z'],
    ['an hour and a half', 'PT1,5H', '2026-11-25T10:00:00Z', '2026-11-25T11:30:00.000Z'],
    ['seconds alone', 'PT90S', '2026-11-25T10:00:00Z', '2026-11-25T10:01:30.000Z'],
    ['nothing', 'P0D', '2026-11-25T10:00:00Z', '2026-11-25T10:00:00.000Z'],
  ])('%s', (_, duration, entered, due) => {
    expect(dueAt(duration, entered)).toBe(due);
  });

  test('and never by the zone of the machine, in which every day has 24 hours', () => {
    expect(dueAt('P1D', '2026-03-28T12:00:00+01:00')).toBe('2026-03-29T11:00:00.000Z');
  });
});

describe('in a time zone a day is as long as its clocks make it', () => {
  test.each([
    ['23 hours in spring', 'P1D', '2026-03-28T12:00:00+01:00', '2026-03-29T10:00:00.000Z'],
    ['25 hours in autumn', 'P1D', '2026-10-24T12:00:00+02:00', '2026-10-25T11:00:00.000Z'],
    [
      'while 24 hours stay 24 hours',
      'PT24H',
      '2026-03-28T12:00:00+01:00',
      '2026-03-29T11:00:00.000Z',
    ],
    [
      'from a time that the next day skips',
      'P1D',
      '2026-03-28T02:30:00+01:00',
      '2026-03-29T01:30:00.000Z',
    ],
    [
      'a month later at the same time of day',
      'P1M',
      '2026-03-15T09:00:00+01:00',
      '2026-04-15T07:00:00.000Z',
    ],
  ])('%s', (_, duration, entered, due) => {
    expect(dueAt(duration, entered, 'Europe/Berlin')).toBe(due);
  });

  test('and why a zone is refused is kept', () => {
    expect(() => inTimeZone('Mars/Olympus')).toThrow(
      expect.objectContaining({ cause: expect.any(RangeError) }),
    );
  });

  test('a zone that nobody knows is refused before anything is asked', () => {
    expect(() => inTimeZone('Mars/Olympus')).toThrow(
      new RangeError('timeZone: Expected an IANA time zone, received "Mars/Olympus".'),
    );
    expect(() => inTimeZone(undefined as never)).toThrow(RangeError);
  });
});

test('any duration from any moment ends where Temporal says, in UTC and in a zone', () => {
  const part = (max: number) => fc.nat({ max });
  const parts = fc.tuple(part(20), part(40), part(60), part(400), part(100), part(100), part(100));
  const moments = fc.integer({ min: Date.UTC(1980, 0), max: Date.UTC(2080, 0) });
  const zones = fc.constantFrom('Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe');
  fc.assert(
    fc.property(parts, moments, zones, ([y, mo, w, d, h, mi, s], moment, zone) => {
      const duration = `P${y}Y${mo}M${w}W${d}DT${h}H${mi}M${s}S`;
      const lifecycle = after(duration);
      const there = (timeZone: string) =>
        Temporal.Instant.fromEpochMilliseconds(moment).toZonedDateTimeISO(timeZone).add(duration)
          .epochMilliseconds;
      const [utc] = lifecycle.deadlines('resolved', moment);
      expect(utc?.at.getTime()).toBe(there('UTC'));
      const [local] = lifecycle.deadlines('resolved', moment, { calendar: inTimeZone(zone) });
      expect(local?.at.getTime()).toBe(there(zone));
    }),
  );
});

describe('a moment that is none is refused, by its name', () => {
  const refused = 'Expected a Date, milliseconds, or an ISO 8601 text with its zone, received';
  test.each<[moment: unknown, seen: string]>([
    ['yesterday', '"yesterday"'],
    ['2026-11-25', '"2026-11-25"'],
    ['2026-11-25T12:00:00', '"2026-11-25T12:00:00"'],
    ['2026-11-25T12:00:00Z or so', '"2026-11-25T12:00:00Z or so"'],
    ['Thu, 26 Nov 2026 12:00:00 +0100', '"Thu, 26 Nov 2026 12:00:00 +0100"'],
    ['2026-13-25T12:00:00Z', '"2026-13-25T12:00:00Z"'],
    ['2026-02-30T00:00:00Z', '"2026-02-30T00:00:00Z"'],
    ['2026-02-29T00:00:00Z', '"2026-02-29T00:00:00Z"'],
    ['2026-04-31T00:00:00+02:00', '"2026-04-31T00:00:00+02:00"'],
    ['2026-11-25T24:00:00Z', '"2026-11-25T24:00:00Z"'],
    ['2026-11-25T12:60:00Z', '"2026-11-25T12:60:00Z"'],
    ['2026-11-25T12:00:00+24:00', '"2026-11-25T12:00:00+24:00"'],
    [Number.NaN, 'NaN'],
    [8.64e15 + 1, '8640000000000001'],
    [new Date(Number.NaN), 'an object'],
    [{ getTime: () => 0, [Symbol.toStringTag]: 'Date' }, 'an object'],
    [true, 'true'],
    [[2026, 1], 'an array'],
    [1n, 'a bigint'],
    [Symbol('now'), 'a symbol'],
    [null, 'null'],
    [undefined, 'nothing'],
  ])('%o', (moment, seen) => {
    const lifecycle = after('P1D');
    expect(() => lifecycle.due('resolved', moment as Date, 0)).toThrow(
      new RangeError(`enteredAt: ${refused} ${seen}.`),
    );
    expect(() => lifecycle.due('resolved', 0, moment as Date)).toThrow(
      new RangeError(`now: ${refused} ${seen}.`),
    );
  });
});

test('a text is a moment exactly where Temporal reads one of its own form, and the same one', () => {
  const part = (max: number) => fc.nat({ max }).map((number) => String(number).padStart(2, '0'));
  const zones = fc.oneof(
    fc.constant('Z'),
    fc
      .tuple(fc.constantFrom('+', '-'), part(25), part(61))
      .map(([sign, hours, minutes]) => `${sign}${hours}:${minutes}`),
  );
  const years = fc.oneof(fc.integer({ min: 1000, max: 9999 }).map(String), fc.constant('+010000'));
  const fractions = fc.constantFrom('', '.5', '.123456789', ',25');
  const texts = fc
    .tuple(years, part(13), part(32), part(24), part(61), part(59), fractions, zones)
    .map(([y, mo, d, h, mi, s, f, zone]) => `${y}-${mo}-${d}T${h}:${mi}:${s}${f}${zone}`);
  const readByTemporal = (text: string) => {
    try {
      return Temporal.Instant.from(text).epochMilliseconds;
    } catch {
      return Number.NaN;
    }
  };
  fc.assert(
    fc.property(texts, (text) => {
      expect([text, momentOf(text)]).toEqual([text, readByTemporal(text)]);
    }),
    { numRuns: 2000 },
  );
});

test('an event with two deadlines is due once, where the first of them is past', () => {
  const lifecycle = defineLifecycle(
    machineWith([
      { after: 'P14D', event: 'CLOSE' },
      { after: 'P10D', event: 'REMIND' },
      { after: 'P7D', event: 'CLOSE' },
    ]),
  );
  const entered = '2026-11-01T00:00:00Z';
  expect(lifecycle.due('resolved', entered, '2026-11-16T00:00:00Z')).toEqual(['CLOSE', 'REMIND']);
  expect(lifecycle.deadlines('resolved', entered)).toHaveLength(3);
});

test('a Date of another realm is a Date', () => {
  const foreign = runInNewContext('new Date(Date.UTC(2026, 0, 1))') as Date;
  expect(foreign instanceof Date).toBe(false);
  expect(after('P1D').deadlines('resolved', foreign)[0]?.at).toEqual(new Date('2026-01-02'));
});

test('a duration may be as long as a date can tell', () => {
  const longest = 'P100000Y100000M100000W100000DT1000000000H1000000000M1000000000S';
  expect(after(longest).due('resolved', Date.UTC(2026, 0), Date.UTC(9999, 0))).toEqual([]);
  const [deadline] = after(longest).deadlines('resolved', Date.UTC(2026, 0));
  expect(deadline?.at.getTime()).toBeGreaterThan(Date.UTC(200_000, 0));
  for (const part of ['P100001Y', 'P100001M', 'P100001W', 'PT1000000001H', 'PT1000000001S']) {
    expect(faultsOf(machineWith({ after: part, event: 'CLOSE' }))).toHaveLength(1);
  }
});

describe('a deadline that is wrong is a fault of the definition', () => {
  const path = 'states.resolved.meta.due';
  const expected = 'Expected a duration such as "P7D", received';
  test.each<[title: string, due: unknown, code: string, message: string]>([
    ['no object', 'P7D', 'bad-due', 'Expected { after, event }, received "P7D".'],
    ['null', null, 'bad-due', 'Expected { after, event }, received null.'],
    ['no duration', { event: 'CLOSE' }, 'bad-due', `${expected} nothing.`],
    [
      'a list of one duration',
      { after: ['P7D'], event: 'CLOSE' },
      'bad-due',
      `${expected} an array.`,
    ],
    ['a number of days', { after: 7, event: 'CLOSE' }, 'bad-due', `${expected} 7.`],
    ...[
      '7D',
      'P',
      'PT',
      'P7',
      'P-7D',
      '-P7D',
      'P1.5D',
      'P7DT',
      'p7d',
      ' P7D',
      'P7D ',
      'PT1H30',
      'P1S',
      'P1H',
      'P1DT1D',
      'P1D1M',
      'P1W1Y',
      'PT1S1M',
      'P100001D',
      'P7D\nP7D',
    ].map((text): [string, unknown, string, string] => [
      text,
      { after: text, event: 'CLOSE' },
      'bad-due',
      `${expected} ${JSON.stringify(text)}.`,
    ]),
    [
      'no event',
      { after: 'P7D' },
      'due-without-event',
      'No event is named. Expected one of CLOSE, REMIND.',
    ],
    [
      'an event that leads nowhere from there',
      { after: 'P7D', event: 'REOPEN' },
      'due-without-event',
      '"REOPEN" is not possible in state "resolved". Expected one of CLOSE, REMIND.',
    ],
    [
      'an event that is no text',
      { after: 'P7D', event: 5 },
      'due-without-event',
      '"5" is not possible in state "resolved". Expected one of CLOSE, REMIND.',
    ],
  ])('%s', (_, due, code, message) => {
    expect(faultsOf(machineWith(due))).toEqual([{ code, path, message }]);
  });

  test('one among several', () => {
    const due = [
      { after: 'P7D', event: 'CLOSE' },
      { after: 'soon', event: 'REMIND' },
    ];
    expect(faultsOf(machineWith(due)).map(({ code }) => code)).toEqual(['bad-due']);
  });

  test('in a state that nothing leaves', () => {
    const machine = machineOf({
      initial: 'open',
      states: {
        open: { on: { CLOSE: 'closed' } },
        closed: { type: 'final', meta: { due: { after: 'P1D', event: 'CLOSE' } } },
      },
    });
    expect(faultsOf(machine).map(({ message }) => message)).toEqual([
      '"CLOSE" is not possible in state "closed". Name an event that leaves the state.',
    ]);
  });
});
