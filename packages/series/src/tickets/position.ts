import type { Lifecycle } from '@ticket-lifecycle/core';
import type { SeriesClient } from '../client/series-client.ts';
import type { Clock } from '../clock.ts';
import type { Ticket } from '../client/ticket.ts';
import type { CallOptions } from '../request/call-options.ts';
import { readFreshly, type ReadOptions } from './fresh-read.ts';
import { serverMoment } from './server-moment.ts';
import { knownState, type Memory, type StoreFailedListener } from './memory.ts';
import { changeOf } from './moved.ts';
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
  /** Is told, once, when others have moved a ticket. */
  readonly onMoved: (moved: TicketMoved) => void;
}

/** What is remembered, of any age, if the lifecycle still has that state. */
export function currentOf(
  stored: KnownState | undefined,
  { lifecycle }: Pick<PositionContext, 'lifecycle'>,
): KnownState | undefined {
  if (stored === undefined || !lifecycle.isState(stored.state)) return undefined;
  const { state, status = lifecycle.statusOf(state), fingerprint } = stored;
  if (fingerprint !== undefined && fingerprint !== lifecycle.fingerprint) return undefined;
  // A store may have been migrated to a state of another status: then the ticket is not there yet.
  return status === lifecycle.statusOf(state) ? stored : undefined;
}

/** The same, if it is fresh. */
export function freshOf(
  stored: KnownState | undefined,
  { lifecycle, clock, maxAgeMs }: Pick<PositionContext, 'lifecycle' | 'clock' | 'maxAgeMs'>,
): KnownState | undefined {
  const current = currentOf(stored, { lifecycle });
  const isFresh = current !== undefined && Math.abs(clock.now() - current.seenAt) <= maxAgeMs;
  return isFresh ? current : undefined;
}

/** A position that was read. */
export interface ReadPosition extends TicketPosition, Pick<Ticket, 'updatedAt' | 'clockOffset'> {
  /** Since when the ticket is in its state, at the latest. */
  readonly enteredAt: number;
}

/** What is known of a ticket before it is read. */
export interface BeforeRead {
  /** When the read began, before `stored` was recalled. */
  readonly begunAt: number;
  readonly stored: KnownState | undefined;
  /** What the caller says; it decides between several states of the status, before memory does. */
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
  { lifecycle, client, memory, clock, onMoved }: PositionContext,
  callOptions: ReadOptions,
  onStoreFailed: StoreFailedListener,
): Promise<ReadPosition> {
  const { ticket } = await readFreshly(ticketId, { client, clock }, callOptions);
  const seenAt = Math.floor(clock.now());
  const { status, updatedAt, clockOffset } = ticket;
  const match = lifecycle.stateFor(status, statedFrom ?? knownState(stored));
  const enteredAt = entranceOf(ticket, match.state, seenAt, stored);
  const position = { ticketId, status, seenAt, enteredAt, updatedAt, clockOffset, ...match };
  if (!memory.mayNote(ticketId, begunAt)) return position;
  // From here to where it is noted nothing is awaited: of two reads only one gets here.
  const { state } = match;
  const moved = stored && changeOf(stored, status, state, lifecycle);
  if (stored !== undefined && moved !== undefined && moved.previous !== status) {
    onMoved({ ticketId, known: stored, status, ...moved, seenAt });
  }
  if (state === undefined) await memory.forget(ticketId, onStoreFailed);
  else {
    const assumed = match.assumed ? true : undefined;
    await memory.remember(ticketId, { state, seenAt, enteredAt, assumed }, onStoreFailed);
  }
  return position;
}

const mostSkewMs = 60_000;

/**
 * Since when a ticket is in the state that it is seen in, at the latest: what was noted before, if it
 * was not touched since; else when it was last touched, by the server's clock.
 */
function entranceOf(
  { updatedAt, clockOffset }: Pick<Ticket, 'updatedAt' | 'clockOffset'>,
  state: string | undefined,
  seenAt: number,
  stored: KnownState | undefined,
): number {
  // Where an answer has no date, the server's clock is taken for ours.
  const said = (serverMoment(updatedAt)?.at ?? Number.NaN) - (clockOffset?.atLeastMs ?? 0);
  // Nothing was touched in the future: then the clocks have nothing to do with each other.
  const touchedAt = said - seenAt > mostSkewMs ? Number.NaN : said;
  const isSame = stored !== undefined && stored.state === state;
  // Without a date there is no sign that it has left the state in between.
  if (isSame && !(touchedAt > stored.seenAt)) return stored.enteredAt ?? stored.seenAt;
  return Number.isNaN(touchedAt) ? seenAt : Math.min(seenAt, Math.ceil(touchedAt));
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
  const fresh = mayRemember ? freshOf(stored, context) : undefined;
  const status = fresh && lifecycle.statusOf(fresh.state);
  if (fresh === undefined || status === undefined) {
    const read = await readPosition(
      ticketId,
      { begunAt, stored },
      context,
      callOptions,
      onStoreFailed,
    );
    const { state, seenAt, assumed, candidates } = read;
    return { ticketId, state, status: read.status, seenAt, assumed, candidates };
  }
  const { state, seenAt, assumed = false } = fresh;
  return { ticketId, state, status, seenAt, assumed, candidates: lifecycle.statesWith(status) };
}
