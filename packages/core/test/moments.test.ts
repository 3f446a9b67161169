import { expect, test } from 'vitest';
import { momentOf, readMoment } from '../src/moments.ts';

const most = 8.64e15;

test.each([
  [most, most],
  [-most, -most],
  [most + 1, Number.NaN],
  [-most - 1, Number.NaN],
  [1.9, 1],
  [-1.9, -1],
  // As a Date has it, the start of 1970 has no sign.
  [-0, 0],
  [-0.5, 0],
  ['1970-01-01T00:00:00.0019Z', 1],
  ['1970-01-01T01:00:00+01:00', 0],
  ['1970-01-01T00:00-00:30', 1_800_000],
  ['1970-01-01T00:00:01,5Z', 1500],
  ['1970-01-01T010203Z', 3_723_000],
  ['1970-01-01T23:59-23:59', 172_680_000],
  ['1970-01-01T22:00+2200', 0],
  ['1970-01-01T20:00+20', 0],
  ['1970-01-01t00:00z', 0],
  ['+001970-01-01T00:00Z', 0],
  ['-000001-01-01T00:00Z', -62_198_755_200_000],
  ['-100000-01-01T00:00Z', -3_217_862_419_200_000],
])('%s is the moment %s', (given, moment) => {
  expect(momentOf(given)).toBe(moment);
  expect(Object.is(momentOf(given), new Date(moment).getTime())).toBe(true);
});

const texts = [
  '2026-02-30T00:00:00Z',
  '2026-01-00T00:00:00Z',
  '2026-01-32T00:00:00Z',
  '2026-01-99T00:00:00Z',
  '2026-00-01T00:00:00Z',
  '2026-13-01T00:00:00Z',
  '2026-01-01',
  '2026-01-01T00:00',
  '2026-01-01T24:00Z',
  '2026-01-01T00:60Z',
  '2026-01-01T00:00:60Z',
  '2026-01-01T00:00+24:00',
  '2026-01-01T00:00+00:60',
  '-000000-01-01T00:00Z',
  '+2026-01-01T00:00Z',
  '+2-01-01T00:00Z',
  '-2-01-01T00:00Z',
  '+abcdef-01-01T00:00Z',
  '12026-01-01T00:00Z',
  '2026-01-01T00:00Z.',
];
test.each([true, null, undefined, {}, [2026, 1], 1e16, ...texts])(
  '%j is none, and the message names the argument',
  (given) => {
    expect(() => readMoment('now', given)).toThrow(RangeError);
    expect(() => readMoment('now', given)).toThrow(
      /^now: Expected a Date, milliseconds, or an ISO 8601 text with its zone, received /,
    );
  },
);
