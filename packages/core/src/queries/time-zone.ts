import * as Duration from 'temporal-polyfill/fns/Duration';
import * as Instant from 'temporal-polyfill/fns/Instant';
import * as PlainDateTime from 'temporal-polyfill/fns/PlainDateTime';
import * as ZonedDateTime from 'temporal-polyfill/fns/ZonedDateTime';
import type { Calendar } from './due.ts';
import { expected } from '../values.ts';

/**
 * A calendar for `due` and `deadlines` that counts days, weeks, months and years in a time zone:
 * a day in which the clocks change has 23 or 25 hours there, and ends at the same time of day.
 *
 * @throws RangeError for a zone that the runtime does not know
 *
 * @example
 * ```ts
 * import { defineLifecycle } from '@ticket-lifecycle/core';
 * import { inTimeZone } from '@ticket-lifecycle/core/time-zone';
 *
 * const lifecycle = defineLifecycle({
 *   initial: 'resolved',
 *   states: {
 *     resolved: { meta: { due: { after: 'P1D', event: 'CLOSE' } }, on: { CLOSE: 'closed' } },
 *     closed: { type: 'final' },
 *   },
 * });
 * const calendar = inTimeZone('Europe/Berlin');
 * const [deadline] = lifecycle.deadlines('resolved', '2026-03-28T12:00:00+01:00', { calendar });
 * console.log(deadline?.at.toISOString()); // 2026-03-29T10:00:00.000Z
 * ```
 */
export function inTimeZone(timeZone: string): Calendar {
  const zoned = zonedIn(timeZone);
  return (milliseconds, duration) => {
    try {
      return ZonedDateTime.add(zoned(milliseconds), Duration.fromFields(duration))
        .epochMilliseconds;
    } catch {
      // Later than a Date can hold.
      return Number.NaN;
    }
  };
}

/**
 * What the clocks on the wall of a zone show. Such a time is given as the milliseconds from 1970 to
 * it on a clock that nobody changes: `Date.UTC(2026, 2, 2, 9)` is 2 March 2026, 9:00 there.
 */
export interface LocalTime {
  /** The zone's name, as it was given. */
  readonly timeZone: string;
  /**
   * When the clocks show a time: in milliseconds since 1970 (UTC).
   *
   * @param local - what the clocks show, in milliseconds since they showed the beginning of 1970
   */
  readonly momentOf: (local: number) => LocalMoment;
  /**
   * What the clocks show at a moment, both in milliseconds.
   *
   * @param moment - in milliseconds since 1970 (UTC)
   */
  readonly localOf: (moment: number) => number;
}

/** When the clocks of a zone show a time. */
export interface LocalMoment {
  /** Milliseconds since 1970 (UTC). */
  readonly at: number;
  /**
   * How often the clocks show this time. Twice where they are set back: `at` is the first. Never
   * where they are set forward: `at` is when a clock that was not changed would have shown it.
   */
  readonly shown: 'once' | 'twice' | 'never';
}

/**
 * Reads times without a zone, as logs have them, by the clocks of a zone. Pure.
 *
 * @throws RangeError for a zone that the runtime does not know
 *
 * @example
 * ```ts
 * import { localTimeIn } from '@ticket-lifecycle/core/time-zone';
 *
 * const berlin = localTimeIn('Europe/Berlin');
 * const { at, shown } = berlin.momentOf(Date.UTC(2026, 9, 25, 2, 30));
 * console.log(new Date(at).toISOString(), shown); // 2026-10-25T00:30:00.000Z twice
 * ```
 */
export function localTimeIn(timeZone: string): LocalTime {
  const zoned = zonedIn(timeZone);
  const offsetAt = (moment: number) => ZonedDateTime.offsetNanoseconds(zoned(moment)) / 1e6;
  // Most rows of a log lie in few days, and on most of these no clock is changed.
  const steady = new Map<number, number | undefined>();

  return {
    timeZone,
    momentOf(local) {
      const offset = steadyOffset(local);
      if (offset !== undefined) return { at: local - offset, shown: 'once' };
      const plain = ZonedDateTime.toPlainDateTime(utc(local));
      const read = (disambiguation: 'earlier' | 'later' | 'compatible') =>
        PlainDateTime.toZonedDateTime(plain, timeZone, { disambiguation }).epochMilliseconds;
      const [earlier, later] = [read('earlier'), read('later')];
      if (earlier === later) return { at: earlier, shown: 'once' };
      const isShown = earlier + offsetAt(earlier) === local;
      return { at: read('compatible'), shown: isShown ? 'twice' : 'never' };
    },
    localOf: (moment) => moment + (steadyOffset(moment) ?? offsetAt(moment)),
  };

  /** Local time less UTC, where it is the same from the day before to the day after. */
  function steadyOffset(milliseconds: number): number | undefined {
    const day = Math.floor(milliseconds / dayMs);
    if (steady.has(day)) return steady.get(day);
    const [first, ...others] = [-1, 0, 1, 2].map((days) => offsetAt((day + days) * dayMs));
    const offset = others.every((other) => other === first) ? first : undefined;
    if (steady.size < 100_000) steady.set(day, offset);
    return offset;
  }
}

const dayMs = 86_400_000;

const utc = (milliseconds: number) =>
  Instant.toZonedDateTimeISO(Instant.fromEpochMilliseconds(milliseconds), 'UTC');

/** The function that lays out moments in a zone, which it has checked. */
function zonedIn(timeZone: string) {
  const zoned = (milliseconds: number) =>
    Instant.toZonedDateTimeISO(Instant.fromEpochMilliseconds(milliseconds), timeZone);
  try {
    zoned(0);
  } catch (cause) {
    throw new RangeError(`timeZone: ${expected('an IANA time zone', timeZone)}`, { cause });
  }
  return zoned;
}
