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
    const fault = (code: string, message: string) => report(`states.${key}`, code, message);
    const hasExit = (edges.get(key) ?? []).some((edge) => edge.to !== key);
    if (!reachable.has(key)) fault('unreachable-state', unreachable(initial));
    if (type === 'final' && hasExit) fault('final-with-exit', finalWithExit);
    if (type !== 'final' && !hasExit) fault('dead-end', deadEnd);
  }
}

const unreachable = (initial: string) =>
  `No path leads here from "${initial}". Add one, or drop the state.`;
const finalWithExit = 'XState never leaves a final state. Drop type: "final" or the transition.';
const deadEnd = 'Nothing leads out. Add a transition, or say type: "final" if that is meant.';
