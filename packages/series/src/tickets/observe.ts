import type { Observation } from '@ticket-lifecycle/core';
import type { CallOptions } from '../request/send-until-final.ts';
import type { LocateContext } from './locate.ts';
import { knownState, type StoreFailedListener } from './memory.ts';

/** A ticket as it was read, and what has become of it since we last knew. */
export interface TicketObservation {
  readonly ticketId: string;
  /** What the server says. Usually a `TicketStatus`, but nothing promises that. */
  readonly status: string;
  /** The state that the status stands for; `undefined` where none or several do. */
  readonly state: string | undefined;
  /** Present where the definition alone decided between several states of the status. */
  readonly assumed?: true;
  /** Where it was known to stand, or `undefined` when it is seen for the first time. */
  readonly previous: string | undefined;
  /**
   * What the lifecycle makes of the change from `previous`: somebody else made it, since ours are
   * known already. `undefined` when the ticket is seen for the first time.
   */
  readonly change: Observation | undefined;
  /** In whole milliseconds since the epoch. */
  readonly seenAt: number;
}

/** Reads a ticket, compares it with what was known, and remembers what it sees. */
export async function observeTicket(
  ticketId: string,
  { lifecycle, client, memory, clock }: LocateContext,
  callOptions: CallOptions,
  onStoreFailed: StoreFailedListener,
): Promise<TicketObservation> {
  const known = await memory.recall(ticketId, onStoreFailed);
  const { status } = await client.getTicket(ticketId, callOptions);
  const seenAt = Math.floor(clock.now());
  const previous = known === undefined ? undefined : lifecycle.statusOf(known.state);
  const change = previous === undefined ? undefined : lifecycle.observe(previous, status);
  const { state, assumed } = lifecycle.stateFor(status, knownState(known));
  const how = assumed ? { seenAt, assumed } : { seenAt };
  if (state === undefined) await memory.forget(ticketId, onStoreFailed);
  else await memory.remember(ticketId, { state, ...how }, onStoreFailed);
  return { ticketId, status, state, previous, change, ...how };
}
