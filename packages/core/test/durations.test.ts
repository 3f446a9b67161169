import * as fc from 'fast-check';
import { Temporal } from 'temporal-polyfill';
import { expect, test } from 'vitest';
import { parseDuration } from '../src/durations.ts';

const number = fc.nat({ max: 99_999 }).map(String);
const fraction = fc
  .tuple(fc.constantFrom('.', ','), fc.stringMatching(/^\d{1,9}$/))
  .map((parts) => parts.join(''));

/** Each part may be missing, and anywhere may be something that should not be. */
const texts = fc
  .array(
    fc.tuple(fc.constantFrom('Y', 'M', 'W', 'D', 'T', 'H', 'M', 'S'), number, fc.option(fraction)),
    { maxLength: 8 },
  )
  .map((parts) =>
    parts.map(([unit, whole, rest]) => (unit === 'T' ? unit : `${whole}${rest ?? ''}${unit}`)),
  )
  .map((parts) => `P${parts.join('')}`);

const ordered = fc
  .tuple(
    fc.subarray(['Y', 'M', 'W', 'D']),
    fc.subarray(['H', 'M', 'S']),
    fc.array(number, { minLength: 7, maxLength: 7 }),
    fc.option(fraction),
  )
  .map(([dates, times, numbers, rest]) => {
    const part = (unit: string, index: number) => `${numbers[index]}${unit}`;
    const time = times.map((unit, index) => part(unit, index + 4));
    const last = time.pop()?.replace(/(?=\D)/, rest ?? '');
    return `P${dates.map(part).join('')}${last === undefined ? '' : `T${time.join('')}${last}`}`;
  });

const readByTemporal = (text: string) => {
  try {
    return Temporal.Duration.from(text);
  } catch {
    return undefined;
  }
};

test('a duration is read exactly where Temporal reads it, and means the same', () => {
  const entered = Temporal.Instant.from('2026-11-25T12:00:00Z').toZonedDateTimeISO('UTC');
  const seen = { read: 0, refused: 0 };
  fc.assert(
    fc.property(fc.oneof(texts, ordered), (text) => {
      const theirs = readByTemporal(text);
      const ours = parseDuration(text);
      expect({ text, isRead: ours !== undefined }).toEqual({ text, isRead: theirs !== undefined });
      seen[ours === undefined ? 'refused' : 'read'] += 1;
      if (ours === undefined || theirs === undefined) return;
      expect(entered.add(ours).epochMilliseconds).toBe(entered.add(theirs).epochMilliseconds);
    }),
    { numRuns: 2000 },
  );
  expect(Math.min(seen.read, seen.refused)).toBeGreaterThan(200);
});

test.each([
  ['half a second', 'PT0.5S', 500],
  ['with a comma', 'PT0,25S', 250],
  ['half an hour', 'PT0.5H', 1_800_000],
  ['a tenth of a minute', 'PT1M0.1S', 100],
  ['less than a millisecond', 'PT0.0009S', 0],
])('a time may have a fraction: %s', (_, text, milliseconds) => {
  expect(parseDuration(text)?.milliseconds).toBe(milliseconds);
});

test.each([
  'PT1.5H30M',
  'PT1,5H3S',
  'PT1.5M3S',
  'P1.5D',
  'PT.5S',
  'PT1.S',
  'PT1.0000000001S',
  '-PT1S',
  'PT-1S',
])('what is none is refused: %s', (text) => {
  expect(parseDuration(text)).toBeUndefined();
});
