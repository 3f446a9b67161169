import { loadLifecycle } from '../../lifecycle/load-lifecycle.ts';
import { exitCodes } from '../../exit-code.ts';
import type { Format } from '../../rows/formats.ts';
import { createHistoryReader, type HistoryStep } from './histories.ts';
import { didYouMean } from '../../terminal/did-you-mean.ts';
import { createReplayTally, replayText } from './text.ts';
import { scanFile } from '../../rows/scan-file.ts';
import { jsonVersion } from '../../json-version.ts';
import { parseStatusMap } from './status-map.ts';
import type { Terminal } from '../../terminal/terminal.ts';

interface ReplayCommandOptions {
  readonly id: string;
  readonly state: string;
  readonly map?: readonly string[] | undefined;
  readonly complete?: true | undefined;
  readonly definition?: string | undefined;
  readonly format?: Format | undefined;
  readonly json?: true | undefined;
  readonly allowEmpty?: true | undefined;
}

/** Reads the histories of a file, and sums them up. */
export async function replay(
  file: string,
  options: ReplayCommandOptions,
  terminal: Terminal,
): Promise<number> {
  const { output, messages, style } = terminal;
  const { id, state, complete = false, json = false, format } = options;
  const { lifecycle } = await loadLifecycle(options.definition, terminal);
  const toStatus = parseStatusMap(options.map);
  const tally = createReplayTally();
  const read = createHistoryReader({ lifecycle, id, state, toStatus, complete }, tally);
  const checkColumns = (columns: readonly string[]) => missingColumn(columns, [id, state]);
  await scanFile(
    file,
    { format, allowEmpty: options.allowEmpty, checkColumns },
    output,
    (row, print) => {
      const step = read(row);
      if (step === undefined) return;
      tally.step(step);
      if (json) print(toPlain(step));
    },
  );
  const summary = tally.summary();
  if (json) await output.printJson({ type: 'summary', schema: jsonVersion, ...summary });
  else await output.print(replayText(summary, { complete, style }));
  if (summary.unmapped.length > 0) {
    messages.show('\nValues without a meaning here were found: give them one with --map.');
  }
  return summary.unreadable > 0 ? exitCodes.unreadable : exitCodes.ok;
}

function missingColumn(columns: readonly string[], wanted: readonly string[]): string | undefined {
  const missing = wanted.find((column) => !columns.includes(column));
  return missing && `has no column "${missing}"${didYouMean(missing, columns)}`;
}

function toPlain({ line, ticketId, step }: HistoryStep): object {
  return { type: 'change', line, ticketId, ...step };
}
