import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createTimeReader } from '../../../src/histories/times/time-reader.ts';

const read = (text: string) => createTimeReader(undefined, () => {}).parse(text, 0);
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
  ['202603020905', '2026-03-02T09:05:00.000Z'],
  ['20260302090507', '2026-03-02T09:05:07.000Z'],
  // No hour 60: seconds, up to a day in 2036.
  ['2026030260', '2034-03-15T10:11:00.000Z'],
  ['946684800000', '2000-01-01T00:00:00.000Z'],
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
  // An hour, or a second in 2034: nobody can tell.
  '2026030209',
  '202613020905',
  '202603022505',
  '20260230090507',
  'open',
  '12',
  '2 Foo 2026',
  // Programs write so where there is no time.
  '0001-01-01T00:00:00Z',
  '0001-01-01 00:00',
  '',
])('no time is made of what is none: %s', (text) => {
  expect(read(text)).toBeNaN();
});

/** What the rows of a column are read as, once all of them were seen. */
function readAll(texts: readonly string[]) {
  const found: number[] = [];
  const { parse, dates } = createTimeReader(undefined, (change) => {
    for (const [row, at] of found.entries()) found[row] = change(at, row);
  });
  for (const [row, text] of texts.entries()) found.push(parse(text, row));
  return { found, dates: dates() };
}

const two = (value: number) => String(value).padStart(2, '0');

test('the first number above 12 decides which is the day, also for the dates before', () => {
  const date = fc.record({
    year: fc.integer({ min: 1971, max: 2068 }),
    month: fc.integer({ min: 1, max: 12 }),
    day: fc.integer({ min: 1, max: 28 }),
    hour: fc.integer({ min: 0, max: 23 }),
    zone: fc.constantFrom('', 'Z', '+0530', '-0800', '+14:00'),
    form: fc.constantFrom('numbers', 'numbers', 'year', 'dots', 'half'),
  });
  const zones = { '': 0, Z: 0, '+0530': 330, '-0800': -480, '+14:00': 840 };
  fc.assert(
    fc.property(fc.array(date, { minLength: 1 }), fc.boolean(), (list, isDayFirst) => {
      fc.pre(list.some(({ day, form }) => day > 12 && /numbers|half/.test(form)));
      const texts = list.map(({ year, month, day, hour, zone, form }) => {
        if (form === 'year') return `${year}-${two(month)}-${two(day)} ${two(hour)}:00${zone}`;
        if (form === 'dots') return `${two(day)}.${two(month)}.${year} ${two(hour)}:00${zone}`;
        const parts = isDayFirst ? [two(day), two(month)] : [two(month), two(day)];
        const half = hour < 12 ? 'AM' : 'PM';
        const time = form === 'half' ? `${hour % 12 || 12}:00 ${half}` : `${two(hour)}:00`;
        return `${parts.join('/')}/${year} ${time}${zone}`;
      });
      const { found, dates } = readAll(texts);
      const moments = list.map(
        ({ year, month, day, hour, zone }) =>
          Date.UTC(year, month - 1, day, hour) - zones[zone] * 60_000,
      );
      expect(found).toEqual(moments);
      expect(dates).toEqual({ order: isDayFirst ? 'day-first' : 'month-first', isGuess: false });
    }),
  );
});

test.each([
  [['03/04/2026 9:00 AM'], ['2026-03-04T09:00']],
  // What came before is guessed alike.
  [
    ['03/04/2026', '03/04/2026 1:00 PM'],
    ['2026-03-04T00:00', '2026-03-04T13:00'],
  ],
  [['03/04/2026 9:00 PM -0800'], ['2026-03-05T05:00']],
  // Elsewhere the halves of the day are written in small letters, or the date with dashes.
  [['03/04/2026 9:00 am'], ['2026-04-03T09:00']],
  [['03/04/2026 9:00 p. m.'], ['2026-04-03T21:00']],
  [['03-04-2026 9:00 AM'], ['2026-04-03T09:00']],
  [['03/04/2026 09:00'], ['2026-04-03T09:00']],
  // What is no date either way decides nothing.
  [
    ['03/04/2026', '13/13/2026', '02/30/2026', '45/03/2026'],
    ['2026-04-03T00:00', undefined, undefined, undefined],
  ],
  [
    ['03/04/2026 09:00', '13/13/2026 9:00 AM'],
    ['2026-04-03T09:00', undefined],
  ],
])('where no number decides, it is a guess: %s', (texts, expected) => {
  const { found, dates } = readAll(texts);
  expect(found.map((at) => iso(at)?.slice(0, 16))).toEqual(expected);
  expect(dates?.isGuess).toBe(true);
});

test('the reader of histories needs nothing of Node.js: a page has it too', () => {
  const folder = new URL('../../../src/histories/', import.meta.url);
  const bound = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .filter((file) =>
      /from 'node:|\bBuffer\b|\bprocess\./.test(readFileSync(new URL(file, folder), 'utf8')),
    );
  expect(bound).toEqual([]);
});
