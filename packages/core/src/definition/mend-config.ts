import type { ReportFault } from './fault-list.ts';
import { checkRoot, checkState, type NodeConfig } from './check-nodes.ts';
import { checkNotes, isNote, rootNotes, stateNotes } from './read-notes.ts';
import {
  createTransitionReader,
  isUsableName,
  lostFrom,
  type LostTransition,
} from './read-transitions.ts';
import { isRecord, mismatch } from '../values.ts';

/**
 * Makes a config of another that XState can read whole: what it would crash on is reported with its
 * place and left out, so that the rest can be checked.
 */
export function mendConfig(config: NodeConfig, report: ReportFault) {
  const listed = config['states'];
  if (!isRecord(listed)) report('states', 'wrong-type', mismatch('states', listed));
  const all = Object.entries(isRecord(listed) ? listed : {});
  const states = all.filter((entry): entry is [string, NodeConfig] => isState(...entry, report));
  const names = states.map(([name]) => name);
  checkStart(config, report);
  const initial = isRecord(listed) ? checkRoot(config, Object.keys(listed), report) : undefined;
  const lost: LostTransition[] = [];
  const readTransitions = createTransitionReader(config, all, lost, report);
  const usable: NodeConfig = {
    ...readNotes('', config, rootNotes, report),
    initial: {
      // XState throws where there is none, even if that has been reported.
      target: names.find((name) => name === initial) ?? names[0],
      actions: (Object(config['initial']) as NodeConfig)['actions'],
    },
    on: readTransitions(undefined, config['on']),
    states: Object.fromEntries(
      states.map(([name, state]) => {
        const path = `states.${name}`;
        const { type } = state;
        checkState(name, state, report);
        // It may have been meant as "final", or as what needs no way out.
        if (type !== undefined && type !== 'final' && type !== 'atomic') {
          lost.push(lostFrom(name));
        }
        return [
          name,
          {
            ...readNotes(`${path}.`, state, stateNotes, report),
            ...(type === 'final' ? { type } : {}),
            on: readTransitions(name, state['on']),
          },
        ];
      }),
    ),
  };
  return { config: usable, initial, isFlat: config['type'] !== 'parallel', lost };
}

// XState reads no more of an initial transition.
const startKeys = ['target', 'actions'];

/** Reports what the start of a machine holds and XState would ignore. */
export function checkStart({ initial }: NodeConfig, report: ReportFault): void {
  for (const key of Object.keys(isRecord(initial) ? initial : {})) {
    if (startKeys.includes(key)) continue;
    report(`initial.${key}`, 'unknown-key', { key, known: startKeys });
  }
}

/** The notes of a machine or a state that XState can keep; the others are reported. */
function readNotes(
  path: string,
  config: NodeConfig,
  kinds: Readonly<Record<string, string>>,
  report: ReportFault,
): NodeConfig {
  checkNotes(path, config, kinds, report);
  const kept = Object.entries(kinds).filter(
    ([key, kind]) => Object.hasOwn(config, key) && isNote(key, kind, config[key]),
  );
  return Object.fromEntries(kept.map(([key]) => [key, config[key]]));
}

function isState(name: string, state: unknown, report: ReportFault): boolean {
  const path = `states.${name}`;
  if (!isUsableName(name)) {
    report(path, 'bad-name', { name, kind: 'state' });
    return false;
  }
  if (!isRecord(state)) report(path, 'wrong-type', mismatch('an object', state));
  return isRecord(state);
}
