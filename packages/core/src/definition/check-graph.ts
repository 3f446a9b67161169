import type { AnyStateNode } from 'xstate';
import type { ReportFault } from './fault-list.ts';
import type { LostTransition } from './read-transitions.ts';
import { reachableFrom, type Step } from '../shortest-paths.ts';

/**
 * Reports states that can't be reached or left, or that are left although they are final.
 *
 * @param lost - transitions that could not be read whole: each may be the one that is missing
 */
export function checkGraph(
  initial: string | undefined,
  states: readonly AnyStateNode[],
  edges: ReadonlyMap<string, readonly Step[]>,
  lost: readonly LostTransition[],
  report: ReportFault,
): void {
  const lostFrom = ({ key, type }: AnyStateNode) =>
    lost.filter(({ from }) => from === key || (from === undefined && type !== 'final'));
  const steps = new Map<string, Step[]>();
  const leadAnywhere = new Set<string>();
  for (const state of states) {
    const from = state.key;
    const out = [...(edges.get(from) ?? [])];
    for (const { to } of lostFrom(state)) {
      if (to === undefined) leadAnywhere.add(from);
      else out.push({ from, to });
    }
    steps.set(from, out);
  }
  const reachable = initial === undefined ? undefined : reachableFrom(initial, steps);
  const isReachKnown = ![...leadAnywhere].some((state) => reachable?.has(state));
  for (const { key, type } of states) {
    const path = `states.${key}`;
    const hasExit = leadAnywhere.has(key) || (steps.get(key) ?? []).some(({ to }) => to !== key);
    if (initial !== undefined && isReachKnown && reachable?.has(key) === false) {
      report(path, 'unreachable-state', { initial });
    }
    if (type === 'final' && lost.some(({ from }) => from === key)) report(path, 'final-with-exit');
    if (type !== 'final' && !hasExit) report(path, 'dead-end');
  }
}
