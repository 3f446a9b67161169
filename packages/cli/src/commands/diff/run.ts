import {
  compareLifecycles,
  ticketLifecycle,
  ticketStatuses,
  type Lifecycle,
} from '@ticket-lifecycle/core';
import { CliError } from '../../cli-error.ts';
import { exitCodes } from '../../exit-code.ts';
import { readWays, type Way } from '../../histories/ways.ts';
import { jsonVersion } from '../../json-version.ts';
import { loadLifecycle } from '../../lifecycle/load-lifecycle.ts';
import type { Terminal } from '../../terminal/terminal.ts';
import { comparisonMarkdown, type BrokenWay } from './markdown.ts';
import { isBlockedAnyway, readWaiting, type LostGroup, type WaitingGroup } from './read-waiting.ts';

interface DiffOptions {
  readonly log?: string | undefined;
  readonly id?: string | undefined;
  readonly state?: string | undefined;
  readonly time?: string | undefined;
  readonly order?: 'oldest-first' | 'newest-first' | undefined;
  readonly timeZone?: string | undefined;
  readonly map?: readonly string[] | undefined;
  readonly complete?: true | undefined;
  readonly waiting?: string | undefined;
  readonly failOn: 'behaviour' | 'broken' | 'nothing';
  readonly json?: true | undefined;
}

/** Compares two lifecycles, also by what they say of real histories. */
export async function diff(
  before: string,
  after: string,
  options: DiffOptions,
  terminal: Terminal,
): Promise<number> {
  const { log, complete = false, failOn, json } = options;
  if (log === undefined) {
    const { id, state, time, order, timeZone, map } = options;
    const stray = Object.entries({ id, state, time, order, 'time-zone': timeZone, map }).find(
      ([, value]) => value !== undefined,
    );
    if (stray !== undefined)
      throw new CliError(`--${stray[0]} is about a log. Give it with --log.`);
  }
  const [old, next] = [await lifecycleOf(before, terminal), await lifecycleOf(after, terminal)];
  const ways =
    log === undefined ? [] : await readWays(log, old, names(old, next), options, terminal);
  const histories = ways.map(({ statuses }) => statuses);
  const waiting =
    options.waiting === undefined ? [] : await readWaiting(options.waiting, terminal.output.closed);
  const comparison = compareLifecycles(old, next, { histories, complete, waiting });
  const broken = comparison.histories.map(({ history, blocked }): BrokenWay => ({
    ...(ways[history] as Way),
    blocked,
  }));
  const tickets = ways.reduce((sum, way) => sum + way.tickets, 0);
  const lost = comparison.waiting.map(({ change, ...how }): LostGroup => ({
    ...(waiting[change] as WaitingGroup),
    ...how,
  }));
  const waits = waiting.reduce((sum, group) => sum + group.changes, 0);
  if (json === true) {
    const { isSame, changes, missingEntries } = comparison;
    const found = { isSame, changes, missingEntries, tickets, broken, waiting: waits, lost };
    await terminal.output.printJson({ type: 'diff', schema: jsonVersion, ...found });
  } else {
    await terminal.output.print(
      comparisonMarkdown({
        before,
        after,
        comparison,
        broken,
        tickets: log && tickets,
        lost,
        waiting: options.waiting && waits,
      }),
    );
  }
  const isLost = lost.some((group) => !isBlockedAnyway(group));
  const isBroken = broken.length > 0 || isLost;
  const isFailed = {
    behaviour: !comparison.isSame || isLost,
    broken: isBroken,
    nothing: false,
  };
  return isFailed[failOn] ? exitCodes.failed : exitCodes.ok;
}

async function lifecycleOf(file: string, terminal: Terminal): Promise<Lifecycle> {
  if (file === 'default') return ticketLifecycle;
  return (await loadLifecycle(file, terminal)).lifecycle;
}

/** The status that each name of either lifecycle stands for. The new one decides. */
function names(old: Lifecycle, next: Lifecycle): Map<string, string> {
  const known = new Map<string, string>();
  for (const lifecycle of [old, next]) {
    for (const state of lifecycle.states) {
      const status = lifecycle.statusOf(state);
      if (status !== undefined) known.set(state, status);
    }
  }
  for (const status of ticketStatuses) known.set(status, status);
  return known;
}
