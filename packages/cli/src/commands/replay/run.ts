import { loadDefinition } from '../../lifecycle/load-lifecycle.ts';
import { exitCodes } from '../../exit-code.ts';
import type { Format } from '../../rows/formats.ts';
import { createHistoryJudge, type Change } from './histories.ts';
import { openInput } from '../../rows/input.ts';
import { didYouMean } from '../../terminal/did-you-mean.ts';
import { createReplayTally, replayText } from './text.ts';
import { scanRows } from '../../rows/rows.ts';
import { jsonVersion } from '../../json-version.ts';
import { parseStatusMap } from './status-map.ts';
import type { Terminal } from '../../terminal/terminal.ts';

interface ReplayCommandOptions {
  readonly id: string;
  readonly state: string;
  readonly map?: string | undefined;
  readonly complete?: true | undefined;
  readonly definition?: string | undefined;
  readonly format?: Format | undefined;
  readonly json?: true | undefined;
}

/** Judges the histories of a file, and sums them up. */
export async function replay(
  file: string,
  options: ReplayCommandOptions,
  { output, talk, style }: Terminal,
): Promise<number> {
  const { id, state, complete = false, json = false, format } = options;
  const { lifecycle } = await loadDefinition(options.definition);
  const toStatus = parseStatusMap(options.map);
  const tally = createReplayTally();
  let lines: string[] = [];
  const judge = createHistoryJudge(
    { lifecycle, id, state, toStatus, complete },
    {
      ...tally,
      change(change) {
        tally.change(change);
        if (json) lines.push(JSON.stringify(toPlain(change)));
      },
    },
  );
  const input = await openInput(file, output.closed);
  const checkColumns = (columns: readonly string[]) => missingColumn(columns, [id, state]);
  try {
    await scanRows(input, { format, checkColumns }, judge, flush);
  } catch (error) {
    if (!output.closed.aborted) throw error;
  }
  const summary = tally.summary();
  if (json) await output.printJson({ type: 'summary', schema: jsonVersion, ...summary });
  else await output.print(replayText(summary, { complete, style }));
  if (summary.unmapped.length > 0) {
    talk.say('\nValues without a meaning here were found: give them one with --map.');
  }
  return summary.unreadable > 0 ? exitCodes.unreadable : exitCodes.ok;

  async function flush(): Promise<void> {
    if (lines.length === 0) return;
    const text = lines.join('\n');
    lines = [];
    await output.print(text);
  }
}

function missingColumn(columns: readonly string[], wanted: readonly string[]): string | undefined {
  const missing = wanted.find((column) => !columns.includes(column));
  return missing && `has no column "${missing}"${didYouMean(missing, columns)}`;
}

function toPlain({ line, ticketId, step }: Change): object {
  const { index: _, from, to, ...verdict } = step;
  return { type: 'change', line, ticketId, from, to, ...verdict };
}
