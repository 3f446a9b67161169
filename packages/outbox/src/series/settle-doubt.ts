import type { Lifecycle } from '@ticket-lifecycle/core';
import { SeriesError, type KnownState, type SeriesClient } from '@ticket-lifecycle/series';
import type { DeliveryJob, Ending } from '../model/delivery.ts';
import { backoffMs } from '../worker/end-claim.ts';
import { isOutage } from './outage.ts';

/** The ticket is as it was: the change may be sent. */
interface Untouched {
  readonly kind: 'untouched';
  readonly known: KnownState | undefined;
}

export interface DoubtContext {
  readonly lifecycle: Lifecycle;
  readonly client: Pick<SeriesClient, 'getTicket'>;
  /** How long a request may still be under way after its sender was lost. */
  readonly settleMs: number;
}

// A failed read is repeated later, so that it does not fail for the same reason: a change in doubt
// must outlast an outage of the API.
const readAgainMs = (attempt: number) => Math.max(1000, backoffMs(attempt));

/** Reads the ticket that an earlier attempt may have changed, and decides what follows. */
export async function settleDoubt(
  job: DeliveryJob,
  sinceMs: number,
  { lifecycle, client, settleMs }: DoubtContext,
): Promise<Ending | Untouched> {
  const { change, known } = job;
  const { ticketId, event } = change;
  const readAt = performance.now();
  const status = await statusOf(client, job);
  if (typeof status !== 'string') return status;

  const statedFrom = change.from ?? change.whileIn;
  const all = lifecycle.edgesOf(typeof event === 'string' ? event : event.type);
  let edges = edgesFrom(statedFrom ?? known?.state);
  // The event is not possible in the remembered state, so it was sent from another one.
  if (edges.length === 0 && statedFrom === undefined) edges = all;
  const arrived = edges.find(({ to }) => lifecycle.statusOf(to) === status);
  const isUntouched = edges.some(({ from }) => lifecycle.statusOf(from) === status);
  if (arrived !== undefined && !isUntouched) {
    return { kind: 'done', state: arrived.to, note: 'confirmed by observation' };
  }
  if (isUntouched && arrived === undefined) {
    const waitMs = settleMs - sinceMs - (performance.now() - readAt);
    if (waitMs > 0) {
      const reason = 'An earlier request may still be under way.';
      return { kind: 'read-again', reason, delayMs: waitMs };
    }
    const agrees = known !== undefined && lifecycle.statusOf(known.state) === status;
    return { kind: 'untouched', known: agrees ? known : undefined };
  }
  const seen = isUntouched
    ? 'which is where it stands before and after'
    : 'which is somewhere else';
  const reason = `An earlier request may have arrived, and ${ticketId} is ${status}, ${seen}.`;
  return { kind: 'unknown', reason };

  function edgesFrom(state: string | undefined): typeof all {
    const isState = state !== undefined && lifecycle.states.includes(state);
    return isState ? all.filter(({ from }) => from === state) : all;
  }
}

async function statusOf(
  client: DoubtContext['client'],
  { change: { ticketId }, signal, attempt }: DeliveryJob,
): Promise<string | Ending> {
  const delayMs = readAgainMs(attempt);
  try {
    return (await client.getTicket(ticketId, { signal })).status;
  } catch (error) {
    if (!SeriesError.is(error)) throw error;
    const { code } = error as { readonly code?: unknown };
    if (code === 'ticket-not-found') {
      return { kind: 'unknown', reason: `An earlier request may have arrived. ${error.message}` };
    }
    return { kind: 'read-again', reason: error.message, delayMs, isOutage: isOutage(error) };
  }
}
