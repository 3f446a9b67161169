import type { Step } from '../shortest-paths.ts';

/** What a search for the cheapest paths has to know. */
export interface CostedGraph<Edge extends Step, Open extends Step> {
  /** All edges out of a state, open or not: the same objects whenever it is asked. */
  readonly edgesOf: (state: string) => readonly Edge[];
  /** The step that an edge gives if it is open now. It is asked for each edge at most once. */
  readonly open: (edge: Edge) => Open | undefined;
  /** More than 0. */
  readonly costOf: (edge: Edge) => number;
}

// Equal paths can be exponentially many; a person can choose between a few.
const mostPaths = 20;
// Sums of the same numbers in another order differ by less than this share.
const tolerance = 1e-9;
const isMore = (cost: number, than: number): boolean => cost > than * (1 + tolerance);

/**
 * All cheapest paths from a state to any of the targets, at most 20. `rank` orders the steps at
 * each fork (lower wins, equal ranks stay side by side), so a preference is honoured step by step.
 *
 * This is A*: what an edge costs plus what the rest costs at least, guards not asked, decides which
 * is looked at next. So an edge is asked only if no path that is known to be open is cheaper than
 * the best that it can lead to.
 */
export function cheapestPaths<Edge extends Step, Open extends Step>(
  start: string,
  targets: ReadonlySet<string>,
  { edgesOf, open, costOf }: CostedGraph<Edge, Open>,
  rank: (step: Open) => number,
): Open[][] {
  const least = costsTo(start, targets, edgesOf, costOf);
  const costs = new Map([[start, 0]]);
  const opened = new Map<Edge, Open>();
  const into = new Map<string, Edge[]>();
  const waiting: { edge: Edge; cost: number; total: number }[] = [];
  let best = Infinity;
  expand(start);
  for (let next = takeCheapest(); next !== undefined; next = takeCheapest()) {
    const { edge, cost, total } = next;
    if (isMore(total, best)) break;
    const known = costs.get(edge.to) ?? Infinity;
    // Where costs are nearly equal, an edge must not lead back.
    const isOnward = (costs.get(edge.from) ?? 0) < known && !isMore(cost, known);
    const step = isOnward ? open(edge) : undefined;
    if (step === undefined) continue;
    opened.set(edge, step);
    into.set(edge.to, [...(into.get(edge.to) ?? []), edge]);
    if (known < Infinity) continue;
    costs.set(edge.to, cost);
    if (targets.has(edge.to)) best = Math.min(best, cost);
    else expand(edge.to);
  }
  return pathsAlong(usefulEdges());

  function expand(state: string): void {
    for (const edge of edgesOf(state)) {
      const cost = (costs.get(state) ?? 0) + costOf(edge);
      const total = cost + (least.get(edge.to) ?? Infinity);
      if (total < Infinity) waiting.push({ edge, cost, total });
    }
  }

  function takeCheapest() {
    let index = 0;
    let lowest = Infinity;
    for (const [at, { total }] of waiting.entries()) {
      if (total < lowest) [index, lowest] = [at, total];
    }
    return waiting.splice(index, 1)[0];
  }

  /** The edges of all cheapest paths. */
  function usefulEdges(): ReadonlySet<Edge> {
    const useful = new Set<Edge>();
    // Nothing was looked at that costs more than the best.
    const reached = new Set(targets);
    for (const state of reached) {
      for (const edge of into.get(state) ?? []) {
        useful.add(edge);
        reached.add(edge.from);
      }
    }
    return useful;
  }

  /** The paths of these edges, and of the best rank at each fork, in order of definition. */
  function pathsAlong(useful: ReadonlySet<Edge>): Open[][] {
    const layers: (readonly [Edge, Open])[][] = [];
    let forks: ReadonlySet<string> = new Set([start]);
    while (forks.size > 0) {
      const onward = [...forks].flatMap((state) =>
        edgesOf(state).flatMap((edge) => {
          const step = useful.has(edge) ? opened.get(edge) : undefined;
          return step === undefined ? [] : [[edge, step] as const];
        }),
      );
      const lowest = Math.min(...onward.map(([, step]) => rank(step)));
      const layer = onward.filter(([, step]) => rank(step) === lowest);
      layers.push(layer);
      // From a target no edge goes on: none was looked at.
      forks = new Set(layer.map(([{ to }]) => to));
    }
    let paths: Open[][] = [[]];
    const done: Open[][] = [];
    for (const layer of withoutLooseEnds(layers)) {
      const longer = paths.flatMap((path) => {
        const at = path.at(-1)?.to ?? start;
        return layer.flatMap(([{ from }, step]) => (from === at ? [[...path, step]] : []));
      });
      // Every step leads on to a target by now, so a cut leaves out paths, but never the last of a tie.
      paths = longer.slice(0, mostPaths);
      done.push(...paths.filter((path) => targets.has(path.at(-1)?.to ?? start)));
    }
    return done.slice(0, mostPaths);
  }

  /** Drops the edges whose target a preference further on has ruled out. */
  function withoutLooseEnds(layers: readonly (readonly [Edge, Open])[][]) {
    let sources: ReadonlySet<string> = targets;
    const kept = layers.toReversed().map((layer) => {
      const onward = layer.filter(([{ to }]) => sources.has(to));
      sources = new Set([...targets, ...onward.map(([{ from }]) => from)]);
      return onward;
    });
    return kept.toReversed();
  }
}

/** What it costs at least to get from each state to a target. */
function costsTo<Edge extends Step>(
  start: string,
  targets: ReadonlySet<string>,
  edgesOf: (state: string) => readonly Edge[],
  costOf: (edge: Edge) => number,
): ReadonlyMap<string, number> {
  const edges: Edge[] = [];
  const reached = new Set([start]);
  for (const state of reached) {
    for (const edge of edgesOf(state)) {
      edges.push(edge);
      reached.add(edge.to);
    }
  }
  const costs = new Map([...targets].map((target) => [target, 0]));
  // Bellman and Ford: a path has fewer edges than there are states.
  for (let hasChanged = true; hasChanged;) {
    hasChanged = false;
    for (const edge of edges) {
      const cost = costOf(edge) + (costs.get(edge.to) ?? Infinity);
      if (isMore(costs.get(edge.from) ?? Infinity, cost)) {
        costs.set(edge.from, cost);
        hasChanged = true;
      }
    }
  }
  return costs;
}
