import type { Lifecycle, Replay } from '@ticket-lifecycle/core';
import { invalidOption } from './invalid-option.ts';

/** How often a ticket went from one state, or status, to another. */
export interface TransitionCount {
  readonly from: string;
  readonly to: string;
  readonly count: number;
}

/** What was seen: replayed histories, counted changes, or both. */
export type Counts = Replay | readonly (Replay | TransitionCount)[];

/** Seen changes, told apart by what the lifecycle says of them. */
export interface Tally {
  /** For each edge of the lifecycle, in its order. */
  readonly edges: readonly number[];
  /** Changes that are no edge, or could be one of several: drawn beside the edges. */
  readonly others: readonly SeenChange[];
  /** Changes from or to a status that does not exist: nothing to draw them at. */
  readonly unknown: number;
}

/** A change that was seen and is no single edge of the lifecycle. */
export interface SeenChange {
  /** States, the first of which stands for all where there are several. */
  readonly from: readonly string[];
  readonly to: readonly string[];
  readonly count: number;
  readonly kind: 'one-of-several' | 'path' | 'jump';
  /** The events of the shortest path, or of the edges it may have been. */
  readonly events: readonly string[];
}

interface Pair extends TransitionCount {
  /** A replay speaks of statuses, a list of states where it can. */
  readonly speaksOf: 'states' | 'statuses';
}

/** Adds up what was seen and finds the edge, the path or the jump that it was. */
export function tallyOf(owner: string, lifecycle: Lifecycle, counts: Counts): Tally {
  const edges = lifecycle.edges.map(() => 0);
  const others: SeenChange[] = [];
  let unknown = 0;
  for (const { from, to, count, speaksOf } of addUp(pairsOf(owner, lifecycle, counts))) {
    const sources = statesCalled(from, lifecycle, speaksOf);
    const targets = statesCalled(to, lifecycle, speaksOf);
    if (sources.length === 0 || targets.length === 0) {
      unknown += count;
      continue;
    }
    const fitting = lifecycle.edges.flatMap((edge, index) =>
      sources.includes(edge.from) && targets.includes(edge.to) ? [index] : [],
    );
    const [only] = fitting;
    if (only !== undefined && fitting.length === 1) {
      edges[only] = (edges[only] ?? 0) + count;
      continue;
    }
    const events =
      fitting.length > 1
        ? [...new Set(fitting.map((index) => lifecycle.edges[index]?.event ?? ''))]
        : shortestPath(lifecycle, sources, new Set(targets));
    const path = events === undefined ? 'jump' : 'path';
    const kind = fitting.length > 1 ? 'one-of-several' : path;
    others.push({ from: sources, to: targets, count, kind, events: events ?? [] });
  }
  return { edges, others, unknown };
}

function pairsOf(owner: string, lifecycle: Lifecycle, counts: unknown): Pair[] {
  if (isReplay(counts)) return pairsOfReplay(counts);
  const expected = 'a replay, or a list of replays and of { from, to, count }';
  if (!Array.isArray(counts)) throw invalidOption(owner, 'counts', expected, counts);
  return counts.flatMap((entry: unknown, index): Pair[] => {
    if (isReplay(entry)) return pairsOfReplay(entry);
    const name = `counts[${index}]`;
    if (typeof entry !== 'object' || entry === null) {
      throw invalidOption(owner, name, 'a replay or { from, to, count }', entry);
    }
    const { from, to, count } = entry as Partial<TransitionCount>;
    if (!Number.isSafeInteger(count) || Number(count) < 0) {
      throw invalidOption(owner, `${name}.count`, 'a whole number of at least 0', count);
    }
    for (const [end, state] of [['from', from] as const, ['to', to] as const]) {
      if (typeof state !== 'string' || statesCalled(state, lifecycle, 'states').length === 0) {
        const known = lifecycle.states.join(', ');
        throw invalidOption(owner, `${name}.${end}`, `a state (${known}) or a status`, state);
      }
    }
    return [{ from: String(from), to: String(to), count: Number(count), speaksOf: 'states' }];
  });
}

const isReplay = (value: unknown): value is Replay =>
  typeof value === 'object' && value !== null && Array.isArray((value as Partial<Replay>).steps);

const pairsOfReplay = ({ steps }: Replay): Pair[] =>
  steps
    .filter(({ kind }) => kind !== 'unchanged')
    .map(({ from, to }) => ({ from, to, count: 1, speaksOf: 'statuses' }));

/** One pair for each change, in an order that does not depend on when it was first seen. */
function addUp(pairs: readonly Pair[]): Pair[] {
  const sums = new Map<string, Pair>();
  for (const pair of pairs) {
    const key = JSON.stringify([pair.from, pair.to, pair.speaksOf]);
    sums.set(key, { ...pair, count: pair.count + (sums.get(key)?.count ?? 0) });
  }
  return [...sums]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, pair]) => pair)
    .filter(({ count }) => count > 0);
}

function statesCalled(name: string, lifecycle: Lifecycle, speaksOf: Pair['speaksOf']): string[] {
  if (speaksOf === 'states' && lifecycle.states.includes(name)) return [name];
  return lifecycle.states.filter((state) => lifecycle.statusOf(state) === name);
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
