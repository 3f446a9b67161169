import { defineLifecycle } from '@ticket-lifecycle/core';
import definition from './it-desk.json' with { type: 'json' };

/**
 * An IT desk whose states are ServiceNow's, from a file. Moves between the four states that stand
 * for `in-progress` are its own business: the API hears nothing of them.
 */
export const itDesk = defineLifecycle(definition, {
  guards: { isAssigned: ({ context }) => Boolean(context['assignee']) },
  guardMessages: { isAssigned: 'Nobody is assigned to it.' },
});

/** What a change from one state to another amounts to, by the desk's own rules. */
export type Change = 'unchanged' | 'edge' | 'path' | 'jump' | 'unknown-state';

/** Judges a change that an audit log shows. Guards are not asked: the log does not say who did it. */
export function judgeChange(from: string, to: string): Change {
  if (!itDesk.isState(from) || !itDesk.isState(to)) return 'unknown-state';
  if (from === to) return 'unchanged';
  if (itDesk.eventsBetween(from, to).length > 0) return 'edge';
  const plan = itDesk.plan(from, to);
  return plan.kind === 'unreachable' ? 'jump' : 'path';
}

/** Counts what the changes in an audit log amount to; its rows stand in order of time. */
export function judgeLog(
  rows: Iterable<{ readonly incident: string; readonly state: string }>,
): Readonly<Record<Change, number>> {
  const counts = { unchanged: 0, edge: 0, path: 0, jump: 0, 'unknown-state': 0 };
  const last = new Map<string, string>();
  for (const { incident, state } of rows) {
    const before = last.get(incident);
    if (before !== undefined) counts[judgeChange(before, state)] += 1;
    last.set(incident, state);
  }
  return counts;
}
