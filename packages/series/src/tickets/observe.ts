import type { Lifecycle, Observation } from '@ticket-lifecycle/core';
import type { CallOptions } from '../request/call-options.ts';
import type { StoreFailedListener } from './memory.ts';
import { readPosition, type PositionContext } from './position.ts';
import { changeOf } from './change-of-others.ts';
import type { TicketMoved } from './sightings.ts';

/** A ticket as it was read, and what has become of it since we last knew. */
export interface TicketObservation<State extends string = string, Event extends string = string> {
  readonly ticketId: string;
  /**
   * What the server says: the read, or a confirmed change of ours that it does not show yet. Usually a
   * `TicketStatus`, but nothing promises that.
   */
  readonly status: string;
  /** The state that the status stands for; `undefined` where none or several do. */
  readonly state: State | undefined;
  /** Present where the definition alone decided between several states of the status. */
  readonly assumed?: true;
  /** The status that it was known to have, or `undefined` when it is seen for the first time. */
  readonly previous: string | undefined;
  /**
   * What the lifecycle makes of the change from `previous`, and from the state that the ticket was
   * known to be in: somebody else made it, since ours are known already. `undefined` when the
   * ticket is seen for the first time.
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
  onStoreFailed: StoreFailedListener,
): Promise<TicketObservation> {
  const { lifecycle, memory } = context;
  const begunAt = memory.begin(ticketId);
  const stored = await memory.recall(ticketId, onStoreFailed, callOptions.signal);
  const before = { begunAt, stored };
  const seen = await readPosition(ticketId, before, context, callOptions, onStoreFailed);
  const { status, state, seenAt } = seen;
  const { previous, change } = (stored && changeOf(stored, status, state, lifecycle)) ?? {};
  const how = seen.assumed ? { seenAt, assumed: true as const } : { seenAt };
  return { ticketId, status, state, previous, change, ...how };
}

/** What others did to a ticket, in the words of a lifecycle, whichever lifecycle has seen it. */
export function observationOf(
  { ticketId, known, previous, status, seenAt }: TicketMoved,
  lifecycle: Pick<Lifecycle, 'observe' | 'stateFor' | 'statusOf' | 'statesWith'>,
): TicketObservation {
  const { state, assumed } = lifecycle.stateFor(status);
  const change = changeOf({ ...known, status: previous }, status, state, lifecycle)?.change;
  const how = assumed ? { seenAt, assumed: true as const } : { seenAt };
  return { ticketId, status, state, previous, change, ...how };
}
