import * as Instant from 'temporal-polyfill/fns/Instant';
import * as ZonedDateTime from 'temporal-polyfill/fns/ZonedDateTime';
import type { WorkingCalendar } from '../definition/working-calendar.ts';

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
  readonly start: number;
  readonly end: number;
  /** Local time less UTC. */
  readonly offset: number;
}

/**
 * Working time as the clocks of a zone show it: a moment counts exactly when the clock on the wall
 * shows working hours then. So an hour that the clocks skip does not count, and one that they
 * repeat counts twice. Each season, the time between two changes of the clocks, is laid out by
 * itself: within it local time and UTC differ by a constant.
 */
export function workingTimeOf({ timeZone, week, days }: WorkingCalendar): WorkingTime {
  const seasons: Season[] = [];

  return {
    between(from, until) {
      let sum = 0;
      for (const [start, end] of spansFrom(from, until)) sum += Math.min(end, until) - start;
      return sum;
    },
    after(from, milliseconds) {
      if (milliseconds === 0) return from;
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
      const { offset, end: change } = seasonAt(begin);
      const firstDay = Math.floor((begin + offset) / dayMs) * dayMs;
      const stop = Math.min(change, until);
      for (let day = firstDay; day - offset < stop; day += dayMs) {
        for (const hours of hoursOf(day)) {
          const start = Math.max(day - offset + hours.from * minuteMs, begin);
          const end = Math.min(day - offset + hours.until * minuteMs, change);
          if (start < end && start < until) yield [start, end];
        }
      }
      begin = change;
    }
  }

  function hoursOf(day: number) {
    // 1 January 1970 was a Thursday.
    const weekday = (((day / dayMs + 3) % 7) + 7) % 7;
    return days.get(day) ?? week[weekday] ?? [];
  }

  function seasonAt(moment: number): Season {
    const known = seasons.find(({ start, end }) => start <= moment && moment < end);
    if (known !== undefined) return known;
    const change = (at: number, side: 'next' | 'previous') =>
      ZonedDateTime.getTimeZoneTransition(zoned(at), side)?.epochMilliseconds;
    const season = {
      // The one before is looked for a moment later, because it may be this moment.
      start: change(moment + 1, 'previous') ?? -Infinity,
      end: change(moment, 'next') ?? Infinity,
      offset: ZonedDateTime.offsetNanoseconds(zoned(moment)) / 1e6,
    };
    seasons.push(season);
    return season;
  }

  function zoned(moment: number) {
    return Instant.toZonedDateTimeISO(Instant.fromEpochMilliseconds(moment), timeZone);
  }
}
