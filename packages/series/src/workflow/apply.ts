import type { Lifecycle } from '@ticket-lifecycle/core';
import { staleBlockers } from '../tickets/blockers.ts';
import { blocked, type Outcome, type OutcomeBase } from './outcome.ts';
import type { LocatedState } from '../tickets/locate.ts';
import { sendChange } from './send.ts';
import type { Change, SendContext } from './change.ts';

/** Judges a change from where the ticket stands, and sends it if the lifecycle allows. */
export async function applyChange(
  change: Change,
  known: LocatedState,
  context: SendContext,
): Promise<Outcome> {
  const { lifecycle, store } = context;
  const { ticketId, event, statedFrom } = change;
  const isAsStated = statedFrom === known.state;
  const verdict = lifecycle.explain(known.state, event, change.guardContext());
  const base: OutcomeBase = {
    ticketId,
    event: event.type,
    from: known.state,
    to: verdict.allowed ? verdict.to : soleTarget(lifecycle, event.type),
    attempts: 0,
    waitedMs: change.waitedMs,
  };

  // Somebody who names the state and asks for what it forbids has made a mistake. Somebody who
  // did not know that the ticket has arrived already has what they want.
  const status = lifecycle.statusOf(known.state);
  if (!isAsStated && !verdict.allowed && base.to === known.state && status !== undefined) {
    return { kind: 'unchanged', ...base, status };
  }
  const stale = staleBlockers(ticketId, statedFrom, known.state);
  if (!verdict.allowed || stale.length > 0) return blocked(base, verdict, stale);
  if (!verdict.changesStatus) {
    await store.set(ticketId, { state: verdict.to, seenAt: known.seenAt });
    return { kind: 'unchanged', ...base, status: verdict.status };
  }
  return sendChange(change, verdict, known, base, context);
}

/** Where an event leads to, from wherever it is possible, if that is one place. */
function soleTarget(lifecycle: Lifecycle, event: string): string | undefined {
  const targets = new Set<string>();
  for (const from of lifecycle.states) {
    for (const to of lifecycle.states) {
      if (lifecycle.eventsBetween(from, to).includes(event)) targets.add(to);
    }
  }
  const [sole] = targets;
  return targets.size === 1 ? sole : undefined;
}
