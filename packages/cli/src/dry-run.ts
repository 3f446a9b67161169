import type { Lifecycle } from '@ticket-lifecycle/core';
import type { ApplyOptions } from './apply.ts';
import { checkChangeColumns, createChangeParser } from './change-line.ts';
import { exitCodes } from './exit-code.ts';
import { createForecastTally, forecastText } from './forecast-text.ts';
import { openInput } from './input.ts';
import { createOfflineJudge } from './judge-offline.ts';
import { documentedLimit } from './rate.ts';
import { readRows, type Row } from './rows.ts';
import { schema } from './schema.ts';
import { checkSelectedColumns, createSelection } from './select.ts';
import type { Terminal } from './terminal.ts';

/** Says what would become of every line, and what it would cost. Sends and reads nothing. */
export async function dryRun(
  file: string,
  options: ApplyOptions,
  lifecycle: Lifecycle,
  { output, style }: Terminal,
): Promise<number> {
  const { plan = false, context, staffUserId, format, json } = options;
  const rate = (options.requestsPerSecond ?? documentedLimit) * (options.rateShare ?? 1);
  const parse = createChangeParser(lifecycle, staffUserId);
  const judge = createOfflineJudge({ lifecycle, plan, context });
  const selects = createSelection(options);
  const tally = createForecastTally();
  let printed: string[] = [];

  const batches = readRows(await openInput(file, output.closed), {
    format,
    checkColumns: (columns) =>
      checkChangeColumns(columns, staffUserId !== undefined) ??
      checkSelectedColumns(columns, options),
  });
  try {
    for await (const rows of batches) {
      for (const row of rows) look(row);
      if (printed.length === 0) continue;
      await output.print(printed.join('\n'));
      printed = [];
    }
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
  if (json === true) await output.printJson({ type: 'summary', schema, ...summary, exitCode });
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

  function say(forecast: object): void {
    printed.push(JSON.stringify({ type: 'forecast', ...forecast }));
  }
}
