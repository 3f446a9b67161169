import type { Lifecycle } from '@ticket-lifecycle/core';
import type { Histories, HistoryOptions } from '@ticket-lifecycle/internal/histories/histories';
import { CliError } from '../../cli-error.ts';
import { exitCodes } from '../../exit-code.ts';
import { disorderText, isSevere } from '../../histories/disorder.ts';
import { parsePromise, type Promised } from '../../histories/durations.ts';
import { failures, parseFailOn, type FailOn } from '../../histories/fail-on.ts';
import { gatherFigures, type JudgedChange } from '../../histories/figures.ts';
import { readHistories } from '../../histories/read-histories.ts';
import { checkSorted, readClocks } from '../../histories/time-zone.ts';
import type { TicketClock } from '../../histories/service-levels.ts';
import { readStatusMap } from '../../histories/status-map.ts';
import { jsonVersion } from '../../json-version.ts';
import { loadLifecycle } from '../../lifecycle/load-lifecycle.ts';
import { targetNames } from '../../lifecycle/targets.ts';
import { visible } from '../../rows/input.ts';
import { checkWritable } from '../../rows/output-file.ts';
import { unknownName } from '../../terminal/did-you-mean.ts';
import type { Terminal } from '../../terminal/terminal.ts';
import { jsonLine } from '../../terminal/text.ts';
import { writeMisfits } from './misfits-file.ts';
import { notesOn } from './notes.ts';
import { summaryOf } from '../../histories/summary.ts';
import { replayText } from './text.ts';

interface ReplayCommandOptions extends Pick<
  HistoryOptions,
  | 'id'
  | 'state'
  | 'from'
  | 'to'
  | 'time'
  | 'by'
  | 'where'
  | 'ignore'
  | 'order'
  | 'format'
  | 'encoding'
  | 'dates'
> {
  readonly timeZone?: string | undefined;
  readonly delimiter?: keyof typeof delimiters | undefined;
  /** `false` for `--no-header`. */
  readonly header?: boolean | undefined;
  readonly map?: readonly string[] | undefined;
  readonly complete?: true | undefined;
  readonly definition?: string | undefined;
  readonly sla?: readonly string[] | undefined;
  readonly list?: string | undefined;
  readonly html?: string | undefined;
  readonly failOn?: readonly string[] | undefined;
  readonly allowEmpty?: true | undefined;
  readonly json?: true | undefined;
}

const delimiters = { comma: ',', semicolon: ';', tab: '\t', pipe: '|' } as const;

/** Reads the histories of a file, judges and measures them. */
export async function replay(
  file: string,
  options: ReplayCommandOptions,
  terminal: Terminal,
): Promise<number> {
  const { output, messages, style } = terminal;
  const { complete = false, json = false } = options;
  const conditions = (options.failOn ?? []).map(parseFailOn);
  checkOptions(options);
  const clocks = await readClocks(options.timeZone);
  const { list, html } = options;
  if (list !== undefined) await checkWritable('--list', list, [file]);
  if (html !== undefined) await checkWritable('--html', html, [file, ...(list ? [list] : [])]);
  const { lifecycle } = await loadLifecycle(options.definition, terminal);
  const sla = (options.sla ?? []).map((text) => promiseOf(text, lifecycle));
  const map = await readStatusMap(options.map ?? [], targetNames(lifecycle));
  const { header, delimiter, timeZone, ...reading } = options;
  const histories = await readHistories(
    file,
    lifecycle,
    {
      ...reading,
      delimiter: delimiter && delimiters[delimiter],
      header: header === false ? header : undefined,
      map,
      clocks,
    },
    terminal,
  );
  if (output.closed.aborted) return exitCodes.ok;
  if (histories.records === 0 && options.allowEmpty !== true) {
    throw new CliError(
      `${visible(file)} has no rows. Did its export fail? --allow-empty takes it as it is.`,
      exitCodes.unreadable,
    );
  }
  checkTimes(histories, sla);
  checkSorted(histories, timeZone);
  checkClocks(histories, lifecycle, conditions);
  const { disorder } = histories;
  if (disorder !== undefined && isSevere(disorder) && json) {
    throw new CliError(`${disorderText(disorder)} No changes were printed.`, exitCodes.unreadable);
  }

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
  else await output.print(replayText(summary, { style }));
  if (list !== undefined) await writeMisfits(list, misfits());
  if (html !== undefined) {
    const { writeReplayPage } = await import('../../report/replay-page.ts');
    await writeReplayPage(html, { input: file, summary, lifecycle, secrets: terminal.secrets });
  }
  for (const note of await notesOn(summary, histories, json)) messages.note(note);
  const failed = failures(conditions, summary);
  for (const text of failed) messages.show(`Failed: ${text}`);
  if (failed.length > 0) return exitCodes.failed;
  return summary.unreadable > 0 ? exitCodes.unreadable : exitCodes.ok;
}

function checkOptions({ state, from, to, time, order }: ReplayCommandOptions): void {
  if (from !== undefined && to === undefined) throw new CliError('--from needs --to.');
  if (to !== undefined && state !== undefined) {
    throw new CliError('--to and --state both name the state after a change. Give one of them.');
  }
  if (time !== undefined && order !== undefined) {
    throw new CliError('--time sorts the rows, so --order has no meaning. Give one of them.');
  }
}

function promiseOf(text: string, lifecycle: Lifecycle): Promised {
  const promised = parsePromise(text);
  const names = targetNames(lifecycle);
  if (names.includes(promised.name)) return promised;
  throw new CliError(`--sla: ${unknownName('status', promised.name, names)}.`);
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

function checkTimes({ times, rows }: Histories, sla: readonly Promised[]): void {
  if (times?.isSorted === true && rows > 0 && times.unreadable === rows) {
    throw new CliError(
      `No time in "${times.column}" can be read. Times look like 2026-03-02T09:00:00Z, 02.03.2026 09:00 or 1772442000.`,
      exitCodes.unreadable,
    );
  }
  if (sla.length > 0 && times?.isSorted !== true) {
    throw new CliError('--sla measures time: name the column of the time with --time.');
  }
}
