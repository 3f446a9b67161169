import { ticketLifecycle } from '@ticket-lifecycle/core';
import { readHistory, readMap } from '../playground/history.ts';

/** How often a change was seen. */
export interface ChangeCount {
  readonly from: string;
  readonly to: string;
  readonly count: number;
}

const map = readMap(
  'New=open, Active=in-progress, Awaiting *=in-progress, Resolved=resolved, Closed=closed',
);
const isStatus = (name: string) => ticketLifecycle.isState(name);

/** Counts the changes in the log of incidents, the most frequent first. */
export function countChanges(csv: string): ChangeCount[] {
  const [header = '', ...rows] = csv.trim().split(/\r?\n/);
  const columns = header.split(',');
  const [number, state] = [columns.indexOf('number'), columns.indexOf('incident_state')];
  const logs = new Map<string, string[]>();
  for (const row of rows) {
    const cells = row.split(',');
    const id = cells[number] ?? '';
    logs.set(id, [...(logs.get(id) ?? []), cells[state] ?? '']);
  }

  const counts = new Map<string, ChangeCount>();
  for (const words of logs.values()) {
    const statuses = readHistory(words.join('\n'), map, isStatus);
    for (const { kind, from, to } of ticketLifecycle.replay(statuses).steps) {
      if (kind === 'unchanged') continue;
      const key = `${from} ${to}`;
      counts.set(key, { from, to, count: (counts.get(key)?.count ?? 0) + 1 });
    }
  }
  return [...counts.values()].toSorted((a, b) => b.count - a.count);
}
