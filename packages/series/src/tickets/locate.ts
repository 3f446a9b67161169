import { ticketStatusSchema, type Blocker, type Lifecycle } from '@ticket-lifecycle/core';
import { blocker, mistakesIn, type Question } from './blockers.ts';
import type { RequestListener } from '../request/request-event.ts';
import type { SeriesClient } from '../client/client.ts';
import type { Clock } from '../clock.ts';
import { SeriesError, type SeriesApiError } from '../errors.ts';
import type { KnownState, StatusStore } from './status-store.ts';

/**
 * When to read a ticket before a change: if its state is unknown, before every change, or never.
 */
export type ReadPolicy = 'when-unknown' | 'always' | 'never';

/** The state of a ticket, and its `UpdatedAt` if it was read just now. */
export interface LocatedState extends KnownState {
  readonly updatedAt?: string | undefined;
}

/** The state of a ticket, or why that could not be found out. */
export type Position =
  | { readonly kind: 'known'; readonly known: LocatedState }
  | { readonly kind: 'blocked'; readonly blockers: readonly Blocker[] }
  | { readonly kind: 'failed'; readonly error: SeriesError };

/** What `locate` needs. */
export interface LocateContext {
  readonly lifecycle: Lifecycle;
  readonly client: Pick<SeriesClient, 'getTicket'>;
  readonly store: StatusStore;
  readonly clock: Clock;
}

/** Which ticket to locate, and how. */
export interface LocateQuery {
  readonly ticketId: string;
  /** The state that the caller stated. */
  readonly statedFrom: string | undefined;
  readonly read: ReadPolicy;
  readonly signal: AbortSignal | undefined;
  readonly onEvent: RequestListener | undefined;
}

/** Checks a request first: for a mistake in it, no ticket is read. */
export async function checkAndLocate(
  question: Question,
  query: LocateQuery,
  context: LocateContext,
): Promise<Position> {
  const blockers = mistakesIn(question, context.lifecycle);
  return blockers.length > 0 ? { kind: 'blocked', blockers } : locate(query, context);
}

/**
 * Finds out where a ticket stands. If the caller and the store don't contradict each other, they
 * are believed; otherwise the ticket is read.
 */
async function locate(query: LocateQuery, context: LocateContext): Promise<Position> {
  const { ticketId, statedFrom, read } = query;
  // Many stores return null for what they don't have.
  const stored = (await context.store.get(ticketId)) ?? undefined;
  if (read !== 'always') {
    const agree = stored === undefined || statedFrom === undefined || stored.state === statedFrom;
    const known =
      statedFrom === undefined ? stored : { state: statedFrom, seenAt: context.clock.now() };
    if (agree && known !== undefined) return { kind: 'known', known: stored ?? known };
    if (read === 'never') {
      return stored === undefined
        ? blocked(
            'unknown-ticket',
            `The state of ${ticketId} is unknown, and reading it is switched off. Pass from.`,
            { ticketId },
          )
        : { kind: 'known', known: stored };
    }
  }
  return readState(query, stored, context);
}

async function readState(
  { ticketId, statedFrom, signal, onEvent }: LocateQuery,
  stored: KnownState | undefined,
  { lifecycle, client, store, clock }: LocateContext,
): Promise<Position> {
  try {
    const { status, updatedAt } = await client.getTicket(ticketId, { signal, onEvent });
    const seenAt = clock.now();
    const parsed = ticketStatusSchema.safeParse(status);
    const states = parsed.success ? lifecycle.statesWith(parsed.data) : [];
    if (states.length === 0) {
      await store.delete(ticketId);
      return blocked(
        'unknown-status',
        `${ticketId} has the status ${JSON.stringify(status)}, for which the lifecycle has no state.`,
        { ticketId, status },
      );
    }
    // Several states may share one status: then the caller or the store decides.
    const state =
      states.length === 1
        ? states[0]
        : [statedFrom, stored?.state].find((name) => name !== undefined && states.includes(name));
    if (state === undefined) {
      return blocked(
        'ambiguous-state',
        `${ticketId} is ${status}, which may be any of ${states.join(', ')}. Pass from.`,
        { ticketId, status, states },
      );
    }
    const known = { state, seenAt };
    await store.set(ticketId, known);
    return { kind: 'known', known: { ...known, updatedAt } };
  } catch (error) {
    if (!SeriesError.is(error)) throw error;
    if ((error as Partial<SeriesApiError>).code === 'ticket-not-found') {
      await store.delete(ticketId);
      return blocked('unknown-ticket', `Series knows no ticket ${ticketId}.`, { ticketId });
    }
    return { kind: 'failed', error };
  }
}

const blocked = (...reason: Parameters<typeof blocker>): Position => ({
  kind: 'blocked',
  blockers: [blocker(...reason)],
});
