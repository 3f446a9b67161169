import type { Lifecycle } from '@ticket-lifecycle/core';
import { isLive } from '../../api/connect.ts';
import { seriesUrl } from '../../api/api-key.ts';
import { rateOf } from '../../api/rate.ts';
import type { LineSet } from '../../journal/line-set.ts';
import { measure, openInput, readWhole, type Input, type Measured } from '../../rows/input.ts';
import { scanRows } from '../../rows/rows.ts';
import { confirm } from '../../terminal/confirm.ts';
import type { Terminal } from '../../terminal/terminal.ts';
import { count, several } from '../../terminal/text.ts';
import type { ApplyOptions } from './apply-options.ts';
import { createForecastLines } from './forecast-lines.ts';
import { expectedText, type ForecastSummary } from './forecast-text.ts';

/** A file that was looked through before anything is sent. */
export interface Previewed {
  /** The changes, from their beginning. */
  readonly input: Input;
  readonly measured: Measured | undefined;
  /** `undefined` for what gives its lines only once, and is taken as it comes. */
  readonly expected: ForecastSummary | undefined;
}

/**
 * Looks through the changes before anything is sent: a selection that nothing fits, or a file
 * without a row, is no reason to begin. What gives its lines only once is looked through only where
 * lines are chosen, and kept in memory for that.
 */
export async function preview(
  file: string,
  {
    lifecycle,
    options,
    done,
    signal,
  }: {
    readonly lifecycle: Lifecycle;
    readonly options: ApplyOptions;
    /** Lines that an earlier run has ended. */
    readonly done: LineSet | undefined;
    readonly signal: AbortSignal;
  },
): Promise<Previewed> {
  // Opened before it is measured: what can't be read is said in the same words everywhere.
  const opened = await openInput(file, signal, { fixed: true });
  const measured = await measure(file);
  const isChosen = options.only !== undefined || options.where !== undefined;
  if (measured === undefined && !isChosen) return { input: opened, measured, expected: undefined };
  const input = measured === undefined ? await readWhole(opened) : opened;
  const lines = createForecastLines(lifecycle, options, (line) => done?.has(line) === true);
  const looked = measured === undefined ? input : await openInput(file, signal);
  await scanRows(looked, lines.rows, (row) => lines.take(row));
  const expected = lines.end(rateOf(options));
  return { input: { ...input, lines: expected.lines + expected.over }, measured, expected };
}

/** Asks once before real tickets are changed, with what would happen. */
export async function ask(
  expected: ForecastSummary | undefined,
  options: ApplyOptions,
  signal: AbortSignal,
  terminal: Terminal,
): Promise<void> {
  if (!isLive(options)) return;
  const { baseUrl = seriesUrl, yes = false } = options;
  if (!yes && expected !== undefined) {
    const { first } = expected;
    const few = first.length === 0 ? '' : `The first: ${first.join(', ')}\n`;
    terminal.messages.show(`${expectedText(expected, rateOf(options))}\n${few}`);
  }
  const question = `Apply ${whatOf(expected)} at ${baseUrl}, for everybody to see?`;
  await confirm(question, { yes, signal }, terminal);
}

function whatOf(expected: ForecastSummary | undefined): string {
  if (expected === undefined) return 'the changes of standard input';
  const { forecasts, skipped, unreadable } = expected;
  const besides = [
    [forecasts.blocked, 'blocked'],
    [forecasts.unchanged + forecasts.lifecycle, 'without a request'],
    [skipped, 'not selected'],
    [unreadable, 'unreadable'],
  ] as const;
  const named = besides.filter(([number]) => number > 0);
  const others = named.map(([number, what]) => `${count(number)} ${what}`).join(', ');
  return `${several(forecasts.sends + forecasts.reads, 'change')}${others === '' ? '' : ` (${others})`}`;
}
