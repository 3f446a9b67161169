import type { Log } from './read-log.ts';

/** A way that tickets of a log have gone. */
export interface Way {
  /** The names of statuses and states, and values that mean neither. */
  readonly statuses: readonly string[];
  readonly tickets: number;
  /** One of them. */
  readonly ticketId: string;
}

/** The ways that the tickets of a log have gone, repeated rows left out, the most frequent first. */
export function waysIn({ histories, map }: Log): Way[] {
  const { tickets, values } = histories;
  const statuses = values.map(({ value }) => map.nameOf(value) ?? value);
  const own = Array.from({ length: tickets.count }, (): string[] => []);
  histories.take((ticket, value) => {
    const rows = own[ticket];
    const status = statuses[value];
    if (status !== undefined && rows?.at(-1) !== status) rows?.push(status);
  });
  const ways = new Map<string, { statuses: string[]; tickets: number; ticketId: string }>();
  for (const [ticket, rows] of own.entries()) {
    const key = JSON.stringify(rows);
    const way = ways.get(key) ?? { statuses: rows, tickets: 0, ticketId: tickets.idOf(ticket) };
    ways.set(key, way);
    way.tickets += 1;
  }
  return [...ways.values()].toSorted((a, b) => b.tickets - a.tickets);
}
