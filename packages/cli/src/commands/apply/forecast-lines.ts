import type { Lifecycle } from '@ticket-lifecycle/core';
import {
  checkChangeColumns,
  createChangeParser,
  isReport,
  type LineChange,
} from '../../bulk/change-line.ts';
import { ticketOf } from '../../bulk/apply-rows.ts';
import { createSelection } from '../../bulk/select.ts';
import { CliError } from '../../cli-error.ts';
import type { Row, RowOptions } from '../../rows/rows.ts';
import type { ApplyOptions } from './apply-options.ts';
import { createForecastTally, type ForecastSummary } from './forecast-text.ts';
import { createForecaster } from './forecast.ts';

/** Prepares to forecast the lines of a file. Those of `isOver` were ended by an earlier run. */
export function createForecastLines(
  lifecycle: Lifecycle,
  options: ApplyOptions,
  isOver: (line: number) => boolean = () => false,
) {
  const { plan = false, read, context, staffUserId, format, allowEmpty } = options;
  const parse = createChangeParser(lifecycle, staffUserId);
  const readsAlways = read === 'always';
  const forecaster = createForecaster({ lifecycle, plan, readsAlways, context });
  const selection = createSelection(options);
  const tally = createForecastTally();
  const checkColumns = (columns: readonly string[]) => {
    selection.hasColumns(columns);
    return checkChangeColumns(columns, staffUserId !== undefined);
  };
  return {
    /** How to read them. */
    rows: { format, allowEmpty, checkColumns } satisfies RowOptions,
    /** Takes a line, and prints what `--json` shows of it: nothing for one that is not wanted. */
    take(row: Row, print?: (value: object) => void): void {
      const { line } = row;
      if ('fields' in row && (isReport(row.fields) || !selection.selects(row.fields))) return;
      if (isOver(line)) return tally.over();
      const parsed = 'fields' in row ? parse(row.fields) : row;
      if ('reason' in parsed) {
        const { reason } = parsed;
        const ticketId = 'fields' in row ? ticketOf(row.fields) : undefined;
        if (ticketId !== undefined) forecaster.doubt(ticketId);
        tally.unreadable({ line, reason, ticketId });
        print?.({ type: 'forecast', line, ticketId, kind: 'unreadable', reason });
        return;
      }
      const { change } = parsed;
      const forecast = forecaster.forecast(change);
      const isFirst = tally.add(line, forecast);
      if (isFirst) tally.show(shown(line, change));
      const { leastRequests: _, isRemembered: __, ...printed } = forecast;
      print?.({ type: 'forecast', line, ticketId: change.ticketId, ...printed });
    },
    /** @throws CliError where the selection can't have been meant so */
    end(rate: number): ForecastSummary {
      const fault = selection.fault();
      if (fault !== undefined) throw new CliError(`${fault} Nothing was sent.`);
      return tally.summary(rate, selection.skipped);
    },
  };
}

const shown = (line: number, { ticketId, event, to }: LineChange) =>
  `${ticketId} ${event ?? `to ${to}`} (line ${line})`;
