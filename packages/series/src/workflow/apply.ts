import type { AllowedTransition, Lifecycle } from '@ticket-lifecycle/core';
import { NotSentError } from '../errors.ts';
import { blocker, possibleIn, staleBlockers } from '../tickets/blockers.ts';
import { blocked, type Outcome, type OutcomeBase } from './outcome.ts';
import type { LocatedState } from '../tickets/locate.ts';
import { forcedBy, judge } from './override.ts';
import { sendChange } from './send.ts';
import type { Change, SendContext } from './change.ts';

/** Asks the lifecycle about a change, and sends it if it is allowed. */
export async function applyChange(
  change: Change,
  known: LocatedState,
  context: SendContext,
): Promise<Outcome> {
  const { lifecycle } = context;
  const { ticketId, event, statedFrom } = change;
  const isAsStated = statedFrom === known.state;
  const { verdict, overrode, reasons = [] } = judge(change, known.state, lifecycle);
  const base: OutcomeBase = {
    ticketId,
    event: event.type,
    from: known.state,
    to: verdict.allowed ? verdict.to : soleTarget(lifecycle, event.type),
    attempts: 0,
    waitedMs: change.waitedMs,
    ...(known.assumed === undefined ? {} : { assumed: known.assumed }),
    ...forcedBy(change.force, overrode),
  };

  // A caller who states the current state and asks for what it forbids has made a mistake. One who
  // did not know that the ticket is already there has what they want.
  const status = lifecycle.statusOf(known.state);
  const isMistake = isAsStated && change.force === undefined;
  const isUnknownHere =
    !verdict.allowed && verdict.blockers.every(({ code }) => code === 'no-such-transition');
  const isThere = base.to === known.state && reasons.length === 0 && isUnknownHere;
  if (!isMistake && isThere && status !== undefined) {
    return { kind: 'unchanged', ...base, status };
  }
  const stale = staleBlockers(ticketId, statedFrom, known.state);
  if (!verdict.allowed) return blocked(base, verdict, [...stale, ...reasons]);
  if (stale.length > 0) {
    const enabled = possibleIn(lifecycle, known.state, change.guardContext());
    return { ...blocked(base, undefined, stale), enabled };
  }
  if (!verdict.changesStatus) {
    if (change.via === 'claim') {
      const text = `${event.type} sends nothing from ${known.state}, so it can't be a claim.`;
      return blocked(base, undefined, [blocker('claim-not-possible', text, { ticketId })]);
    }
    // Memory alone makes nothing done. So far nothing is, and the ticket is read.
    if (known.mayLook === true) return blocked(base, undefined);
    return stepInside(verdict, known, { change, base, context });
  }
  return sendChange(change, verdict, known, base, context);
}

/**
 * A step inside one status. The API knows nothing of it: it is made where the store keeps it, and in no
 * other place.
 */
async function stepInside(
  { to: state, status }: AllowedTransition,
  { seenAt, before }: LocatedState,
  { change, base, context }: Stepping,
): Promise<Outcome> {
  const { memory, clock, client } = context;
  const { ticketId, event, onStoreFailed } = change;
  // The ticket was last seen when it was, if ever, and is in the new state only from now on.
  const here = { state, seenAt: seenAt ?? 0, enteredAt: clock.now() };
  const failure = await memory.remember(ticketId, here, onStoreFailed);
  if (failure === undefined) {
    return { kind: 'confirmed', ...base, status, by: 'lifecycle', message: undefined };
  }
  // What it has may come late: what was known is written behind it.
  const withinMs = client.timeoutMs / 4;
  if (before === undefined) await memory.forget(ticketId, onStoreFailed, withinMs);
  else await memory.remember(ticketId, before, onStoreFailed, withinMs);
  const { error: cause } = failure;
  const { attempts, waitedMs } = base;
  const said = cause instanceof Error ? cause.message : 'the store failed.';
  const details = { attempts, waitedMs, reason: 'not-kept', cause } as const;
  const text = `${event.type} of ${ticketId} was not kept: ${said}`;
  return { kind: 'not-sent', ...base, error: new NotSentError(text, details) };
}

interface Stepping {
  readonly change: Change;
  readonly base: OutcomeBase;
  readonly context: SendContext;
}

/** The one state that an event leads to, wherever it is sent. */
function soleTarget(lifecycle: Lifecycle, event: string): string | undefined {
  const targets = new Set(lifecycle.edgesOf(event).map(({ to }) => to));
  const [sole] = targets;
  return targets.size === 1 ? sole : undefined;
}
