import type { AllowedTransition, Verdict } from '@ticket-lifecycle/core';
import type { Change } from './change.ts';
import type { SeriesClient } from './client.ts';
import { NotSentError, type OutcomeUnknownError, SeriesApiError, SeriesError } from './errors.ts';
import { blocked, type Outcome, type OutcomeBase } from './outcome.ts';
import type { PositionContext } from './position.ts';
import { settle, type Settlement } from './settle.ts';
import type { KnownState } from './status-store.ts';

/** What a change is sent with. */
export interface SendContext extends PositionContext {
  readonly client: Pick<SeriesClient, 'changeStatus' | 'getTicket'>;
  /** Whether to look at the ticket when an answer was lost. */
  readonly settle: 'read' | 'never';
  readonly settleMs: number;
}

// A change that surely did not arrive is sent once more. A server that loses it twice is down.
const mostResends = 1;

/**
 * Sends an allowed change. The guard is asked once more when the slot has come; an answer that was
 * lost is settled by reading the ticket.
 */
export async function sendChange(
  change: Change,
  verdict: AllowedTransition,
  known: KnownState,
  asked: OutcomeBase,
  context: SendContext,
): Promise<Outcome> {
  const { lifecycle, client, store, clock } = context;
  const { ticketId, event, staffUserId, signal } = change;
  const { status } = verdict;
  let base = asked;
  let closed: Verdict | undefined;

  for (let resends = 0; ; resends += 1) {
    try {
      const { message, ...effort } = await client.changeStatus(
        { ticketId, status, staffUserId },
        { signal, beforeSend },
      );
      addEffort(effort);
      await remember();
      return { kind: 'confirmed', ...base, status, by: 'response', message };
    } catch (error) {
      if (closed !== undefined) return blocked(base, closed);
      if (!SeriesError.is(error)) throw error;
      addEffort(error);
      const ending = await endingOf(error, resends < mostResends);
      if (ending !== undefined) return ending;
    }
  }

  function beforeSend(): void {
    const now = lifecycle.explain(verdict.from, event, change.guardContext());
    if (!now.allowed || now.to !== verdict.to) {
      closed = now;
      throw new Error('The guard changed its answer while the change waited.');
    }
    base = { ...base, raceWindowMs: clock.now() - known.seenAt };
  }

  function addEffort({ attempts, waitedMs }: { attempts: number; waitedMs: number }): void {
    base = { ...base, attempts: base.attempts + attempts, waitedMs: base.waitedMs + waitedMs };
  }

  async function remember(): Promise<void> {
    await store.set(ticketId, { state: verdict.to, seenAt: clock.now() });
  }

  /** The outcome of a failed attempt, or `undefined` when the change is safe to send again. */
  async function endingOf(error: SeriesError, mayResend: boolean): Promise<Outcome | undefined> {
    if (isUnknown(error)) return endingOfDoubt(error, mayResend);
    if (!isRefusal(error)) return { kind: 'not-sent', ...base, error };
    if (error.code === 'ticket-not-found') await store.delete(ticketId);
    return { kind: 'refused', ...base, error };
  }

  async function endingOfDoubt(
    error: OutcomeUnknownError,
    mayResend: boolean,
  ): Promise<Outcome | undefined> {
    const settlement = await lookAtTicket();
    switch (settlement.kind) {
      case 'arrived':
        await remember();
        return { kind: 'confirmed', ...base, status, by: 'observation', message: undefined };
      case 'untouched':
        // Sending again would only get the same answer from a server that says no.
        if (mayResend && error.reason !== 'contradiction') return undefined;
        return surelyNotProcessed(error);
      case 'elsewhere':
      case 'undecided': {
        await store.delete(ticketId);
        const observed = settlement.kind === 'elsewhere' ? settlement.observed : undefined;
        return { kind: 'unknown', ...base, error, observed };
      }
    }
  }

  async function lookAtTicket(): Promise<Settlement> {
    const from = lifecycle.statusOf(verdict.from);
    if (context.settle === 'never' || from === undefined) return { kind: 'undecided' };
    return settle({
      ticketId,
      from,
      to: status,
      client,
      clock,
      settleMs: context.settleMs,
      signal,
    });
  }

  /** The ticket shows that nothing changed: the doubt is over. */
  function surelyNotProcessed(error: OutcomeUnknownError): Outcome {
    const { attempts, waitedMs } = base;
    const details = { attempts, waitedMs, cause: error };
    const what = `Could not set ${ticketId} to ${status}, and the ticket is as it was`;
    const { status: httpStatus, serverMessage } = error;
    if (httpStatus !== undefined && (httpStatus >= 400 || error.reason === 'contradiction')) {
      const said = `the server answered ${httpStatus}${serverMessage === undefined ? '' : `: ${serverMessage}`}`;
      const refusal = {
        ...details,
        status: httpStatus,
        code: 'server-error',
        serverMessage,
      } as const;
      return { kind: 'refused', ...base, error: new SeriesApiError(`${what}: ${said}`, refusal) };
    }
    const notSent = new NotSentError(`${what}.`, { ...details, reason: 'not-processed' });
    return { kind: 'not-sent', ...base, error: notSent };
  }
}

// By what it says, not by class: the client may come from another copy of this package.
const isUnknown = (error: SeriesError): error is OutcomeUnknownError =>
  error.delivery === 'unknown';
const isRefusal = (error: SeriesError): error is SeriesApiError => error.delivery === 'refused';
