import { readFileSync } from 'node:fs';
import { drawBars, tableOfBars, type Bar, type BarPlot } from './bar-plot.ts';
import { measuredIn } from './measured.ts';
import { equalSamples, shareOf, tableUnder, type Row } from './markdown-tables.ts';
import { docsDir } from './places.ts';

const nameOf = (row: Row) => row['limiter'] ?? '';
const isOurs = (row: Row) => nameOf(row).startsWith('ticket-lifecycle');
const percent = (share: number) => `${(100 * share).toFixed(share > 0 && share < 0.1 ? 1 : 0)} %`;

interface Column {
  readonly table: string;
  /** What the bar shows, and the text at its end. */
  readonly read: (row: Row) => { readonly value: number | undefined; readonly text: string };
  /** How large the sample of a row is. */
  readonly sizeOf: (row: Row) => string;
}

const wholeOf = (cell = ''): string => cell.split('/')[1] ?? '';
const runsTable = 'Runs, 429s and the worst second';

const limited: Column = {
  table: runsTable,
  read: (row) => {
    const cell = row['429s, sliding-log'] ?? '';
    const share = shareOf(cell);
    return { value: share, text: share === undefined ? 'not run' : `${percent(share)} (${cell})` };
  },
  sizeOf: (row) => wholeOf(row['429s, sliding-log']),
};

const worstSecond: Column = {
  table: runsTable,
  read: (row) => {
    const most = Number(row['most in a second']);
    return { value: most, text: String(most) };
  },
  sizeOf: (row) => `${row['runs'] ?? ''} runs`,
};

const use: Column = {
  table: 'a backlog of 200',
  read: (row) => {
    const value = Number(row['use, 0–80 ms']);
    return { value, text: `${percent(value)}, 429s ${row['429s']}` };
  },
  sizeOf: (row) => wholeOf(row['429s']),
};

/** A picture, and what its caption has to add. */
export interface Plot {
  readonly svg: string;
  readonly note: string;
  /** The picture as a table of Markdown, with what the caption has to add. */
  readonly text: string;
}

const plotOf = (bars: BarPlot, note: string): Plot => ({
  svg: drawBars(bars),
  note,
  text: `${tableOfBars(bars)}\n\n${note}`,
});

/** Draws a column of the report: side by side only what was tried equally often. */
function drawColumn(report: string, title: string, most: number, column: Column): Plot {
  const { alike, others } = equalSamples(tableUnder(report, column.table), column.sizeOf);
  const bars = alike.map((row): Bar => ({
    label: nameOf(row),
    isOurs: isOurs(row),
    ...column.read(row),
  }));
  const rest = others.map((row) => {
    const size = column.sizeOf(row);
    const runs = size.endsWith('runs') ? ` in ${size}` : '';
    return `${nameOf(row)}: ${column.read(row).text}${runs}`;
  });
  const apart =
    rest.length === 0
      ? ''
      : `Not drawn, because only what was tried equally often is compared: ${rest.join('; ')}. `;
  return plotOf({ title, bars, most }, `${apart}${provenance(report)}`);
}

function provenance(report: string): string {
  const { date, commit } = measuredIn(report);
  return `Measured on ${date} at commit ${commit}.`;
}

/** What the policy `measured` used, beside the most that can be used without measuring. */
function farAwayBars(report: string): Bar[] {
  return tableUnder(report, 'far away').flatMap((row) => {
    const trip = row['there and back'] ?? '';
    const value = Number(row['use']);
    const bound = 1 / (1 + Number.parseInt(trip, 10) / 1000);
    return [
      {
        label: `${trip}, measured`,
        value,
        text: `${percent(value)}, 429s ${row['429s']}`,
        isOurs: true,
      },
      {
        label: `${trip}, paced at most`,
        value: bound,
        text: percent(bound),
        isOurs: false,
      },
    ];
  });
}

/**
 * The plots of the pages, drawn anew at every build from what the benchmark printed:
 * `npm run --silent bench -- limiter > docs/data/limiter.md`.
 */
export const plots = drawPlots(readFileSync(`${docsDir}data/limiter.md`, 'utf8'));

/** Draws the plots of a report of the benchmark `limiter`. */
export function drawPlots(printed: string): Readonly<Record<string, Plot>> {
  return {
    'limited-sliding-log': drawColumn(
      printed,
      'Share of requests answered 429 by a sliding log',
      0.5,
      limited,
    ),
    'worst-second': drawColumn(
      printed,
      'Most requests that one second held, at the server',
      60,
      worstSecond,
    ),
    'use-far-away': plotOf(
      {
        title: 'Use of the budget by the policy measured, before a server far away',
        bars: farAwayBars(printed),
        most: 1.2,
      },
      provenance(printed),
    ),
    use: drawColumn(printed, 'Use of the budget, 0–80 ms on the way, a backlog of 200', 1.2, use),
  };
}
