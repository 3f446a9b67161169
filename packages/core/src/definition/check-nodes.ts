import type { ReportFault } from './fault-list.ts';
import { isRecord } from '../values.ts';

/** What a machine or a state is configured with. */
export type NodeConfig = Readonly<Record<string, unknown>>;

const activities = {
  after: 'Timers do not survive storing a ticket. Let the caller own the clock and send an event.',
  always: 'Nobody could explain a change that nobody asked for. Use an event.',
  invoke: 'A lifecycle starts nothing. Invoke from the code that embeds it.',
  onDone: 'Nothing inside a flat state can be done. Use an event.',
  route: 'A route leads to a state from everywhere, and no one asks for its event. Use "on".',
};

/** Reports what a lifecycle can't have in its machine, and gives the state of a new ticket. */
export function checkRoot(
  config: NodeConfig,
  states: readonly string[],
  report: ReportFault,
): string | undefined {
  checkActivities('(machine)', config, report);
  if (config['type'] === 'parallel') {
    report('(machine)', 'parallel', 'A ticket is in one state at a time. Drop type: "parallel".');
    return undefined;
  }
  const declared = config['initial'];
  const initial = isRecord(declared) ? declared['target'] : declared;
  const known = states.find((state) => state === initial);
  if (known === undefined) {
    report('initial', 'no-initial', 'Name the state in which a new ticket starts.');
  }
  return known;
}

/** Reports what a lifecycle can't have in a state. */
export function checkState(state: string, config: NodeConfig, report: ReportFault): void {
  const path = `states.${state}`;
  const { type } = config;
  if (type === 'history' || Boolean(config['history'])) {
    report(path, 'history-state', 'A history state needs nesting, and a lifecycle is flat.');
  } else if (type === 'parallel' || type === 'compound' || hasKeys(config['states'])) {
    const message = 'A lifecycle is flat. Lift the inner states up, each with a meta.status.';
    report(path, 'nested-state', message);
  }
  checkActivities(path, config, report);
}

function checkActivities(path: string, config: NodeConfig, report: ReportFault): void {
  for (const [key, message] of Object.entries(activities)) {
    if (config[key] !== undefined) report(path, kebab(key), message);
  }
}

const kebab = (name: string): string =>
  name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

const hasKeys = (value: unknown): boolean => isRecord(value) && Object.keys(value).length > 0;
