import type { Tickets } from '@ticket-lifecycle/internal/histories/histories';
import type { Promised } from './durations.ts';

/** How a promise was kept. */
export interface KeptPromise extends Promised {
  /** Visits that have ended and whose length is known. */
  readonly visits: number;
  /** Those of them that took longer. */
  readonly over: number;
  /** Visits that have not ended by the last time of the log, and that take longer already. */
  readonly overAndOpen: number;
  /** Tickets with a visit that took longer, in the order in which they came: worked out when asked for. */
  readonly tickets: readonly string[];
}

const isOutside = Number.NaN;
const hasUnknownBegin = Infinity;

/**
 * Measures the visits to a state or status. Rows come in order of time, by ticket number.
 *
 * @param isInside - for the number of each value, whether it is that state or status
 */
export function createVisits(promised: Promised, isInside: readonly boolean[], tickets: Tickets) {
  const entered = new Float64Array(tickets.count).fill(isOutside);
  const late = new Uint32Array(tickets.count);
  let lateCount = 0;
  const isLate = new Uint8Array(tickets.count);
  let [visits, over] = [0, 0];
  return {
    add(ticket: number, value: number, at: number): void {
      const since = entered[ticket] ?? isOutside;
      const wasInside = !Number.isNaN(since);
      if (isInside[value] === true) {
        if (!wasInside) entered[ticket] = Number.isNaN(at) ? hasUnknownBegin : at;
        return;
      }
      if (!wasInside) return;
      entered[ticket] = isOutside;
      const length = at - since;
      // Neither is true of an end or a beginning that is not known.
      if (!(length >= 0)) return;
      visits += 1;
      if (length > promised.limitMs) {
        over += 1;
        note(ticket);
      }
    },
    /** @param last - the last time of the log */
    summary(last: number): KeptPromise {
      let overAndOpen = 0;
      for (let ticket = 0; ticket < tickets.count; ticket += 1) {
        const since = entered[ticket] ?? isOutside;
        if (!(last - since > promised.limitMs)) continue;
        overAndOpen += 1;
        note(ticket);
      }
      return {
        ...promised,
        visits,
        over,
        overAndOpen,
        get tickets() {
          return Array.from(late.subarray(0, lateCount), tickets.idOf);
        },
      };
    },
    isLate: (ticket: number): boolean => isLate[ticket] === 1,
  };

  function note(ticket: number): void {
    if (isLate[ticket] === 1) return;
    isLate[ticket] = 1;
    late[lateCount] = ticket;
    lateCount += 1;
  }
}
