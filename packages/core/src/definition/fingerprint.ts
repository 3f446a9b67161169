import type { CompiledMachine, Edge } from './compile.ts';
import { fnv1a64 } from './hash.ts';

/**
 * A hash of what a lifecycle does: states, edges, guards and projection. Labels, titles and the
 * order of definition do not count, so a stored fingerprint changes only with behaviour.
 */
export function fingerprintOf({ initial, statuses, edges }: CompiledMachine): string {
  const rows = [...edges].map(([state, out]) => {
    const ways = new Map<string, Edge[]>();
    for (const edge of out) {
      ways.set(edge.event, [...(ways.get(edge.event) ?? []), edge]);
    }
    const events = [...ways].map(([event, its]) => [event, behaviourOf(its)] as const);
    return [state, statuses.get(state), events.sort(byName)] as const;
  });
  return fnv1a64(JSON.stringify([initial, rows.sort(byName)]));
}

const byName = ([a]: readonly [string, ...unknown[]], [b]: readonly [string, ...unknown[]]) =>
  a < b ? -1 : 1;

// 2 to this power rows are laid out for an event; what asks more guards is compared as written.
const mostGuards = 10;

/**
 * Where the ways of one event lead, for every answer that their guards can give: `or(a, b)` is
 * the same as `or(b, a)`, and two ways that exclude each other may change places.
 */
function behaviourOf(ways: readonly Edge[]): unknown {
  const targets = [...new Set(ways.map(({ to }) => to))].sort();
  const keys = ways.flatMap(({ conditions }) =>
    conditions.flatMap(({ leaves }) => leaves.map(({ key }) => key)),
  );
  const guards = [...new Set(keys)].sort();
  if (guards.length > mostGuards) {
    return ways.map(({ to, conditions }) => [to, conditions.map(({ key }) => key).sort()]);
  }
  const outcomes = Array.from({ length: 2 ** guards.length }, (_, row) =>
    outcomeOf(ways, guards, row),
  );
  const [asked, answers] = withoutIdle(guards, outcomes);
  // A way that is always open is the same whether it has no guard or one that always holds.
  const isAlwaysOpen = asked.length === 0 && targets.length === 1 && answers[0] !== null;
  return isAlwaysOpen ? [[targets[0], []]] : [targets, asked, answers];
}

/** The target when the guards answer as the bits of a row say, or null when none is open. */
function outcomeOf(ways: readonly Edge[], guards: readonly string[], row: number): string | null {
  const open = ways.find(({ conditions }) =>
    conditions.every(({ test }) => test(({ key }) => ((row >> guards.indexOf(key)) & 1) === 1)),
  );
  return open?.to ?? null;
}

/** Drops each guard whose answer changes nothing, such as that in `or(a, not(a))`. */
function withoutIdle(
  guards: readonly string[],
  outcomes: readonly (string | null)[],
): [readonly string[], readonly (string | null)[]] {
  for (const index of guards.keys()) {
    const bit = 1 << index;
    if (outcomes.every((outcome, row) => outcome === outcomes[row ^ bit])) {
      const others = guards.filter((_, other) => other !== index);
      return withoutIdle(
        others,
        outcomes.filter((_, row) => (row & bit) === 0),
      );
    }
  }
  return [guards, outcomes];
}
