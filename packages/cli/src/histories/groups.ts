import type { TicketReplay } from '@ticket-lifecycle/core';

/** What the tickets of a group show. */
export interface GroupFigures {
  readonly name: string;
  readonly tickets: number;
  /** Those that follow the lifecycle from their first row to the last. */
  readonly following: number;
  readonly changes: number;
  /** Single steps among the changes. */
  readonly steps: number;
  readonly reopens: number;
  /** Tickets with a visit that took longer than was promised. */
  readonly late: number;
  /** Milliseconds from the first row to the last closing, of tickets that are closed. */
  readonly toClosed?: { readonly tickets: number; readonly median: number; readonly p90: number };
}

// More are not read side by side.
const mostGroups = 500;
const others = '(others)';

/** Gathers the tickets of each group; `undefined` where nobody asks for groups. */
export function createGroups(groupOf: readonly string[] | undefined) {
  if (groupOf === undefined) return undefined;
  const groups = new Map<string, ReturnType<typeof begin>>();
  return {
    /** @param own - its life is from the first row to the last closing, in milliseconds, or NaN */
    add(
      ticket: number,
      replay: TicketReplay,
      own: { changes: number; isLate: boolean; life: number },
    ): void {
      const given = groupOf[ticket] ?? '';
      const name = groups.has(given) || groups.size < mostGroups ? given : others;
      const group = groups.get(name) ?? begin();
      groups.set(name, group);
      group.tickets += 1;
      if (replay.fitness === 1) group.following += 1;
      group.changes += own.changes;
      group.steps += replay.counts.edge;
      group.reopens += replay.reopens;
      if (own.isLate) group.late += 1;
      if (own.life >= 0) group.lives.push(own.life);
    },
    summary: (): GroupFigures[] =>
      [...groups]
        .map(([name, { lives, ...counts }]) => ({
          name,
          ...counts,
          ...(lives.length > 0 && { toClosed: spreadOf(lives) }),
        }))
        .toSorted((a, b) => b.tickets - a.tickets),
  };
}

const begin = () => ({
  tickets: 0,
  following: 0,
  changes: 0,
  steps: 0,
  reopens: 0,
  late: 0,
  lives: [] as number[],
});

function spreadOf(lives: readonly number[]) {
  const sorted = Float64Array.from(lives).sort();
  const tickets = sorted.length;
  // The nearest rank; of an even number the median is the mean of the two in the middle.
  const at = (share: number) => sorted[Math.max(0, Math.ceil(share * tickets) - 1)] ?? 0;
  const median = (at(0.5) + (sorted[Math.floor(tickets / 2)] ?? 0)) / 2;
  return { tickets, median, p90: at(0.9) };
}
