import { compareLifecycles, ticketLifecycle, type Lifecycle } from '@ticket-lifecycle/core';
import { CliError } from '../../cli-error.ts';
import { exitCodes } from '../../exit-code.ts';
import { guessNotes, logNotes, readingNotes } from '../../histories/log-notes.ts';
import {
  givenLogOption,
  readLog,
  refuseDisorder,
  type LogOptions,
} from '../../histories/read-log.ts';
import { unjudgedOf } from '../../histories/unjudged.ts';
import { waysIn, type Way } from '../../histories/ways.ts';
import { jsonVersion } from '../../json-version.ts';
import { loadLifecycle } from '../../lifecycle/load-lifecycle.ts';
import { targetNames } from '../../lifecycle/targets.ts';
import type { Terminal } from '../../terminal/terminal.ts';
import { comparisonMarkdown, type BrokenWay } from './markdown.ts';
import { isBlockedAnyway, readWaiting, type LostGroup, type WaitingGroup } from './read-waiting.ts';

interface DiffOptions extends LogOptions {
  readonly log?: string | undefined;
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
  const { output, messages } = terminal;
  const { complete = false, failOn, json } = options;
  if (options.log === undefined) {
    const stray = complete ? '--complete' : givenLogOption(options);
    if (stray !== undefined) throw new CliError(`${stray} is about a log. Give it with --log.`);
    if (failOn === 'broken' && options.waiting === undefined) {
      throw new CliError('--fail-on broken needs something that may break: --log or --waiting.');
    }
  }
  const [old, next] = [await lifecycleOf(before, terminal), await lifecycleOf(after, terminal)];
  const names = [...new Set([...targetNames(old), ...targetNames(next)])];
  const log =
    options.log === undefined
      ? undefined
      : await readLog(options.log, old, names, options, terminal);
  if (output.closed.aborted) return exitCodes.ok;
  if (log !== undefined) refuseDisorder(log, 'Nothing was compared.');
  const ways = log === undefined ? [] : waysIn(log);
  const unjudged = log && unjudgedOf(log);
  const histories = ways.map(({ statuses }) => statuses);
  const waiting =
    options.waiting === undefined ? [] : await readWaiting(options.waiting, output.closed);
  const comparison = compareLifecycles(old, next, { histories, complete, waiting });
  const broken = comparison.histories.map(({ history, blocked }): BrokenWay => ({
    ...(ways[history] as Way),
    blocked,
  }));
  const tickets = log?.histories.tickets.count;
  const lost = comparison.waiting.map(({ change, ...how }): LostGroup => ({
    ...(waiting[change] as WaitingGroup),
    ...how,
  }));
  const waits = waiting.reduce((sum, group) => sum + group.changes, 0);
  if (json === true) {
    const { isSame, changes, missingEntries } = comparison;
    const counted = { tickets: tickets ?? 0, broken, waiting: waits, lost };
    const found = { isSame, changes, missingEntries, ...counted, log: unjudged };
    await output.printJson({ type: 'diff', schema: jsonVersion, ...found });
  } else {
    await output.print(
      comparisonMarkdown({
        before,
        after,
        comparison,
        broken,
        tickets,
        unjudged,
        lost,
        waiting: options.waiting === undefined ? undefined : waits,
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
  if (log !== undefined) {
    const notes = [...guessNotes(log), ...logNotes(log), ...readingNotes(log)];
    for (const [index, note] of notes.entries()) messages.note(index === 0 ? `\n${note}` : note);
  }
  if (isFailed[failOn]) return exitCodes.failed;
  const { unreadable = 0, unmapped = [] } = unjudged ?? {};
  // Rows that mean nothing to either lifecycle are blocked by neither: that is no good verdict.
  const isUnjudged = unreadable > 0 || (unmapped.length > 0 && failOn !== 'nothing');
  return isUnjudged ? exitCodes.unreadable : exitCodes.ok;
}

async function lifecycleOf(file: string, terminal: Terminal): Promise<Lifecycle> {
  if (file === 'default') return ticketLifecycle;
  return (await loadLifecycle(file, terminal)).lifecycle;
}
