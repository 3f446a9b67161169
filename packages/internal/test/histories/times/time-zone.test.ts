import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createTimeReader, type SwapTime } from '../../../src/histories/times/time-reader.ts';
import {
  timeZoneFault,
  timeZoneNames,
  zoneText,
  type ZoneClocks,
} from '../../../src/histories/times/time-zone.ts';

const hour = 3_600_000;
const two = (value: number) => String(value).padStart(2, '0');

/** A zone of which each day is another: whoever mixes up two days reads a wrong time. */
const clocks: ZoneClocks = {
  timeZone: 'Test/Zone',
  momentOf: (local) => {
    const date = new Date(local);
    const shown = date.getUTCHours() === 2 ? 'twice' : date.getUTCHours() === 3 ? 'never' : 'once';
    return { at: local - date.getUTCDate() * 60_000, shown };
  },
};

/** All that a column is read as. */
function readAll(texts: readonly string[], zone: ZoneClocks | undefined) {
  const found: number[] = [];
  const change = (settle: SwapTime) => {
    for (const [row, at] of found.entries()) found[row] = settle(at, row);
  };
  const { parse, settleZone } = createTimeReader(undefined, change);
  for (const [row, text] of texts.entries()) found.push(parse(text, row));
  return { zone: settleZone(zone, change), found };
}

test('times without a zone are read by its clocks, also where a later row tells day and month', () => {
  const row = fc.record({
    month: fc.integer({ min: 1, max: 12 }),
    day: fc.integer({ min: 1, max: 28 }),
    hours: fc.integer({ min: 0, max: 23 }),
    form: fc.constantFrom('numbers', 'year', 'zoned', 'epoch', 'none', 'exact'),
  });
  fc.assert(
    fc.property(fc.array(row, { minLength: 1 }), fc.boolean(), (rows, isDayFirst) => {
      fc.pre(rows.some(({ day, form }) => day > 12 && form === 'numbers'));
      const texts = rows.map(({ month, day, hours, form }) => {
        const utc = Date.UTC(2026, month - 1, day, hours);
        if (form === 'none') return 'soon';
        if (form === 'epoch') return String(utc);
        if (form === 'exact') return `${new Date(utc).toISOString().slice(0, 19)}Z`;
        if (form === 'year') return `2026-${two(month)}-${two(day)} ${two(hours)}:00`;
        const parts = isDayFirst ? [day, month] : [month, day];
        const text = `${parts.map(two).join('/')}/2026 ${two(hours)}:00`;
        return form === 'zoned' ? `${text} +02:00` : text;
      });
      const moments = rows.map(({ month, day, hours, form }) => {
        const utc = Date.UTC(2026, month - 1, day, hours);
        if (form === 'none') return Number.NaN;
        if (form === 'zoned') return utc - 2 * hour;
        return form === 'numbers' || form === 'year' ? utc - day * 60_000 : utc;
      });
      const without = rows.filter(({ form }) => form === 'numbers' || form === 'year');
      expect(readAll(texts, clocks)).toEqual({
        found: moments,
        zone: {
          timeZone: 'Test/Zone',
          rows: without.length,
          shownTwice: without.filter(({ hours }) => hours === 2).length,
          neverShown: without.filter(({ hours }) => hours === 3).length,
        },
      });
    }),
  );
});

test.each([
  [['2026-03-02 09:00', '2026-03-02T09:00Z', 'soon'], 1],
  [['2026-03-02T09:00Z', '1772442000', 'soon'], undefined],
  [['soon'], undefined],
])('without a name of a zone it is UTC, which is told if a time had none: %j', (texts, rows) => {
  const { zone } = readAll(texts, undefined);
  expect(zone?.rows).toBe(rows);
  expect(zone?.timeZone).toBe(rows === undefined ? undefined : 'UTC');
});

test('every zone that the runtime lists is one, in small letters too', () => {
  for (const name of timeZoneNames()) {
    expect([name, timeZoneFault(name)]).toEqual([name, undefined]);
    expect([name, timeZoneFault(name.toLowerCase())]).toEqual([name, undefined]);
  }
});

test('a city alone, or a slip of the pen, gets the name of its zone', () => {
  const places = timeZoneNames().filter((name) => name.includes('/'));
  for (const name of places) {
    const city = name.slice(name.lastIndexOf('/') + 1);
    // Some cities are zones of their own.
    const said = timeZoneFault(city) ?? `Did you mean ${name}?`;
    expect([city, said.endsWith(`Did you mean ${name}?`)]).toEqual([city, true]);
  }
});

test('times are counted in the words of the report', () => {
  const reading = { timeZone: 'Europe/Berlin', rows: 1200, shownTwice: 2, neverShown: 1 };
  expect(zoneText(reading, (number) => number.toLocaleString('en'))).toEqual([
    '1,200 times without a zone: taken as Europe/Berlin',
    '2 times that the clocks show twice (set back): the first was taken',
    '1 time that the clocks never show (set forward): read by the clock before',
  ]);
  expect(zoneText(undefined)).toEqual([]);
});
