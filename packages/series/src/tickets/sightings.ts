import { createListeners, type Listeners } from '../listeners.ts';
import type { ChangeOfOthers } from './change-of-others.ts';
import type { KnownState } from './status-store.ts';
import type { OpenWrites } from './store-writes.ts';

/**
 * Which reads of a ticket may be noted.
 *
 * A read takes time, and other reads and changes of its ticket go on meanwhile. What it shows may be
 * older than what was noted since it began: our own change would look like one of somebody else's,
 * and the old state would be remembered. So a read is noted only if nothing was noted of its ticket
 * since it began, and no change of it was being sent or in doubt. Of reads that overlap, the first
 * to end counts, so that a change that both show is reported once. What the others show is their
 * caller's; the next read notes it.
 *
 * Workflows that share an order share their sightings, also where each has a store of its own.
 */
export interface Sightings {
  /** The moment in which a read begins; to be taken before memory is asked. */
  begin(): number;
  /** Whether a read that began then may be noted. */
  isLatest(ticketId: string, begunAt: number): boolean;
  /**
   * What is known of the ticket changes now, in the memory of this owner; without one, in the same as
   * before. `status` is what it is known to have.
   */
  note(ticketId: string, owner?: object, status?: string): void;
  /** The status that it was noted to have last, if that was after the moment. */
  statusSince(ticketId: string, moment: number): string | undefined;
  /** Whether the memory of another owner knows something newer of the ticket. */
  isOutdated(ticketId: string, owner: object): boolean;
  /** A change of the ticket is being sent: until `release`, nothing that is read may be noted. */
  keep(ticketId: string): void;
  release(ticketId: string): void;
  /** What the store of an owner has not taken yet. Another owner's writes say nothing about that. */
  writesOf(owner: object): OpenWrites;
  /**
   * The latest of each ticket that a read has shown, or a confirmed change of ours has made. For a while
   * a read that shows an older one may come from a copy of the database that is behind.
   */
  readonly latestVersions: Map<string, TicketVersion>;
  /** What others did, by whichever read it was seen. */
  readonly moves: Listeners<TicketMoved>;
}

interface Noted {
  readonly at: number;
  readonly owner: object | undefined;
  readonly status: string | undefined;
}

/** A ticket as it is since it was changed last. */
export interface TicketVersion {
  readonly status: string | undefined;
  /** As it was read last. */
  readonly updatedAt: string | undefined;
  /** Present where only an answer has confirmed it, so that its own `UpdatedAt` is later. */
  readonly isUnread?: boolean;
  /** When our last confirmed change was sent, at the earliest, by the server's clock. */
  readonly sentAt: number | undefined;
  /** When it was seen first or confirmed, on our clock. */
  readonly at: number;
}

/** A ticket that others have moved since it was known. */
export interface TicketMoved extends ChangeOfOthers {
  readonly ticketId: string;
  /** What was known of it. */
  readonly known: KnownState;
  readonly status: string;
  readonly seenAt: number;
}

// Far more than can be noted while one read is under way.
const mostTickets = 10_000;

export function createSightings(): Sightings {
  let moment = 0;
  // A Map keeps the order of insertion: the first one was noted the longest time ago.
  const noted = new Map<string, Noted>();
  // When the last ticket was noted that is not in the map any more.
  let forgottenAt = 0;
  const kept = new Set<string>();
  const writes = new WeakMap<object, OpenWrites>();

  function note(ticketId: string, owner = noted.get(ticketId)?.owner, status?: string): void {
    moment += 1;
    noted.delete(ticketId);
    noted.set(ticketId, { at: moment, owner, status });
    const [oldest] = noted;
    if (noted.size <= mostTickets || oldest === undefined) return;
    noted.delete(oldest[0]);
    forgottenAt = oldest[1].at;
  }

  return {
    begin: () => moment,
    isLatest: (ticketId, begunAt) =>
      !kept.has(ticketId) && (noted.get(ticketId)?.at ?? forgottenAt) <= begunAt,
    note,
    statusSince(ticketId, since) {
      const { at = 0, status } = noted.get(ticketId) ?? {};
      return at > since ? status : undefined;
    },
    isOutdated: (ticketId, owner) => (noted.get(ticketId)?.owner ?? owner) !== owner,
    keep: (ticketId) => void kept.add(ticketId),
    release(ticketId) {
      // What was read meanwhile may not be noted either.
      if (kept.delete(ticketId)) note(ticketId, undefined, noted.get(ticketId)?.status);
    },
    writesOf(owner) {
      const open = writes.get(owner) ?? { unstored: new Map(), writing: new Map() };
      writes.set(owner, open);
      return open;
    },
    latestVersions: new Map(),
    moves: createListeners(),
  };
}
