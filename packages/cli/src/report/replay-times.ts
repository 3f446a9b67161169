import { lateStartsText } from '@ticket-lifecycle/internal/service-levels';
import type { ReplaySummary } from '../histories/summary.ts';
import { count, percent, printable, several, span } from '../terminal/text.ts';
import { clockCells, clockColumns, minuteText, usedText } from './clock-text.ts';
import { escapeHtml, table, type Section } from './page.ts';

type Times = NonNullable<ReplaySummary['times']>;
type Durations = NonNullable<Times['toLastClosing']>;

/** The columns of what was measured. */
export const timeColumns = ['median', '90 % within', 'share', 'visits'];

/** How long stays lasted, and how long tickets took to their closing: the name, and these columns. */
export function timeRows({ statuses, toFirstClosing, toLastClosing }: Times): string[][] {
  const lives = {
    'start to first closing': toFirstClosing,
    'start to last closing': toLastClosing,
  };
  const rowOf = (name: string, { median, p90, count: visits }: Durations, share = '') => [
    printable(name),
    span(median),
    span(p90),
    share,
    count(visits),
  ];
  return [
    ...Object.entries(statuses).map(([name, stay]) => rowOf(name, stay, percent(stay.share))),
    ...Object.entries(lives).flatMap(([name, life]) => (life ? [rowOf(name, life)] : [])),
  ];
}

/** Says of very many durations that they were not all kept. */
export function exactnessNotes({ statuses, toFirstClosing, toLastClosing }: Times): string[] {
  const all = [...Object.values(statuses), toFirstClosing, toLastClosing];
  return all.every((spread) => spread?.isExact !== false)
    ? []
    : ['Of very many visits the median and the 90 % are within 1 %.'];
}

/** How long tickets stay where. */
export function timesSection({ times }: ReplaySummary): Section[] {
  if (times === undefined) return [];
  const notes = exactnessNotes(times).map((note) => `<p class="facts">${escapeHtml(note)}</p>`);
  const rows = table(['time in', ...timeColumns], timeRows(times), timeColumns);
  return [{ title: 'Where time goes', body: `${rows}${notes.join('')}` }];
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
