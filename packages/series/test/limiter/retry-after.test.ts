import fc from 'fast-check';
import { expect, test } from 'vitest';
import { pauseMs, resetMs, retryAfterMs } from '../../src/limiter/retry-after.ts';

const now = Date.UTC(2026, 0, 5, 12, 0, 0);
const read = (header?: string, date?: string) =>
  retryAfterMs(
    new Headers({
      ...(header === undefined ? {} : { 'retry-after': header }),
      ...(date === undefined ? {} : { date }),
    }),
    now,
  );

test.each([
  ['2', 2000],
  ['0', 0],
  [' 7 ', 7000],
  ['Mon, 05 Jan 2026 12:00:03 GMT', 3000],
  ['Mon, 05 Jan 2026 11:59:00 GMT', 0],
  ['999999', 999_999_000],
  ['Tue, 06 Jan 2026 12:00:00 GMT', 86_400_000],
  ['1.5', 1500],
  ['0.25', 250],
  ['2, 5', 5000],
  ['Monday, 05-Jan-26 12:00:07 GMT', 7000],
  ['Mon Jan  5 12:00:08 2026', 8000],
  ['9'.repeat(400), Number.MAX_SAFE_INTEGER],
])('reads "%s" as %i ms', (header, expected) => {
  expect(read(header)).toBe(expected);
});

test.each([
  ['soon'],
  ['-5'],
  ['1,5s'],
  ['.5'],
  ['+5'],
  ['0x10'],
  ['5 s'],
  ['2, soon'],
  ['Mon, 5 Jan 2026 12:00:03 GMT'],
  ['Mon, 05 Jan 2026 12:00:03 +0100'],
  ['2026'.repeat(0)],
  ['Xyz, 99 Foo 2026 12:00:00 GMT'],
  ['NaN'],
  ['1e9999'],
  ['tomorrow 2030'],
])('takes "%s" for nothing', (header) => {
  expect(read(header)).toBeUndefined();
});

test.each<[Record<string, string>, number | undefined]>([
  [{ 'RateLimit-Reset': '5' }, 5000],
  [{ 'ratelimit-reset': '5', 'ratelimit-remaining': '0' }, 5000],
  [{ 'ratelimit-reset': '5', 'ratelimit-remaining': '3' }, undefined],
  [{ 'x-ratelimit-reset': String(now / 1000 + 7) }, 7000],
  [{ 'x-ratelimit-reset': String(now + 7500) }, 7500],
  [{ 'x-rate-limit-reset': '0.25' }, 250],
  [{ 'x-ratelimit-reset': String(now / 1000 - 7) }, 0],
  [
    {
      'x-ratelimit-reset': String(now / 1000 + 3607),
      date: 'Mon, 05 Jan 2026 13:00:00 GMT',
    },
    7000,
  ],
  [{ ratelimit: '"second";r=0;t=1, "day";r=900;t=7000' }, 1000],
  [{ RateLimit: '"default"; r=0; t=30' }, 30_000],
  [{ RateLimit: 'default;r=0;t=3' }, 3000],
  [{ RateLimit: '"a";t=2;r=0, "b";r=0;t=3' }, 3000],
  [{ RateLimit: 'limit=25, remaining=0, reset=4' }, 4000],
  [{ RateLimit: 'limit=25,remaining=0,reset=4' }, 4000],
  [{ RateLimit: 'limit=25, remaining=3, reset=4' }, undefined],
  [{ RateLimit: 'limit=25, remaining=0' }, undefined],
  [{ RateLimit: 'limit=25, remaining=0, reset=1, limit=900, remaining=5, reset=60' }, 1000],
  [{ RateLimit: 'limit=25, remaining=0, reset=4', 'RateLimit-Policy': '25;w=1' }, 4000],
  [{ 'ratelimit-reset': 'soon' }, undefined],
  [{ 'ratelimit-reset': '-5' }, undefined],
  [{ 'ratelimit-reset': '9'.repeat(40) }, undefined],
  [{}, undefined],
])('reads of %o that the limit is over in %s ms', (headers, expected) => {
  expect(resetMs(new Headers(headers), now)).toBe(expected);
});

test('takes an absent header for nothing', () => {
  expect(read()).toBeUndefined();
});

test('measures a date by the clock of the server that wrote it', () => {
  expect(read('Mon, 05 Jan 2026 15:00:02 GMT', 'Mon, 05 Jan 2026 15:00:00 GMT')).toBe(2000);
});

test.each([
  [undefined, 1000],
  [0, 1000],
  [7000, 7000],
  [3_600_000, 60_000],
  [Infinity, 60_000],
  [NaN, 1000],
])('a 429 that asks for %s ms makes the key pause for %i', (asked, expected) => {
  expect(pauseMs({ kind: 'limited', retryAfterMs: asked })).toBe(expected);
});

test('never throws and never gives a wait that is no number, whatever the header holds', () => {
  const text = fc.oneof(
    fc.string({ unit: fc.constantFrom(...Array.from('0123456789., GMTJanMon:-+eE')) }),
    fc.string(),
    fc.date({ noInvalidDate: true }).map((date) => date.toUTCString()),
  );
  fc.assert(
    fc.property(text, text, (header, date) => {
      fc.pre(isHeader(header) && isHeader(date));
      const waitMs = read(header, date);
      expect(waitMs === undefined || (Number.isFinite(waitMs) && waitMs >= 0)).toBe(true);
      const pausedMs = pauseMs({ kind: 'limited', retryAfterMs: waitMs });
      expect(pausedMs >= 1000 && pausedMs <= 60_000).toBe(true);
    }),
  );
});

const isHeader = (text: string): boolean => /^[\x20-\x7e]*$/.test(text);
