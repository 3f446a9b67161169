import { createMachine, type AnyStateMachine } from 'xstate';
import { quote } from '../blockers.ts';
import type { ReportFault } from './fault-list.ts';
import { checkRoot, checkState, type NodeConfig } from './check-nodes.ts';
import { expected, isRecord, kindOf } from '../values.ts';
import { createTransitionReader } from './read-transitions.ts';

/** A definition as an XState machine. */
export interface ReadDefinition {
  readonly machine: AnyStateMachine;
  /** Whether nothing had to be left out, so that what is missing is missing in the definition. */
  readonly isWhole: boolean;
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
const rootNotes = { ...notes, context: 'an object', version: '', $schema: '' };
const structure = ['on', 'type', 'after', 'always', 'invoke', 'states', 'initial', 'history'];
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
  reportFault: ReportFault,
): ReadDefinition | undefined {
  if (isMachine(definition)) {
    const machine = guards === undefined ? definition : definition.provide({ guards });
    return { machine, isWhole: true };
  }
  let isWhole = true;
  const report: ReportFault = (path, code, message) => {
    isWhole = false;
    reportFault(path, code, message);
  };
  if (!isRecord(definition)) {
    report('(machine)', 'wrong-type', expected('an XState machine or its config', definition));
    return undefined;
  }
  const config = readConfig(definition, report);
  return { machine: createMachine(config, { guards: { ...guards } }), isWhole };
}

const isMachine = (definition: unknown): definition is AnyStateMachine =>
  isRecord(definition) && 'root' in definition && typeof definition['provide'] === 'function';

function readConfig(config: NodeConfig, report: ReportFault): NodeConfig {
  const listed = config['states'];
  if (!isRecord(listed)) report('states', 'wrong-type', expected('an object of states', listed));
  const states = Object.entries(isRecord(listed) ? listed : {}).filter(
    (entry): entry is [string, NodeConfig] => isState(...entry, report),
  );
  const names = states.map(([name]) => name);
  const initial = isRecord(listed) ? checkRoot(config, Object.keys(listed), report) : undefined;
  const readTransitions = createTransitionReader(config, new Map(states), report);
  return {
    ...readNotes('', config, rootNotes, report),
    // XState throws where there is none, even if that has been reported.
    initial: names.find((name) => name === initial) ?? names[0],
    on: readTransitions('on', config['on'], true),
    states: Object.fromEntries(
      states.map(([name, state]) => {
        const path = `states.${name}`;
        checkState(name, state, report);
        return [
          name,
          {
            ...readNotes(`${path}.`, state, notes, report),
            ...(state['type'] === 'final' ? { type: 'final' } : {}),
            on: readTransitions(`${path}.on`, state['on'], false),
          },
        ];
      }),
    ),
  };
}

function isState(name: string, state: unknown, report: ReportFault): boolean {
  const path = `states.${name}`;
  // XState reads a dot as a path into an inner state, and # as an id.
  if (name === '' || name === '__proto__' || /[.#]/.test(name)) {
    report(path, 'bad-name', `${quote(name)} can't name a state. Use a word without . and #.`);
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
      if (kind === '' || kind === kindOf(value)) return true;
      report(place, 'wrong-type', expected(kind, value));
      return false;
    }),
  );
}
