import type { Lifecycle } from '@ticket-lifecycle/core';
import {
  judgeDoubt,
  readAgainInMs,
  SeriesError,
  systemClock,
  type DoubtfulChange,
  type KnownState,
  type SeriesClient,
  type TicketSeen,
} from '@ticket-lifecycle/series';
import { statedFrom } from '../model/change.ts';
import type { DeliveryJob, Ending } from '../model/delivery.ts';
import { backoffMs } from '../worker/end-claim.ts';
import { isOfTheKey, saysAssumed } from './ending-from-outcome.ts';
import { faultsOf } from './outage.ts';

/** The ticket is as it was: the change may be sent. */
interface Untouched {
  readonly kind: 'untouched';
  readonly known: KnownState | undefined;
}

/** When the request of an earlier attempt can have left, on our clock. */
export interface DoubtMoments {
  readonly since: number;
  readonly from: number | undefined;
}

export interface DoubtContext {
  readonly lifecycle: Lifecycle;
  readonly client: Pick<SeriesClient, 'getTicket'>;
  /** How long a request may still be under way after its sender was lost. */
  readonly settleMs: number;
}

const firstPauseMs = 1000;
// How long to go on reading where only the server's clock is not known well enough.
const clockMs = 45_000;
// Shorter than the longest pause between attempts: until its ticket is read, a change stands still.
const longestPauseMs = 10_000;

/**
 * Reads the ticket that an earlier attempt may have changed, once, and decides what follows. What
 * the ticket says, and when to read it again, is judged by series (`judgeDoubt`, `readAgainInMs`).
 */
export async function settleDoubt(
  job: DeliveryJob,
  { since, from }: DoubtMoments,
  { lifecycle, client, settleMs }: DoubtContext,
): Promise<Ending | Untouched> {
  const { change, known } = job;
  const { ticketId } = change;
  const { edges, mayHaveSent } = edgesOf(job, lifecycle);
  // A step inside one status sends nothing, so nothing can be in doubt.
  if (!mayHaveSent) return { kind: 'untouched', known };

  const seen = await readTicket(client, job);
  if ('kind' in seen) return seen;
  const { status, seenAt } = seen;
  const doubtful = { edges: statusesOf(edges), sentAt: from, quietAt: since + settleMs };
  const verdict = judgeDoubt(doubtful, seen);
  const { updatedAt = 'a moment that it does not say' } = seen;
  job.note('read', `${ticketId} is ${status}, updated at ${updatedAt}: ${verdict}`);
  const before = statedFrom(change) ?? known?.state;
  const quietInMs = Math.max(0, doubtful.quietAt - seenAt);
  switch (verdict) {
    case 'arrived': {
      const reached = edges.filter(({ toStatus }) => toStatus === status);
      const usual = lifecycle.stateFor(status).state;
      const edge = reached.find(({ to }) => to === usual) ?? reached[0];
      const note = 'confirmed by observation';
      const done = { kind: 'done', state: edge?.to, note, quietInMs } as const;
      if (edge === undefined) return done;
      if (reached.some(({ to }) => to !== edge.to)) return saysAssumed(done, edge.to);
      const isAssumed = lifecycle.stateFor(edge.fromStatus, before).assumed;
      return isAssumed ? saysAssumed(done, edge.from) : done;
    }
    case 'untouched': {
      const { state, assumed } = lifecycle.stateFor(status, before);
      if (state === undefined) return { kind: 'untouched', known: undefined };
      const seenHere = { state, seenAt };
      return { kind: 'untouched', known: assumed ? { ...seenHere, assumed } : seenHere };
    }
    case 'elsewhere':
      return unknown('which is somewhere else');
    case 'undecided': {
      const now = systemClock.now();
      const again = { since, now, readMs: now - seenAt, forMs: clockMs };
      const againMs = readAgainInMs(doubtful, seen, again);
      if (againMs === undefined) return unknown(whatIsMissing(doubtful, seen));
      const reason = 'An earlier request may still be under way.';
      // Waiting is not a failure, so it uses up no attempt.
      return { kind: 'read-again', reason, delayMs: againMs, isOutage: true, keyWorks: true };
    }
  }

  function unknown(why: string): Ending {
    const reason = `An earlier request may have arrived, and ${ticketId} is ${status}, ${why}.`;
    return { kind: 'unknown', reason, quietInMs };
  }
}

interface SentEdge {
  readonly from: string;
  readonly to: string;
  readonly fromStatus: DoubtfulChange['edges'][number]['from'];
  readonly toStatus: DoubtfulChange['edges'][number]['to'];
}

/** The edges by which the change may have been sent. */
function edgesOf(
  { change, known }: DeliveryJob,
  lifecycle: Lifecycle,
): { readonly edges: readonly SentEdge[]; readonly mayHaveSent: boolean } {
  const { event, context } = change;
  const from = statedFrom(change);
  const all = lifecycle.edgesOf(typeof event === 'string' ? event : event.type);
  const isFrom = (state: string | undefined) => (edge: { readonly from: string }) =>
    state === undefined || !lifecycle.isState(state) || edge.from === state;
  const stated = all.filter(isFrom(from));
  const sent = sentAmong(stated);
  const open = sent.filter(isOpen);
  const possible = open.length > 0 ? open : sent;
  const remembered = possible.filter(isFrom(known?.state));
  return {
    // Where the remembered state sends nothing, the change was sent from another one.
    edges: from === undefined && remembered.length > 0 ? remembered : possible,
    // A guard may look at more than the context, so it proves nothing.
    mayHaveSent: stated.length === 0 || sent.length > 0,
  };

  /** Whether the guards choose it among those of its state, as they did when it was sent. */
  function isOpen(edge: SentEdge): boolean {
    try {
      const verdict = lifecycle.explain(edge.from, event, context);
      return !verdict.allowed || (verdict.targets ?? [verdict.to]).includes(edge.to);
    } catch {
      return true;
    }
  }

  function sentAmong(edges: typeof all): SentEdge[] {
    return edges.flatMap((edge) => {
      const [fromStatus, toStatus] = [lifecycle.statusOf(edge.from), lifecycle.statusOf(edge.to)];
      const isSent = fromStatus !== undefined && toStatus !== undefined && fromStatus !== toStatus;
      return isSent ? [{ from: edge.from, to: edge.to, fromStatus, toStatus }] : [];
    });
  }
}

const statusesOf = (edges: readonly SentEdge[]): DoubtfulChange['edges'] =>
  edges.map(({ fromStatus: from, toStatus: to }) => ({ from, to }));

/** Why a ticket with the old status proves nothing, although all is quiet. */
function whatIsMissing(
  { edges, sentAt }: DoubtfulChange,
  { status, updatedAt, hasOldDate }: TicketSeen,
) {
  if (edges.some(({ to }) => to === status)) return 'which is where it stands before and after';
  if (updatedAt === undefined) return 'as before, but the API does not say when it was updated';
  if (hasOldDate === true) return 'as before, but by an answer that is older than another';
  return sentAt === undefined
    ? 'as before, but nobody knows when the request was sent'
    : `as before, but it may have been updated since the request was sent: at ${updatedAt}`;
}

async function readTicket(
  client: DoubtContext['client'],
  { change: { ticketId }, signal, attempt, note }: DeliveryJob,
): Promise<TicketSeen | Ending> {
  const seenAt = systemClock.now();
  try {
    const ticket = await client.getTicket(ticketId, { signal });
    // The answer may have been written when it was asked for, however late it came.
    return { ...ticket, seenAt };
  } catch (error) {
    if (!SeriesError.is(error)) throw error;
    const { code } = error as { readonly code?: unknown };
    note('read', error.message);
    // For those who see the reason alone: not only the read is open, but what was sent before it.
    const reason = `An earlier request may have arrived. ${error.message}`;
    if (code === 'ticket-not-found') return { kind: 'unknown', reason };
    // This process ends, and another one goes on.
    if (signal.aborted) return { kind: 'read-again', reason, delayMs: 0, isOutage: true };
    // A change in doubt must outlast an outage of the API, or of its key.
    const delayMs = Math.min(longestPauseMs, Math.max(firstPauseMs, backoffMs(attempt)));
    const again = { kind: 'read-again', reason, delayMs } as const;
    if (isOfTheKey(code)) {
      // The reason becomes that of the key's pause.
      return { ...again, reason: error.message, isOutage: true, keyFault: 'unusable' };
    }
    return { ...again, ...faultsOf(error) };
  }
}
