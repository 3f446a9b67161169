import type { Blocker } from '../blockers.ts';
import { distancesTo, type Step } from '../shortest-paths.ts';

/** A path of the definition that is not open now. */
export interface BlockedPath<State extends string = string, Event extends string = string> {
  readonly steps: readonly { readonly from: State; readonly event: Event; readonly to: State }[];
  /** What is in the way of its steps, in order. */
  readonly blockers: readonly Blocker[];
}

// A person can choose between a few. The limit of looks keeps a large definition from stalling.
const mostPaths = 5;
const mostLooks = 2000;

/**
 * The paths of a definition to a target that pass no state twice, the shortest first, at most 5.
 * Guards are not asked.
 */
export function definedPaths<Edge extends Step>(
  start: string,
  targets: ReadonlySet<string>,
  edges: ReadonlyMap<string, readonly Edge[]>,
): Edge[][] {
  const distances = distancesTo(targets, edges);
  const found: Edge[][] = [];
  // By the length that a path has at least when it is complete.
  const waiting = new Map<number, Edge[][]>();
  const wait = (path: Edge[], at: string) => {
    const length = path.length + (distances.get(at) ?? Infinity);
    if (length === Infinity) return;
    const others = waiting.get(length) ?? [];
    waiting.set(length, others);
    others.push(path);
  };
  wait([], start);
  for (let looks = 0; looks < mostLooks && found.length < mostPaths; looks += 1) {
    const length = Math.min(...waiting.keys());
    const path = waiting.get(length)?.pop();
    if (path === undefined) break;
    if (waiting.get(length)?.length === 0) waiting.delete(length);
    const at = path.at(-1)?.to ?? start;
    if (targets.has(at)) found.push(path);
    else {
      const passed = new Set([start, ...path.map(({ to }) => to)]);
      // The last that waits is looked at first, so that equal paths come in order of definition.
      for (const edge of (edges.get(at) ?? []).toReversed()) {
        if (!passed.has(edge.to)) wait([...path, edge], edge.to);
      }
    }
  }
  return found;
}
