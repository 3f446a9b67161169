import type { Leaf } from './guard-leaf.ts';
import { createIdentifier } from './guard-params.ts';
import type { Condition, KeyOf } from './guards.ts';

/*
 * What the edges of one event do, for every answer that their guards can give.
 */

// 2 to this power rows are laid out for an event; what asks more guards is compared as written.
const mostGuards = 10;

/** An edge as far as it decides where an event leads. */
export interface Guarded {
  readonly to: string;
  readonly conditions: readonly Condition[];
}

/**
 * Where the edges of one event lead: `or(a, b)` is the same as `or(b, a)`, and two edges that
 * exclude each other may change places.
 *
 * @param keyOf - names a guard; by default for these edges alone, so that no name depends on what
 *   else is defined before them
 */
export function behaviourOf(edges: readonly Guarded[], keyOf: KeyOf = createKeys()): unknown {
  const targets = [...new Set(edges.map(({ to }) => to))].sort();
  const guards = guardsOf(edges, keyOf).sort();
  if (guards.length > mostGuards) {
    const asked = edges.map(({ to, conditions }) => [
      to,
      conditions.map(({ keyBy }) => keyBy(keyOf)).sort(),
    ]);
    return [asked, guards];
  }
  const outcomes = rowsOf(guards, keyOf).map(
    (answer) => edges.find((edge) => isOpenIn(edge, answer))?.to ?? null,
  );
  const [asked, answers] = withoutIdle(guards, outcomes);
  return [targets, asked, answers];
}

/** An edge among those of its event. */
export interface Rival {
  readonly edge: Guarded;
  /** Whether its guards are all known. One that can't be read must not seem to win, nor to lose. */
  readonly isReadable: boolean;
}

/**
 * The edges of one event that are taken for some answers of their guards: one that an earlier edge
 * leaves no chance is not among them, nor one whose guards contradict each other.
 */
export function everTaken<One extends Rival>(rivals: readonly One[]): ReadonlySet<One> {
  const keyOf: KeyOf = ({ key }) => key;
  const guards = guardsOf(
    rivals.map(({ edge }) => edge),
    keyOf,
  );
  if (guards.length > mostGuards) return new Set(rivals.filter(isFreeAsWritten));
  const taken = new Set(rivals.filter(({ isReadable }) => !isReadable));
  for (const answer of rowsOf(guards, keyOf)) {
    const first = rivals.find(({ edge, isReadable }) => isReadable && isOpenIn(edge, answer));
    if (first !== undefined) taken.add(first);
    if (taken.size === rivals.length) break;
  }
  return taken;
}

/** Whether an edge asks for something that each edge before it does not, as written. */
const isFreeAsWritten = ({ edge }: Rival, index: number, rivals: readonly Rival[]): boolean => {
  const asked = new Set(edge.conditions.map(({ key }) => key));
  return !rivals
    .slice(0, index)
    .some((first) => first.isReadable && first.edge.conditions.every(({ key }) => asked.has(key)));
};

type Answer = (leaf: Leaf) => boolean;

const isOpenIn = ({ conditions }: Guarded, answer: Answer): boolean =>
  conditions.every(({ test }) => test(answer));

const guardsOf = (edges: readonly Guarded[], keyOf: KeyOf): string[] => [
  ...new Set(
    edges.flatMap(({ conditions }) => conditions.flatMap(({ leaves }) => leaves.map(keyOf))),
  ),
];

/** All answers that guards can give together. */
const rowsOf = (guards: readonly string[], keyOf: KeyOf): Answer[] =>
  Array.from(
    { length: 2 ** guards.length },
    (_, row) => (leaf) => ((row >> guards.indexOf(keyOf(leaf))) & 1) === 1,
  );

function createKeys(): KeyOf {
  const identifyHere = createIdentifier();
  const keys = new Map<Leaf, string>();
  return (leaf) => {
    const { type, params } = leaf.asked;
    const key = keys.get(leaf) ?? identifyHere([type, params]);
    keys.set(leaf, key);
    return key;
  };
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
