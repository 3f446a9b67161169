import { ticketLifecycle } from '@ticket-lifecycle/core';
import { readPaste } from '../playground/history.ts';

/** How often a change was seen. */
export interface ChangeCount {
  readonly from: string;
  readonly to: string;
  readonly count: number;
}

const map =
  'New=open, Active=in-progress, Awaiting *=in-progress, Resolved=resolved, Closed=closed';

/** Counts the changes in the log of incidents, the most frequent first. */
export function countChanges(csv: string): ChangeCount[] {
  const counts = new Map<string, ChangeCount>();
  for (const { statuses } of readPaste(csv, map, ticketLifecycle).tickets) {
    for (const { kind, from, to } of ticketLifecycle.replay(statuses).steps) {
      if (kind === 'unchanged') continue;
      const key = `${from} ${to}`;
      counts.set(key, { from, to, count: (counts.get(key)?.count ?? 0) + 1 });
    }
  }
  return [...counts.values()].toSorted((a, b) => b.count - a.count);
}
