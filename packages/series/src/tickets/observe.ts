import type { Observation } from '@ticket-lifecycle/core';
import type { CallOptions } from '../request/call-options.ts';
import { readPosition, type PositionContext, type PositionListeners } from './position.ts';

/** A ticket as it was read, and what has become of it since we last knew. */
export interface TicketObservation<State extends string = string, Event extends string = string> {
  readonly ticketId: string;
  /** What the server says. Usually a `TicketStatus`, but nothing promises that. */
  readonly status: string;
  /** The state that the status stands for; `undefined` where none or several do. */
  readonly state: State | undefined;
  /** Present where the definition alone decided between several states of the status. */
  readonly assumed?: true;
  /** The status that it was known to have, or `undefined` when it is seen for the first time. */
  readonly previous: string | undefined;
  /**
   * What the lifecycle makes of the change from `previous`: somebody else made it, since ours are
   * known already. `undefined` when the ticket is seen for the first time.
   */
  readonly change: Observation<Event, State> | undefined;
  /** In whole milliseconds since the epoch. */
  readonly seenAt: number;
}

/** Reads a ticket, compares it with what was known, and remembers what it sees. */
export async function observeTicket(
  ticketId: string,
  context: PositionContext,
  callOptions: CallOptions,
  { onStoreFailed, onMoved }: PositionListeners,
): Promise<TicketObservation> {
  const { lifecycle, memory } = context;
  const known = await memory.recall(ticketId, onStoreFailed);
  const before = { stored: known, onMoved };
  const seen = await readPosition(ticketId, before, context, callOptions, onStoreFailed);
  const { status, state, seenAt } = seen;
  const previous = known === undefined ? undefined : lifecycle.statusOf(known.state);
  const change = previous === undefined ? undefined : lifecycle.observe(previous, status);
  const how = seen.assumed ? { seenAt, assumed: true as const } : { seenAt };
  return { ticketId, status, state, previous, change, ...how };
}
