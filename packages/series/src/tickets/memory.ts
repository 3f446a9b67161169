import { isThenable, waitAtMost } from '@ticket-lifecycle/internal/wait-at-most';
import type { Lifecycle, Migration } from '@ticket-lifecycle/core';
import type { Ticket } from '../client/ticket.ts';
import { isSystemTime, mostDriftMs, waitUnlessAborted, type Clock } from '../clock.ts';
import { carriedOver } from './carry-over.ts';
import { serverMoment, tickOfUpdateMs } from './server-moment.ts';
import type { Sightings, TicketVersion } from './sightings.ts';
import type { KnownState, StatusStore } from './status-store.ts';
import { createStoreWrites, keepLatest } from './store-writes.ts';

/** Is told of a store that failed, or did not answer in time. */
export type StoreFailedListener = (error: unknown) => void;

/** What is noted of a ticket; the memory adds what follows from it. */
export interface NotedState extends Pick<
  KnownState,
  'state' | 'seenAt' | 'enteredAt' | 'assumed' | 'goingTo'
> {
  /** Present where a change of ours is confirmed now, by something else than a read. */
  readonly isOurs?: true | undefined;
  /** When that change was sent, at the earliest, by the server's clock. */
  readonly sentAt?: number | undefined;
}

/**
 * What a workflow remembers of tickets. Memory only saves reads: a store that fails or hangs keeps
 * no change from being sent and no outcome from its caller. Only a step inside one status is nowhere
 * else, so it is made where the store takes it.
 */
export interface Memory {
  /** The moment in which a read of a ticket begins: to be taken before `recall`. */
  begin(ticketId: string): number;
  /** Whether what a read shows may be noted; sightings.ts explains it. */
  mayNote(ticketId: string, begunAt: number): boolean;
  /** The status that was noted of it since, by whichever read. */
  statusSince(ticketId: string, lookedAt: number): string | undefined;
  /**
   * What is known of a ticket, and since when, if a read shows it as it was before that. Any other read is
   * the latest from then on.
   */
  newerThan(
    ticketId: string,
    ticket: Pick<Ticket, 'status' | 'createdAt' | 'updatedAt'>,
  ): Pick<TicketVersion, 'at' | 'status'> | undefined;
  /**
   * The last known state, of any age; `undefined` where there is none, or nobody waits for it. Where the
   * store fails, what the read under way shows is not noted: it would replace what the store holds.
   */
  recall(
    ticketId: string,
    onFailed: StoreFailedListener,
    signal: AbortSignal | undefined,
  ): Promise<KnownState | undefined>;
  /**
   * Without `enteredAt`, the ticket counts as having entered the state when it was seen. With `goingTo`,
   * the ticket is forgotten by a store that does not keep that. Waits for the store no longer than
   * `withinMs`; until it has taken that, it is known here.
   */
  remember(
    ticketId: string,
    noted: NotedState,
    onFailed: StoreFailedListener,
    withinMs?: number,
  ): Promise<StoreFailure | undefined>;
  /** @param status - what it was seen to have, where no state is known for that */
  forget(
    ticketId: string,
    onFailed: StoreFailedListener,
    withinMs?: number,
    status?: string,
  ): Promise<void>;
  /** Has the store take what it has not taken yet, as far as it does so in time. */
  flush(onFailed: (ticketId: string, error: unknown) => void): Promise<void>;
}

/** Why the store has not taken something, or not in time. */
export interface StoreFailure {
  readonly error: unknown;
}

/** The state that is remembered, if it says more than the definition would alone. */
export const knownState = (known: KnownState | undefined): string | undefined =>
  known?.assumed === true ? undefined : known?.state;

/** What a memory needs. */
export interface MemoryContext {
  readonly clock: Clock;
  readonly lifecycle: Pick<Lifecycle, 'statusOf' | 'fingerprint' | 'isState'>;
  /** For what was stored under an older lifecycle. */
  readonly migration: Migration | undefined;
  /** What workflows share that share this memory. */
  readonly owner: object;
  /** How long the store may take. */
  readonly timeoutMs: number;
  readonly sightings: Omit<Sightings, 'keep' | 'release' | 'moves'>;
  /** Whether a request may still be under way, so that what is read now may soon be wrong. */
  readonly isHeld: (ticketId: string) => boolean;
}

const never = -1;
// A database that answers from a copy may be behind by a moment.
const longestLagMs = 10_000;

/** Puts a bound on how long a store may take, and notes what is newer than any read under way. */
export function createMemory(
  store: StatusStore,
  { clock, lifecycle, migration, owner, timeoutMs, sightings, isHeld }: MemoryContext,
): Memory {
  const { fingerprint } = lifecycle;
  const { latestVersions } = sightings;
  const open = sightings.writesOf(owner);
  const writes = createStoreWrites(store, { clock, open, timeoutMs });
  const awake = isSystemTime(clock) ? createSleepWatch(clock) : (known: KnownState) => known;
  const here = (known: KnownState) => carriedOver(awake(known), lifecycle, migration);
  return {
    begin: (ticketId) => (isHeld(ticketId) ? never : sightings.begin()),
    mayNote: (ticketId, begunAt) => sightings.isLatest(ticketId, begunAt),
    statusSince: (ticketId, lookedAt) =>
      lookedAt === never ? undefined : sightings.statusSince(ticketId, lookedAt),
    newerThan(ticketId, ticket) {
      const { updatedAt, status } = ticket;
      if (updatedAt === undefined) return undefined;
      const latest = latestVersions.get(ticketId);
      const { updatedAt: known, isUnread, sentAt, at = -Infinity } = latest ?? {};
      // In one tick of that clock, a ticket may be changed twice.
      const mayBeNew = updatedAt === known && (!isUnread || (tickOfUpdateMs(ticket) ?? 1) > 1);
      const isBehind =
        (known !== undefined && !isLater(updatedAt, known) && !mayBeNew) ||
        (sentAt !== undefined && endOfUpdate(ticket) <= sentAt);
      if (isBehind && clock.now() - at <= longestLagMs) return latest;
      if (updatedAt === known && status === latest?.status) return undefined;
      const seen = { status, updatedAt, sentAt: isBehind ? undefined : sentAt, at: clock.now() };
      keepLatest(latestVersions, ticketId, seen);
      return undefined;
    },
    async recall(ticketId, onFailed, signal) {
      // What the store holds is older than what it has not taken.
      const newer = open.unstored.get(ticketId);
      const asked = newer ?? (await ask(() => store.get(ticketId), onFailed, { signal }));
      if ('failure' in asked) sightings.note(ticketId);
      // Many stores say null for what they don't have.
      const known = ('known' in asked ? asked.known : asked.answer) ?? undefined;
      if (known === undefined) return undefined;
      if (!isKnownState(known)) {
        onFailed(new TypeError('The store returned something that is not a stored ticket.'));
        return undefined;
      }
      if (!sightings.isOutdated(ticketId, owner)) return here(known);
      // Another memory knows better where it is. This one still decides between states of one status.
      const { goingTo = known.state } = known;
      return here({ ...known, seenAt: -Infinity, goingTo });
    },
    remember: async (ticketId, { state, assumed, isOurs, ...noted }, onFailed, withinMs) => {
      const status = lifecycle.statusOf(state);
      const { sentAt, goingTo } = noted;
      sightings.note(ticketId, owner, goingTo === undefined ? status : undefined);
      if (isOurs) {
        const { updatedAt, status: before, isUnread } = latestVersions.get(ticketId) ?? {};
        // A read may have shown it before it was confirmed.
        const isNew = isUnread === true || before !== status;
        const ours = { status, updatedAt, isUnread: isNew, sentAt, at: clock.now() };
        keepLatest(latestVersions, ticketId, ours);
      }
      const seenAt = Math.floor(noted.seenAt);
      const enteredAt = Math.floor(noted.enteredAt ?? seenAt);
      const known: KnownState = {
        state,
        status,
        seenAt,
        enteredAt,
        fingerprint,
        ...(assumed ? { assumed } : {}),
        ...(goingTo === undefined ? {} : { goingTo }),
      };
      const isKept = goingTo === undefined || store.keepsGoingTo === true;
      return write(ticketId, isKept ? known : undefined, onFailed, withinMs);
    },
    forget: async (ticketId, onFailed, withinMs, status) => {
      sightings.note(ticketId, owner, status);
      await write(ticketId, undefined, onFailed, withinMs);
    },
    flush: (onFailed) => writes.flush(timeoutMs, onFailed),
  };

  async function write(
    ticketId: string,
    known: KnownState | undefined,
    onFailed: StoreFailedListener,
    withinMs: number | undefined,
  ): Promise<StoreFailure | undefined> {
    const { failure } = await ask(() => writes.write(ticketId, known), onFailed, { withinMs });
    return failure;
  }

  async function ask<Answer>(
    call: () => Promise<Answer> | Answer,
    onFailed: StoreFailedListener,
    {
      signal,
      withinMs = timeoutMs,
    }: { readonly signal?: AbortSignal | undefined; readonly withinMs?: number | undefined },
  ): Promise<{ readonly answer?: Answer | undefined; readonly failure?: StoreFailure }> {
    const late = () => {
      throw new Error(`The store did not answer within ${withinMs} ms.`);
    };
    try {
      const answer = call();
      if (!isThenable(answer)) return { answer };
      const inTime = waitAtMost(withinMs, answer, late, clock);
      return { answer: await waitUnlessAborted(inTime, signal, () => undefined) };
    } catch (error) {
      onFailed(error);
      return { failure: { error } };
    }
  }
}

const mostDriftOfCopiesMs = 600_000;

/** Whether a time of the server is later than another; where that can't be told, another text is. */
function isLater(one: string, other: string): boolean {
  const [at, otherAt] = [serverMoment(one)?.at, serverMoment(other)?.at];
  if (Number.isNaN(at) && Number.isNaN(otherAt)) {
    // Times without a zone. Where they are far apart, clocks may have been put back by an hour.
    const apartMs = Date.parse(`${one}Z`) - Date.parse(`${other}Z`);
    return !(apartMs <= 0 && apartMs > -mostDriftOfCopiesMs);
  }
  return one !== other && !((at ?? Number.NaN) <= (otherAt ?? Number.NaN));
}

/** Until when a ticket may have been updated last, by the server's clock; `NaN` where that is not known. */
const endOfUpdate = (ticket: Pick<Ticket, 'createdAt' | 'updatedAt'>): number =>
  (serverMoment(ticket.updatedAt)?.at ?? Number.NaN) + (tickOfUpdateMs(ticket) ?? Number.NaN);

/**
 * Makes what was seen before the machine slept as old as it is: time goes on for the tickets, and not
 * on the clock of a process.
 */
function createSleepWatch(clock: Clock): (known: KnownState) => KnownState {
  let aheadMs = Date.now() - clock.now();
  let sleptMs = 0;
  let wokeAt = -Infinity;
  return (known) => {
    const nowAheadMs = Date.now() - clock.now();
    if (nowAheadMs - aheadMs > mostDriftMs) {
      // Of two, both: the older it seems, the sooner it is read.
      sleptMs += Math.ceil(nowAheadMs - aheadMs);
      wokeAt = clock.now();
    }
    aheadMs = nowAheadMs;
    return known.seenAt > wokeAt ? known : { ...known, seenAt: known.seenAt - sleptMs };
  };
}

/** Whether a store gave what it was given, as far as that can be told. */
export function isKnownState(given: unknown): given is KnownState {
  const { state, seenAt, enteredAt = 0, goingTo = '' } = Object(given) as Partial<KnownState>;
  const isNamed = typeof state === 'string' && typeof goingTo === 'string';
  return isNamed && Number.isFinite(seenAt) && Number.isFinite(enteredAt);
}
