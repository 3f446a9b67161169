import type { Lifecycle } from '@ticket-lifecycle/core';
import type { SeriesClient } from '../client/client.ts';
import type { Clock } from '../clock.ts';
import type { CallOptions } from '../request/send-until-final.ts';
import { knownState, type Memory, type StoreFailedListener } from './memory.ts';
import type { KnownState } from './status-store.ts';

/** Where a ticket stands, and when that was seen. */
export interface TicketPosition<State extends string = string> {
  readonly ticketId: string;
  /** `undefined` where no state has the status, or where several have it and nothing decides. */
  readonly state: State | undefined;
  /** What the server says. Usually a `TicketStatus`, but nothing promises that. */
  readonly status: string;
  /** In whole milliseconds since the epoch. */
  readonly seenAt: number;
  /** Whether the definition alone decided between several states of the status. */
  readonly assumed: boolean;
  /** All states of the status, in order of definition. */
  readonly candidates: readonly State[];
}

/** What is needed to find a ticket. */
export interface PositionContext {
  readonly lifecycle: Lifecycle;
  readonly client: Pick<SeriesClient, 'getTicket'>;
  readonly memory: Memory;
  readonly clock: Clock;
  /** How long a remembered state may stand in for a read. */
  readonly maxAgeMs: number;
}

/** What is remembered, if the lifecycle still has that state and it is fresh. */
export function freshOf(
  stored: KnownState | undefined,
  { lifecycle, clock, maxAgeMs }: Pick<PositionContext, 'lifecycle' | 'clock' | 'maxAgeMs'>,
): KnownState | undefined {
  return stored !== undefined &&
    lifecycle.isState(stored.state) &&
    Math.abs(clock.now() - stored.seenAt) <= maxAgeMs
    ? stored
    : undefined;
}

/**
 * Reads a ticket, and remembers the state that it is seen in.
 *
 * @param hint - a state that decides between several of the status
 * @throws SeriesError when it could not be read
 */
export async function readPosition(
  ticketId: string,
  hint: string | undefined,
  { lifecycle, client, memory, clock }: PositionContext,
  callOptions: CallOptions,
  onStoreFailed: StoreFailedListener,
): Promise<TicketPosition & { readonly updatedAt: string | undefined }> {
  const { status, updatedAt } = await client.getTicket(ticketId, callOptions);
  const seenAt = Math.floor(clock.now());
  const match = lifecycle.stateFor(status, hint);
  if (match.state === undefined) await memory.forget(ticketId, onStoreFailed);
  else {
    const { state } = match;
    const seen = match.assumed ? { state, seenAt, assumed: true as const } : { state, seenAt };
    await memory.remember(ticketId, seen, onStoreFailed);
  }
  return { ticketId, status, seenAt, updatedAt, ...match };
}

/**
 * Finds out where a ticket stands: from memory while that is fresh, or from a read.
 *
 * @throws SeriesError when it could not be read
 */
export async function findPosition(
  ticketId: string,
  mayRemember: boolean,
  context: PositionContext,
  callOptions: CallOptions,
  onStoreFailed: StoreFailedListener,
): Promise<TicketPosition> {
  const { lifecycle, memory } = context;
  const stored = await memory.recall(ticketId, onStoreFailed);
  const fresh = mayRemember ? freshOf(stored, context) : undefined;
  const status = fresh && lifecycle.statusOf(fresh.state);
  if (fresh === undefined || status === undefined) {
    const hint = knownState(stored);
    const { updatedAt: _, ...seen } = await readPosition(
      ticketId,
      hint,
      context,
      callOptions,
      onStoreFailed,
    );
    return seen;
  }
  const { state, seenAt, assumed = false } = fresh;
  return { ticketId, state, status, seenAt, assumed, candidates: lifecycle.statesWith(status) };
}
