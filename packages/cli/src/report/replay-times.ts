import { lateStartsText } from '@ticket-lifecycle/internal/service-levels';
import type { ReplaySummary } from '../histories/summary.ts';
import { count, percent, printable, several, span } from '../terminal/text.ts';
import { clockCells, clockColumns, minuteText, usedText } from './clock-text.ts';
import { escapeHtml, table, type Section } from './page.ts';

/** How long tickets stay where. */
export function timesSection({ times }: ReplaySummary): Section[] {
  if (times === undefined) return [];
  const { statuses, toFirstClosing, toLastClosing } = times;
  const rows = Object.entries(statuses).map(([name, spread]) => [
    printable(name),
    span(spread.median),
    span(spread.p90),
    percent(spread.share),
    count(spread.count),
  ]);
  const lives = Object.entries({
    'start to first closing': toFirstClosing,
    'start to last closing': toLastClosing,
  }).flatMap(([name, spread]) =>
    spread === undefined
      ? []
      : [[name, span(spread.median), span(spread.p90), '', count(spread.count)]],
  );
  const columns = ['time in', 'median', '90 % within', 'share', 'visits'];
  return [
    { title: 'Where time goes', body: table(columns, [...rows, ...lives], columns.slice(1)) },
  ];
}

/** Which of the limits of `--sla` were kept. */
export function promisesSection({ sla }: ReplaySummary): Section[] {
  if (sla.length === 0) return [];
  const columns = ['promise', 'visits', 'longer', 'share', 'longer, not ended'];
  const rows = sla.map(({ name, limitMs, visits, over, overAndOpen }) => [
    `${name} up to ${span(limitMs)}`,
    count(visits),
    count(over),
    visits === 0 ? '' : percent(over / visits),
    count(overAndOpen),
  ]);
  return [{ title: 'Promises', body: table(columns, rows, columns.slice(1)) }];
}

/** What the clocks of `meta.sla` show. */
export function serviceLevelsSection({ serviceLevels }: ReplaySummary): Section[] {
  if (serviceLevels === undefined) return [];
  const { readAt, clocks, worst, beginElsewhere, unread } = serviceLevels;
  const sums = clocks.map((sum) => [printable(sum.clock), ...clockCells(sum)]);
  const urgent = worst.map((one) => [
    printable(one.ticketId),
    printable(one.clock),
    `${usedText(one)}${one.assumed ? ' (the state was assumed)' : ''}`,
  ]);
  const late = lateStartsText(beginElsewhere.tickets, beginElsewhere.first.map(printable));
  const notes = [
    ...(beginElsewhere.tickets === 0 ? [] : [`${late}.`]),
    ...(unread.tickets === 0
      ? []
      : [`The clocks of ${several(unread.tickets, 'ticket')} can't be read.`]),
  ].map((note) => `<p>${escapeHtml(note)}</p>`);
  return [
    {
      title: `Service levels at ${minuteText(readAt)}, the last row`,
      body: `${table(['clock', ...clockColumns], sums, clockColumns)}${table(['ticket', 'clock', 'what it shows'], urgent)}${notes.join('')}`,
    },
  ];
}
