import type { Lifecycle } from '@ticket-lifecycle/core';
import type { SeriesClient } from '../client/series-client.ts';
import { pause, type Clock } from '../clock.ts';
import type { Ticket } from '../client/ticket.ts';
import type { CallOptions } from '../request/call-options.ts';
import { mostReads, readAgainMs, readFreshly, type ReadOptions } from './fresh-read.ts';
import { serverMoment, tickOfUpdateMs } from './server-moment.ts';
import { knownState, type Memory, type StoreFailedListener } from './memory.ts';
import { changeOf } from './change-of-others.ts';
import type { TicketMoved } from './sightings.ts';
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
  readonly client: Pick<SeriesClient, 'getTicket' | 'timeoutMs'>;
  readonly memory: Memory;
  readonly clock: Clock;
  /** How long a remembered state may stand in for a read. */
  readonly maxAgeMs: number;
  /** How long a process may be busy with a change after it was noted that it is sent. */
  readonly openForMs: number;
  /** Until when reads of a ticket are not noted, because a request may still be under way. */
  readonly holds: { readonly endOf: (ticketId: string) => number };
  /** Is told, once, when others have moved a ticket. */
  readonly onMoved: (moved: TicketMoved) => void;
}

/**
 * What is remembered, of any age, if the lifecycle still has that state, and no change may be under
 * way.
 */
export function currentOf(
  stored: KnownState | undefined,
  { lifecycle }: Pick<PositionContext, 'lifecycle'>,
): KnownState | undefined {
  if (stored === undefined || !lifecycle.isState(stored.state)) return undefined;
  if (stored.goingTo !== undefined) return undefined;
  const { state, status = lifecycle.statusOf(state), fingerprint } = stored;
  if (fingerprint !== undefined && fingerprint !== lifecycle.fingerprint) return undefined;
  // A store may have been migrated to a state of another status: then the ticket is not there yet.
  return status === lifecycle.statusOf(state) ? stored : undefined;
}

/**
 * The same, if it is fresh. While a ticket is held, nothing that is read of it is noted: so what was
 * noted before the end of a hold may have been contradicted since.
 */
export function freshOf(
  ticketId: string,
  stored: KnownState | undefined,
  {
    lifecycle,
    clock,
    maxAgeMs,
    holds,
  }: Pick<PositionContext, 'lifecycle' | 'clock' | 'maxAgeMs' | 'holds'>,
): KnownState | undefined {
  const current = currentOf(stored, { lifecycle });
  if (current === undefined || current.seenAt < holds.endOf(ticketId)) return undefined;
  return Math.abs(clock.now() - current.seenAt) <= maxAgeMs ? current : undefined;
}

/**
 * Whether another process may be sending a change of a ticket, or be about to send it once more. It may
 * have died, but its request has not. A change of ours holds the ticket for as long.
 */
export function isOpenElsewhere(
  ticketId: string,
  stored: KnownState | undefined,
  { clock, openForMs, holds }: Pick<PositionContext, 'clock' | 'openForMs' | 'holds'>,
): boolean {
  if (stored?.goingTo === undefined || holds.endOf(ticketId) >= stored.seenAt) return false;
  // Two processes have two clocks.
  return Math.abs(clock.now() - stored.seenAt) < openForMs;
}

/** A position that was read. */
export interface ReadPosition extends TicketPosition, Pick<Ticket, 'updatedAt' | 'clockOffset'> {
  /** Since when the ticket is in its state, at the latest. */
  readonly enteredAt: number;
  /** When the answer had come; `seenAt` is when it was asked for, and may have been written. */
  readonly readAt: number;
  /** The moment of memory in which it came. */
  readonly lookedAt: number;
}

/** What is known of a ticket before it is read. */
export interface BeforeRead {
  /** When the read began, before `stored` was recalled. */
  readonly begunAt: number;
  readonly stored: KnownState | undefined;
  /**
   * What the caller says. It decides between several states of the status, unless memory that is fresh
   * has one of them; older memory decides where the caller says none.
   */
  readonly statedFrom?: string | undefined;
}

/**
 * Reads a ticket, remembers the state that it is seen in, and reports what others did, unless
 * something newer was noted meanwhile.
 *
 * @throws SeriesError when it could not be read
 */
export async function readPosition(
  ticketId: string,
  { begunAt, stored, statedFrom }: BeforeRead,
  context: PositionContext,
  callOptions: ReadOptions,
  onStoreFailed: StoreFailedListener,
): Promise<ReadPosition> {
  const { lifecycle, client, memory, clock, onMoved } = context;
  const fresh = freshOf(ticketId, stored, context);
  const { ticket, askedAt, newer } = await readUntilNew();
  const seenAt = Math.floor(newer?.at ?? askedAt);
  const readAt = Math.floor(clock.now());
  const status = newer?.status ?? ticket.status;
  const updatedAt = newer === undefined ? ticket.updatedAt : undefined;
  const hints = [knownState(fresh), statedFrom, knownState(stored), stored?.goingTo];
  const hint = hints.find((state) => state !== undefined && lifecycle.statusOf(state) === status);
  const match = lifecycle.stateFor(status, hint);
  const enteredAt = entranceOf({ ...ticket, updatedAt }, match.state, readAt, stored);
  const times = { seenAt, readAt, enteredAt, updatedAt, clockOffset: ticket.clockOffset };
  const position = { ticketId, status, ...times, ...match, lookedAt: memory.begin(ticketId) };
  const mayNote = memory.mayNote(ticketId, begunAt) && !isOpenElsewhere(ticketId, stored, context);
  if (newer !== undefined || !mayNote) return position;
  // From here to where it is noted nothing is awaited: of two reads only one gets here.
  const { state } = match;
  const moved = stored && changeOf(stored, status, state, lifecycle);
  if (stored !== undefined && moved !== undefined && moved.previous !== status) {
    onMoved({ ticketId, known: stored, status, ...moved, seenAt });
  }
  if (state === undefined) await memory.forget(ticketId, onStoreFailed, undefined, status);
  else {
    const how = match.assumed ? { assumed: true as const } : {};
    const noted = { state, seenAt, enteredAt, ...how };
    await memory.remember(ticketId, noted, onStoreFailed);
  }
  return position;

  /**
   * Reads it again while it is shown as it was before what is known: that is no change of somebody
   * else's.
   */
  async function readUntilNew() {
    for (let reads = 1; ; reads += 1) {
      const read = await readFreshly(ticketId, { client, clock }, callOptions);
      const latest = memory.newerThan(ticketId, read.ticket);
      const { status: shown } = read.ticket;
      if ((latest?.status ?? shown) === shown) return { ...read, newer: undefined };
      if (reads === mostReads) return { ...read, newer: latest };
      await pause(clock, readAgainMs, callOptions.signal);
    }
  }
}

const mostSkewMs = 60_000;

/**
 * Since when a ticket is in the state that it is seen in, at the latest: what was noted before, if it
 * was not touched since; else when it was last touched, by the server's clock.
 */
function entranceOf(
  ticket: Pick<Ticket, 'createdAt' | 'updatedAt' | 'clockOffset'>,
  state: string | undefined,
  readAt: number,
  stored: KnownState | undefined,
): number {
  // Where an answer has no date, the server's clock is taken for ours.
  const { updatedAt, clockOffset: { atLeastMs: aheadMs } = { atLeastMs: 0 } } = ticket;
  // It was touched within a tick of that clock: at its end, at the latest.
  const said =
    (serverMoment(updatedAt)?.at ?? Number.NaN) + (tickOfUpdateMs(ticket) ?? 0) - aheadMs;
  // Nothing was touched in the future: then the clocks have nothing to do with each other.
  const touchedAt = said - readAt > mostSkewMs ? Number.NaN : said;
  const touched = Number.isNaN(touchedAt) ? readAt : Math.min(readAt, Math.ceil(touchedAt));
  if (stored === undefined || stored.state !== state) return touched;
  const { enteredAt = stored.seenAt } = stored;
  // When a change was sent, nobody looked.
  const seenAt = stored.goingTo === undefined ? stored.seenAt : enteredAt;
  // Without a date there is no sign that it has left the state in between.
  return touchedAt > seenAt ? Math.max(enteredAt, touched) : enteredAt;
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
  const begunAt = memory.begin(ticketId);
  const stored = await memory.recall(ticketId, onStoreFailed, callOptions.signal);
  const fresh = mayRemember ? freshOf(ticketId, stored, context) : undefined;
  const status = fresh && lifecycle.statusOf(fresh.state);
  if (fresh === undefined || status === undefined) {
    const before = { begunAt, stored };
    const read = await readPosition(ticketId, before, context, callOptions, onStoreFailed);
    const { state, seenAt, assumed, candidates } = read;
    return { ticketId, state, status: read.status, seenAt, assumed, candidates };
  }
  const { state, seenAt, assumed = false } = fresh;
  return { ticketId, state, status, seenAt, assumed, candidates: lifecycle.statesWith(status) };
}
