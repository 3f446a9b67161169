import { ticketStatuses, type Lifecycle, type TicketStatus } from '@ticket-lifecycle/core';
import { measureSla, type SlaReading, type SlaRow } from '@ticket-lifecycle/core/sla';
import type { PastedTicket } from './history.ts';

/** A clock of `meta.sla`, read for a ticket of a log. */
export interface TicketClock extends SlaReading {
  readonly ticket: string;
}

/** The clocks of a log. */
export interface ServiceLevels {
  /** Those that missed their target first, then those that have the least left. */
  readonly clocks: readonly TicketClock[];
  /** The moment of the last row of the log: until then the clocks are read. */
  readonly readAt: Date | undefined;
  /** Tickets whose clocks can't be read, each with the reason. */
  readonly unread: readonly { readonly ticket: string; readonly reason: string }[];
}

/**
 * Reads the clocks of a lifecycle for the tickets of a log.
 *
 * Nothing is known after the last row, so all clocks are read at that moment: one that runs then
 * may have stopped since.
 */
export function readServiceLevels(
  lifecycle: Lifecycle,
  tickets: readonly PastedTicket[],
): ServiceLevels {
  const last = tickets.flatMap(({ times }) => times).reduce(later, Number.NaN);
  if (lifecycle.sla.clocks.length === 0 || Number.isNaN(last)) {
    return { clocks: [], readAt: undefined, unread: [] };
  }
  const readAt = new Date(last);
  const rowsOf = createRows(lifecycle, tickets);
  const clocks: TicketClock[] = [];
  const unread: { ticket: string; reason: string }[] = [];
  for (const ticket of tickets) {
    const reason = whyUnread(lifecycle, ticket);
    if (reason === undefined) {
      const read = measureSla(lifecycle, rowsOf(ticket), readAt);
      clocks.push(...read.map((clock) => ({ ...clock, ticket: ticket.id })));
    } else {
      unread.push({ ticket: ticket.id, reason });
    }
  }
  return { clocks: clocks.toSorted(byUrgency), readAt, unread };
}

/** The later one, where `NaN` is no moment. */
const later = (one: number, other: number): number =>
  Number.isNaN(one) || other > one ? other : one;

function whyUnread(lifecycle: Lifecycle, { statuses, times }: PastedTicket): string | undefined {
  const timeless = times.findIndex((at) => Number.isNaN(at));
  if (timeless !== -1) return `row ${timeless + 1} has no time`;
  const early = times.findIndex((at, row) => at < (times[row - 1] ?? -Infinity));
  if (early !== -1) return `row ${early + 1} is earlier than the row before it`;
  const unknown = statuses.find((status) => statesOf(lifecycle, status).length === 0);
  return unknown === undefined ? undefined : `"${unknown}" has no meaning`;
}

const statesOf = (lifecycle: Lifecycle, status: string): readonly string[] =>
  lifecycle.statesWith(status as TicketStatus);

/**
 * The rows to measure. A log that names a state of its own speaks of states; in all others
 * `in-progress` is a status, which several states may share.
 */
function createRows(
  lifecycle: Lifecycle,
  tickets: readonly PastedTicket[],
): (ticket: PastedTicket) => readonly SlaRow[] {
  const ofTheApi = new Set<string | undefined>([undefined, ...ticketStatuses]);
  const isOwn = (state?: string) => !ofTheApi.has(state);
  const speaksOfStates = tickets.some(({ states }) => states.some(isOwn));
  return ({ statuses, states, times }) => {
    const named = statuses.flatMap((status, row) => {
      const candidates = statesOf(lifecycle, status);
      const [only] = candidates;
      const state = states[row] ?? (candidates.length === 1 ? only : undefined);
      return state === undefined ? [] : [{ state, at: times[row] ?? Number.NaN }];
    });
    return speaksOfStates && named.length === statuses.length
      ? named
      : statuses.map((status, row) => ({ status, at: times[row] ?? Number.NaN }));
  };
}

const byUrgency = (one: TicketClock, other: TicketClock): number =>
  Number(other.isBreached) - Number(one.isBreached) || one.leftMs - other.leftMs;

/** A working time in hours and minutes: a working day is of no fixed length. */
export function hoursText(ms: number): string {
  const minutes = Math.floor(Math.abs(ms) / 60_000);
  const hours = Math.floor(minutes / 60);
  const parts = [
    ...(hours > 0 ? [`${hours} h`] : []),
    ...(minutes % 60 > 0 || hours === 0 ? [`${minutes % 60} min`] : []),
  ];
  return parts.join(' ');
}
