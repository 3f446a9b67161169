import type { ReportFault } from './fault-list.ts';
import { inWords, isRecord } from '../values.ts';

/** What a machine or a state is configured with. */
export type NodeConfig = Readonly<Record<string, unknown>>;

// What makes transitions besides `on`.
export const activities = ['after', 'always', 'invoke', 'onDone', 'route'] as const;

/** Reports what a lifecycle can't have in its machine, and gives the state of a new ticket. */
export function checkRoot(
  config: NodeConfig,
  states: readonly string[],
  report: ReportFault,
): string | undefined {
  checkActivities('(machine)', config, report);
  if (config['type'] === 'parallel') {
    report('(machine)', 'parallel');
    return undefined;
  }
  const declared = config['initial'];
  const initial = isRecord(declared) ? declared['target'] : declared;
  const known = states.find((state) => state === initial);
  if (known === undefined) {
    report('initial', 'no-initial', { received: inWords(initial), states });
  }
  return known;
}

/** Reports what a lifecycle can't have in a state. */
export function checkState(state: string, config: NodeConfig, report: ReportFault): void {
  const path = `states.${state}`;
  const { type } = config;
  if (type === 'history' || Boolean(config['history'])) {
    report(path, 'history-state');
  } else if (type === 'parallel' || type === 'compound' || hasKeys(config['states'])) {
    report(path, 'nested-state');
  }
  checkActivities(path, config, report);
}

function checkActivities(path: string, config: NodeConfig, report: ReportFault): void {
  for (const key of activities) {
    if (config[key] !== undefined) report(path, key === 'onDone' ? 'on-done' : key);
  }
}

const hasKeys = (value: unknown): boolean => isRecord(value) && Object.keys(value).length > 0;
