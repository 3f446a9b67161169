import { readFileSync } from 'node:fs';
import type { MarkdownRenderer } from 'vitepress';
import { measuredIn } from './measured.ts';
import { firstTable, tableUnder, type Row } from './markdown-tables.ts';
import { docsDir } from './places.ts';

/** A number, what it means, and the page that proves it. */
export interface Figure {
  readonly value: string;
  readonly meaning: string;
  readonly proof: string;
  readonly measured: string;
}

/** What the benchmarks wrote. */
export interface Reports {
  readonly limiter: string;
  readonly conformance: string;
}

const ourLimiter = 'ticket-lifecycle, paced';
const ourClient = '@ticket-lifecycle/series';

function rowOf(rows: readonly Row[], column: string, name: string): Row {
  const row = rows.find((each) => each[column] === name);
  if (row === undefined) throw new Error(`The report has no row for "${name}".`);
  return row;
}

function numberIn(row: Row, column: string): number {
  const value = Number(row[column]);
  if (row[column] === undefined || Number.isNaN(value)) {
    throw new Error(`The report has no number under "${column}".`);
  }
  return value;
}

/** The three numbers of the home page, out of what the benchmarks wrote and of nothing else. */
export function homeFigures({ limiter, conformance }: Reports): Figure[] {
  const age = (report: string) => {
    const { date, commit } = measuredIn(report);
    return `Measured on ${date} at commit ${commit}.`;
  };
  const runs = rowOf(tableUnder(limiter, 'Runs, 429s'), 'limiter', ourLimiter);
  const shares = Object.entries(runs).filter(([column]) => column.startsWith('429s, '));
  if (shares.length === 0) throw new Error('The report does not count 429s.');
  const sums = shares.map(([, cell]) => cell.split('/').map(Number));
  const refused = sums.reduce((sum, [part = Number.NaN]) => sum + part, 0);
  const sent = sums.reduce((sum, [, whole = Number.NaN]) => sum + whole, 0);
  const backlog = rowOf(tableUnder(limiter, 'a backlog of 200'), 'limiter', ourLimiter);
  const used = Math.floor(100 * numberIn(backlog, 'use, 0–80 ms'));
  const clients = firstTable(conformance);
  const survivedColumn = Object.keys(clients[0] ?? {}).find((name) => name.startsWith('survived'));
  const faults = Number(/\d+/.exec(survivedColumn ?? '')?.[0]);
  const client = rowOf(clients, 'client', ourClient);
  const twice = numberIn(client, 'written twice');
  const survived = numberIn(client, survivedColumn ?? '');
  return [
    {
      value: refused.toLocaleString('en'),
      meaning: `of ${sent.toLocaleString('en')} requests were answered 429, by servers that count the limit in ${shares.length} ways`,
      proof: './rate-limit',
      measured: age(limiter),
    },
    {
      value: `${used} %`,
      meaning: 'of the quota was used, with up to 80 ms on the way',
      proof: './rate-limit#free-a-slot-after-the-answer',
      measured: age(limiter),
    },
    {
      value: twice.toLocaleString('en'),
      meaning: `changes were written twice in ${faults} faults of the server, and ${survived} of the verdicts were right`,
      proof: './conformance',
      measured: age(conformance),
    },
  ];
}

function readFigures(): Figure[] {
  const read = (name: string) => readFileSync(`${docsDir}data/${name}.md`, 'utf8');
  return homeFigures({ limiter: read('limiter'), conformance: read('conformance') });
}

/** The numbers as a list of Markdown. */
export const figuresText = (): string =>
  readFigures()
    .map(
      ({ value, meaning, proof, measured }) =>
        `- **${value}** ${meaning}. [How it was measured](${proof}) ${measured}`,
    )
    .join('\n');

/** Puts the numbers where a page has a block of the kind `figures`. */
export function showFigures(md: MarkdownRenderer): void {
  const { fence } = md.renderer.rules;
  md.renderer.rules.fence = (tokens, index, options, env, self) => {
    if (tokens[index]?.info.trim() !== 'figures') {
      return fence?.(tokens, index, options, env, self) ?? '';
    }
    const items = readFigures().map(
      ({ value, meaning, proof, measured }) =>
        `<li><strong>${value}</strong> ${meaning}. ${md.renderInline(`[How it was measured](${proof})`, env)} <small>${measured}</small></li>`,
    );
    return `<ul class="figures">${items.join('')}</ul>`;
  };
}
