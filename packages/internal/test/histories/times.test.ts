import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createTimeReader, swapped } from '../../src/histories/times.ts';

const read = (text: string) => createTimeReader(undefined, () => {}).parse(text);
const iso = (at: number) => (Number.isNaN(at) ? undefined : new Date(at).toISOString());

test.each([
  ['2026-03-02T09:05:07Z', '2026-03-02T09:05:07.000Z'],
  ['2026-03-02T09:05:07.250Z', '2026-03-02T09:05:07.250Z'],
  ['2026-03-02T09:05:07.123456+02:00', '2026-03-02T07:05:07.123Z'],
  ['2026-03-02 09:05', '2026-03-02T09:05:00.000Z'],
  ['2026-03-02 09:05:07 -0530', '2026-03-02T14:35:07.000Z'],
  ['2026/3/2', '2026-03-02T00:00:00.000Z'],
  ['02.03.2026 09:05', '2026-03-02T09:05:00.000Z'],
  ['2.3.26, 9:05', '2026-03-02T09:05:00.000Z'],
  ['13/02/2026 9:05 PM', '2026-02-13T21:05:00.000Z'],
  ['12/31/2026 12:00 AM', '2026-12-31T00:00:00.000Z'],
  ['02/Mar/26 9:15 AM', '2026-03-02T09:15:00.000Z'],
  ['Mon, 02 Mar 2026 09:05:07 +0000', '2026-03-02T09:05:07.000Z'],
  ['Mar 2, 2026 12:30 PM', '2026-03-02T12:30:00.000Z'],
  ['2. März 2026 09:05', '2026-03-02T09:05:00.000Z'],
  ['1772442000', '2026-03-02T09:00:00.000Z'],
  ['1772442000123', '2026-03-02T09:00:00.123Z'],
])('a time as tools write it: %s', (text, expected) => {
  expect(iso(read(text))).toBe(expected);
});

test.each([
  '2026-02-30T09:00:00Z',
  '2025-02-29',
  '2026-13-01',
  '31.04.2026',
  '2026-03-02T24:00:00Z',
  '2026-03-02T09:60:00Z',
  '2026-03-02T0a:00:00Z',
  '02/03/2026 13:00 PM',
  '2026-03-02T09:00:00+24:00',
  '2026-03-02T09:00:00+99:99',
  '02.03.2026 09:00 -05:60',
  '2 Mar 2026 09:00 +2500',
  'open',
  '12',
  '2 Foo 2026',
  '',
])('no time is made of what is none: %s', (text) => {
  expect(read(text)).toBeNaN();
});

test('the first number above 12 decides which is the day, also for the dates before', () => {
  const two = (value: number) => String(value).padStart(2, '0');
  const date = fc.record({
    year: fc.integer({ min: 1971, max: 2068 }),
    month: fc.integer({ min: 1, max: 12 }),
    day: fc.integer({ min: 1, max: 28 }),
  });
  const dates = fc.array(date, { minLength: 1 });
  fc.assert(
    fc.property(dates, fc.boolean(), (list, isDayFirst) => {
      fc.pre(list.some(({ day }) => day > 12));
      const found: number[] = [];
      const { parse } = createTimeReader(undefined, () => {
        for (const [index, at] of found.entries()) found[index] = swapped(at);
      });
      for (const { year, month, day } of list) {
        const parts = isDayFirst ? [two(day), two(month)] : [two(month), two(day)];
        found.push(parse(`${parts.join('/')}/${year}`));
      }
      expect(found).toEqual(list.map(({ year, month, day }) => Date.UTC(year, month - 1, day)));
    }),
  );
});

test('the reader of histories needs nothing of Node.js: a page has it too', () => {
  const folder = new URL('../../src/histories/', import.meta.url);
  const bound = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .filter((file) =>
      /from 'node:|\bBuffer\b|\bprocess\./.test(readFileSync(new URL(file, folder), 'utf8')),
    );
  expect(bound).toEqual([]);
});
