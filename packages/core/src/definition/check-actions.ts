import type { AnyStateMachine } from 'xstate';
import type { ReportFault } from './fault-list.ts';
import { expected, isRecord } from '../values.ts';

const hiddenEvent = 'Send the event from the code that embeds the lifecycle.';
const refused: Readonly<Record<string, string>> = {
  raise: `raise() makes a transition that nobody asked for. ${hiddenEvent}`,
  sendTo: `sendTo() may send an event to the machine itself. ${hiddenEvent}`,
  enqueueActions: 'enqueueActions() may raise events. List the actions, and guard the transition.',
  spawnChild: 'A lifecycle starts nothing. Spawn from the code that embeds it.',
};
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
      const message = Object.hasOwn(refused, name) ? refused[name] : undefined;
      report(path, 'hidden-event', message ?? `A lifecycle can't take ${name}() as an action.`);
      return false;
    }
    if (typeof type !== 'string') {
      report(path, 'wrong-type', expected('an action or a list of them', action));
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
