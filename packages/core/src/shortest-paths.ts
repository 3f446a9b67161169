/** What a search needs to know of an edge. */
export interface Step {
  readonly from: string;
  readonly to: string;
}

/** Every state that can be reached from a state, itself included. */
export function reachableFrom(
  start: string,
  edges: ReadonlyMap<string, readonly Step[]>,
): ReadonlySet<string> {
  const reached = new Set([start]);
  // A Set may grow while it is walked: this is a breadth-first search.
  for (const state of reached) for (const { to } of edges.get(state) ?? []) reached.add(to);
  return reached;
}

// Equal paths can be exponentially many; a person can choose between a few.
const mostPaths = 20;

/**
 * All shortest paths from a state to any of the targets, at most 20, in order of definition.
 *
 * A path whose start is a target is empty. `rank` orders the edges at each
 * fork (lower wins, equal ranks stay side by side), so a preference is honoured step by step.
 * `edgesOf` is asked once for each state, and for none that is as far away as the nearest target.
 */
export function shortestPaths<Edge extends Step>(
  start: string,
  targets: ReadonlySet<string>,
  edgesOf: (state: string) => readonly Edge[],
  rank: (edge: Edge) => number = () => 0,
): Edge[][] {
  const edges = edgesUpTo(start, targets, edgesOf);
  const distance = distancesTo(targets, edges);
  const length = distance.get(start);
  if (length === undefined) return [];

  const layers: Edge[][] = [];
  let forks: ReadonlySet<string> = new Set([start]);
  for (let left = length; left > 0; left -= 1) {
    const onward = [...forks]
      .flatMap((state) => edges.get(state) ?? [])
      .filter(({ to }) => distance.get(to) === left - 1);
    const best = Math.min(...onward.map(rank));
    const layer = onward.filter((edge) => rank(edge) === best);
    layers.push(layer);
    forks = new Set(layer.map(({ to }) => to));
  }
  return pathsThrough(start, withoutLooseEnds(layers));
}

/** Drops the edges whose target a preference further on has ruled out. */
function withoutLooseEnds<Edge extends Step>(layers: readonly Edge[][]): Edge[][] {
  const kept: Edge[][] = [];
  let sources: ReadonlySet<string> | undefined;
  for (const layer of layers.toReversed()) {
    const before = sources;
    const onward = layer.filter(({ to }) => before?.has(to) ?? true);
    kept.unshift(onward);
    sources = new Set(onward.map(({ from }) => from));
  }
  return kept;
}

// Every edge leads on to a target by now, so a cut leaves out paths, but never the last of a tie.
function pathsThrough<Edge extends Step>(start: string, layers: readonly Edge[][]): Edge[][] {
  let paths: Edge[][] = [[]];
  for (const layer of layers) {
    paths = paths
      .flatMap((path) => {
        const at = path.at(-1)?.to ?? start;
        return layer.filter(({ from }) => from === at).map((edge) => [...path, edge]);
      })
      .slice(0, mostPaths);
  }
  return paths;
}

/** The edges out of each state that is nearer to a start than the nearest target is. */
function edgesUpTo<Edge extends Step>(
  start: string,
  targets: ReadonlySet<string>,
  edgesOf: (state: string) => readonly Edge[],
) {
  const edges = new Map<string, readonly Edge[]>();
  let layer: ReadonlySet<string> = new Set([start]);
  while (layer.size > 0 && ![...layer].some((state) => targets.has(state))) {
    const next = new Set<string>();
    for (const state of layer) edges.set(state, edgesOf(state));
    for (const state of layer) {
      for (const { to } of edges.get(state) ?? []) if (!edges.has(to)) next.add(to);
    }
    layer = next;
  }
  return edges;
}

/** Number of steps from each state to the nearest target. */
export function distancesTo(
  targets: ReadonlySet<string>,
  edges: ReadonlyMap<string, readonly Step[]>,
): ReadonlyMap<string, number> {
  const into = Map.groupBy([...edges.values()].flat(), ({ to }) => to);
  const distance = new Map([...targets].map((target) => [target, 0]));
  for (const [state, steps] of distance) {
    for (const { from } of into.get(state) ?? []) {
      if (!distance.has(from)) distance.set(from, steps + 1);
    }
  }
  return distance;
}
