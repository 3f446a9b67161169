import type { CompiledMachine, Edge } from './compile.ts';

/**
 * A hash of what a lifecycle does: states, edges, guards and projection. Labels, titles and the
 * order of definition do not count, so a stored fingerprint changes only with behaviour.
 */
export function fingerprintOf({ initial, statuses, edges }: CompiledMachine): string {
  const rows = [...edges].map(([state, out]) => {
    const byEvent = new Map<string, Edge[]>();
    for (const edge of out) {
      byEvent.set(edge.event, [...(byEvent.get(edge.event) ?? []), edge]);
    }
    const events = [...byEvent].map(([event, its]) => [event, behaviourOf(its)] as const);
    return [state, statuses.get(state), events.sort(byName)] as const;
  });
  return fnv1a64(JSON.stringify([initial, rows.sort(byName)]));
}

const byName = ([a]: readonly [string, ...unknown[]], [b]: readonly [string, ...unknown[]]) =>
  a < b ? -1 : 1;

// 2 to this power rows are laid out for an event; what asks more guards is compared as written.
const mostGuards = 10;

/**
 * Where the edges of one event lead, for every answer that their guards can give: `or(a, b)` is
 * the same as `or(b, a)`, and two edges that exclude each other may change places.
 */
function behaviourOf(edges: readonly Edge[]): unknown {
  const targets = [...new Set(edges.map(({ to }) => to))].sort();
  const keys = edges.flatMap(({ conditions }) =>
    conditions.flatMap(({ leaves }) => leaves.map(({ key }) => key)),
  );
  const guards = [...new Set(keys)].sort();
  if (guards.length > mostGuards) {
    return edges.map(({ to, conditions }) => [to, conditions.map(({ key }) => key).sort()]);
  }
  const outcomes = Array.from({ length: 2 ** guards.length }, (_, row) =>
    outcomeOf(edges, guards, row),
  );
  const [asked, answers] = withoutIdle(guards, outcomes);
  // An edge that is always open is the same whether it has no guard or one that always holds.
  const isAlwaysOpen = asked.length === 0 && targets.length === 1 && answers[0] !== null;
  return isAlwaysOpen ? [[targets[0], []]] : [targets, asked, answers];
}

/** The target when the guards answer as the bits of a row say, or null when none is open. */
function outcomeOf(edges: readonly Edge[], guards: readonly string[], row: number): string | null {
  const open = edges.find(({ conditions }) =>
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

/** FNV-1a, 64 bits, in hex: stable in every runtime and free of imports. Not for secrets. */
export function fnv1a64(text: string): string {
  let hash = 0xcbf29ce484222325n;
  for (let index = 0; index < text.length; index += 1) {
    const unit = text.charCodeAt(index);
    for (const byte of [unit & 0xff, unit >> 8]) {
      hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * 0x100000001b3n);
    }
  }
  return hash.toString(16).padStart(16, '0');
}
