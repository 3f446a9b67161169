import { writeFile } from 'node:fs/promises';
import type { Lifecycle } from '@ticket-lifecycle/core';
import { toSvg } from '@ticket-lifecycle/diagram';
import type { ReportFigures } from './figures.ts';
import { reportPage, scrollable, table } from './page.ts';
import { barsSvg, budgetSvg, type Bar } from './plots.ts';
import type { Run } from '../bulk/run-changes.ts';
import { costText } from '../bulk/run-summary.ts';
import type { Secrets } from '../terminal/secrets.ts';
import { count, printable } from '../terminal/text.ts';
import { outcomeKinds } from '../journal/line-outcome.ts';

/** What a report is about. */
export interface ReportOptions {
  readonly file: string;
  /** What was applied, and where. */
  readonly input: string;
  readonly baseUrl: string;
  readonly lifecycle: Lifecycle;
  readonly run: Run;
  readonly figures: ReportFigures;
  readonly requestsPerSecond: number;
  readonly secrets: Secrets;
}

/** Writes a page about a run that needs nothing but itself. */
export async function writeReport(options: ReportOptions): Promise<void> {
  const { file, input, baseUrl, lifecycle, run, figures, requestsPerSecond, secrets } = options;
  const map = await toSvg(lifecycle, { counts: figures.changes, title: 'Changes that arrived' });
  const reasons = run.reasons.slice(0, 50).map(({ kind, reason, count: times, lines, tickets }) => {
    const more = times > lines.length ? ', …' : '';
    return [
      kind,
      printable(reason),
      count(times),
      `${lines.join(', ')}${more}`,
      tickets.join(', '),
    ];
  });
  const unreadable = run.unreadableLines.map(({ line, reason }) => [
    String(line),
    printable(reason),
  ]);
  const page = reportPage(
    'Changes of tickets',
    [costText(run), `${input} at ${baseUrl}, ${new Date().toISOString()}`],
    [
      { title: 'How the changes ended', body: barsSvg('How the changes ended', outcomeBars(run)) },
      ...tableSection(
        'Why some did not arrive',
        ['outcome', 'reason', 'times', 'lines', 'tickets'],
        reasons,
        'times',
      ),
      ...tableSection("Lines that can't be read", ['line', 'what is wrong'], unreadable, 'line'),
      {
        title: 'Which transitions the tickets made',
        body: scrollable('Lifecycle', map),
      },
      {
        title: 'How long changes waited for the budget',
        body: barsSvg('Waits', waitBars(figures)),
      },
      {
        title: `Use of the budget of ${requestsPerSecond} requests a second`,
        body: budgetSvg('Use of the budget', figures, requestsPerSecond),
      },
    ],
  );
  await writeFile(file, secrets.hide(page));
}

const tableSection = (title: string, columns: string[], rows: string[][], numbers: string) =>
  rows.length === 0 ? [] : [{ title, body: table(columns, rows, [numbers]) }];

const colors = {
  confirmed: 'good',
  unchanged: 'good',
  blocked: 'warn',
  refused: 'bad',
  'not-sent': 'bad',
  unknown: 'bad',
} as const;

function outcomeBars({ outcomes, unreadable }: Run): Bar[] {
  const bars = outcomeKinds.map((kind): Bar => ({
    label: kind,
    value: outcomes[kind],
    color: colors[kind],
  }));
  return [...bars, { label: 'unreadable', value: unreadable, color: 'bad' }];
}

function waitBars({ waits }: ReportFigures): Bar[] {
  return waits.map(([bound, value], index) => ({
    label:
      bound === Infinity
        ? `over ${timeText(waits[index - 1]?.[0] ?? 0)}`
        : `up to ${timeText(bound)}`,
    value,
    color: 'plain',
  }));
}

const timeText = (ms: number) => (ms < 1000 ? `${ms} ms` : `${count(ms / 1000)} s`);
