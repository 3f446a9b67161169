import { type Command, Option } from '@commander-js/extra-typings';
import { exitCodes } from './exit-code.ts';
import { judgeHistories, type HistoryItem } from './histories.ts';
import { openInput } from './input.ts';
import { didYouMean } from './near.ts';
import { createReplayTally, replayText } from './replay-text.ts';
import { formats, readRows, type RowOptions } from './rows.ts';
import { parseStatusMap } from './status-map.ts';
import type { Terminal } from './terminal.ts';

interface ReplayCommandOptions {
  readonly id: string;
  readonly state: string;
  readonly map?: string | undefined;
  readonly complete?: true | undefined;
  readonly format?: RowOptions['format'];
  readonly json?: true | undefined;
}

/** Adds `replay` to the program. */
export function addReplay(program: Command, terminal: Terminal, end: (code: number) => void): void {
  program
    .command('replay')
    .summary('judge the histories of real tickets')
    .description(
      `Judges the histories of real tickets: which changes of status are steps of the
lifecycle, which are several at once, and which nothing explains. Sends nothing.

The rows of a ticket stand in order of time. What --json prints is a file for
"apply --plan".`,
    )
    .argument('<file>', 'a CSV or NDJSON file, or - for standard input')
    .requiredOption('--id <column>', 'the column that names the ticket')
    .requiredOption('--state <column>', 'the column with its state')
    .option('--map <pairs>', 'what the states mean here: VALUE=STATUS,…; * stands for anything')
    .option('--complete', 'the log holds every change: several steps at once are skipped ones')
    .addOption(new Option('--format <format>', 'what the file is').choices(formats))
    .option('--json', 'print an object for every change, and a summary as the last')
    .addHelpText(
      'after',
      `
Example:
  $ ticket-lifecycle replay log.csv --id number --state incident_state \\
      --map 'New=open,Active=in-progress,Awaiting *=in-progress,Resolved=resolved,Closed=closed'`,
    )
    .action(async (file, options) => end(await replay(file, options, terminal)));
}

async function replay(
  file: string,
  options: ReplayCommandOptions,
  { output, talk, style }: Terminal,
): Promise<number> {
  const { id, state, complete = false, json = false, format } = options;
  const toStatus = parseStatusMap(options.map);
  const rows = readRows(await openInput(file, output.closed), {
    format,
    checkColumns: (columns) => missingColumn(columns, [id, state]),
  });
  const tally = createReplayTally();
  try {
    for await (const item of judgeHistories(rows, { id, state, toStatus, complete })) {
      tally.add(item);
      if (json && item.type === 'change') await output.printJson(toPlain(item));
    }
  } catch (error) {
    if (!output.closed.aborted) throw error;
  }
  const summary = tally.summary();
  if (json) await output.printJson({ type: 'summary', ...summary });
  else await output.print(replayText(summary, { complete, style }));
  if (summary.unmapped.length > 0) {
    talk.say('\nValues without a meaning here were found: give them one with --map.');
  }
  return summary.unreadable > 0 ? exitCodes.unreadable : exitCodes.ok;
}

function missingColumn(columns: readonly string[], wanted: readonly string[]): string | undefined {
  const missing = wanted.find((column) => !columns.includes(column));
  return missing && `has no column "${missing}"${didYouMean(missing, columns)}`;
}

function toPlain({ type, line, ticketId, step }: HistoryItem & { type: 'change' }): object {
  const { index: _, from, to, ...verdict } = step;
  return { type, line, ticketId, from, to, ...verdict };
}
