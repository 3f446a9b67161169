import { quote } from '../blockers.ts';
import { dayOf } from '../moments.ts';
import { expected, isRecord } from '../values.ts';
import type { NoteFault } from '../definition/fault-list.ts';

/** When a support team works, as `meta.sla` of a machine or an option declares it. */
export interface WorkingCalendarConfig {
  /** The IANA zone whose clocks the hours mean, such as `Europe/Berlin`: the team's or customer's. */
  readonly timeZone: string;
  /** For each weekday its hours, such as `'09:00-17:00'`, or a list of them. Others are off. */
  readonly hours: { readonly [Day in Weekday]?: string | readonly string[] | undefined };
  /** Dates on which nobody works, such as `'2026-12-25'`. */
  readonly holidays?: readonly string[] | undefined;
  /** Dates with hours of their own, such as `{ '2026-12-24': '09:00-12:00' }`. */
  readonly days?: Readonly<Record<string, string | readonly string[]>> | undefined;
}

/** A day of the week. */
export type Weekday = (typeof weekdays)[number];

const weekdays = [
  'monday',
  'tuesday',
  'wednesday',
  'thursday',
  'friday',
  'saturday',
  'sunday',
] as const;

/** From one minute of a day to another, as the clock on the wall shows them. */
export interface WorkingHours {
  readonly from: number;
  readonly until: number;
}

/** A calendar that has been checked. */
export interface WorkingCalendar {
  readonly timeZone: string;
  /** From Monday to Sunday. */
  readonly week: readonly (readonly WorkingHours[])[];
  /** Holidays and other special dates, by the start of that date in UTC. */
  readonly days: ReadonlyMap<number, readonly WorkingHours[]>;
}

const fields = ['timeZone', 'hours', 'holidays', 'days'];

/** Checks a calendar, and reports each fault with its place. */
export function readCalendar(
  path: string,
  config: unknown,
  report: NoteFault,
): WorkingCalendar | undefined {
  if (!isRecord(config)) {
    report(path, 'bad-calendar', expected('{ timeZone, hours }', config));
    return undefined;
  }
  reportUnknownKeys(path, config, fields, report);
  const { timeZone, hours, holidays = [], days = {} } = config;
  if (!isTimeZone(timeZone)) {
    report(`${path}.timeZone`, 'bad-calendar', expected('an IANA time zone', timeZone));
  }
  const week = weekdays.map((day) =>
    readHours(`${path}.hours.${day}`, fieldOf(hours, day), report),
  );
  if (!isRecord(hours)) {
    report(`${path}.hours`, 'bad-calendar', expected('an object of weekdays', hours));
  } else {
    reportUnknownKeys(`${path}.hours`, hours, weekdays, report);
    if (weekdays.every((day) => isNone(hours[day]))) {
      const cure = 'Give the hours of a weekday, such as monday: "09:00-17:00".';
      report(`${path}.hours`, 'bad-calendar', `No working hours. ${cure}`);
    }
  }
  const special = new Map<number, readonly WorkingHours[]>();
  for (const [index, date] of listOf(`${path}.holidays`, holidays, report).entries()) {
    special.set(readDate(`${path}.holidays.${index}`, date, report), []);
  }
  if (!isRecord(days)) report(`${path}.days`, 'bad-calendar', expected('an object of dates', days));
  for (const [date, its] of Object.entries(isRecord(days) ? days : {})) {
    const day = readDate(`${path}.days.${date}`, date, report);
    if (special.has(day) && !Number.isNaN(day)) {
      const message = `${date} is a holiday, and has hours too. Drop one.`;
      report(`${path}.days.${date}`, 'bad-calendar', message);
    }
    special.set(day, readHours(`${path}.days.${date}`, its, report));
  }
  return { timeZone: timeZone as string, week, days: special };
}

/** Reports the keys of an object that nothing reads. */
export function reportUnknownKeys(
  path: string,
  value: Readonly<Record<string, unknown>>,
  known: readonly string[],
  report: NoteFault,
): void {
  for (const key of Object.keys(value)) {
    if (known.includes(key)) continue;
    const message = `${quote(key)} is not known here. Expected one of ${known.join(', ')}.`;
    report(`${path}.${key}`, 'unknown-key', message);
  }
}

const fieldOf = (value: unknown, key: string): unknown =>
  isRecord(value) ? value[key] : undefined;

const isNone = (hours: unknown): boolean =>
  hours === undefined || (Array.isArray(hours) && hours.length === 0);

function isTimeZone(timeZone: unknown): boolean {
  if (typeof timeZone !== 'string') return false;
  try {
    return Boolean(new Intl.DateTimeFormat('en', { timeZone }));
  } catch {
    return false;
  }
}

function listOf(path: string, value: unknown, report: NoteFault): readonly unknown[] {
  if (Array.isArray(value)) return value;
  report(path, 'bad-calendar', expected('a list of dates such as "2026-12-25"', value));
  return [];
}

/** The start of a date in UTC. */
function readDate(path: string, date: unknown, report: NoteFault): number {
  const parts = typeof date === 'string' ? /^(\d{4})-(\d\d)-(\d\d)$/.exec(date) : null;
  const [year, month, day] = (parts ?? []).slice(1).map(Number);
  const start = dayOf(year ?? Number.NaN, month ?? Number.NaN, day ?? Number.NaN);
  if (Number.isNaN(start)) {
    report(path, 'bad-calendar', expected('a date such as "2026-12-25"', date));
  }
  return start;
}

const clock = String.raw`([01]\d|2[0-4]):([0-5]\d)`;
const span = new RegExp(`^${clock}-${clock}$`);
const dayMinutes = 24 * 60;

/** The hours of a day in order. */
function readHours(path: string, given: unknown, report: NoteFault): WorkingHours[] {
  if (isNone(given)) return [];
  const hours: WorkingHours[] = [];
  for (const text of Array.isArray(given) ? (given as unknown[]) : [given]) {
    const parts = (typeof text === 'string' ? span.exec(text) : null)?.slice(1).map(Number);
    const [fromHour = 0, fromMinute = 0, untilHour = 0, untilMinute = 0] = parts ?? [];
    const [from, until] = [fromHour * 60 + fromMinute, untilHour * 60 + untilMinute];
    if (parts === undefined || until > dayMinutes) {
      report(path, 'bad-calendar', expected('hours such as "09:00-17:00"', text));
    } else if (from >= until) {
      const cure = `Over midnight: end with 24:00, and begin the next day with 00:00.`;
      report(path, 'bad-calendar', `${quote(String(text))} ends before it begins. ${cure}`);
    } else hours.push({ from, until });
  }
  const sorted = hours.toSorted((a, b) => a.from - b.from);
  if (sorted.some(({ from }, index) => from < (sorted[index - 1]?.until ?? 0))) {
    report(path, 'bad-calendar', 'These hours overlap. Join them.');
  }
  return sorted;
}
