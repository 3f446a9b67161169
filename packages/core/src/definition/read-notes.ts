import type { ReportFault } from './fault-list.ts';
import { activities, type NodeConfig } from './check-nodes.ts';
import { isRecord, kindOf, mismatch } from '../values.ts';

// What XState keeps as it is, with the kind of value that it has to be, if any.
export const stateNotes = {
  id: 'a string',
  description: 'a string',
  meta: 'an object',
  tags: '',
  entry: '',
  exit: '',
  output: '',
};
// `types` and `schemas` are what setup() adds.
export const rootNotes = {
  ...stateNotes,
  context: 'an object',
  version: '',
  $schema: '',
  types: '',
  schemas: '',
};
const structure: readonly string[] = ['on', 'type', 'states', 'initial', 'history', ...activities];
// A machine of one of the first three types never stands in one of its states.
const types = ['atomic', 'final', 'history', 'compound', 'parallel'];

/** Reports fields that XState would not read, and those of another kind than it reads. */
export function checkNotes(
  path: string,
  config: NodeConfig,
  kinds: Readonly<Record<string, string>>,
  report: ReportFault,
): void {
  const { type } = config;
  if (type !== undefined && !types.includes(type as string, path === '' ? 3 : 0)) {
    report(`${path}type`, 'wrong-type', mismatch('type', type));
  }
  for (const [key, value] of Object.entries(config)) {
    const kind = Object.hasOwn(kinds, key) ? kinds[key] : undefined;
    if (kind !== undefined) {
      if (!isNote(key, kind, value)) report(`${path}${key}`, 'wrong-type', mismatch(kind, value));
    } else if (!structure.includes(key)) {
      report(`${path}${key}`, 'unknown-key', { key, known: [...structure, ...Object.keys(kinds)] });
    }
  }
}

/** Whether XState can keep a value. The config of a machine in code may compute its context. */
export const isNote = (key: string, kind: string, value: unknown): boolean =>
  kind === '' ||
  value === undefined ||
  kind === kindOf(value) ||
  (key === 'context' && typeof value === 'function');

const transitionKeys = ['target', 'guard', 'actions', 'description', 'meta', 'reenter'];

/** Reports transitions that are none, and what they hold that XState would ignore. */
export function checkTransitions(path: string, on: unknown, report: ReportFault): void {
  if (on !== undefined && !isRecord(on)) report(path, 'wrong-type', mismatch('events', on));
  for (const [event, value] of Object.entries(isRecord(on) ? on : {})) {
    const place = `${path}.${event}`;
    isEventName(event, place, report);
    if (Array.isArray(value) && value.length === 0) report(place, 'no-target');
    for (const one of Array.isArray(value) ? (value as unknown[]) : [value]) {
      if (isRecord(one)) checkKeys(one, place, report);
      else if (typeof one !== 'string' && one !== undefined) {
        report(place, 'wrong-type', mismatch('transition', one));
      }
    }
  }
}

/** Reports what a transition holds and XState does not know. */
export function checkKeys(transition: NodeConfig, path: string, report: ReportFault): boolean {
  const unknown = Object.keys(transition).filter((key) => !transitionKeys.includes(key));
  for (const key of unknown) {
    report(`${path}.${key}`, 'unknown-key', { key, known: transitionKeys });
  }
  return unknown.length === 0;
}

/** Whether XState finds again what it keeps under a name. This one would be lost without a word. */
export const isKeptName = (name: string): boolean => name !== '__proto__';

/** Whether XState takes a name for an event. */
export function isEventName(event: string, path: string, report: ReportFault): boolean {
  const isUsable = event !== '' && isKeptName(event) && !event.startsWith('xstate.');
  if (!isUsable) report(path, 'bad-name', { name: event, kind: 'event' });
  return isUsable;
}
