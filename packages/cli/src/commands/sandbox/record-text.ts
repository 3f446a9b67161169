import { ticketStatuses } from '@ticket-lifecycle/core';
import type { SandboxRecord } from '@ticket-lifecycle/sandbox';
import { count, percent } from '../../terminal/text.ts';

/** Says what a sandbox has seen of its clients, by its own record. */
export function recordText(record: SandboxRecord, requestsPerSecond: number): string {
  const { mostArrivedInOneSecond: most, steadyUse, statusWrites, systemMessages } = record;
  const tickets = ticketStatuses
    .filter((status) => record.ticketsByStatus[status] > 0)
    .map((status) => `${count(record.ticketsByStatus[status])} ${status}`);
  const figures = [
    [count(record.requests), 'requests'],
    [count(record.limited), 'of them refused for too many in a second (429)'],
    [count(most), `in the fullest second, of ${count(requestsPerSecond)} allowed`],
    [
      steadyUse === undefined ? '–' : percent(steadyUse),
      'of the budget used, after the first second',
    ],
    [count(statusWrites), 'status writes'],
    [count(systemMessages), 'system messages in the tickets'],
  ] as const;
  const lines = figures.map(([value, what]) => `${value.padStart(9)}  ${what}`);
  return [...lines, `  tickets  ${tickets.length === 0 ? 'none' : tickets.join(', ')}`].join('\n');
}
