import type { LocalTime } from '@ticket-lifecycle/core/time-zone';
import type { Tickets } from '@ticket-lifecycle/internal/histories/histories';
import { isoText } from './time-zone.ts';

/** Tickets that are not closed at the end of the log. */
export interface OpenFigures {
  readonly tickets: number;
  readonly statuses: readonly {
    readonly name: string;
    readonly tickets: number;
    /** The ticket that has been there longest, and since when. Absent without times. */
    readonly longest?: { readonly ticketId: string; readonly since: string } | undefined;
  }[];
  /** The last time of the log. Absent without times. */
  readonly asOf?: string | undefined;
}

/**
 * Follows where tickets are, and since when.
 *
 * @param keepsLives - whether somebody will ask for lives
 */
export function createOpenTickets(
  tickets: Tickets,
  values: readonly string[],
  statusOf: (name: string) => string,
  keepsLives: boolean,
) {
  // Several values may have one name.
  const known = new Map([...new Set(values)].map((name, index) => [name, index + 1]));
  const names = [...known.keys()];
  const numbers = Uint32Array.from(values, (name) => known.get(name) ?? 0);
  // The name's number plus one.
  const current = new Uint32Array(tickets.count);
  const since = new Float64Array(tickets.count);
  const begun = new Float64Array(keepsLives ? tickets.count : 0);
  return {
    add(ticket: number, value: number, at: number): void {
      const number = numbers[value] ?? 0;
      if (keepsLives && current[ticket] === 0) begun[ticket] = at;
      if (current[ticket] === number) return;
      current[ticket] = number;
      since[ticket] = at;
    },
    /** From its first row to the last change into closed, of a ticket that is closed; else NaN. */
    lifeOf(ticket: number): number {
      const name = names[(current[ticket] ?? 0) - 1] ?? '';
      if (statusOf(name) !== 'closed') return Number.NaN;
      return (since[ticket] ?? Number.NaN) - (begun[ticket] ?? Number.NaN);
    },
    summary(last: number, clocks: LocalTime | undefined): OpenFigures {
      const found = new Map<string, { tickets: number; oldest: number; since: number }>();
      for (const [ticket, number] of current.entries()) {
        const name = names[number - 1] ?? '';
        if (number === 0 || statusOf(name) === 'closed') continue;
        const at = since[ticket] ?? Number.NaN;
        const group = found.get(name) ?? { tickets: 0, oldest: ticket, since: Infinity };
        found.set(name, group);
        group.tickets += 1;
        if (at < group.since) [group.since, group.oldest] = [at, ticket];
      }
      const statuses = [...found].map(([name, { tickets: count, oldest, since: at }]) => ({
        name,
        tickets: count,
        ...(at < Infinity && {
          longest: { ticketId: tickets.idOf(oldest), since: isoText(at, clocks) },
        }),
      }));
      return {
        tickets: statuses.reduce((sum, { tickets: count }) => sum + count, 0),
        statuses: statuses.toSorted((a, b) => b.tickets - a.tickets),
        ...(Number.isFinite(last) && { asOf: isoText(last, clocks) }),
      };
    },
  };
}
