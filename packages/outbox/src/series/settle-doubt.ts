import type { Lifecycle, TicketStatus } from '@ticket-lifecycle/core';
import { SeriesError, type KnownState, type SeriesClient } from '@ticket-lifecycle/series';
import type { Delivery, Ending } from '../model/delivery.ts';
import { isOutage } from './outage.ts';
import { backoffMs } from '../worker/end-claim.ts';

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

// A look that failed is repeated, and not so soon that it fails for the same reason: what is in
// doubt when the API goes away should not have been given up when it comes back.
const lookAgainMs = (attempt: number) => Math.max(1000, backoffMs(attempt));

/** Reads the ticket that an earlier attempt may have changed, and says what follows. */
export async function lookInto(
  delivery: Delivery,
  sinceMs: number,
  { lifecycle, client, settleMs }: DoubtContext,
): Promise<Ending | Untouched> {
  const { change } = delivery;
  const { ticketId, event } = change;
  const lookedAt = performance.now();
  const status = await statusOf(client, delivery);
  if (typeof status !== 'string') return status;

  const name = typeof event === 'string' ? event : event.type;
  const said = change.from ?? change.whileIn;
  let ways = waysOf(lifecycle, name, said ?? delivery.known?.state);
  // From where the event leads nowhere it was not sent: the ticket had been moved, and was read.
  if (ways.length === 0 && said === undefined) ways = waysOf(lifecycle, name, undefined);
  const isArrived = ways.some((way) => way.to === status);
  const isUntouched = ways.some((way) => way.from === status);
  if (isArrived && !isUntouched) {
    const state = ways.find((way) => way.to === status)?.state;
    return { kind: 'done', state, note: 'confirmed by observation' };
  }
  if (isUntouched && !isArrived) {
    const waitMs = settleMs - sinceMs - (performance.now() - lookedAt);
    if (waitMs > 0) {
      const reason = 'An earlier request may still be under way.';
      return { kind: 'look-again', reason, delayMs: waitMs };
    }
    const { known } = delivery;
    const agrees = known !== undefined && lifecycle.statusOf(known.state) === status;
    return { kind: 'untouched', known: agrees ? known : undefined };
  }
  const seen = isArrived ? 'which is where it stands before and after' : 'which is somewhere else';
  const reason = `An earlier request may have arrived, and ${ticketId} is ${status}, ${seen}.`;
  return { kind: 'unknown', reason };
}

async function statusOf(
  client: DoubtContext['client'],
  { change: { ticketId }, signal, attempt }: Delivery,
): Promise<string | Ending> {
  try {
    const { status, isCached } = await client.getTicket(ticketId, { signal });
    // What a cache remembers may be older than the change.
    const reason = `A cache answered in the place of the API: ${ticketId} was ${status} before.`;
    return isCached ? { kind: 'look-again', reason, delayMs: lookAgainMs(attempt) } : status;
  } catch (error) {
    if (!SeriesError.is(error)) throw error;
    const isGone = (error as { code?: unknown }).code === 'ticket-not-found';
    return isGone
      ? { kind: 'unknown', reason: `An earlier request may have arrived. ${error.message}` }
      : {
          kind: 'look-again',
          reason: error.message,
          delayMs: lookAgainMs(attempt),
          isOutage: isOutage(error),
        };
  }
}

/** One way an event may go, as the API sees it. */
interface Way {
  readonly from: TicketStatus | undefined;
  readonly to: TicketStatus | undefined;
  readonly state: string;
}

/** The ways of an event: the one from a known state, or all. */
function waysOf(lifecycle: Lifecycle, event: string, from: string | undefined): Way[] {
  const starts = from !== undefined && lifecycle.states.includes(from) ? [from] : lifecycle.states;
  return starts.flatMap((start) =>
    lifecycle.states
      .filter((state) => lifecycle.eventsBetween(start, state).includes(event))
      .map((state) => ({ from: lifecycle.statusOf(start), to: lifecycle.statusOf(state), state })),
  );
}
