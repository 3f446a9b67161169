import { quote, textOf } from '../blockers.ts';
import type { ReportFault } from './fault-list.ts';
import type { NodeConfig } from './check-nodes.ts';
import { expected, isRecord } from '../values.ts';

const transitionKeys = ['target', 'guard', 'actions', 'description', 'meta', 'reenter'];

/** A transition that was left out. What is known of it keeps it from causing other faults. */
export interface LostTransition {
  /** `undefined` for one of the whole machine. */
  readonly from: string | undefined;
  readonly event: string;
  /** `undefined` where the target can't be read. */
  readonly to: string | undefined;
  readonly guard: unknown;
}

/** Reads `on` of a config, and leaves out what XState would crash on. */
export function createTransitionReader(
  { id = '(machine)' }: NodeConfig,
  states: readonly (readonly [string, unknown])[],
  lost: LostTransition[],
  report: ReportFault,
) {
  const names = states.map(([name]) => name);
  const usable = names.filter(isUsableName);
  const places = new Map<unknown, string>();
  for (const [name, state] of states) {
    places.set(`#${textOf(id)}.${name}`, name);
    const own = isRecord(state) ? state['id'] : undefined;
    if (typeof own === 'string') places.set(`#${own}`, name);
  }

  return (from: string | undefined, on: unknown): NodeConfig => {
    const path = from === undefined ? 'on' : `states.${from}.on`;
    if (on === undefined) return {};
    if (!isRecord(on)) {
      report(path, 'wrong-type', expected('an object of events', on));
      lost.push({ from, event: '', to: undefined, guard: undefined });
      return {};
    }
    return Object.fromEntries(
      Object.entries(on)
        .filter(([event]) => isEventName(event, `${path}.${event}`, report))
        .map(([event, value]) => {
          // As in XState, `undefined` forbids the event.
          const list: unknown[] = Array.isArray(value) ? value : [value ?? {}];
          if (list.length === 0) {
            report(`${path}.${event}`, 'no-target', 'The list is empty. Give it a target.');
            lost.push({ from, event, to: undefined, guard: undefined });
          }
          return [event, list.filter((one) => isTransition(one, from, event, `${path}.${event}`))];
        }),
    );
  };

  function isTransition(
    value: unknown,
    from: string | undefined,
    event: string,
    path: string,
  ): boolean {
    const transition = typeof value === 'string' ? { target: value } : value;
    if (!isRecord(transition)) {
      report(path, 'wrong-type', expected('a state, a transition or a list of them', value));
      lost.push({ from, event, to: undefined, guard: undefined });
      return false;
    }
    const { target, guard, cond } = transition;
    const hasKnownKeys = checkKeys(transition, path, report);
    const isGuard = checkGuard(guard, `${path}.guard`);
    const targets: unknown[] =
      target === undefined ? [] : Array.isArray(target) ? target : [target];
    const reached = targets.map((one) => stateOf(one, from, path));
    const areUsable = reached.every((to) => to !== undefined && isUsableName(to));
    if (hasKnownKeys && isGuard && areUsable) return true;
    lost.push({ from, event, to: targets.length === 0 ? from : reached[0], guard: guard ?? cond });
    return false;
  }

  /** The state that a target names. */
  function stateOf(target: unknown, from: string | undefined, path: string): string | undefined {
    const isOfMachine = from === undefined;
    const place =
      places.get(target) ?? names.find((name) => target === (isOfMachine ? `.${name}` : name));
    if (place !== undefined) return place;
    const text = textOf(target);
    let cure = `The states are ${usable.join(', ')}.`;
    if (isOfMachine && names.includes(text)) {
      cure = `A transition of the whole machine says ${quote(`.${text}`)}.`;
    } else if (text.startsWith('.') && names.includes(text.slice(1))) {
      cure = `Drop the dot: ${quote(text.slice(1))}.`;
    }
    report(path, 'unknown-target', `There is no state ${quote(target)}. ${cure}`);
    return undefined;
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

/** Reports what a machine's transitions hold and XState does not know: it would ignore that. */
export function checkTransitionKeys(path: string, on: unknown, report: ReportFault): void {
  for (const [event, value] of Object.entries(isRecord(on) ? on : {})) {
    isEventName(event, `${path}.${event}`, report);
    for (const one of Array.isArray(value) ? (value as unknown[]) : [value]) {
      if (isRecord(one)) checkKeys(one, `${path}.${event}`, report);
    }
  }
}

function checkKeys(transition: NodeConfig, path: string, report: ReportFault): boolean {
  const unknown = Object.keys(transition).filter((key) => !transitionKeys.includes(key));
  for (const key of unknown) {
    const message =
      key === 'cond'
        ? 'XState 5 calls it "guard".'
        : `${quote(key)} says nothing here. Known are ${transitionKeys.join(', ')}.`;
    report(`${path}.${key}`, 'unknown-key', message);
  }
  return unknown.length === 0;
}

/** Whether XState takes a name for a state: it reads . as a path, \\ as an escape, # as an id. */
export const isUsableName = (name: string): boolean =>
  name !== '' && name !== '__proto__' && !/[.#\\]/.test(name);

function isEventName(event: string, path: string, report: ReportFault): boolean {
  const isUsable = event !== '' && event !== '__proto__' && !event.startsWith('xstate.');
  if (!isUsable) report(path, 'bad-name', `${quote(event)} can't name an event. Use a word.`);
  return isUsable;
}
