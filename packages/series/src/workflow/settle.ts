import type { Lifecycle, TicketStatus } from '@ticket-lifecycle/core';
import { mostLateMs } from '@ticket-lifecycle/internal/settle-time';
import { behindMs, sleepWatch } from '../clock.ts';
import { NotSentError, OutcomeUnknownError } from '../errors.ts';
import { blocker, mistakesIn } from '../tickets/blockers.ts';
import { claimShown } from '../tickets/judge-doubt.ts';
import { currentOf } from '../tickets/position.ts';
import { readBack } from '../tickets/read-back.ts';
import type { SendContext } from './change.ts';
import { withFinding } from './doubt.ts';
import { blocked, type Outcome } from './outcome.ts';
import type { Turn } from './turn.ts';
import type { SettleOptions } from './workflow-options.ts';

/**
 * A settling that was stopped before its turn has read nothing: so the change may have been made. Of a
 * change that is asked for, the same outcome would say that it surely was not.
 */
export function unsettled(outcome: Outcome): Outcome {
  if (outcome.kind !== 'not-sent') return outcome;
  const { error: readError, ...base } = outcome;
  const { ticketId, event, attempts, waitedMs } = base;
  const text = `Unknown whether ${event} of ${ticketId} was made: the ticket was not read.`;
  const details = { attempts, waitedMs, reason: 'connection-lost', readError } as const;
  const error = new OutcomeUnknownError(text, details);
  return { ...base, kind: 'unknown', error, observed: undefined };
}

/** Finds out, by reading alone, what became of a change that was sent before. */
export async function settleChange(
  { base, signal, emit, onStoreFailed }: Turn,
  { from, to, claimedBy, forced = false, ...told }: SettleOptions,
  context: SendContext,
): Promise<Outcome> {
  const { lifecycle, client, clock, memory, settleMs, settleForMs, holds } = context;
  // It was told by the time of the day.
  const sentAt = told.sentAt === undefined ? undefined : told.sentAt - behindMs(clock);
  const { ticketId, event = '' } = base;
  const edges = edgesOf(event, { from, to, forced }, lifecycle);
  const [edge] = edges;
  const mistakes = mistakesIn({ ticketId, from, event }, lifecycle);
  if (edge === undefined || mistakes.some(({ code }) => code === 'invalid-ticket-id')) {
    const text = `${event} does not lead from ${from ?? 'any state'} to ${to ?? 'any state'}.`;
    const unreachable = blocker('unreachable', text, { event });
    return blocked(base, undefined, mistakes.length > 0 ? mistakes : [unreachable]);
  }
  // A step inside one status was never sent: it happened when it was asked for.
  const sent = edges.filter((one) => one.fromStatus !== one.toStatus);
  if (sent.length === 0) {
    const local = { by: 'lifecycle', message: undefined, status: edge.toStatus } as const;
    return { kind: 'confirmed', ...base, from: edge.from, to: edge.to, ...local };
  }

  const stored = await memory.recall(ticketId, onStoreFailed, signal);
  // What is read meanwhile may soon be wrong.
  context.sightings.keep(ticketId);
  const now = clock.now();
  // A request leaves soon after what is noted before it, or not at all (send.ts). Who sent it may have
  // been less patient than we are, or more.
  const lateMs = Math.max(client.timeoutMs, mostLateMs);
  const lastSentAt = Math.min(now, (sentAt ?? Infinity) + lateMs);
  const quietAt = Math.max(Math.floor(now), Math.ceil(lastSentAt + settleMs));
  emit({ type: 'in-doubt', reason: 'sent-before', quietAt });
  const statuses = sent.map((one) => ({ from: one.fromStatus, to: one.toStatus }));
  const doubtful = { edges: statuses, sentAt, quietAt, claimedBy };
  const reading = { client, clock, memory, signal, onEvent: emit, hasSlept: sleepWatch(clock) };
  const found = await readBack(ticketId, doubtful, settleForMs, reading);
  const { verdict, reads, seen } = found;
  const observed = seen?.status;
  emit({ type: 'settled', settlement: verdict, reads, observed });
  holds.hold(ticketId, quietAt);
  context.sightings.release(ticketId);

  const arrived = sent.filter(({ toStatus }) => toStatus === observed);
  const untouched = sent.filter(({ fromStatus }) => fromStatus === observed);
  const likely = verdict === 'arrived' ? arrived : verdict === 'untouched' ? untouched : sent;
  const only = (states: readonly string[]) => (new Set(states).size === 1 ? states[0] : undefined);
  const here = {
    ...base,
    from: only(likely.map((one) => one.from)) ?? from,
    to: only(likely.map((one) => one.to)) ?? to,
    reads,
  };
  const at = verdict === 'arrived' ? here.to : verdict === 'untouched' ? here.from : undefined;
  // What was noted before the send says more of the state that the change began in, and what was noted
  // since it says more of where the ticket is now.
  const open = stored?.goingTo === undefined ? undefined : stored;
  const since = currentOf(stored, context);
  const { seenAt: notedAt = 0, enteredAt = notedAt } = since ?? {};
  const isKnown =
    since !== undefined &&
    lifecycle.statusOf(since.state) === observed &&
    Math.max(notedAt, enteredAt) > (sentAt ?? -Infinity);
  if (at !== undefined && !isKnown) {
    const seenAt = seen?.seenAt ?? clock.now();
    const isStill = verdict === 'untouched' && at === open?.state;
    const how = isStill ? { enteredAt: open.enteredAt, assumed: open.assumed } : {};
    await memory.remember(ticketId, { state: at, seenAt, ...how }, onStoreFailed);
  } else if (open === undefined && !isKnown) await memory.forget(ticketId, onStoreFailed);

  const { attempts, waitedMs } = base;
  switch (verdict) {
    case 'arrived': {
      const status = observed as TicketStatus;
      return { kind: 'confirmed', ...here, by: 'observation', message: undefined, status };
    }
    case 'untouched': {
      const details = { attempts, waitedMs, reason: 'not-processed' } as const;
      const error = new NotSentError(`${ticketId} is as it was before ${event}.`, details);
      return { kind: 'not-sent', ...here, error };
    }
    case 'elsewhere':
    case 'undecided': {
      const text = `Unknown whether ${event} of ${ticketId} was made.`;
      const reason = verdict === 'elsewhere' ? 'conflict' : 'connection-lost';
      const error = new OutcomeUnknownError(text, { attempts, waitedMs, reason });
      const claim = arrived.length > 0 ? claimShown(doubtful, seen) : undefined;
      return { kind: 'unknown', ...here, error: withFinding(error, found, claim), observed };
    }
  }
}

/** The edges that an event may have taken, with their statuses. */
function edgesOf(
  event: string,
  { from, to, forced }: Pick<SettleOptions, 'from' | 'to' | 'forced'>,
  lifecycle: Lifecycle,
) {
  const edges: readonly { readonly from: string; readonly to: string }[] =
    forced && from !== undefined && to !== undefined ? [{ from, to }] : lifecycle.edgesOf(event);
  return edges
    .filter((edge) => from === undefined || edge.from === from)
    .filter((edge) => to === undefined || edge.to === to)
    .flatMap((edge) => {
      const [fromStatus, toStatus] = [lifecycle.statusOf(edge.from), lifecycle.statusOf(edge.to)];
      return fromStatus === undefined || toStatus === undefined
        ? []
        : [{ from: edge.from, to: edge.to, fromStatus, toStatus }];
    });
}
