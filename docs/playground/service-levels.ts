import { ticketStatuses, type Lifecycle, type TicketStatus } from '@ticket-lifecycle/core';
import { measureSla, type SlaReading, type SlaRow } from '@ticket-lifecycle/core/sla';
import {
  byUrgency,
  createClockReader,
  createClockSums,
  type ClockSum,
} from '@ticket-lifecycle/internal/service-levels';
import type { PastedTicket } from './history.ts';

/** A clock of `meta.sla`, read for a ticket of a log. */
export interface TicketClock extends SlaReading {
  readonly ticket: string;
}

/** The clocks of a log. */
export interface ServiceLevels {
  /** Those that missed their target first, then those that have the least left. */
  readonly clocks: readonly TicketClock[];
  /** Each clock over all tickets. */
  readonly sums: readonly ClockSum[];
  /** The moment of the last row of the log: until then the clocks are read. */
  readonly readAt: Date | undefined;
  /** Tickets whose first row is not where the lifecycle begins: their clocks start late. */
  readonly beginElsewhere: readonly string[];
  /** Tickets whose clocks can't be read, each with the reason. */
  readonly unread: readonly { readonly ticket: string; readonly reason: string }[];
}

/** Reads the clocks of a lifecycle for the tickets of a log, as `replay` of the command line does. */
export function readServiceLevels(
  lifecycle: Lifecycle,
  tickets: readonly PastedTicket[],
): ServiceLevels {
  const last = tickets.flatMap(({ times }) => times).reduce(later, Number.NaN);
  if (lifecycle.sla.clocks.length === 0 || Number.isNaN(last)) {
    return { clocks: [], sums: [], readAt: undefined, beginElsewhere: [], unread: [] };
  }
  const ofTheApi = new Set<string | undefined>([undefined, ...ticketStatuses]);
  const read = createClockReader(
    {
      initial: lifecycle.initial,
      statesWith: (status) => lifecycle.statesWith(status as TicketStatus),
      measure: (rows, now) => measureSla(lifecycle, rows as readonly SlaRow[], now),
    },
    {
      speaksOfStates: tickets.some(({ states }) => states.some((state) => !ofTheApi.has(state))),
      readAt: last,
    },
  );
  const clocks: TicketClock[] = [];
  const unread: { ticket: string; reason: string }[] = [];
  const beginElsewhere: string[] = [];
  const sums = createClockSums();
  for (const ticket of tickets) {
    const found = read(ticket);
    if ('reason' in found) {
      unread.push({ ticket: ticket.id, reason: found.reason });
      continue;
    }
    if (found.beginsElsewhere) beginElsewhere.push(ticket.id);
    for (const clock of found.clocks) {
      clocks.push({ ...clock, ticket: ticket.id });
      sums.add(clock);
    }
  }
  return {
    clocks: clocks.toSorted(byUrgency),
    sums: sums.all(),
    readAt: new Date(last),
    beginElsewhere,
    unread,
  };
}

/** The later one, where `NaN` is no moment. */
const later = (one: number, other: number): number =>
  Number.isNaN(one) || other > one ? other : one;
