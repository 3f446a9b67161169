import type { Lifecycle } from '@ticket-lifecycle/core';
import { realpath } from 'node:fs/promises';
import { dirname } from 'node:path';
import { foretold } from './applied-before.ts';
import type { ApplyOptions } from './apply-options.ts';
import { missingArgument } from '../missing-argument.ts';
import { CliError } from '../../cli-error.ts';
import { loadLifecycle } from '../../lifecycle/load-lifecycle.ts';
import { exitCodes } from '../../exit-code.ts';
import { forecastText, type ForecastSummary } from './forecast-text.ts';
import { createForecastLines } from './forecast-lines.ts';
import { fillIn, readProfile } from '../../api/profile.ts';
import { rateOf } from '../../api/rate.ts';
import { isReadOnce, measure, openInput } from '../../rows/input.ts';
import { jsonError } from '../../terminal/json-error.ts';
import { scanRows, type Row } from '../../rows/rows.ts';
import { jsonVersion } from '../../json-version.ts';
import type { Terminal } from '../../terminal/terminal.ts';
import { jsonLine } from '../../terminal/text.ts';

/** Says what would become of every line, and what it would cost. Sends and reads nothing. */
export async function dryRun(
  file: string | undefined,
  asked: ApplyOptions,
  terminal: Terminal,
): Promise<number> {
  const { output, style } = terminal;
  const options = fillIn(await readProfile(asked, terminal), asked);
  if (file === undefined) throw new CliError(missingArgument('file'));
  const { lifecycle } = await loadLifecycle(options.definition, terminal);
  const { json, report } = options;
  if (report !== undefined) {
    const { checkWritable } = await import('../../rows/output-file.ts');
    await checkWritable('--report', report, [file]);
  }
  if (options.failed !== undefined) {
    throw new CliError(
      '--failed: A dry run sends nothing, so nothing fails. Leave one of them out.',
    );
  }
  const rate = rateOf(options);
  const lines = createForecastLines(lifecycle, options);
  let forecasts: string[] = [];
  const print = (forecast: object) => void forecasts.push(jsonLine(forecast));
  const take = (row: Row) => lines.take(row, json === true ? print : undefined);
  // Those of a chunk go out together.
  const flush = async () => {
    if (forecasts.length === 0) return;
    const text = forecasts.join('\n');
    forecasts = [];
    await output.print(text);
  };
  try {
    await scanRows(await openInput(file, output.closed), lines.rows, take, flush);
  } catch (error) {
    if (!output.closed.aborted) throw error;
  }
  const { over: _, first: __, ...summary } = lines.end(rate);
  if (report !== undefined) {
    const { writeForecastReport } = await import('../../report/forecast-report.ts');
    await writeForecastReport({ ...summary, file: report, input: file, secrets: terminal.secrets });
  }
  const stop = await foretell(file, lifecycle, options);
  // As the run itself would end: a check of a file is not green where its run would stop.
  const exitCode = stop?.exitCode ?? exitCodeOf(summary);
  if (json === true)
    await output.printJson({ type: 'summary', schema: jsonVersion, ...summary, exitCode });
  else await output.print(forecastText(summary, rate, style));
  if (stop !== undefined) {
    const { exitCode: code, text } = stop;
    terminal.messages.show(json === true ? jsonError({ code, message: text }) : `\n${text}`);
  }
  return exitCode;
}

/** Says whether `apply` would stop, since the file or lines of it were applied before. */
async function foretell(
  file: string,
  lifecycle: Lifecycle,
  options: ApplyOptions,
): ReturnType<typeof foretold> {
  if (await isReadOnce(file)) return undefined;
  const journalFolder = typeof options.journal === 'string' ? dirname(options.journal) : undefined;
  const sha256 = async () => (await measure(file))?.sha256;
  const realFile = await realpath(file);
  return foretold({ file, realFile, sha256, journalFolder, lifecycle, options });
}

function exitCodeOf({ unreadable, forecasts }: Pick<ForecastSummary, 'unreadable' | 'forecasts'>) {
  if (unreadable > 0) return exitCodes.unreadable;
  return forecasts.blocked > 0 ? exitCodes.blocked : exitCodes.ok;
}
