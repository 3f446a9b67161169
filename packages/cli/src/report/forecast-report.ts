import { writeFile } from 'node:fs/promises';
import { writeErrorText } from '../error-text.ts';
import { CliError } from '../cli-error.ts';
import { exitCodes } from '../exit-code.ts';
import type { Counted } from '../bulk/counter.ts';
import type { UnreadableLines } from '../rows/unreadable-lines.ts';
import type { Secrets } from '../terminal/secrets.ts';
import { count, printable, several } from '../terminal/text.ts';
import { reportPage, table } from './page.ts';
import { barsSvg, type Bar } from './plots.ts';

/** What is to be expected of a file of changes. */
export interface ForecastReport extends UnreadableLines {
  /** Where the page goes. */
  readonly file: string;
  /** What was looked through. */
  readonly input: string;
  readonly lines: number;
  readonly forecasts: Readonly<
    Record<'sends' | 'lifecycle' | 'reads' | 'unchanged' | 'blocked', number>
  >;
  readonly reasons: readonly Counted[];
  readonly skipped: number;
  readonly secrets: Secrets;
}

/**
 * Writes a page about a dry run that needs nothing but itself.
 *
 * @throws CliError where it can't be written: nothing else was asked for
 */
export async function writeForecastReport(report: ForecastReport): Promise<void> {
  const { file, input, lines, reasons, unreadableLines, secrets } = report;
  const why = reasons.map(({ name, count: times, note = '' }) => [
    printable(name),
    count(times),
    note,
  ]);
  const unreadable = unreadableLines.map(({ line, reason }) => [String(line), printable(reason)]);
  const page = reportPage(
    'Changes of tickets, before they are made',
    [`${several(lines, 'line')}, nothing sent`, `${input}, ${new Date().toISOString()}`],
    [
      { title: 'What would become of the lines', body: barsSvg('Forecast', bars(report)) },
      ...section('Why some are blocked', ['reason', 'times', 'where'], why, 'times'),
      ...section("Lines that can't be read", ['line', 'what is wrong'], unreadable, 'line'),
    ],
  );
  try {
    await writeFile(file, secrets.hide(page));
  } catch (error) {
    const message = `The report ${file} can't be written: ${writeErrorText(error)}.`;
    throw new CliError(message, exitCodes.unexpected);
  }
}

const section = (title: string, columns: string[], rows: string[][], numbers: string) =>
  rows.length === 0 ? [] : [{ title, body: table(columns, rows, [numbers]) }];

function bars({ forecasts, unreadable, skipped }: ForecastReport): Bar[] {
  return [
    { label: 'would be sent', value: forecasts.sends, color: 'good' },
    { label: 'inside a status', value: forecasts.lifecycle, color: 'good' },
    { label: 'read first', value: forecasts.reads, color: 'plain' },
    { label: 'there already', value: forecasts.unchanged, color: 'good' },
    { label: 'blocked', value: forecasts.blocked, color: 'warn' },
    { label: 'unreadable', value: unreadable, color: 'bad' },
    { label: 'not selected', value: skipped, color: 'plain' },
  ];
}
