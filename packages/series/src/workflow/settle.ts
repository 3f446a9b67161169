import type { Lifecycle, TicketStatus } from '@ticket-lifecycle/core';
import { blocker } from '../tickets/blockers.ts';
import { NotSentError, OutcomeUnknownError } from '../errors.ts';
import type { SettlingTurn } from './turn.ts';
import { blocked, type Outcome } from './outcome.ts';
import type { SendContext } from './change.ts';
import { settle } from '../tickets/read-back.ts';
import type { SettleOptions } from './workflow-options.ts';

/** Finds out, by reading alone, what became of a change that was sent before. */
export async function settleChange(
  { base, signal, emit }: SettlingTurn,
  sent: SettleOptions,
  { lifecycle, client, clock, store, settleMs, settleForMs }: SendContext,
): Promise<Outcome> {
  const { ticketId, event = '' } = base;
  const edges = edgesOf(event, sent, lifecycle);
  const [edge] = edges;
  // What can't be told apart afterwards can't be settled by reading.
  if (edge === undefined || edges.length > 1) {
    const code = edge === undefined ? 'unreachable' : 'ambiguous';
    const text =
      edge === undefined
        ? `${event} does not lead from ${sent.from ?? 'anywhere'} to ${sent.to ?? 'anywhere'}.`
        : `${event} may have led from and to several states. Pass from and to.`;
    return blocked(base, undefined, [blocker(code, text, { event, edges })]);
  }
  const { from, to } = edge;
  const here = { ...base, from: from.state, to: to.state };
  if (from.status === to.status) return { kind: 'unchanged', ...here, status: to.status };

  emit({ type: 'in-doubt', reason: 'sent-before' });
  const expected = {
    ticketId,
    from: from.status,
    to: to.status,
    claimedBy: sent.claimedBy,
    updatedAt: undefined,
    // If nobody knows when it was sent, it proves nothing that somebody did something since.
    sentAt: sent.sentAt ?? Infinity,
  };
  const context = { client, clock, settleMs, settleForMs, signal, onEvent: emit };
  const settlement = await settle(expected, context);
  const { kind, reads, observed } = settlement;
  emit({ type: 'settled', settlement: kind, reads, observed });

  const { attempts, waitedMs } = base;
  switch (kind) {
    case 'arrived': {
      await store.set(ticketId, { state: to.state, seenAt: clock.now() });
      const confirmed = { by: 'observation', message: undefined, status: to.status } as const;
      return { kind: 'confirmed', ...here, reads, ...confirmed };
    }
    case 'untouched': {
      await store.set(ticketId, { state: from.state, seenAt: settlement.seenAt });
      const details = { attempts, waitedMs, reason: 'not-processed' } as const;
      const error = new NotSentError(`${ticketId} is as it was before ${event}.`, details);
      return { kind: 'not-sent', ...here, reads, error };
    }
    case 'elsewhere':
    case 'undecided': {
      await store.delete(ticketId);
      const text = `It is not known whether ${ticketId} was set to ${to.status}.`;
      const reason = kind === 'elsewhere' ? 'conflict' : 'connection-lost';
      const error = new OutcomeUnknownError(text, { attempts, waitedMs, reason });
      return { kind: 'unknown', ...here, reads, error, observed };
    }
  }
}

interface Place {
  readonly state: string;
  readonly status: TicketStatus;
}

/** The edges that an event may have taken. */
function edgesOf(
  event: string,
  { from, to }: SettleOptions,
  lifecycle: Lifecycle,
): { readonly from: Place; readonly to: Place }[] {
  const places = lifecycle.states.flatMap((state) => {
    const status = lifecycle.statusOf(state);
    return status === undefined ? [] : [{ state, status }];
  });
  return places
    .filter(({ state }) => from === undefined || state === from)
    .flatMap((source) =>
      places
        .filter(({ state }) => to === undefined || state === to)
        .filter(({ state }) => lifecycle.eventsBetween(source.state, state).includes(event))
        .map((target) => ({ from: source, to: target })),
    );
}
