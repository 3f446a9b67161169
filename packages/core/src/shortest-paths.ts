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
