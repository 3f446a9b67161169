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
])('%s is the moment %s', (given, moment) => {
  expect(momentOf(given)).toBe(moment);
  expect(Object.is(momentOf(given), new Date(moment).getTime())).toBe(true);
});

test.each([true, null, undefined, {}, [2026, 1], '2026-02-30T00:00:00Z', '2026-01-01', 1e16])(
  '%j is none, and the message names the argument',
  (given) => {
    expect(() => readMoment('now', given)).toThrow(RangeError);
    expect(() => readMoment('now', given)).toThrow(
      /^now: Expected a Date, milliseconds, or an ISO 8601 text with its zone, received /,
    );
  },
);
