import type { TicketStatus } from '@ticket-lifecycle/core';
import type { SeriesClient } from './client.ts';
import { pause, type Clock } from './clock.ts';
import { SeriesError } from './errors.ts';

/** What looking at the ticket says of a change in doubt. */
export type Settlement =
  /** The ticket has the status that was asked for. */
  | { readonly kind: 'arrived' }
  /** It still has the status from before, and the request can't be under way any more. */
  | { readonly kind: 'untouched' }
  /** It has a third status: ours may have come and gone, or never have come. */
  | { readonly kind: 'elsewhere'; readonly observed: string }
  | { readonly kind: 'undecided' };

/** A change in doubt, and how to look into it. */
export interface Doubt {
  readonly ticketId: string;
  readonly from: TicketStatus;
  readonly to: TicketStatus;
  readonly client: Pick<SeriesClient, 'getTicket'>;
  readonly clock: Clock;
  /** How long a request may still be under way after its answer was given up. */
  readonly settleMs: number;
  readonly signal: AbortSignal | undefined;
}

/**
 * Reads the ticket back after an answer was lost.
 *
 * A look at once finds a change that arrived. An untouched ticket proves nothing before the
 * request can no longer be under way, so it is looked at again after `settleMs`. Another's change
 * there and back (A → B → A) can't be seen this way.
 */
export async function settle(doubt: Doubt): Promise<Settlement> {
  const first = await look(doubt);
  if (first.kind === 'arrived' || first.kind === 'elsewhere') return first;
  await pause(doubt.clock, doubt.settleMs, doubt.signal);
  return doubt.signal?.aborted === true ? { kind: 'undecided' } : look(doubt);
}

async function look({ ticketId, from, to, client, signal }: Doubt): Promise<Settlement> {
  try {
    const { status } = await client.getTicket(ticketId, { signal });
    if (status === to) return { kind: 'arrived' };
    return status === from ? { kind: 'untouched' } : { kind: 'elsewhere', observed: status };
  } catch (error) {
    if (SeriesError.is(error)) return { kind: 'undecided' };
    throw error;
  }
}
