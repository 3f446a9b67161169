import type { AnyStateMachine } from 'xstate';
import type { ReportFault } from './fault-list.ts';
import { isRecord, mismatch } from '../values.ts';

// These change no state.
const harmless = ['assign', 'log', 'emit', 'cancel', 'stopChild'];

/** Reports actions that make transitions, and says whether one of them changes the context. */
export type ActionReader = (actions: unknown, path: string) => boolean;

/** Prepares reading the actions of a machine: those of XState are known by their type. */
export function createActionReader(
  { implementations }: AnyStateMachine,
  report: ReportFault,
): ActionReader {
  return (actions, path) =>
    listOf(actions)
      .map((action) => read(action, path, []))
      .includes(true);

  function read(action: unknown, path: string, inside: readonly string[]): boolean {
    const type = typeOf(action);
    if (typeof action === 'function') {
      const name = typeof type === 'string' ? /^xstate\.(.*)$/.exec(type)?.[1] : undefined;
      if (name === undefined || harmless.includes(name)) return name === 'assign';
      report(path, 'hidden-event', { action: name });
      return false;
    }
    if (typeof type !== 'string') {
      report(path, 'wrong-type', mismatch('action', action));
      return false;
    }
    const { actions } = implementations as { actions: Readonly<Record<string, unknown>> };
    if (!Object.hasOwn(actions, type) || inside.includes(type)) return false;
    return listOf(actions[type])
      .map((one) => read(one, path, [...inside, type]))
      .includes(true);
  }
}

const listOf = (actions: unknown): readonly unknown[] =>
  actions === undefined ? [] : Array.isArray(actions) ? actions : [actions];

const typeOf = (action: unknown): unknown =>
  typeof action === 'function' || isRecord(action) ? (action as { type?: unknown }).type : action;
