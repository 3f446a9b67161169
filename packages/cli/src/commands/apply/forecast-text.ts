import { createCounter, type Counted } from '../../bulk/counter.ts';
import type { UnreadableLine } from '../../rows/lines.ts';
import {
  createUnreadableLines,
  unreadableText,
  type UnreadableLines,
} from '../../rows/unreadable-lines.ts';
import type { Forecast } from './forecast.ts';
import type { Terminal } from '../../terminal/terminal.ts';
import { count, printable, several, duration, indent } from '../../terminal/text.ts';

/** What is to be expected of a file of changes. */
export interface ForecastSummary extends UnreadableLines {
  readonly dryRun: true;
  readonly lines: number;
  readonly forecasts: Readonly<Record<Forecast['kind'], number>>;
  /** Requests, reads included. How many it takes depends on where some tickets stand. */
  readonly requests: { readonly least: number; readonly most: number };
  readonly seconds: { readonly least: number; readonly most: number };
  /** Why lines are blocked, the most frequent first. */
  readonly reasons: readonly Counted[];
}

/** Counts what is to be expected. */
export function createForecastTally() {
  const forecasts = { sends: 0, lifecycle: 0, reads: 0, unchanged: 0, blocked: 0 };
  const blocked = new Map<Forecast, { count: number; readonly line: number }>();
  const unreadableLines = createUnreadableLines();
  const requests = { least: 0, most: 0 };
  let lines = 0;

  return {
    unreadable(line: UnreadableLine): void {
      lines += 1;
      unreadableLines.add(line);
    },
    add(line: number, forecast: Forecast): void {
      const { kind } = forecast;
      lines += 1;
      forecasts[kind] += 1;
      requests.least += kind === 'reads' ? 1 : forecast.requests;
      requests.most += forecast.requests;
      if (kind !== 'blocked') return;
      // Equal lines have the same forecast, as one object.
      const known = blocked.get(forecast);
      if (known === undefined) blocked.set(forecast, { count: 1, line });
      else known.count += 1;
    },
    summary(rate: number): ForecastSummary {
      const reasons = createCounter();
      for (const [{ blockers }, { count: times, line }] of blocked) {
        const reason = blockers.map(({ message }) => message).join(' ');
        reasons.add(reason, `first in line ${line}`, times);
      }
      const seconds = { least: requests.least / rate, most: requests.most / rate };
      return {
        dryRun: true,
        lines,
        forecasts,
        requests,
        seconds,
        reasons: reasons.mostFrequent(),
        ...unreadableLines.summary(),
      };
    },
  };
}

/** Says what is to be expected. */
export function forecastText(
  summary: ForecastSummary,
  rate: number,
  style: Terminal['style'],
): string {
  const { lines, forecasts, requests, seconds, reasons, unreadable } = summary;
  const row = (value: number, what: string) => `${count(value).padStart(9)}  ${what}`;
  const range = (from: string, to: string) => (from === to ? from : `${from} to ${to}`);
  const cost = `${range(count(requests.least), several(requests.most, 'request'))} at ${count(rate)} a second: ${range(duration(seconds.least), duration(seconds.most))}`;
  return [
    style('bold', `${several(lines, 'line')}, nothing sent`),
    '',
    row(forecasts.sends, 'would be sent'),
    ...(forecasts.lifecycle === 0
      ? []
      : [row(forecasts.lifecycle, 'stay inside their status: confirmed without a request')]),
    row(forecasts.reads, 'depend on where the ticket stands: it would be read first'),
    row(forecasts.unchanged, 'are there already'),
    row(forecasts.blocked, 'are forbidden by the lifecycle'),
    ...reasons
      .slice(0, 12)
      .map(
        ({ name, count: times, note = '' }) =>
          `${indent(11)}${count(times)} × ${printable(name)} (${note})`,
      ),
    row(unreadable, "can't be read"),
    ...unreadableText(summary, indent(11)),
    '',
    cost,
  ].join('\n');
}
