import type { CompiledMachine } from '../definition/compile.ts';
import type { Duration } from '../durations.ts';
import { checkOptionTypes } from '../options.ts';
import { readMoment, type Moment } from '../moments.ts';

/**
 * Adds an ISO 8601 duration, given by its parts, to milliseconds since 1970 (UTC). NaN where the
 * moment is later than a Date can hold.
 */
export type Calendar = (moment: number, duration: Duration) => number;

/** How time is counted. */
export interface DueOptions {
  /**
   * Where days, weeks, months and years are counted. `@ticket-lifecycle/core/time-zone` makes one
   * for a time zone, in which the day of a clock change has 23 or 25 hours.
   *
   * @defaultValue UTC, where every day has 24 hours
   */
  readonly calendar?: Calendar | undefined;
}

/** A moment at which an event becomes due. */
export interface DueEvent<Event extends string = string> {
  readonly event: Event;
  /** The duration, as the definition says it. */
  readonly after: string;
  readonly at: Date;
}

const utc: Calendar = (moment, duration) => {
  const { years, months, weeks, days, hours, minutes, seconds, milliseconds } = duration;
  const date = new Date(moment);
  const day = date.getUTCDate();
  // Day 0 is the last day of the month before: a month later than 31 January is the end of February.
  date.setUTCMonth(date.getUTCMonth() + years * 12 + months + 1, 0);
  date.setUTCDate(Math.min(day, date.getUTCDate()) + weeks * 7 + days);
  return date.getTime() + ((hours * 60 + minutes) * 60 + seconds) * 1000 + milliseconds;
};

/**
 * The events that time makes due in a state, with their moments, the earliest first.
 *
 * @throws RangeError for a moment that is later than a Date can hold
 */
export function deadlinesIn(...asked: Parameters<typeof momentsIn>): DueEvent[] {
  const all = momentsIn(...asked);
  const endless = all.find(({ at }) => Number.isNaN(at.getTime()));
  if (endless === undefined) return all;
  const { event, after } = endless;
  throw new RangeError(`deadlines: ${event}, after ${after}, is due later than a Date can hold.`);
}

function momentsIn(
  { deadlines }: CompiledMachine,
  state: string,
  enteredAt: Moment,
  options: DueOptions = {},
): DueEvent[] {
  checkOptionTypes('deadlines', options, { calendar: 'a function' });
  const { calendar = utc } = options;
  const entered = readMoment('enteredAt', enteredAt);
  return (deadlines.get(state) ?? [])
    .map(({ event, after, duration }) => ({
      event,
      after,
      at: new Date(calendar(entered, duration)),
    }))
    .sort((a, b) => a.at.getTime() - b.at.getTime());
}

/** The events whose moment has come, each once, in the order in which they became due. */
export function dueEvents(
  machine: CompiledMachine,
  state: string,
  enteredAt: Moment,
  now: Moment,
  options?: DueOptions,
): string[] {
  const until = readMoment('now', now);
  const past = momentsIn(machine, state, enteredAt, options).filter(
    ({ at }) => at.getTime() <= until,
  );
  return [...new Set(past.map(({ event }) => event))];
}
