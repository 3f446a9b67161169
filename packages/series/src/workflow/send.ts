import type { AllowedTransition, Verdict } from '@ticket-lifecycle/core';
import { mostLateMs } from '@ticket-lifecycle/internal/settle-time';
import { behindMs, sleepWatch, stopwatch, wholeMs } from '../clock.ts';
import {
  NotSentError,
  SeriesError,
  type OutcomeUnknownError,
  type SeriesApiError,
} from '../errors.ts';
import { blocker, staleBlockers, type WorkflowBlocker } from '../tickets/blockers.ts';
import { HeldBack, overdue } from '../request/evidence.ts';
import type { LocatedState } from '../tickets/locate.ts';
import {
  forget,
  noteForSend,
  recover,
  type Change,
  type SendContext,
  type Sending,
} from './change.ts';
import { clockOfServerOf } from '../request/server-clock.ts';
import { endDoubt, endVerified } from './doubt.ts';
import { forcedBy, judge, leadsElsewhere } from './override.ts';
import { blocked, type Outcome, type OutcomeBase } from './outcome.ts';
import type { WorkflowClient } from './workflow-options.ts';

// A change that surely did not arrive is sent once more. A server that loses it twice is down.
const mostResends = 1;

/**
 * Sends an allowed change. When its slot has come, the guard is asked once more and the caller's
 * `beforeSend` is awaited. An answer that was lost is settled by reading the ticket.
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
  const { updatedAt, readAt, clockOffset, seenAt, before } = known;
  const sending: Sending = {
    change,
    verdict,
    context,
    doubtful: {
      edges: [{ from: lifecycle.statusOf(verdict.from) ?? status, to: status }],
      updatedAt,
      readAt,
      clockOffset,
      claimedBy: via === 'claim' ? staffUserId : undefined,
      sentAt: clock.now(),
    },
    hasSlept: () => false,
    before,
    isNoted: false,
    seenAt,
    base,
  };
  // What was noted before the send holds for a request that leaves soon. A process that was stopped in
  // between must not write it when it wakes.
  let sinceNotedMs = () => 0;
  const mostMs = Math.min(client.timeoutMs, mostLateMs);
  let isOverdue = false;
  const mayWrite = () => {
    noteRaceWindow();
    isOverdue = sinceNotedMs() > mostMs;
    return !isOverdue && (change.mayWrite?.() ?? true);
  };
  const sentBefore = change.writes().sent;
  let hasThrown = false;
  // Why the change is not sent after all, found out when its slot had come.
  let stopped:
    | { readonly verdict: Verdict; readonly reasons: readonly WorkflowBlocker[] }
    | { readonly cause: unknown }
    | undefined;

  const send = via === 'claim' ? client.claim : client.changeStatus;
  if (send === undefined || (via === 'claim' && status !== 'in-progress')) {
    return blocked(base, undefined, [noClaim(ticketId, send && status)]);
  }
  const { forced } = base;
  change.emit({ type: 'allowed', event: event.type, from: verdict.from, to: verdict.to, forced });

  try {
    return await sendUntilSettled((...call) => send.apply(client, call));
  } finally {
    context.sightings.release(ticketId);
  }

  async function sendUntilSettled(sendOnce: WorkflowClient['changeStatus']): Promise<Outcome> {
    for (let resends = 0; ; resends += 1) {
      const openBefore = openWrites();
      const askedAt = clock.now();
      try {
        const { message, ...effort } = await sendOnce(
          { ticketId, status, staffUserId },
          { signal, beforeSend, mayWrite, onEvent: change.emit },
        );
        addEffort(effort, resends);
        return await endVerified(sending, message);
      } catch (error) {
        if (stopped !== undefined || !SeriesError.is(error)) {
          // A client of the user's own may throw after a change was made, and may tell of no request.
          const isUnmade = hasThrown || (attemptsSoFar() > 0 && openWrites() === openBefore);
          if (stopped === undefined && !isUnmade) throw error;
          const heldMs = wholeMs(clock.now() - askedAt);
          await recover(sending);
          // Where something was sent already, how that ended must not be lost.
          const why = stopped ?? (attemptsSoFar() > 0 ? { cause: error } : undefined);
          if (why === undefined) throw error;
          return endingOfStopped(why, heldMs);
        }
        addEffort(error, error.delivery === 'not-sent' ? 0 : resends);
        if (!isUnknown(error)) return endingOf(error);
        const mayResend = change.resend === 'once' && resends < mostResends;
        const ending = await endDoubt(sending, error, mayResend);
        if (ending !== undefined) return ending;
      }
    }
  }

  async function beforeSend(): Promise<void> {
    // Another read may have come since, such as one that this request had to wait for.
    const seen = context.memory.statusSince(ticketId, known.lookedAt);
    if (seen !== undefined && seen !== lifecycle.statusOf(verdict.from)) {
      stopped = { verdict, reasons: staleBlockers(ticketId, verdict.from, seen) };
      throw new Error('The ticket was seen elsewhere while the change waited.');
    }
    context.sightings.keep(ticketId);
    await noteForSend(sending);
    // Nobody waits any more: a hook must not be told of what will not be sent.
    if (signal?.aborted === true) return;
    const { verdict: now, overrode, reasons = [] } = judged();
    if (!now.allowed || now.to !== verdict.to) {
      stopped = {
        verdict: now,
        reasons: now.allowed ? [leadsElsewhere(now, verdict.to)] : reasons,
      };
      throw new Error('The guard changed its answer while the change waited.');
    }
    sending.base = { ...sending.base, ...forcedBy(change.force, overrode) };
    const { from, to } = verdict;
    sinceNotedMs = stopwatch(clock);
    sending.hasSlept = sleepWatch(clock);
    const sentAt = Math.floor(clock.now());
    const about = { ticketId, event: event.type, from, to, status, staffUserId };
    const told = { ...about, sentAt: Math.floor(sentAt + behindMs(clock)) };
    try {
      await change.beforeSend?.(told);
    } catch (cause) {
      stopped = { cause };
      throw cause;
    }
    const aheadNow = clockOfServerOf(client)?.offset() ?? sending.doubtful.clockOffset;
    sending.doubtful = { ...sending.doubtful, sentAt, clockOffset: aheadNow };
    // For a client that does not ask whether it may write.
    noteRaceWindow();
  }

  /** Somebody else may have moved the ticket until now, also while a hook took its time. */
  function noteRaceWindow(): void {
    if (sending.seenAt === undefined) return;
    const raceWindowMs = Math.max(0, Math.floor(clock.now() - sending.seenAt));
    sending.base = { ...sending.base, raceWindowMs };
  }

  /** A guard of the user's may throw; then nothing of this call is sent. */
  function judged() {
    hasThrown = true;
    const verdictNow = judge(change, verdict.from, lifecycle);
    hasThrown = false;
    return verdictNow;
  }

  /** How many writes may have been made, as far as is known of them. */
  function openWrites(): number {
    const { sent, unmade } = change.writes();
    return sent - unmade;
  }

  /** Also those of a call that has not ended well: its limiter or a guard threw after a 429. */
  function attemptsSoFar(): number {
    return Math.max(sending.base.attempts, change.writes().sent - sentBefore);
  }

  function addEffort(
    { attempts, waitedMs }: { attempts: number; waitedMs: number },
    resends: number,
  ): void {
    sending.base = {
      ...sending.base,
      ...(resends > 0 ? { resent: true } : {}),
      attempts: sending.base.attempts + attempts,
      waitedMs: sending.base.waitedMs + waitedMs,
    };
  }

  function endingOfStopped(why: NonNullable<typeof stopped>, heldMs = 0): Outcome {
    addEffort({ attempts: attemptsSoFar() - sending.base.attempts, waitedMs: heldMs }, 0);
    if ('verdict' in why) return blocked(sending.base, why.verdict, why.reasons);
    const { cause } = why;
    const { attempts, waitedMs } = sending.base;
    const said = cause instanceof Error ? cause.message : 'a step before it failed.';
    // A cause is what a function of the caller's threw.
    const thrown = cause instanceof HeldBack ? {} : { cause };
    const details = { attempts, waitedMs, reason: 'stopped', ...thrown } as const;
    // One that is held back as it is written was counted already.
    const sent = attempts - (cause instanceof HeldBack ? 1 : 0);
    const what = sent > 0 ? 'It was not sent again' : 'Nothing was sent';
    const error = new NotSentError(`${what}: ${said}`, details);
    return { kind: 'not-sent', ...sending.base, error };
  }

  async function endingOf(error: SeriesError): Promise<Outcome> {
    if (!isRefusal(error)) {
      await recover(sending);
      // The client knows only that it was told not to write.
      if (isOverdue && isStopped(error)) return endingOfStopped({ cause: overdue(mostMs) });
      return { kind: 'not-sent', ...sending.base, error };
    }
    if (error.code === 'ticket-not-found') await forget(sending);
    else await recover(sending);
    return { kind: 'refused', ...sending.base, error };
  }
}

/** @param status - `undefined` for a client that has no such call */
function noClaim(ticketId: string, status: string | undefined) {
  const text =
    status === undefined
      ? 'The client has no method "claim".'
      : `To claim ${ticketId} would not make it ${status}.`;
  return blocker('claim-not-possible', text, { ticketId, status });
}

// By what it says, not by class: the client may come from another copy of this package.
const isUnknown = (error: SeriesError): error is OutcomeUnknownError =>
  error.delivery === 'unknown';
const isStopped = (error: SeriesError): boolean => (error as NotSentError).reason === 'stopped';
const isRefusal = (error: SeriesError): error is SeriesApiError => error.delivery === 'refused';
