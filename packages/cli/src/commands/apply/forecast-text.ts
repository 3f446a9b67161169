import { createCounter, type Counted } from '../../bulk/counter.ts';
import {
  createUnreadableLines,
  unreadableText,
  type UnreadableChange,
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
  /**
   * Requests, reads included, if every ticket stands where its first line says. How many it takes
   * depends on where the others stand.
   */
  readonly requests: { readonly least: number; readonly most: number };
  readonly seconds: { readonly least: number; readonly most: number };
  /** Why lines are blocked, the most frequent first. */
  readonly reasons: readonly Counted[];
  /** Lines that were not selected. */
  readonly skipped: number;
  /** Lines that an earlier run has ended. */
  readonly over: number;
  /** The first few changes that would be asked for, for people. */
  readonly first: readonly string[];
}

// A run remembers a ticket for a minute, and then reads it again.
const rememberedForSeconds = 50;

// Enough to see that it is the right file.
const mostFirst = 3;

/** Counts what is to be expected. */
export function createForecastTally() {
  const forecasts = { sends: 0, lifecycle: 0, reads: 0, unchanged: 0, blocked: 0 };
  const blocked = new Map<Forecast, { count: number; readonly line: number }>();
  const unreadableLines = createUnreadableLines();
  const requests = { least: 0, most: 0 };
  const first: string[] = [];
  let lines = 0;
  let over = 0;
  let remembered = 0;

  return {
    unreadable(line: UnreadableChange): void {
      lines += 1;
      unreadableLines.add(line);
    },
    /** Counts a line that an earlier run has ended. */
    over(): void {
      over += 1;
    },
    /** Shows a change to people. */
    show(change: string): void {
      first.push(change);
    },
    /** Counts a forecast; answers whether it is one of the first that would be asked for. */
    add(line: number, forecast: Forecast): boolean {
      const { kind } = forecast;
      lines += 1;
      forecasts[kind] += 1;
      requests.least += forecast.leastRequests;
      requests.most += forecast.requests;
      if (forecast.isRemembered) remembered += 1;
      const isAsked = kind === 'sends' || kind === 'reads';
      if (kind !== 'blocked') return isAsked && first.length < mostFirst;
      // Equal lines have the same forecast, as one object.
      const known = blocked.get(forecast);
      if (known === undefined) blocked.set(forecast, { count: 1, line });
      else known.count += 1;
      return false;
    },
    summary(rate: number, skipped = 0): ForecastSummary {
      const isLong = requests.most / rate > rememberedForSeconds;
      const most = requests.most + (isLong ? remembered : 0);
      const reasons = createCounter();
      for (const [{ blockers }, { count: times, line }] of blocked) {
        const reason = blockers.map(({ message }) => message).join(' ');
        reasons.add(reason, `first in line ${line}`, times);
      }
      const seconds = { least: requests.least / rate, most: most / rate };
      return {
        dryRun: true,
        lines,
        forecasts,
        requests: { ...requests, most },
        seconds,
        reasons: reasons.mostFrequent(),
        skipped,
        over,
        first,
        ...unreadableLines.summary(),
      };
    },
  };
}

/** Says what is to be expected of a dry run. */
export function forecastText(
  summary: Omit<ForecastSummary, 'over' | 'first'>,
  rate: number,
  style: Terminal['style'],
): string {
  const title = style('bold', `${several(summary.lines, 'line')}, nothing sent`);
  return `${title}\n\n${expectedText(summary, rate)}`;
}

/** Says what is to be expected. */
export function expectedText(
  summary: Omit<ForecastSummary, 'over' | 'first'>,
  rate: number,
): string {
  const { forecasts, requests, seconds, reasons, unreadable, skipped } = summary;
  const row = (value: number, what: string) => `${count(value).padStart(9)}  ${what}`;
  const range = (from: string, to: string) => (from === to ? from : `${from} to ${to}`);
  const fewest = requests.least === requests.most ? '' : `${count(requests.least)} to `;
  const time = range(duration(seconds.least), duration(seconds.most));
  const cost =
    requests.most === 0
      ? 'No request'
      : `${fewest}${several(requests.most, 'request')}, at most ${count(rate)} a second: about ${time}`;
  return [
    row(forecasts.sends, 'would be sent'),
    ...(forecasts.lifecycle === 0
      ? []
      : [row(forecasts.lifecycle, 'stay inside their status: confirmed without a request')]),
    row(forecasts.reads, 'depend on the status of the ticket: it would be read first'),
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
    ...(skipped === 0 ? [] : [row(skipped, 'are not selected')]),
    '',
    cost,
  ].join('\n');
}
