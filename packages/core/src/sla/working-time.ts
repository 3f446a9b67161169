import * as Instant from 'temporal-polyfill/fns/Instant';
import * as ZonedDateTime from 'temporal-polyfill/fns/ZonedDateTime';
import type { WorkingCalendar } from './working-calendar.ts';

/** Counts working time. All moments are milliseconds since 1970 (UTC). */
export interface WorkingTime {
  /** How much working time lies between two moments, in milliseconds. */
  between(from: number, until: number): number;
  /**
   * The first moment at which so much working time has passed, or `undefined` where that takes
   * more than a hundred years.
   */
  after(from: number, milliseconds: number): number | undefined;
}

/** Time that counts day and night. */
export const allTime: WorkingTime = {
  between: (from, until) => until - from,
  after: (from, milliseconds) => from + milliseconds,
};

const dayMs = 86_400_000;
const minuteMs = 60_000;
const longest = 100 * 366 * dayMs;

/** A time in which the clocks of a zone are not changed. */
interface Season {
  readonly end: number;
  /** Local time less UTC. */
  readonly offset: number;
}

/**
 * Working time as the clocks of a zone show it: a moment counts exactly when the clock on the wall
 * shows working hours then. So an hour that the clocks skip does not count, and one that they
 * repeat counts twice. Time is laid out in pieces of a day in UTC, cut where the clocks change:
 * within a piece local time and UTC differ by a constant.
 *
 * Temporal would name the next change of the clocks, but it reads the machine's clock for that.
 */
export function workingTimeOf(calendar: WorkingCalendar): WorkingTime {
  const known = workingTimes.get(calendar);
  if (known !== undefined) return known;
  const time = layOut(calendar);
  workingTimes.set(calendar, time);
  return time;
}

// The tickets of a log share their calendar, and most of their days.
const workingTimes = new WeakMap<WorkingCalendar, WorkingTime>();
const mostOffsets = 10_000;

function layOut({ timeZone, week, days }: WorkingCalendar): WorkingTime {
  const offsets = new Map<number, number>();

  return {
    between(from, until) {
      let sum = 0;
      for (const [start, end] of spansFrom(from, until)) sum += Math.min(end, until) - start;
      return sum;
    },
    after(from, milliseconds) {
      let left = milliseconds;
      for (const [start, end] of spansFrom(from, from + longest)) {
        if (end - start >= left) return start + left;
        left -= end - start;
      }
      return undefined;
    },
  };

  // The working spans from a moment on, in order, as long as they start before another.
  function* spansFrom(from: number, until: number): Generator<readonly [number, number]> {
    let begin = from;
    while (begin < until) {
      const { offset, end: stop } = seasonFrom(begin);
      const firstDay = Math.floor((begin + offset) / dayMs) * dayMs;
      for (let day = firstDay; day - offset < Math.min(stop, until); day += dayMs) {
        for (const hours of hoursOf(day)) {
          const start = Math.max(day - offset + hours.from * minuteMs, begin);
          const end = Math.min(day - offset + hours.until * minuteMs, stop);
          if (start < end && start < until) yield [start, end];
        }
      }
      begin = stop;
    }
  }

  function hoursOf(day: number) {
    // 1 January 1970 was a Thursday.
    const weekday = (((day / dayMs + 3) % 7) + 7) % 7;
    return days.get(day) ?? week[weekday] ?? [];
  }

  /** The time from a moment to the end of the day in UTC, or to a change of the clocks before. */
  function seasonFrom(moment: number): Season {
    const offset = offsetAt(moment);
    let same = moment;
    let end = (Math.floor(moment / dayMs) + 1) * dayMs;
    if (offsetAt(end) === offset) return { offset, end };
    while (end - same > 1) {
      const middle = Math.floor((same + end) / 2);
      if (offsetAt(middle) === offset) same = middle;
      else end = middle;
    }
    return { offset, end };
  }

  function offsetAt(moment: number): number {
    const known = offsets.get(moment);
    if (known !== undefined) return known;
    const instant = Instant.fromEpochMilliseconds(moment);
    const zoned = Instant.toZonedDateTimeISO(instant, timeZone);
    const offset = ZonedDateTime.offsetNanoseconds(zoned) / 1e6;
    if (offsets.size === mostOffsets) offsets.clear();
    offsets.set(moment, offset);
    return offset;
  }
}
