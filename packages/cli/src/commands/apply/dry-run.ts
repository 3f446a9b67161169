import type { ApplyOptions } from './apply-options.ts';
import { checkChangeColumns, createChangeParser } from '../../bulk/change-line.ts';
import { CliError } from '../../cli-error.ts';
import { loadLifecycle } from '../../lifecycle/load-lifecycle.ts';
import { exitCodes } from '../../exit-code.ts';
import { createForecastTally, forecastText } from './forecast-text.ts';
import { createForecaster } from './forecast.ts';
import { rateOf } from '../../api/rate.ts';
import { scanFile } from '../../rows/scan-file.ts';
import { jsonVersion } from '../../json-version.ts';
import { checkSelectedColumns, createSelection } from '../../bulk/select.ts';
import type { Terminal } from '../../terminal/terminal.ts';

/** Says what would become of every line, and what it would cost. Sends and reads nothing. */
export async function dryRun(
  file: string | undefined,
  options: ApplyOptions,
  terminal: Terminal,
): Promise<number> {
  const { output, style } = terminal;
  if (file === undefined) throw new CliError("missing required argument 'file'");
  const { lifecycle } = await loadLifecycle(options.definition, terminal);
  const { plan = false, read, context, staffUserId, format, json } = options;
  const rate = rateOf(options);
  const parse = createChangeParser(lifecycle, staffUserId);
  const forecastOf = createForecaster({
    lifecycle,
    plan,
    readsAlways: read === 'always',
    context,
  });
  const selects = createSelection(options);
  const tally = createForecastTally();

  const checkColumns = (columns: readonly string[]) =>
    checkChangeColumns(columns, staffUserId !== undefined) ??
    checkSelectedColumns(columns, options);
  await scanFile(file, { format, checkColumns }, output, (row, print) => {
    if ('fields' in row && (row.fields['type'] === 'summary' || !selects(row.fields))) return;
    const parsed = 'fields' in row ? parse(row.fields) : row;
    const { line } = row;
    if ('reason' in parsed) {
      const { reason } = parsed;
      tally.unreadable({ line, reason });
      if (json === true) print({ type: 'forecast', line, kind: 'unreadable', reason });
      return;
    }
    const forecast = forecastOf(parsed.change);
    tally.add(line, forecast);
    if (json !== true) return;
    print({ type: 'forecast', line, ticketId: parsed.change.ticketId, ...forecast });
  });
  const summary = tally.summary(rate);
  const exitCode =
    summary.unreadable > 0
      ? exitCodes.unreadable
      : summary.forecasts.blocked > 0
        ? exitCodes.blocked
        : exitCodes.ok;
  if (json === true)
    await output.printJson({ type: 'summary', schema: jsonVersion, ...summary, exitCode });
  else await output.print(forecastText(summary, rate, style));
  return exitCode;
}
