import { existsSync, readFileSync } from 'node:fs';
import { drawBars, type Bar } from './bar-plot.ts';
import { shareOf, tableUnder, type Row } from './markdown-tables.ts';
import { docsDir } from './places.ts';

// Written by `npm run --silent bench -- limiter > docs/data/limiter.md`.
const file = `${docsDir}data/limiter.md`;
const saved = existsSync(file) ? readFileSync(file, 'utf8') : undefined;

const nameOf = (row: Row) => row['limiter'] ?? '';
const isOurs = (row: Row) => nameOf(row).startsWith('ticket-lifecycle');
const percent = (share: number) => `${(100 * share).toFixed(share > 0 && share < 0.1 ? 1 : 0)} %`;

function limitedBars(report: string, column: string): Bar[] {
  return tableUnder(report, 'Runs, 429s and the worst second').map((row) => {
    const share = shareOf(row[column] ?? '');
    const text = share === undefined ? 'not run' : `${percent(share)} (${row[column]})`;
    return { label: nameOf(row), value: share, text, isOurs: isOurs(row) };
  });
}

function useBars(report: string): Bar[] {
  return tableUnder(report, 'a backlog of 200').map((row) => {
    const value = Number(row['use, 0–80 ms']);
    return {
      label: nameOf(row),
      value,
      text: `${percent(value)}, 429s ${row['429s']}`,
      isOurs: isOurs(row),
    };
  });
}

function worstSecondBars(report: string): Bar[] {
  return tableUnder(report, 'Runs, 429s and the worst second').map((row) => {
    const value = Number(row['most in a second']);
    return { label: nameOf(row), value, text: String(value), isOurs: isOurs(row) };
  });
}

const farAway = 'far away';

/** What the policy `measured` used, beside the most that can be used without measuring. */
function farAwayBars(report: string): Bar[] {
  return tableUnder(report, farAway).flatMap((row) => {
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
 * The plots of the pages, drawn anew at every build from what the benchmark printed. Where nobody
 * has kept what it printed, they are empty, and the pages go without.
 */
export const plots: Readonly<Record<string, string>> =
  saved === undefined
    ? { 'limited-sliding-log': '', 'worst-second': '', use: '', 'use-far-away': '' }
    : drawPlots(saved);

function drawPlots(printed: string): Record<string, string> {
  return {
    'limited-sliding-log': drawBars({
      title: 'Share of requests answered 429 by a sliding log',
      bars: limitedBars(printed, '429s, sliding-log'),
      most: 0.5,
    }),
    'worst-second': drawBars({
      title: 'Most requests that one second held, at the server',
      bars: worstSecondBars(printed),
      most: 60,
    }),
    // A report from before the policy was measured has no such table.
    'use-far-away': printed.includes(farAway)
      ? drawBars({
          title: 'Use of the budget by the policy measured, before a server far away',
          bars: farAwayBars(printed),
          most: 1.2,
        })
      : '',
    use: drawBars({
      title: 'Use of the budget, 0–80 ms on the way, a backlog of 200',
      bars: useBars(printed),
      most: 1.2,
    }),
  };
}
