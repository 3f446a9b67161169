import type { AnyStateNode } from 'xstate';
import type { ReportFault } from './fault-list.ts';
import { reachableFrom, type Step } from '../shortest-paths.ts';

/** Reports states that can't be reached or left, or that are left although they are final. */
export function checkGraph(
  initial: string,
  states: readonly AnyStateNode[],
  edges: ReadonlyMap<string, readonly Step[]>,
  report: ReportFault,
): void {
  const reachable = reachableFrom(initial, edges);
  for (const { key, type } of states) {
    const path = `states.${key}`;
    const hasExit = (edges.get(key) ?? []).some((edge) => edge.to !== key);
    if (!reachable.has(key)) {
      report(
        path,
        'unreachable-state',
        `No path leads here from "${initial}". Add one, or drop the state.`,
      );
    }
    if (type === 'final' && hasExit) {
      report(
        path,
        'final-with-exit',
        'XState never leaves a final state. Drop type: "final" or the transition.',
      );
    }
    if (type !== 'final' && !hasExit) {
      report(
        path,
        'dead-end',
        'Nothing leads out. Add a transition, or say type: "final" if that is meant.',
      );
    }
  }
}
