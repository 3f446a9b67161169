import { createMachine, type AnyStateMachine } from 'xstate';
import { textOf } from '../blockers.ts';
import type { ReportFault } from './fault-list.ts';
import { checkRoot, checkState, type NodeConfig } from './check-nodes.ts';
import type { LostTransition } from './read-transitions.ts';
import type { mendConfig } from './mend-config.ts';
import { checkNotes, checkTransitions, isKeptName, rootNotes, stateNotes } from './read-notes.ts';
import { frozenCopy } from './guard-params.ts';
import { inWords, isRecord, isThenable, mismatch, noFields } from '../values.ts';

// The methods by which a thing that is often taken for a machine is known.
const nearMachine = ['createMachine', 'getSnapshot', 'explain', 'withConfig'];

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

/**
 * Takes an XState machine as it is, and makes one of its JSON config.
 *
 * A config may come from a file that anybody wrote, and XState throws at the first thing that it
 * can't read.
 *
 * @param mend - leaves out what XState can't read, so that the rest can be checked as well
 */
export function readDefinition(
  definition: unknown,
  guards: object | undefined,
  report: ReportFault,
  mend?: typeof mendConfig,
): ReadDefinition | undefined {
  if (isMachine(definition)) {
    const machine = guards === undefined ? definition : definition.provide({ guards });
    return { machine, ...checkConfig(machine.config as object as NodeConfig, report), lost: [] };
  }
  if (!isRecord(definition)) {
    report('(machine)', 'wrong-type', mismatch('machine', definition));
    return undefined;
  }
  const near = nearMachine.find((method) => typeof definition[method] === 'function');
  if (near !== undefined) {
    report('(machine)', 'wrong-type', { expected: 'machine', received: near });
    return undefined;
  }
  const mended = mend
    ? mend(definition, report)
    : { config: definition, ...checkConfig(definition, report), lost: [] };
  const { config, ...read } = mended;
  try {
    return { machine: createMachine(config, { guards: { ...guards } }), ...read };
  } catch (error) {
    report('(machine)', 'refused-by-xstate', { reason: textOf(error) });
    return undefined;
  }
}

/**
 * The context of a machine's initial snapshot, which decides where a question comes without one. A
 * function is called once, as XState would, but there is no actor that could hand it anything.
 */
export function initialContextOf(machine: AnyStateMachine, report: ReportFault): unknown {
  const { context } = machine.config as { context?: unknown };
  if (typeof context !== 'function') return context === undefined ? noFields : frozenCopy(context);
  const refuse = (problem: string) => report('context', 'computed-context', { problem });
  let asked: string | undefined;
  const nothing = new Proxy(noFields, {
    get(_, name) {
      asked ??= String(name);
      throw new TypeError(asked);
    },
  });
  try {
    const made: unknown = context(nothing);
    if (asked === undefined && isRecord(made) && !isThenable(made)) return frozenCopy({ ...made });
    // The rejection of a Promise must not end the process.
    if (isThenable(made)) Promise.resolve(made).catch(() => {});
    const received = isThenable(made) ? 'a Promise' : inWords(made);
    refuse(asked === undefined ? `returns ${received}` : `asks for ${asked}`);
  } catch (error) {
    refuse(asked === undefined ? `threw: ${textOf(error)}` : `asks for ${asked}`);
  }
  return noFields;
}

const isMachine = (definition: unknown): definition is AnyStateMachine =>
  isRecord(definition) &&
  isRecord(definition['root']) &&
  isRecord(definition['config']) &&
  typeof definition['provide'] === 'function';

/** Reports what a config holds and no lifecycle can have; its targets are read by XState. */
function checkConfig(config: NodeConfig, report: ReportFault) {
  const { states } = config;
  if (states !== undefined && !isRecord(states)) {
    report('states', 'wrong-type', mismatch('states', states));
  }
  const entries = Object.entries(isRecord(states) ? states : {});
  const names = entries.map(([name]) => name);
  const initial = checkRoot(config, names, report);
  checkNotes('', config, rootNotes, report);
  checkTransitions('on', config['on'], report);
  for (const [name, state] of entries) {
    const path = `states.${name}`;
    if (!isKeptName(name)) report(path, 'bad-name', { name, kind: 'state' });
    if (isRecord(state)) {
      checkState(name, state, report);
      checkNotes(`${path}.`, state, stateNotes, report);
      checkTransitions(`${path}.on`, state['on'], report);
    } else report(path, 'wrong-type', mismatch('an object', state));
  }
  return { initial, isFlat: config['type'] !== 'parallel' };
}
