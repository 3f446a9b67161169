import type { ApplyOptions } from './apply-options.ts';
import { checkChangeColumns, createChangeParser } from '../../bulk/change-line.ts';
import { CliError } from '../../cli-error.ts';
import { loadDefinition } from '../../lifecycle/load-lifecycle.ts';
import { exitCodes } from '../../exit-code.ts';
import { createForecastTally, forecastText } from './forecast-text.ts';
import { openInput } from '../../rows/input.ts';
import { createOfflineJudge } from './forecast.ts';
import { rateOf } from '../../api/rate.ts';
import { scanRows, type Row } from '../../rows/rows.ts';
import { jsonVersion } from '../../json-version.ts';
import { checkSelectedColumns, createSelection } from '../../bulk/select.ts';
import type { Terminal } from '../../terminal/terminal.ts';

/** Says what would become of every line, and what it would cost. Sends and reads nothing. */
export async function dryRun(
  file: string | undefined,
  options: ApplyOptions,
  { output, style }: Terminal,
): Promise<number> {
  if (file === undefined) throw new CliError("missing required argument 'file'");
  const { lifecycle } = await loadDefinition(options.definition);
  const { plan = false, context, staffUserId, format, json } = options;
  const rate = rateOf(options);
  const parse = createChangeParser(lifecycle, staffUserId);
  const judge = createOfflineJudge({ lifecycle, plan, context });
  const selects = createSelection(options);
  const tally = createForecastTally();
  let printed: string[] = [];

  const checkColumns = (columns: readonly string[]) =>
    checkChangeColumns(columns, staffUserId !== undefined) ??
    checkSelectedColumns(columns, options);
  const input = await openInput(file, output.closed);
  try {
    await scanRows(input, { format, checkColumns }, look, flush);
  } catch (error) {
    if (!output.closed.aborted) throw error;
  }
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

  function look(row: Row): void {
    if ('fields' in row && (row.fields['type'] === 'summary' || !selects(row.fields))) return;
    const parsed = 'fields' in row ? parse(row.fields) : row;
    const { line } = row;
    if ('fault' in parsed) {
      tally.fault(line, parsed.fault);
      if (json === true) say({ line, kind: 'unreadable', reason: parsed.fault });
      return;
    }
    const forecast = judge(parsed.change);
    tally.add(line, forecast);
    if (json === true) say({ line, ticketId: parsed.change.ticketId, ...forecast });
  }

  async function flush(): Promise<void> {
    if (printed.length === 0) return;
    const text = printed.join('\n');
    printed = [];
    await output.print(text);
  }

  function say(forecast: object): void {
    printed.push(JSON.stringify({ type: 'forecast', ...forecast }));
  }
}
