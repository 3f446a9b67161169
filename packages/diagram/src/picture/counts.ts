import type { Lifecycle, Replay, TicketStatus } from '@ticket-lifecycle/core';
import { invalidOption } from '../errors.ts';
import type { Counts, TransitionCount } from '../options.ts';

/** Seen changes, told apart by what the lifecycle says of them. */
export interface Tally {
  /** For each edge of the lifecycle, in its order; `undefined` where nobody can say. */
  readonly edges: readonly (number | undefined)[];
  /** Changes that are not an edge, or could be one of several: drawn beside the edges. */
  readonly others: readonly SeenChange[];
  /** Changes from or to a status that does not exist: nothing to draw them at. */
  readonly unknown: number;
}

/** A change that was seen and is not a single edge of the lifecycle. */
export interface SeenChange {
  /** States, the first of which stands for all where there are several. */
  readonly from: readonly string[];
  readonly to: readonly string[];
  readonly count: number;
  readonly kind: 'one-of-several' | 'path' | 'jump';
  /** The events of the shortest path, or of the edges it may have been. */
  readonly events: readonly string[];
}

/** A change by the states that its names stand for, and what it was. */
type Pair = Omit<SeenChange, 'kind'> & {
  /** An edge may be any that fits. */
  readonly kind: 'edge' | 'path' | 'jump';
};

/** Adds up what was seen and finds the edge, the path or the jump that it was. */
export function tallyOf(owner: string, lifecycle: Lifecycle, counts: Counts): Tally {
  const edges: (number | undefined)[] = lifecycle.edges.map(() => 0);
  const others: SeenChange[] = [];
  let unknown = 0;
  for (const pair of addUp(pairsOf(owner, lifecycle, counts))) {
    const { from, to, count, kind } = pair;
    if (from.length === 0 || to.length === 0) {
      unknown += count;
      continue;
    }
    if (kind !== 'edge') {
      others.push({ ...pair, kind });
      continue;
    }
    const fitting = fittingEdges(lifecycle, from, to);
    const [only] = fitting;
    if (only !== undefined && fitting.length === 1) {
      edges[only] = (edges[only] ?? 0) + count;
    } else {
      const events = [...new Set(fitting.map((index) => lifecycle.edges[index]?.event ?? ''))];
      others.push({ ...pair, kind: 'one-of-several', events });
      // Any of them may have been taken: to say that one never was would be a guess.
      for (const index of fitting) edges[index] ||= undefined;
    }
  }
  return { edges, others, unknown };
}

/** The edges that lead from one of some states to one of others, by their positions. */
const fittingEdges = (
  { edges }: Lifecycle,
  from: readonly string[],
  to: readonly string[],
): number[] =>
  edges.flatMap((edge, index) => (from.includes(edge.from) && to.includes(edge.to) ? [index] : []));

function pairsOf(owner: string, lifecycle: Lifecycle, counts: unknown): Pair[] {
  if (isReplay(counts)) return pairsOfReplay(counts, lifecycle);
  const expected = 'a replay, or a list of replays and of { from, to, count }';
  if (!Array.isArray(counts)) throw invalidOption(owner, 'counts', expected, counts);
  return counts.flatMap((entry: unknown, index): Pair[] => {
    if (isReplay(entry)) return pairsOfReplay(entry, lifecycle);
    const name = `counts[${index}]`;
    if (typeof entry !== 'object' || entry === null) {
      throw invalidOption(owner, name, 'a replay or { from, to, count }', entry);
    }
    const { from, to, count } = entry as Partial<TransitionCount>;
    if (!Number.isSafeInteger(count) || Number(count) < 0) {
      throw invalidOption(owner, `${name}.count`, 'a whole number of at least 0', count);
    }
    const endOf = (end: 'from' | 'to', called: unknown): readonly string[] => {
      const states = typeof called === 'string' ? lifecycle.targetsOf(called) : [];
      if (states.length > 0) return states;
      const known = lifecycle.states.join(', ');
      throw invalidOption(owner, `${name}.${end}`, `a state (${known}) or a status`, called);
    };
    return [judged(lifecycle, endOf('from', from), endOf('to', to), Number(count))];
  });
}

/** A change of which only its ends are known: what explains it best. */
function judged(
  lifecycle: Lifecycle,
  from: readonly string[],
  to: readonly string[],
  count: number,
): Pair {
  const change = { from, to, count, events: [] };
  if (fittingEdges(lifecycle, from, to).length > 0) return { ...change, kind: 'edge' };
  const events = shortestPath(lifecycle, from, new Set(to));
  return events === undefined ? { ...change, kind: 'jump' } : { ...change, kind: 'path', events };
}

const isReplay = (value: unknown): value is Replay =>
  typeof value === 'object' && value !== null && Array.isArray((value as Partial<Replay>).steps);

/**
 * The steps of a replay, each as the replay explains it: it knows the whole history, and so may call
 * a jump what an edge would fit. It speaks of statuses, also where a state has the name of one that
 * it shares.
 */
const pairsOfReplay = ({ steps }: Replay, lifecycle: Lifecycle): Pair[] =>
  steps.flatMap((step): Pair[] => {
    const change = {
      from: lifecycle.statesWith(step.from as TicketStatus),
      to: lifecycle.statesWith(step.to as TicketStatus),
      count: 1,
      events: [],
    };
    switch (step.kind) {
      case 'unchanged':
        return [];
      case 'path':
      case 'skipped':
        return [{ ...change, kind: 'path', events: step.events }];
      case 'jump':
        return [{ ...change, kind: 'jump' }];
      // Whether a status is unknown shows when its states are looked for. The replay may be of another
      // lifecycle, which has an edge there.
      default:
        return [judged(lifecycle, change.from, change.to, 1)];
    }
  });

/** One pair for each change, in an order that does not depend on when it was first seen. */
function addUp(pairs: readonly Pair[]): Pair[] {
  const sums = new Map<string, Pair>();
  for (const pair of pairs) {
    const key = JSON.stringify([pair.from, pair.to, pair.kind, pair.events]);
    sums.set(key, { ...pair, count: pair.count + (sums.get(key)?.count ?? 0) });
  }
  return [...sums]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, pair]) => pair)
    .filter(({ count }) => count > 0);
}

function shortestPath(
  { edges }: Lifecycle,
  sources: readonly string[],
  targets: ReadonlySet<string>,
): string[] | undefined {
  const paths = new Map<string, string[]>(sources.map((state) => [state, []]));
  // A Map may grow while it is walked: this is a breadth-first search.
  for (const [state, events] of paths) {
    for (const { from, to, event } of edges) {
      if (from !== state) continue;
      if (targets.has(to)) return [...events, event];
      if (!paths.has(to)) paths.set(to, [...events, event]);
    }
  }
  return undefined;
}
