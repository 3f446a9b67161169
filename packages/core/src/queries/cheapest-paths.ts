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
// Sums of the same numbers in another order.
const tolerance = 1e-9;

/**
 * All cheapest paths from a state to any of the targets, at most 20. `rank` orders the steps at
 * each fork, as in `shortestPaths`.
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
    if (total > best + tolerance) break;
    const known = costs.get(edge.to) ?? Infinity;
    const step = cost > known + tolerance ? undefined : open(edge);
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

  function pathsAlong(useful: ReadonlySet<Edge>): Open[][] {
    const done: Open[][] = [];
    let paths: { readonly at: string; readonly steps: Open[] }[] = [{ at: start, steps: [] }];
    while (paths.length > 0) {
      const onward = paths.flatMap(({ at, steps }) =>
        edgesOf(at).flatMap((edge) => {
          const step = useful.has(edge) ? opened.get(edge) : undefined;
          return step === undefined ? [] : [{ at: edge.to, steps: [...steps, step], step }];
        }),
      );
      const lowest = Math.min(...onward.map(({ step }) => rank(step)));
      // From a target no edge goes on: none was looked at.
      paths = onward.filter(({ step }) => rank(step) === lowest).slice(0, mostPaths);
      done.push(...paths.filter(({ at }) => targets.has(at)).map(({ steps }) => steps));
    }
    return done.slice(0, mostPaths);
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
      if (cost < (costs.get(edge.from) ?? Infinity) - tolerance) {
        costs.set(edge.from, cost);
        hasChanged = true;
      }
    }
  }
  return costs;
}
