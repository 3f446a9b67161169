import type { ZoneClocks, ZoneReading } from './time-zone.ts';

/** Reads the times of a column. */
export interface TimeReader {
  /** Milliseconds since 1970 (UTC), or NaN. Rows are numbered upwards. */
  readonly parse: (text: string, row: number) => number;
  /**
   * Reads the times that had no zone by the clocks of a zone, once all rows have been read and day
   * and month are known. Until then such a time is taken as UTC. `undefined` where all had a zone.
   */
  readonly settleZone: (
    clocks: ZoneClocks | undefined,
    change: (settle: SwapTime) => void,
  ) => ZoneReading | undefined;
  /** Which comes first in `03/04/2026`, and whether nothing but this reader has decided it. */
  readonly dates: () => { readonly order: DateOrder; readonly isGuess: boolean } | undefined;
}

/** Which comes first in `03/04/2026`. */
export type DateOrder = 'day-first' | 'month-first';

/** Another time for a row that had one: with day and month the other way round, or in a zone. */
export type SwapTime = (at: number, row: number) => number;

const yearFirst =
  /^(\d{4})([-/.])(\d\d?)\2(\d\d?)(?:[T ]+(\d\d?):(\d\d)(?::(\d\d)(?:[.,](\d+))?)?)?\s*(Z|UTC|GMT|[+-]\d\d(?::?\d\d)?)?$/i;
const numbersFirst =
  /^(\d\d?)([-/.])(\d\d?)\2(\d{4}|\d\d)(?:,?[T ]+(\d\d?)[:.](\d\d)(?:[:.](\d\d)(?:[.,](\d+))?)?)?\s*([ap]\.?\s?m\.?)?\s*(Z|UTC|GMT|[+-]\d\d(?::?\d\d)?)?$/i;
const withMonthName =
  /^(?:\p{L}{2,9}\.?,?\s+)?(?:(\d\d?)\.?[-/ ]+(\p{L}{3,9})\.?|(\p{L}{3,9})\.?\s+(\d\d?)),?[-/ ]+(\d{4}|\d\d)(?:,?\s+(\d\d?):(\d\d)(?::(\d\d)(?:\.(\d+))?)?)?\s*([ap]\.?\s?m\.?)?\s*(Z|UTC|GMT|[+-]\d\d(?::?\d\d)?)?$/iu;
const epoch = /^(\d{9,10}|\d{12,13})(?:\.\d+)?$/;
// From the hour to the second, of years in which tickets are kept.
const compact = /^(199\d|20\d\d)(\d\d)(\d\d)(\d\d)(?:(\d\d)(\d\d)?)?$/;

// English, and German where it differs.
const months = [
  ['jan'],
  ['feb'],
  ['mar', 'mär', 'mrz'],
  ['apr'],
  ['may', 'mai'],
  ['jun'],
  ['jul'],
  ['aug'],
  ['sep'],
  ['oct', 'okt'],
  ['nov'],
  ['dec', 'dez'],
];

/**
 * Starts without any time. In dates such as `03/04/2026` the first one with a number above 12 decides
 * what is the day. Until then it is a guess: the day comes first, except in dates with slashes and
 * `AM` or `PM`, as programs in the United States write them.
 *
 * @param given - which comes first, where somebody has said it
 * @param swap - is called when the guess changes: the times of the rows before have day and month
 *   the other way round, which the function that it gets puts right
 */
export function createTimeReader(
  given: DateOrder | undefined,
  swap: (change: SwapTime) => void,
): TimeReader {
  let order = given;
  let guess: DateOrder = 'day-first';
  let isAmbiguous = false;
  let hasZone = true;
  let zoneless = 0;
  let offset = 0;
  // Rows without a zone, in runs of rows that have one and rows that have none.
  const zones: { readonly row: number; readonly hasZone: boolean }[] = [];
  // Rows from the first guessed one on, in runs: guessed with this offset, or NaN where nothing was guessed.
  const runs: { readonly row: number; readonly offset: number }[] = [];
  // Rows that were written together have the same time.
  let latest = '';
  let latestExact: number | undefined;

  return {
    parse(text, row) {
      const at = read(text, row);
      if (Number.isNaN(at)) return at;
      if (!hasZone) zoneless += 1;
      if ((zones.at(-1)?.hasZone ?? true) !== hasZone) zones.push({ row, hasZone });
      return at;
    },
    settleZone,
    dates: () =>
      isAmbiguous || order !== undefined
        ? { order: order ?? guess, isGuess: order === undefined }
        : undefined,
  };

  function read(text: string, row: number): number {
    hasZone = true;
    if (text !== latest) [latest, latestExact] = [text, parseExact(text)];
    const at = latestExact ?? parseYearFirst(text) ?? parseCompact(text) ?? parseEpoch(text);
    if (at !== undefined) return certain(at, row);
    return parseNumbers(text, row) ?? certain(parseNamed(text), row);
  }

  function settleZone(
    clocks: ZoneClocks | undefined,
    change: (settle: SwapTime) => void,
  ): ZoneReading | undefined {
    if (zones.length === 0) return undefined;
    if (clocks === undefined)
      return { timeZone: 'UTC', rows: zoneless, shownTwice: 0, neverShown: 0 };
    let run = -1;
    let [shownTwice, neverShown] = [0, 0];
    change((time, row) => {
      while ((zones[run + 1]?.row ?? Infinity) <= row) run += 1;
      if (Number.isNaN(time) || (zones[run]?.hasZone ?? true)) return time;
      const { at, shown } = clocks.momentOf(time);
      if (shown === 'twice') shownTwice += 1;
      if (shown === 'never') neverShown += 1;
      return at;
    });
    return { timeZone: clocks.timeZone, rows: zoneless, shownTwice, neverShown };
  }

  /** A time in which no order was guessed. */
  function certain(at: number, row: number): number {
    if (order === undefined && runs.length > 0) note(row, Number.NaN);
    return at;
  }

  function note(row: number, rowOffset: number): void {
    if (!Object.is(runs.at(-1)?.offset, rowOffset)) runs.push({ row, offset: rowOffset });
  }

  function swapGuesses(): void {
    if (runs.length === 0) return;
    let run = -1;
    swap((at, row) => {
      while ((runs[run + 1]?.row ?? Infinity) <= row) run += 1;
      const guessedWith = runs[run]?.offset ?? Number.NaN;
      return Number.isNaN(guessedWith) ? at : swapped(at + guessedWith) - guessedWith;
    });
  }

  function parseYearFirst(text: string): number | undefined {
    const match = yearFirst.exec(text);
    if (match === null) return undefined;
    const [, year, , month, day, hour, minute, second, fraction, zone] = match;
    const date = { year: Number(year), month: Number(month), day: Number(day) };
    return momentOf(date, { hour, minute, second, fraction, zone });
  }

  /** `202603020905`. As milliseconds since 1970 it would be a time of 1976, which no log has. */
  function parseCompact(text: string): number | undefined {
    const match = compact.exec(text);
    if (match === null) return undefined;
    const [, year, month, day, hour, minute, second] = match;
    const date = { year: Number(year), month: Number(month), day: Number(day) };
    const at = momentOf(date, { hour, minute, second });
    if (minute !== undefined) return at;
    // Ten digits are seconds since 1970; those that may be an hour as well can't be told from it.
    return Number.isNaN(at) ? undefined : Number.NaN;
  }

  function parseNumbers(text: string, row: number): number | undefined {
    const match = numbersFirst.exec(text);
    if (match === null) return undefined;
    const [, a, delimiter, b, year, hour, minute, second, fraction, half, zone] = match;
    const [first, other] = [Number(a), Number(b)];
    const time = { hour, minute, second, fraction, half, zone };
    // Nobody writes a month before a dot.
    if (delimiter === '.') return certain(dated(other, first), row);
    isAmbiguous = true;
    if (order === undefined) {
      // What is no date either way decides nothing.
      const [isDayFirst, isMonthFirst] = [dated(other, first), dated(first, other)].map(isMoment);
      const isAmerican = delimiter === '/' && /^[AP]M$/.test(half ?? '');
      if (isDayFirst !== isMonthFirst) {
        order = isDayFirst ? 'day-first' : 'month-first';
        if (guess !== order) swapGuesses();
      } else if (isDayFirst && isAmerican && guess === 'day-first') {
        swapGuesses();
        guess = 'month-first';
      }
    }
    const at = (order ?? guess) === 'month-first' ? dated(first, other) : dated(other, first);
    if (order === undefined) note(row, offset);
    return at;

    function dated(month: number, day: number): number {
      return momentOf({ year: fullYear(year), month, day }, time);
    }
  }

  function parseNamed(text: string): number {
    const match = withMonthName.exec(text);
    if (match === null) return Number.NaN;
    const [, dayBefore, nameAfter, nameBefore, dayAfter, year] = match;
    const [hour, minute, second, fraction, half, zone] = match.slice(6);
    const name = (nameAfter ?? nameBefore ?? '').toLowerCase();
    const month = 1 + months.findIndex((names) => names.some((begin) => name.startsWith(begin)));
    const date = { year: fullYear(year), month, day: Number(dayBefore ?? dayAfter) };
    return momentOf(date, { hour, minute, second, fraction, half, zone });
  }

  function momentOf(
    { year, month, day }: { year: number; month: number; day: number },
    { hour = '0', minute = '0', second = '0', fraction = '', half = '', zone }: TimeParts,
  ): number {
    let hours = Number(hour);
    if (half !== '') {
      if (hours < 1 || hours > 12) return Number.NaN;
      hours = (hours % 12) + (/^p/i.test(half) ? 12 : 0);
    }
    if (!isDate(year, month, day) || hours > 23 || Number(minute) > 59 || Number(second) > 59)
      return Number.NaN;
    hasZone = zone !== undefined;
    const milliseconds = Number(fraction.slice(0, 3).padEnd(3, '0'));
    offset = offsetOf(zone);
    return (
      Date.UTC(year, month - 1, day, hours, Number(minute), Number(second), milliseconds) - offset
    );
  }
}

const isMoment = (at: number): boolean => !Number.isNaN(at);

/** Whether a text is a time. */
export const isTime = (text: string): boolean =>
  isMoment(createTimeReader(undefined, () => {}).parse(text, 0));

interface TimeParts {
  readonly hour?: string | undefined;
  readonly minute?: string | undefined;
  readonly second?: string | undefined;
  readonly fraction?: string | undefined;
  readonly half?: string | undefined;
  readonly zone?: string | undefined;
}

/** A moment with day and month the other way round; both are 12 at most. */
function swapped(moment: number): number {
  const date = new Date(moment);
  return date.setUTCMonth(date.getUTCDate() - 1, date.getUTCMonth() + 1);
}

const two = (text: string, at: number): number => {
  const [tens, ones] = [text.charCodeAt(at) - 48, text.charCodeAt(at + 1) - 48];
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : Number.NaN;
};

/** `2026-03-02T09:00:00Z`, with or without a fraction: by far the most frequent form. */
function parseExact(text: string): number | undefined {
  const { length } = text;
  if (length < 20 || text.charCodeAt(length - 1) !== 90 || text.charCodeAt(10) !== 84) {
    return undefined;
  }
  if (length !== 20 && length !== 24) return undefined;
  const year = two(text, 0) * 100 + two(text, 2);
  const [month, day] = [two(text, 5), two(text, 8)];
  const [hour, minute, second] = [two(text, 11), two(text, 14), two(text, 17)];
  const rest = length === 20 ? 0 : Number(text.slice(20, 23));
  const isClock = hour <= 23 && minute <= 59 && second <= 59;
  const [dash, colon] = [0x2d, 0x3a];
  const isForm =
    text.charCodeAt(4) === dash &&
    text.charCodeAt(7) === dash &&
    text.charCodeAt(13) === colon &&
    text.charCodeAt(16) === colon;
  if (!isClock || !isForm || !isDate(year, month, day)) return undefined;
  return Date.UTC(year, month - 1, day, hour, minute, second, rest);
}

function parseEpoch(text: string): number | undefined {
  if (!epoch.test(text)) return undefined;
  const number = Number(text);
  return number < 1e11 ? Math.round(number * 1000) : Math.round(number);
}

// Year 1 stands for no time at all, and JavaScript would take it for 1901.
const isDate = (year: number, month: number, day: number): boolean =>
  year >= 100 && month >= 1 && month <= 12 && day >= 1 && day <= daysIn(year, month);

function daysIn(year: number, month: number): number {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}

// As most programs do: 70 is 1970, 69 is 2069.
function fullYear(year = ''): number {
  const number = Number(year);
  if (year.length === 4) return number;
  return number + (number < 70 ? 2000 : 1900);
}

function offsetOf(zone: string | undefined): number {
  const match = /^([+-])(\d\d):?(\d\d)?$/.exec(zone ?? '');
  if (match === null) return 0;
  const [, sign, hours, minutes = '0'] = match;
  if (Number(hours) > 23 || Number(minutes) > 59) return Number.NaN;
  return (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes)) * 60_000;
}
