import { ticketStatusSchema, type Observation } from '@ticket-lifecycle/core';
import type { CallOptions } from '../request/send-until-final.ts';
import type { LocateContext } from './locate.ts';
import type { KnownState } from './status-store.ts';

/** A ticket as it was read, and how it has changed since it was last known. */
export interface TicketObservation {
  readonly ticketId: string;
  /** Usually a `TicketStatus`, but the server may send anything. */
  readonly status: string;
  /** Its last known status, or `undefined` when it is seen for the first time. */
  readonly previous: string | undefined;
  /**
   * How the lifecycle explains the change from `previous`: somebody else made it, since ours are
   * known already. `undefined` when the ticket is seen for the first time.
   */
  readonly change: Observation | undefined;
  readonly seenAt: number;
}

/** Reads a ticket, compares it with what was known, and remembers it. */
export async function observeTicket(
  ticketId: string,
  { lifecycle, client, store, clock }: LocateContext,
  callOptions: CallOptions,
): Promise<TicketObservation> {
  const known = (await store.get(ticketId)) ?? undefined;
  const { status } = await client.getTicket(ticketId, callOptions);
  const seenAt = clock.now();
  const previous = known === undefined ? undefined : lifecycle.statusOf(known.state);
  const change = previous === undefined ? undefined : lifecycle.observe(previous, status);
  const now = stateOf(known, change?.kind === 'unchanged');
  if (now === undefined) await store.delete(ticketId);
  else await store.set(ticketId, { state: now, seenAt });
  return { ticketId, status, previous, change, seenAt };

  /** Several states may share one status: then only an unchanged status keeps the state known. */
  function stateOf(before: KnownState | undefined, isUnchanged: boolean): string | undefined {
    if (isUnchanged) return before?.state;
    const parsed = ticketStatusSchema.safeParse(status);
    const states = parsed.success ? lifecycle.statesWith(parsed.data) : [];
    return states.length === 1 ? states[0] : undefined;
  }
}
