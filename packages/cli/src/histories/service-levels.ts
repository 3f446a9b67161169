import { ticketStatuses, type Lifecycle, type TicketStatus } from '@ticket-lifecycle/core';
import type { SlaReading, SlaRow } from '@ticket-lifecycle/core/sla';
import type { Tickets } from '@ticket-lifecycle/internal/histories/histories';
import {
  byUrgency,
  createClockReader,
  createClockSums,
  type ClockSum,
} from '@ticket-lifecycle/internal/service-levels';

/** What a clock of `meta.sla` shows of a ticket. */
export interface TicketClock extends Omit<SlaReading, keyof Moments>, Moments {
  readonly ticketId: string;
}

/** In ISO 8601, as the clocks of the log's zone show them. */
interface Moments {
  readonly startedAt: string | undefined;
  readonly stoppedAt: string | undefined;
  readonly breachAt: string | undefined;
}

/** The clocks of a log, read at its last row. */
export interface ServiceLevels {
  readonly readAt: string;
  readonly clocks: readonly ClockSum[];
  /** Those that missed their target first, then those that have the least left; twenty at most. */
  readonly worst: readonly TicketClock[];
  /** Tickets whose first row is not where the lifecycle begins: their clocks start late. */
  readonly beginElsewhere: { readonly tickets: number; readonly first: readonly string[] };
  /** Tickets whose clocks can't be read. */
  readonly unread: {
    readonly tickets: number;
    readonly first: readonly { readonly ticketId: string; readonly reason: string }[];
  };
}

const mostShown = 20;
const ticketsAtOnce = 1000;

/**
 * Keeps the rows of a log that its clocks need, 16 bytes each, and reads the clocks of each ticket
 * when all rows are there.
 *
 * @param names - the name of a state or status that each value of the log means
 */
export function createServiceLevels(
  lifecycle: Lifecycle,
  names: readonly string[],
  tickets: Tickets,
) {
  // The rows of a ticket are a chain: where its last row is, plus one, and of each row that before.
  const latest = new Uint32Array(tickets.count);
  let before = new Uint32Array(1024);
  let values = new Uint32Array(1024);
  let times = new Float64Array(1024);
  let rows = 0;
  const states = names.map((name) => (lifecycle.isState(name) ? name : undefined));
  const statuses = names.map((name) =>
    lifecycle.isState(name) ? (lifecycle.statusOf(name) ?? name) : name,
  );

  return {
    add(ticket: number, value: number, at: number): void {
      if (rows === before.length) {
        before = new Uint32Array(before.buffer.transfer(rows * 8));
        values = new Uint32Array(values.buffer.transfer(rows * 8));
        times = new Float64Array(times.buffer.transfer(rows * 16));
      }
      [before[rows], values[rows], times[rows]] = [latest[ticket] ?? 0, value, at];
      rows += 1;
      latest[ticket] = rows;
    },
    read,
  };

  /**
   * @param last - the last time of the log
   * @param visit - is called with each reading
   * @param pause - is awaited now and then
   */
  async function read(
    last: number,
    show: (at: number) => string,
    visit: ((reading: TicketClock) => void) | undefined,
    pause: () => Promise<void>,
  ): Promise<ServiceLevels | undefined> {
    if (!Number.isFinite(last)) return undefined;
    const { measureSla } = await import('@ticket-lifecycle/core/sla');
    const own = new Set<string | undefined>([undefined, ...ticketStatuses]);
    const readTicket = createClockReader(
      {
        initial: lifecycle.initial,
        statesWith: (status) => lifecycle.statesWith(status as TicketStatus),
        measure: (measured, now) => measureSla(lifecycle, measured as readonly SlaRow[], now),
      },
      { speaksOfStates: states.some((state) => !own.has(state)), readAt: last },
    );
    const sums = createClockSums();
    const unread: { ticketId: string; reason: string }[] = [];
    let unreadTickets = 0;
    const late: string[] = [];
    let lateTickets = 0;
    let worst: TicketClock[] = [];
    for (let ticket = 0; ticket < tickets.count; ticket += 1) {
      const ticketId = tickets.idOf(ticket);
      const found = readTicket(rowsOf(ticket));
      if ('reason' in found) {
        unreadTickets += 1;
        if (unread.length < mostShown) unread.push({ ticketId, reason: found.reason });
        continue;
      }
      if (found.beginsElsewhere) {
        lateTickets += 1;
        if (late.length < mostShown) late.push(ticketId);
      }
      for (const reading of found.clocks) {
        const { startedAt, stoppedAt, breachAt } = reading;
        const clock = {
          ticketId,
          ...reading,
          startedAt: startedAt && show(startedAt.getTime()),
          stoppedAt: stoppedAt && show(stoppedAt.getTime()),
          breachAt: breachAt && show(breachAt.getTime()),
        };
        sums.add(reading);
        worst.push(clock);
        visit?.(clock);
      }
      if (ticket % ticketsAtOnce !== 0) continue;
      worst = worst.toSorted(byUrgency).slice(0, mostShown);
      await pause();
    }
    await pause();
    return {
      readAt: show(last),
      clocks: sums.all(),
      worst: worst.toSorted(byUrgency).slice(0, mostShown),
      beginElsewhere: { tickets: lateTickets, first: late },
      unread: { tickets: unreadTickets, first: unread },
    };
  }

  function rowsOf(ticket: number) {
    const found: number[] = [];
    for (let row = latest[ticket] ?? 0; row !== 0; row = before[row - 1] ?? 0) found.push(row - 1);
    found.reverse();
    return {
      statuses: found.map((row) => statuses[values[row] ?? 0] ?? ''),
      states: found.map((row) => states[values[row] ?? 0]),
      times: found.map((row) => times[row] ?? Number.NaN),
    };
  }
}
