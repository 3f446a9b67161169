import { createMachine, type AnyStateMachine } from 'xstate';
import { textOf } from '../blockers.ts';
import type { ReportFault } from './fault-list.ts';
import { checkRoot, checkState, type NodeConfig } from './check-nodes.ts';
import type { LostTransition } from './read-transitions.ts';
import type { mendConfig } from './mend-config.ts';
import { checkNotes, checkTransitions, isKeptName, rootNotes, stateNotes } from './read-notes.ts';
import { isRecord, mismatch } from '../values.ts';

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
  const mended = mend
    ? mend(definition, report)
    : { config: definition, ...checkConfig(definition, report), lost: [] };
  if (mended === undefined) return undefined;
  const { config, ...read } = mended;
  try {
    return { machine: createMachine(config, { guards: { ...guards } }), ...read };
  } catch (error) {
    report('(machine)', 'refused-by-xstate', { reason: textOf(error) });
    return undefined;
  }
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
