import type { Lifecycle } from '@ticket-lifecycle/core';
import { blocker } from '../tickets/blockers.ts';
import { NotSentError, OutcomeUnknownError } from '../errors.ts';
import type { Turn } from './turn.ts';
import { blocked, type Outcome } from './outcome.ts';
import type { SendContext } from './change.ts';
import { readBack } from '../tickets/read-back.ts';
import type { SettleOptions } from './workflow-options.ts';

/** Finds out, by reading alone, how a change ended that was sent before. */
export async function settleChange(
  { base, signal, emit }: Turn,
  sent: SettleOptions,
  { lifecycle, client, clock, store, settleMs, settleForMs }: SendContext,
): Promise<Outcome> {
  const { ticketId, event = '' } = base;
  const edges = possibleEdges(event, sent, lifecycle);
  const [edge] = edges;
  // Reading settles nothing if the change may have been one of several.
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
    // Without `sentAt`, later changes can't be told from earlier ones, so they prove nothing.
    sentAt: sent.sentAt ?? Infinity,
  };
  const context = { client, clock, settleMs, settleForMs, signal, onEvent: emit };
  const settlement = await readBack(expected, context);
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
      const text = `Unknown whether ${ticketId} was set to ${to.status}.`;
      const reason = kind === 'elsewhere' ? 'conflict' : 'connection-lost';
      const error = new OutcomeUnknownError(text, { attempts, waitedMs, reason });
      return { kind: 'unknown', ...here, reads, error, observed };
    }
  }
}

/** The edges that an event may have taken, each pair of states once. */
function possibleEdges(event: string, { from, to }: SettleOptions, lifecycle: Lifecycle) {
  const edges = lifecycle
    .edgesOf(event)
    .filter((edge) => from === undefined || edge.from === from)
    .filter((edge) => to === undefined || edge.to === to);
  const pairs = new Map(edges.map((edge) => [JSON.stringify([edge.from, edge.to]), edge]));
  return [...pairs.values()].flatMap((edge) => {
    const [source, target] = [lifecycle.statusOf(edge.from), lifecycle.statusOf(edge.to)];
    if (source === undefined || target === undefined) return [];
    return [{ from: { state: edge.from, status: source }, to: { state: edge.to, status: target } }];
  });
}
