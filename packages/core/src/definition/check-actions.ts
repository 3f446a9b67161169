import type { AnyStateMachine } from 'xstate';
import type { ReportFault } from './fault-list.ts';
import { implementationOf, isRecord, mismatch } from '../values.ts';

// These change no state.
const harmless = ['assign', 'log', 'emit', 'cancel', 'stopChild'];

/**
 * The actions that a machine performs under some names: an action of its own may be a list of
 * others. Those that have no implementation are left out.
 */
export function actionsOf(
  machine: AnyStateMachine,
  actions: unknown,
  inside: readonly string[] = [],
): readonly unknown[] {
  return [actions ?? []].flat().flatMap((action: unknown) => {
    const type = isRecord(action) ? action['type'] : action;
    if (typeof type !== 'string') return [action];
    if (inside.includes(type)) return [];
    const its = implementationOf(machine.implementations.actions, type);
    return actionsOf(machine, its, [...inside, type]);
  });
}

/** The name of one of XState's own actions, which are known by their type. */
export function builtInName(action: unknown): string | undefined {
  const { type } = Object(action) as { type?: unknown };
  return typeof type === 'string' ? /^xstate\.(.*)$/.exec(type)?.[1] : undefined;
}

/** Reports actions that make transitions. */
export function checkActions(
  machine: AnyStateMachine,
  actions: unknown,
  path: string,
  report: ReportFault,
): void {
  for (const action of actionsOf(machine, actions)) {
    const name = builtInName(action);
    if (typeof action !== 'function') report(path, 'wrong-type', mismatch('action', action));
    else if (name !== undefined && !harmless.includes(name)) {
      report(path, 'hidden-event', { action: name });
    }
  }
}
