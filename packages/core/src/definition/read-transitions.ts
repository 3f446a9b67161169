import { quote, textOf } from '../blockers.ts';
import type { ReportFault } from './fault-list.ts';
import type { NodeConfig } from './check-nodes.ts';
import { expected, isRecord } from '../values.ts';

const transitionKeys = ['target', 'guard', 'actions', 'description', 'meta', 'reenter'];

/** Reads `on` of a config, and leaves out what XState would crash on. */
export function createTransitionReader(
  { id = '(machine)' }: NodeConfig,
  states: ReadonlyMap<string, NodeConfig>,
  report: ReportFault,
) {
  const ids = [...states].flatMap(([name, state]) => [
    `#${textOf(id)}.${name}`,
    `#${textOf(state['id'])}`,
  ]);
  const names = [...states.keys()];

  return (path: string, on: unknown, isOfMachine: boolean): NodeConfig => {
    if (on === undefined) return {};
    if (!isRecord(on)) {
      report(path, 'wrong-type', expected('an object of events', on));
      return {};
    }
    const known = [...ids, ...names.map((name) => (isOfMachine ? `.${name}` : name))];
    return Object.fromEntries(
      Object.entries(on)
        .filter(([event]) => isEventName(event, `${path}.${event}`, report))
        .map(([event, value]) => {
          const list: unknown[] = Array.isArray(value) ? value : [value];
          return [event, list.filter((one) => isTransition(one, `${path}.${event}`, known))];
        }),
    );
  };

  function isTransition(value: unknown, path: string, known: readonly string[]): boolean {
    if (typeof value === 'string') return isTarget(value, path, known);
    if (!isRecord(value)) {
      report(path, 'wrong-type', expected('a state, a transition or a list of them', value));
      return false;
    }
    const unknown = Object.keys(value).filter((key) => !transitionKeys.includes(key));
    for (const key of unknown) {
      const message = `${quote(key)} says nothing here. Known are ${transitionKeys.join(', ')}.`;
      report(`${path}.${key}`, 'unknown-key', message);
    }
    const { target, guard } = value;
    const isGuard = checkGuard(guard, `${path}.guard`);
    const targets: unknown[] =
      target === undefined ? [] : Array.isArray(target) ? target : [target];
    return targets.every((one) => isTarget(one, path, known)) && isGuard && unknown.length === 0;
  }

  function isTarget(target: unknown, path: string, known: readonly string[]): boolean {
    if (known.includes(target as string)) return true;
    const dotted = `.${textOf(target)}`;
    const cure = known.includes(dotted)
      ? `A transition of the whole machine says ${quote(dotted)}.`
      : `The states are ${names.join(', ')}.`;
    report(path, 'unknown-target', `There is no state ${quote(target)}. ${cure}`);
    return false;
  }

  function checkGuard(guard: unknown, path: string): boolean {
    // A function is no JSON, but the config of a machine in code may hold one: it is checked later.
    if (guard === undefined || typeof guard === 'string' || typeof guard === 'function')
      return true;
    if (isRecord(guard) && typeof guard['type'] === 'string') return true;
    const message = expected('the name of a guard, or { type, params }', guard);
    report(path, 'wrong-type', `${message} Combine guards in the option guards, by and([…]).`);
    return false;
  }
}

function isEventName(event: string, path: string, report: ReportFault): boolean {
  const isUsable = event !== '' && event !== '__proto__' && !event.startsWith('xstate.');
  if (!isUsable) report(path, 'bad-name', `${quote(event)} can't name an event. Use a word.`);
  return isUsable;
}
