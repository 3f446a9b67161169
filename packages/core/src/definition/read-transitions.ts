import { textOf } from '../blockers.ts';
import type { ReportFault } from './fault-list.ts';
import type { NodeConfig } from './check-nodes.ts';
import { checkKeys, isEventName, isKeptName } from './read-notes.ts';
import { isRecord, mismatch } from '../values.ts';

/** A transition that was left out. What is known of it keeps it from causing other faults. */
export interface LostTransition {
  /** `undefined` for one of the whole machine. */
  readonly from: string | undefined;
  readonly event: string;
  /** Absent where the target can't be read. */
  readonly to?: string | undefined;
  readonly guard?: unknown;
}

/** A transition of which no more is known. */
export const lostFrom = (from: string | undefined, event = ''): LostTransition => ({ from, event });

/** Reads `on` of a config, and leaves out what XState would crash on. */
export function createTransitionReader(
  { id }: NodeConfig,
  states: readonly (readonly [string, unknown])[],
  lost: LostTransition[],
  report: ReportFault,
) {
  const names = states.map(([name]) => name);
  const usable = names.filter(isUsableName);
  const places = new Map<unknown, string>();
  for (const [name, state] of states) {
    // As in XState, an empty id is none.
    places.set(`#${textOf(id || '(machine)')}.${name}`, name);
    const own = isRecord(state) ? state['id'] : undefined;
    if (typeof own === 'string') places.set(`#${own}`, name);
  }

  return (from: string | undefined, on: unknown): NodeConfig => {
    const path = from === undefined ? 'on' : `states.${from}.on`;
    if (on === undefined) return {};
    if (!isRecord(on)) {
      report(path, 'wrong-type', mismatch('events', on));
      lost.push(lostFrom(from));
      return {};
    }
    return Object.fromEntries(
      Object.entries(on)
        .filter(([event]) => isEventName(event, `${path}.${event}`, report))
        .map(([event, value]) => {
          const given: unknown[] = Array.isArray(value) ? value : [value];
          // As in XState, `undefined` forbids the event.
          const list = given.map((one) => (one === undefined ? {} : one));
          if (list.length === 0) {
            report(`${path}.${event}`, 'no-target');
            lost.push(lostFrom(from, event));
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
      report(path, 'wrong-type', mismatch('transition', value));
      lost.push(lostFrom(from, event));
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
    const facts = { target: textOf(target), states: usable, ofMachine: isOfMachine };
    report(path, 'unknown-target', facts);
    return undefined;
  }

  function checkGuard(guard: unknown, path: string): boolean {
    // A function is no JSON, but the config of a machine in code may hold one: it is checked later.
    if (guard === undefined || typeof guard === 'string' || typeof guard === 'function')
      return true;
    if (isRecord(guard) && typeof guard['type'] === 'string') return true;
    report(path, 'wrong-type', mismatch('guard', guard));
    return false;
  }
}

/** Whether XState takes a name for a state: it reads . as a path, \\ as an escape, # as an id. */
export const isUsableName = (name: string): boolean =>
  name !== '' && isKeptName(name) && !/[.#\\]/.test(name);
