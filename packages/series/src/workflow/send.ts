import type { AllowedTransition, Verdict } from '@ticket-lifecycle/core';
import { blocker } from '../tickets/blockers.ts';
import { type Change, forget, type SendContext, type Sending } from './change.ts';
import { endDoubt, endVerified } from './doubt.ts';
import { type OutcomeUnknownError, type SeriesApiError, SeriesError } from '../errors.ts';
import { blocked, type Outcome, type OutcomeBase } from './outcome.ts';
import type { LocatedState } from '../tickets/locate.ts';
import type { WorkflowClient } from './workflow-options.ts';

// A change that surely did not arrive is sent once more. A server that loses two is down.
const mostResends = 1;

/**
 * Sends an allowed change. The lifecycle is asked once more when the slot has come. `doubt.ts`
 * decides what follows a lost answer.
 */
export async function sendChange(
  change: Change,
  verdict: AllowedTransition,
  known: LocatedState,
  base: OutcomeBase,
  context: SendContext,
): Promise<Outcome> {
  const { lifecycle, client, clock } = context;
  const { ticketId, event, staffUserId, signal, via } = change;
  const { status } = verdict;
  const from = lifecycle.statusOf(verdict.from) ?? status;
  const { updatedAt, seenAt } = known;
  const claimedBy = via === 'claim' ? staffUserId : undefined;
  const expected = { ticketId, from, to: status, updatedAt, claimedBy, sentAt: clock.now() };
  const sending: Sending = { change, verdict, context, expected, seenAt, base };
  let closed: Verdict | undefined;

  const send = senderFor(change, verdict, client);
  if (send === undefined) return blocked(base, undefined, [noClaim(ticketId, status)]);
  change.emit({ type: 'allowed', event: event.type, from: verdict.from, to: verdict.to });

  for (let resends = 0; ; resends += 1) {
    try {
      const { message, ...effort } = await send(
        { ticketId, status, staffUserId },
        { signal, beforeSend, onEvent: change.emit },
      );
      addEffort(effort);
      return await endVerified(sending, message);
    } catch (error) {
      if (closed !== undefined) return blocked(sending.base, closed);
      if (!SeriesError.is(error)) throw error;
      addEffort(error);
      if (!isUnknown(error)) return endingOf(error);
      const ending = await endDoubt(sending, error, resends < mostResends);
      if (ending !== undefined) return ending;
    }
  }

  function beforeSend(): void {
    const now = lifecycle.explain(verdict.from, event, change.guardContext());
    if (!now.allowed || now.to !== verdict.to) {
      closed = now;
      throw new Error('The guard changed its answer while the change waited.');
    }
    const sentAt = clock.now();
    sending.expected = { ...sending.expected, sentAt };
    sending.base = { ...sending.base, raceWindowMs: sentAt - sending.seenAt };
  }

  function addEffort({ attempts, waitedMs }: { attempts: number; waitedMs: number }): void {
    sending.base = {
      ...sending.base,
      attempts: sending.base.attempts + attempts,
      waitedMs: sending.base.waitedMs + waitedMs,
    };
  }

  async function endingOf(error: SeriesError): Promise<Outcome> {
    if (!isRefusal(error)) return { kind: 'not-sent', ...sending.base, error };
    if (error.code === 'ticket-not-found') await forget(sending);
    return { kind: 'refused', ...sending.base, error };
  }
}

/** The call that makes a change, or `undefined` if a claim can't make it. */
function senderFor(
  { via }: Change,
  { status }: AllowedTransition,
  client: WorkflowClient,
): WorkflowClient['changeStatus'] | undefined {
  if (via === 'status') return (...call) => client.changeStatus(...call);
  const { claim } = client;
  return status === 'in-progress' && claim !== undefined
    ? (...call) => claim.apply(client, call)
    : undefined;
}

const noClaim = (ticketId: string, status: string) =>
  blocker('claim-not-possible', `Claiming ${ticketId} would not set it to ${status}.`, {
    ticketId,
    status,
  });

// By `delivery`, not by class: the client may come from another copy of this package.
const isUnknown = (error: SeriesError): error is OutcomeUnknownError =>
  error.delivery === 'unknown';
const isRefusal = (error: SeriesError): error is SeriesApiError => error.delivery === 'refused';
