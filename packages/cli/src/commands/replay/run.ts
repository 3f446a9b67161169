import type { Lifecycle } from '@ticket-lifecycle/core';
import type { Histories } from '@ticket-lifecycle/internal/histories/histories';
import { CliError } from '../../cli-error.ts';
import { exitCodes } from '../../exit-code.ts';
import { parsePromises, type Promised } from '../../histories/durations.ts';
import {
  failures,
  isAboutTimes,
  parseFailOn,
  unreadableTimes,
  type FailOn,
} from '../../histories/fail-on.ts';
import { gatherFigures, type JudgedChange } from '../../histories/figures.ts';
import {
  idNotes,
  logNotes,
  measureNote,
  readingNotes,
  timeNotes,
} from '../../histories/log-notes.ts';
import { readLog, refuseDisorder, type LogOptions } from '../../histories/read-log.ts';
import type { TicketClock } from '../../histories/service-levels.ts';
import { jsonVersion } from '../../json-version.ts';
import { loadLifecycle } from '../../lifecycle/load-lifecycle.ts';
import { targetNames } from '../../lifecycle/targets.ts';
import { checkWritable } from '../../rows/output-file.ts';
import { unknownName } from '../../terminal/did-you-mean.ts';
import type { Terminal } from '../../terminal/terminal.ts';
import { jsonLine } from '../../terminal/text.ts';
import { writeMisfits } from './misfits-file.ts';
import { summaryOf } from '../../histories/summary.ts';
import { readText } from './read-text.ts';
import { replayText } from './text.ts';

interface ReplayCommandOptions extends LogOptions {
  readonly complete?: true | undefined;
  readonly definition?: string | undefined;
  readonly sla?: readonly string[] | undefined;
  readonly list?: string | undefined;
  readonly html?: string | undefined;
  readonly failOn?: readonly string[] | undefined;
  readonly json?: true | undefined;
}

/** Reads the histories of a file, judges and measures them. */
export async function replay(
  file: string,
  options: ReplayCommandOptions,
  terminal: Terminal,
): Promise<number> {
  const { output, messages, style, secrets } = terminal;
  const { complete = false, json = false } = options;
  const conditions = (options.failOn ?? []).map(parseFailOn);
  const { list, html } = options;
  if (list !== undefined) await checkWritable('--list', list, [file]);
  if (html !== undefined) await checkWritable('--html', html, [file, ...(list ? [list] : [])]);
  const { lifecycle } = await loadLifecycle(options.definition, terminal);
  const sla = (options.sla ?? []).flatMap(parsePromises);
  checkNames(sla, lifecycle);
  const log = await readLog(file, lifecycle, targetNames(lifecycle), options, terminal);
  if (output.closed.aborted) return exitCodes.ok;
  const { histories, map, clocks } = log;
  checkPromises(histories, sla, conditions);
  checkClocks(histories, lifecycle, conditions);
  if (json) refuseDisorder(log, 'No changes were printed.');
  else if (conditions.length > 0) refuseDisorder(log, 'No condition was checked.');

  let lines: string[] = [];
  const print = ({ line, ticket, step }: JudgedChange) => {
    const ticketId = histories.tickets.idOf(ticket);
    lines.push(jsonLine({ type: 'change', line, ticketId, ...step }));
  };
  const printClock = (clock: TicketClock) => {
    lines.push(jsonLine({ type: 'clock', ...clock }));
  };
  const { figures, misfits } = await gatherFigures(histories, {
    lifecycle,
    map,
    complete,
    clocks,
    sla,
    change: json ? print : undefined,
    clock: json ? printClock : undefined,
    async pause() {
      if (lines.length === 0) return;
      const text = lines.join('\n');
      lines = [];
      await output.print(text);
    },
  });
  const summary = summaryOf(histories, figures, misfits, { complete, clocks });
  if (json) await output.printJson({ type: 'summary', schema: jsonVersion, ...summary });
  else await output.print(replayText(summary, timeNotes(log), { style }));
  if (list !== undefined) {
    const { times } = histories;
    const unread = times?.isSorted === true ? times.unreadableTimes : [];
    await writeMisfits(list, misfits(), unread, secrets);
  }
  const notes = [...logNotes(log), ...measureNote(log)];
  if (html !== undefined) {
    const { writeReplayPage } = await import('../../report/replay-page.ts');
    const seen = [...notes, ...readingNotes(log)];
    const read = readText(summary, []);
    await writeReplayPage(html, { input: file, read, notes: seen, summary, lifecycle, secrets });
  }
  if (json) notes.push(...(await idNotes(histories.tickets)));
  for (const [index, note] of notes.entries()) messages.note(index === 0 ? `\n${note}` : note);
  const failed = failures(conditions, summary);
  for (const text of failed) messages.show(`Failed: ${text}`);
  if (failed.length > 0) return exitCodes.failed;
  const lostTimes = conditions.some(isAboutTimes) ? unreadableTimes(summary.order) : 0;
  return summary.unreadable + lostTimes > 0 ? exitCodes.unreadable : exitCodes.ok;
}

function checkNames(sla: readonly Promised[], lifecycle: Lifecycle): void {
  const names = targetNames(lifecycle);
  const unknown = sla.find(({ name }) => !names.includes(name));
  if (unknown !== undefined) {
    throw new CliError(`--sla: ${unknownName('status', unknown.name, names)}.`);
  }
}

/** A check of clocks that are not read would never fail. */
function checkClocks(
  { times }: Histories,
  { sla: { clocks } }: Lifecycle,
  conditions: readonly FailOn[],
): void {
  if (!conditions.some(({ name }) => name === 'breached')) return;
  if (clocks.length === 0) {
    throw new CliError(
      '--fail-on breached: the lifecycle has no clocks. Declare them in its meta.sla, and name it with --definition.',
    );
  }
  if (times?.isSorted !== true) {
    throw new CliError(
      '--fail-on breached: clocks need times. Name the column of the time with --time.',
    );
  }
}

function checkPromises(
  { times }: Histories,
  sla: readonly Promised[],
  conditions: readonly FailOn[],
): void {
  if (sla.length === 0 && conditions.some(({ name }) => name === 'late')) {
    throw new CliError('--fail-on late: give the promises that it checks with --sla.');
  }
  if (sla.length === 0 || times?.isSorted === true) return;
  throw new CliError('--sla measures time: name the column of the time with --time.');
}
