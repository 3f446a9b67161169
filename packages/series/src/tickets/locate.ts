import type { WorkflowBlocker } from './blockers.ts';
import { SeriesError, type SeriesApiError } from '../errors.ts';
import { pause } from '../clock.ts';
import type { RequestListener } from '../request/request-event.ts';
import type { ClockOffset } from '../request/server-clock.ts';
import { blocker, mistakesIn, unclearState, type Question } from './blockers.ts';
import type { NotedState, StoreFailedListener } from './memory.ts';
import {
  currentOf,
  freshOf,
  isOpenElsewhere,
  readPosition,
  type BeforeRead,
  type PositionContext,
} from './position.ts';

/**
 * When to read a ticket before a change: if it is not known where the ticket stands, before every
 * change, or never.
 */
export type ReadPolicy = 'when-unknown' | 'always' | 'never';

/** Where a ticket stands, and how we know. */
export interface LocatedState {
  readonly state: string;
  /**
   * Present where only our memory says so, and the ticket may be read. Then it is the reason for nothing
   * that ends the change without a request.
   */
  readonly mayLook?: true | undefined;
  /** When we last looked ourselves, on the workflow's clock; `undefined` where we never did. */
  readonly seenAt: number | undefined;
  /** What memory holds of it now, of whatever age: it holds again for a change that is not made. */
  readonly before: NotedState | undefined;
  /** The moment of memory in which that was found out: what is noted later is newer. */
  readonly lookedAt: number;
  /** Since when it is in the state, at the latest; `undefined` where that is not known. */
  readonly enteredAt?: number | undefined;
  /** Only where the ticket was read, like those that follow. */
  readonly updatedAt?: string | undefined;
  /** When the answer had come. `seenAt` is when it was asked for. */
  readonly readAt?: number | undefined;
  readonly clockOffset?: ClockOffset | undefined;
  /** Whether the definition alone decided between several states of the status. */
  readonly assumed?: true | undefined;
}

/** Where a ticket stands, or why that could not be found out. */
export type Position =
  | { readonly kind: 'known'; readonly known: LocatedState }
  | { readonly kind: 'blocked'; readonly blockers: readonly WorkflowBlocker[] }
  | { readonly kind: 'failed'; readonly error: SeriesError };

const betweenLooksMs = 1000;

/** How to find it. */
export interface LocateQuery {
  readonly ticketId: string;
  /** Where the caller says that it stands. */
  readonly statedFrom: string | undefined;
  readonly read: ReadPolicy;
  readonly signal: AbortSignal | undefined;
  readonly onEvent: RequestListener | undefined;
  readonly onStoreFailed: StoreFailedListener;
}

/** What to do with a ticket whose state is known, and what else to return. */
export interface LocatedWork<Result> {
  readonly work: (known: LocatedState) => Promise<Result> | Result;
  readonly fail: (position: Exclude<Position, { kind: 'known' }>) => Result;
  /** Whether nothing was done because of where the ticket stands. */
  readonly isStandstill: (result: Result) => boolean;
}

/**
 * Checks a request, locates its ticket and works from there. If a remembered state was the reason
 * to do nothing, the ticket is read and the work is tried once more: memory alone blocks no change
 * and makes none unnecessary or done.
 */
export async function fromLocatedState<Result>(
  question: Question,
  query: LocateQuery,
  context: PositionContext,
  { work, fail, isStandstill }: LocatedWork<Result>,
): Promise<Result> {
  // For a mistake in the request, no ticket is read.
  const blockers = mistakesIn(question, context.lifecycle);
  if (blockers.length > 0) return fail({ kind: 'blocked', blockers });
  const position = await locate(question, query, context);
  if (position.kind !== 'known') return fail(position);
  const result = await work(position.known);
  if (!mayHaveMoved(position.known, query, context) || !isStandstill(result)) return result;
  const seen = await locate(question, { ...query, read: 'always' }, context);
  return seen.kind === 'known' ? work(seen.known) : fail(seen);
}

/** Whether a look would tell more: only memory was asked, or another read has shown it elsewhere since. */
function mayHaveMoved(
  { mayLook, lookedAt, state }: LocatedState,
  { ticketId, statedFrom, read }: LocateQuery,
  { memory, lifecycle }: PositionContext,
): boolean {
  if (mayLook === true) return true;
  const since = memory.statusSince(ticketId, lookedAt);
  const isElsewhere = since !== undefined && since !== lifecycle.statusOf(state);
  return statedFrom === undefined && read !== 'never' && isElsewhere;
}

/**
 * Finds out where a ticket stands: from the caller, from memory while it is fresh, or from a read.
 *
 * The caller is believed unless memory says otherwise, of whatever age; then the ticket is read. What
 * is remembered stands in for a read only while it is fresh: for `maxAgeMs`, and if the lifecycle
 * still has that state. After a change whose end is not known, nothing stands in for a read; and while
 * another process may be sending one, a change waits.
 */
async function locate(
  { sends = false }: Question,
  query: LocateQuery,
  context: PositionContext,
): Promise<Position> {
  const { ticketId, statedFrom, read, signal, onStoreFailed } = query;
  const { memory, clock } = context;
  const recall = () => memory.recall(ticketId, onStoreFailed, signal);
  let lookedAt = memory.begin(ticketId);
  let stored = await recall();
  const mayWait = () => sends && read !== 'never' && signal?.aborted !== true;
  while (mayWait() && isOpenElsewhere(ticketId, stored, context)) {
    await pause(clock, betweenLooksMs, signal);
    lookedAt = memory.begin(ticketId);
    stored = await recall();
  }
  const fresh = freshOf(ticketId, stored, context);
  const isOpen = stored?.goingTo !== undefined && read !== 'never';
  // Nobody waited for what is remembered: reading fails with the reason.
  if (read !== 'always' && !isOpen && signal?.aborted !== true) {
    const before = currentOf(stored, context);
    const noted = (fresh ?? (read === 'never' ? undefined : before))?.state ?? statedFrom;
    if (statedFrom !== undefined && noted === statedFrom) {
      const { seenAt, enteredAt } = fresh ?? {};
      return known({ state: statedFrom, seenAt, enteredAt, before, lookedAt });
    }
    if (fresh !== undefined && (statedFrom === undefined || read === 'never')) {
      const { state, seenAt, enteredAt, assumed } = fresh;
      const how = read === 'never' ? {} : { mayLook: true as const };
      return known({ state, seenAt, enteredAt, assumed, before, lookedAt, ...how });
    }
    if (read === 'never') {
      return blocked(
        'unknown-ticket',
        `The state of ${ticketId} is unknown, and reading it is switched off. Pass from.`,
        { ticketId },
      );
    }
  }
  return readState(query, { begunAt: lookedAt, stored, statedFrom }, context);
}

async function readState(
  { ticketId, signal, onEvent, onStoreFailed }: LocateQuery,
  before: BeforeRead,
  context: PositionContext,
): Promise<Position> {
  try {
    const call = { signal, onEvent };
    const position = await readPosition(ticketId, before, context, call, onStoreFailed);
    const { state, seenAt, readAt, enteredAt, updatedAt, clockOffset, lookedAt } = position;
    if (state === undefined) {
      return { kind: 'blocked', blockers: [unclearState(position)] };
    }
    const how = position.assumed ? { assumed: true as const } : {};
    const noted = { state, seenAt, enteredAt, ...how };
    return known({ ...noted, before: noted, updatedAt, readAt, clockOffset, lookedAt });
  } catch (error) {
    if (!SeriesError.is(error)) throw error;
    if ((error as Partial<SeriesApiError>).code === 'ticket-not-found') {
      await context.memory.forget(ticketId, onStoreFailed);
      return blocked('unknown-ticket', `Series knows no ticket ${ticketId}.`, { ticketId });
    }
    return { kind: 'failed', error };
  }
}

const known = (located: LocatedState): Position => ({ kind: 'known', known: located });

const blocked = (...reason: Parameters<typeof blocker>): Position => ({
  kind: 'blocked',
  blockers: [blocker(...reason)],
});
