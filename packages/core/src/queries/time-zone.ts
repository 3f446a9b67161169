import * as Duration from 'temporal-polyfill/fns/Duration';
import * as Instant from 'temporal-polyfill/fns/Instant';
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
  const zoned = (milliseconds: number) =>
    Instant.toZonedDateTimeISO(Instant.fromEpochMilliseconds(milliseconds), timeZone);
  try {
    zoned(0);
  } catch (cause) {
    throw new RangeError(`timeZone: ${expected('an IANA time zone', timeZone)}`, { cause });
  }
  return (milliseconds, duration) =>
    ZonedDateTime.add(zoned(milliseconds), Duration.fromFields(duration)).epochMilliseconds;
}
