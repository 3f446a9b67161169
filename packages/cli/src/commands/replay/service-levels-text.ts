import { isMissed, lateStartsText } from '@ticket-lifecycle/internal/service-levels';
import type { TicketClock } from '../../histories/service-levels.ts';
import type { ReplaySummary } from '../../histories/summary.ts';
import { clockCells, clockColumns, minuteText, usedText } from '../../report/clock-text.ts';
import { printable, several } from '../../terminal/text.ts';

const mostWorst = 10;
const widths = [14, 11, 19, 11, 16];

/** Says what the clocks of `meta.sla` show: each in sum, and the tickets that need a look first. */
export function serviceLevelsText({ serviceLevels }: ReplaySummary): string[] {
  if (serviceLevels === undefined) return [];
  const { readAt, clocks, worst, beginElsewhere, unread } = serviceLevels;
  const width = Math.max(5, ...clocks.map(({ clock }) => printable(clock).slice(0, 24).length));
  const row = (name: string, cells: readonly string[]) =>
    `  ${printable(name).slice(0, 24).padEnd(width)}${cells.map((cell, column) => cell.padStart(widths[column] ?? 0)).join('')}`;
  const urgent = worst.filter((one) => isMissed(one) || isRunning(one)).slice(0, mostWorst);
  const assumed = clocks.some((one) => one.assumed > 0);
  const [first] = unread.first;
  return [
    `\nService levels, read at ${minuteText(readAt)}, the last row:`,
    row('', clockColumns),
    ...clocks.map((one) => row(one.clock, clockCells(one))),
    ...(urgent.length === 0 ? [] : ['  Breached, or least left:', ...urgent.map(urgentText)]),
    ...(assumed
      ? [
          '  * Several states share a status of the log, and this clock treats them differently: the state was assumed.',
        ]
      : []),
    ...(beginElsewhere.tickets === 0 ? [] : [`  ${lateText(beginElsewhere)}.`]),
    ...(first === undefined
      ? []
      : [
          `  The clocks of ${several(unread.tickets, 'ticket')} can't be read, such as ${printable(first.ticketId).slice(0, 20)}: ${printable(first.reason)}.`,
        ]),
  ];
}

const lateText = ({ tickets, first }: { tickets: number; first: readonly string[] }) =>
  lateStartsText(
    tickets,
    first.map((id) => printable(id).slice(0, 20)),
  );

const isRunning = ({ phase }: TicketClock) => phase === 'running' || phase === 'paused';

function urgentText(reading: TicketClock): string {
  const { ticketId, clock, assumed } = reading;
  const name = `${printable(ticketId).slice(0, 24)}, ${printable(clock).slice(0, 24)}`;
  return `    ${name}${assumed ? ' *' : ''}, ${usedText(reading)}`;
}
