import { createMachine, type AnyStateMachine } from 'xstate';
import { quote, textOf } from '../blockers.ts';
import type { ReportFault } from './fault-list.ts';
import { checkRoot, checkState, type NodeConfig } from './check-nodes.ts';
import { expected, isRecord, kindOf } from '../values.ts';
import {
  checkTransitionKeys,
  createTransitionReader,
  isUsableName,
  type LostTransition,
} from './read-transitions.ts';

/** A definition as an XState machine. */
export interface ReadDefinition {
  readonly machine: AnyStateMachine;
  /** The state of a new ticket, unless that is a fault. */
  readonly initial: string | undefined;
  /** Whether a ticket is in one state at a time. */
  readonly isFlat: boolean;
  /** The transitions that had to be left out. */
  readonly lost: readonly LostTransition[];
}

// What XState keeps as it is, with the kind of value that it has to be, if any.
const notes = {
  id: 'a string',
  description: 'a string',
  meta: 'an object',
  tags: '',
  entry: '',
  exit: '',
  output: '',
};
// `types` and `schemas` are what setup() adds.
const rootNotes = {
  ...notes,
  context: 'an object',
  version: '',
  $schema: '',
  types: '',
  schemas: '',
};
const structure = [
  'on',
  'type',
  'states',
  'initial',
  'history',
  'after',
  'always',
  'invoke',
  'onDone',
  'route',
];
const stateTypes = ['atomic', 'final', 'compound', 'parallel', 'history'];

/**
 * Takes an XState machine as it is, and makes one of its JSON config.
 *
 * A config may come from a file that anybody wrote, and XState throws at the first thing that it
 * can't read. Here each is reported with its place and left out, so that the rest can be checked.
 */
export function readDefinition(
  definition: unknown,
  guards: object | undefined,
  report: ReportFault,
): ReadDefinition | undefined {
  if (isMachine(definition)) {
    const machine = guards === undefined ? definition : definition.provide({ guards });
    return { machine, ...checkMachine({ ...machine.config }, report) };
  }
  if (!isRecord(definition)) {
    report('(machine)', 'wrong-type', expected('an XState machine or its config', definition));
    return undefined;
  }
  const hint = hintFor(definition);
  if (hint !== undefined) {
    report(
      '(machine)',
      'wrong-type',
      `Expected an XState machine or its config, received ${hint}.`,
    );
    return undefined;
  }
  const { config, ...rest } = readConfig(definition, report);
  try {
    return { machine: createMachine(config, { guards: { ...guards } }), ...rest };
  } catch (error) {
    report('(machine)', 'refused-by-xstate', `XState refuses it: ${textOf(error)}.`);
    return undefined;
  }
}

const isMachine = (definition: unknown): definition is AnyStateMachine =>
  isRecord(definition) &&
  isRecord(definition['root']) &&
  isRecord(definition['config']) &&
  typeof definition['provide'] === 'function';

/** What stands near a machine and is taken for one. */
function hintFor(definition: NodeConfig): string | undefined {
  const isMethod = (name: string) => typeof definition[name] === 'function';
  if (isMethod('createMachine')) return 'setup({ … }). Pass what its createMachine() returns';
  if (isMethod('getSnapshot')) return 'an actor. Pass actor.logic';
  return isMethod('explain') ? 'a lifecycle. Pass lifecycle.machine' : undefined;
}

/** Reports what a machine has besides `on`; its targets and guards XState has read already. */
function checkMachine(config: NodeConfig, report: ReportFault) {
  const { states } = config;
  const entries = Object.entries(isRecord(states) ? states : {});
  const initial = checkRoot(
    config,
    entries.map(([name]) => name),
    report,
  );
  readNotes('', config, rootNotes, report);
  checkTransitionKeys('on', config['on'], report);
  for (const [name, state] of entries) {
    if (!isRecord(state)) continue;
    const path = `states.${name}`;
    checkState(name, state, report);
    readNotes(`${path}.`, state, notes, report);
    checkTransitionKeys(`${path}.on`, state['on'], report);
  }
  return { initial, isFlat: config['type'] !== 'parallel', lost: [] };
}

function readConfig(config: NodeConfig, report: ReportFault) {
  const listed = config['states'];
  if (!isRecord(listed)) report('states', 'wrong-type', expected('an object of states', listed));
  const all = Object.entries(isRecord(listed) ? listed : {});
  const states = all.filter((entry): entry is [string, NodeConfig] => isState(...entry, report));
  const names = states.map(([name]) => name);
  const initial = isRecord(listed) ? checkRoot(config, Object.keys(listed), report) : undefined;
  const lost: LostTransition[] = [];
  const readTransitions = createTransitionReader(config, all, lost, report);
  const usable: NodeConfig = {
    ...readNotes('', config, rootNotes, report),
    // XState throws where there is none, even if that has been reported.
    initial: names.find((name) => name === initial) ?? names[0],
    on: readTransitions(undefined, config['on']),
    states: Object.fromEntries(
      states.map(([name, state]) => {
        const path = `states.${name}`;
        checkState(name, state, report);
        // It may have been meant as "final", or as what needs no way out.
        if (
          state['type'] !== undefined &&
          state['type'] !== 'final' &&
          state['type'] !== 'atomic'
        ) {
          lost.push({ from: name, event: '', to: undefined, guard: undefined });
        }
        return [
          name,
          {
            ...readNotes(`${path}.`, state, notes, report),
            ...(state['type'] === 'final' ? { type: 'final' } : {}),
            on: readTransitions(name, state['on']),
          },
        ];
      }),
    ),
  };
  return { config: usable, initial, isFlat: config['type'] !== 'parallel', lost };
}

function isState(name: string, state: unknown, report: ReportFault): boolean {
  const path = `states.${name}`;
  if (!isUsableName(name)) {
    report(path, 'bad-name', `${quote(name)} can't name a state. Use a word without . # and \\.`);
    return false;
  }
  if (!isRecord(state)) report(path, 'wrong-type', expected('an object', state));
  return isRecord(state);
}

/** Gives the fields that XState may see, and reports those that it should not or does not know. */
function readNotes(
  path: string,
  config: NodeConfig,
  kinds: Readonly<Record<string, string>>,
  report: ReportFault,
): NodeConfig {
  const { type } = config;
  if (type !== undefined && !stateTypes.includes(type as string)) {
    report(`${path}type`, 'wrong-type', expected('"final" or nothing', type));
  }
  return Object.fromEntries(
    Object.entries(config).filter(([key, value]) => {
      const place = `${path}${key}`;
      const kind = Object.hasOwn(kinds, key) ? kinds[key] : undefined;
      if (kind === undefined) {
        const known = [...structure, ...Object.keys(kinds)];
        if (!known.includes(key)) {
          const message = `${quote(key)} says nothing here. Known are ${known.join(', ')}.`;
          report(place, 'unknown-key', message);
        }
        return false;
      }
      if (kind === '' || value === undefined || kind === kindOf(value)) return true;
      // The config of a machine in code may make its context from input.
      if (key === 'context' && typeof value === 'function') return true;
      report(place, 'wrong-type', expected(kind, value));
      return false;
    }),
  );
}
