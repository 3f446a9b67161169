import { expected } from './values.ts';

/** A moment: a Date, milliseconds since 1970 (UTC), or an ISO 8601 text that names its zone. */
export type Moment = Date | number | string;

// A text without a zone would mean another moment on every machine.
const iso =
  /^(\d{4}|\+\d{6}|-(?!0{6})\d{6})-(\d\d)-(\d\d)T([01]\d|2[0-3]):?([0-5]\d)(?::?([0-5]\d)(?:[.,](\d+))?)?(?:Z|([+-])([01]\d|2[0-3])(?::?([0-5]\d))?)$/i;

const minuteMs = 60_000;
const mostMs = 8.64e15;

/**
 * Milliseconds since 1970 (UTC), or NaN. `Date` alone takes 30 February for 2 March and `true` for
 * a millisecond. test/queries/due.test.ts compares it with Temporal.
 */
export function momentOf(moment: unknown): number {
  if (typeof moment === 'number') {
    // As a Date clips it, without making one.
    return Math.abs(moment) <= mostMs ? Math.trunc(moment) + 0 : Number.NaN;
  }
  if (typeof moment === 'string') return readText(moment);
  try {
    // A Date of another realm is not an instance of ours. This takes it, and nothing else.
    return Date.prototype.getTime.call(moment);
  } catch {
    return Number.NaN;
  }
}

/**
 * The same for an argument, by whose name it is refused.
 *
 * @throws RangeError
 */
export function readMoment(name: string, moment: unknown): number {
  const time = momentOf(moment);
  if (!Number.isNaN(time)) return time;
  const what = 'a Date, milliseconds, or an ISO 8601 text with its zone';
  throw new RangeError(`${name}: ${expected(what, moment)}`);
}

function readText(text: string): number {
  const parts = iso.exec(text);
  if (parts === null) return Number.NaN;
  const [, year, month, day, hours, minutes, seconds, fraction, sign, zoneHours, zoneMinutes] =
    parts;
  const start = dayOf(Number(year), Number(month), Number(day));
  const offset = Number(zoneHours ?? 0) * 60 + Number(zoneMinutes ?? 0);
  const time =
    start +
    (Number(hours) * 60 + Number(minutes) - (sign === '-' ? -offset : offset)) * minuteMs +
    Number(seconds ?? 0) * 1000 +
    Number((fraction ?? '').padEnd(3, '0').slice(0, 3));
  return new Date(time).getTime();
}

/** The start of a day in UTC, or NaN where the month does not have it. */
export function dayOf(year: number, month: number, day: number): number {
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  // A day that the month does not have is one of another month.
  return date.getUTCMonth() === month - 1 ? date.getTime() : Number.NaN;
}
