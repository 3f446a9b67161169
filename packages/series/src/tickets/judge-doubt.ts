import type { TicketStatus } from '@ticket-lifecycle/core';
import type { Ticket } from '../client/ticket.ts';
import { hasGoneBack, type ClockOffset } from '../request/server-clock.ts';
import { secondMs, serverMoment, tickOfUpdateMs } from './server-moment.ts';

/** What a change in doubt was meant to do, and what was known before it was sent. */
export interface DoubtfulChange {
  /**
   * The statuses from which and to which the change leads. There are several where it is not known
   * from which state it was sent. Edges inside one status send nothing and don't belong here.
   */
  readonly edges: readonly { readonly from: TicketStatus; readonly to: TicketStatus }[];
  /** When it was sent, at the earliest: milliseconds since the epoch, on our clock. */
  readonly sentAt?: number | undefined;
  /** From when on the request can no longer be under way, on the same clock. */
  readonly quietAt: number;
  /** The ticket's `UpdatedAt` as it was read before the change was sent. */
  readonly updatedAt?: string | undefined;
  /** When that was read, on our clock. */
  readonly readAt?: number | undefined;
  /** How far the server's clock was ahead of ours by an earlier answer. */
  readonly clockOffset?: ClockOffset | undefined;
  /** Who must have claimed the ticket, if the change was sent as a claim. */
  readonly claimedBy?: number | undefined;
}

/** A ticket as it was read back. */
export type TicketSeen = Pick<
  Ticket,
  'status' | 'createdAt' | 'updatedAt' | 'claimedBy' | 'clockOffset' | 'hasOldDate'
> & {
  /**
   * When it was asked for, on our clock. The answer may have been written right then, however late
   * it came.
   */
  readonly seenAt: number;
};

/**
 * What a ticket that was read back says of a change whose answer is missing.
 *
 * - `arrived`: it has the status that was asked for. Who set it does not show.
 * - `untouched`: the change was surely not made, and no longer can be.
 * - `elsewhere`: it has a third status. The change may have come and gone, or never have come.
 * - `undecided`: nothing follows, or nothing follows yet.
 */
export type DoubtVerdict = 'arrived' | 'untouched' | 'elsewhere' | 'undecided';

/**
 * Judges a change in doubt by the ticket that was read back. Pure. The only judgement of its kind:
 * the workflow, the actor, the command line's resume and the outbox all use it.
 *
 * | status seen                    | quiet? | further evidence                              | verdict     |
 * | ------------------------------ | ------ | --------------------------------------------- | ----------- |
 * | where it leads to              | –      | a claim, and it is not shown that we have it  | `elsewhere` |
 * | where it leads to              | –      | otherwise                                     | `arrived`   |
 * | neither                        | –      | –                                             | `elsewhere` |
 * | both, by different edges       | –      | –                                             | `undecided` |
 * | where it leads from            | no     | the request may still be processed            | `undecided` |
 * | where it leads from            | yes    | `UpdatedAt` surely lies before the send       | `untouched` |
 * | where it leads from            | yes    | `UpdatedAt` is as it was before the send      | `untouched` |
 * | where it leads from            | yes    | `UpdatedAt` equals `CreatedAt`: never changed | `untouched` |
 * | where it leads from            | yes    | otherwise                                     | `undecided` |
 *
 * A claim is shown by `ClaimedByUser`: another there, nobody, or no such field leaves it open who has
 * set the status.
 *
 * A ticket with the old status proves nothing by itself: an automation may have undone the change
 * within milliseconds. `UpdatedAt` shows that, unless the change and its undoing fall into the
 * same tick of that clock. So each of the three proofs also excludes that tick. It is a whole second
 * where the server writes its times without a fraction, or all of them with `.000`; ten seconds or a
 * minute, where `CreatedAt` and `UpdatedAt` both end so. None of the proofs holds where `UpdatedAt` is
 * another than it was before the send. Nor does one hold for an answer by whose date the server's clock
 * has gone back by more than a second, to which a date is exact: that is how an old answer from a cache
 * looks.
 *
 * The first proof compares a time of the server with one of ours, so it goes by the least by which
 * that clock can have been ahead of ours since the send. A send in the future is one by a clock that
 * was set back since, and is compared with nothing.
 *
 * Two things are taken for granted that the API does not document: each change of the status renews
 * `UpdatedAt`, and the clock that writes it is within about a second of the one that writes `Date`.
 */
export function judgeDoubt(change: DoubtfulChange, seen: TicketSeen): DoubtVerdict {
  const { edges, quietAt, claimedBy } = change;
  const isTarget = edges.some(({ to }) => to === seen.status);
  const isSource = edges.some(({ from }) => from === seen.status);
  if (isTarget && isSource) return 'undecided';
  if (isTarget) {
    return claimedBy === undefined || seen.claimedBy === claimedBy ? 'arrived' : 'elsewhere';
  }
  if (!isSource) return 'elsewhere';
  return seen.seenAt >= quietAt && wasNotUpdatedSince(change, seen) ? 'untouched' : 'undecided';
}

/** What a ticket that has the status of a claim shows of whose it is, where that is not ours. */
export function claimShown(
  { claimedBy: ours }: Pick<DoubtfulChange, 'claimedBy'>,
  seen: Pick<TicketSeen, 'claimedBy'> | undefined,
): string | undefined {
  const { claimedBy } = seen ?? {};
  if (ours === undefined || seen === undefined || claimedBy === ours) return undefined;
  if (claimedBy === null) return 'nobody has claimed it';
  return claimedBy === undefined
    ? 'the answer does not show who has claimed it'
    : `it is claimed by ${claimedBy}`;
}

/** Whether the ticket was surely not updated since the change was sent. */
function wasNotUpdatedSince(change: DoubtfulChange, seen: TicketSeen): boolean {
  const { sentAt, updatedAt: updatedBefore, readAt } = change;
  const { createdAt, updatedAt, clockOffset } = seen;
  const tickMs = tickOfUpdateMs(seen);
  if (tickMs === undefined || isOldAnswer(change, seen) || isUpdated(change, seen)) return false;

  const proof = provingOffset(change, seen);
  if (proof !== undefined && clockOffset !== undefined) {
    const { atLeastMs } = clockOffset;
    if (atLeastMs >= proof.atLeastMs && atLeastMs <= proof.atMostMs) return true;
  }
  // By comparison. What was read before the send was written before the send, so it is the same
  // tick only where the send followed within one.
  if (updatedAt === updatedBefore) {
    const sinceReadMs = sentAt === undefined || readAt === undefined ? 0 : sentAt - readAt;
    if (tickMs === 1 || sinceReadMs >= tickMs) return true;
  }
  // Nobody can have read, changed and changed back a ticket in the millisecond that made it.
  return updatedAt === createdAt && tickMs === 1;
}

/**
 * How far the server's clock must be ahead of ours to prove that the tick of the ticket's last update
 * ended before the send; `undefined` where it can't prove that.
 */
export function provingOffset(change: DoubtfulChange, seen: TicketSeen): ClockOffset | undefined {
  const { sentAt } = change;
  const tickMs = tickOfUpdateMs(seen);
  const { at = Number.NaN } = serverMoment(seen.updatedAt) ?? {};
  if (sentAt === undefined || tickMs === undefined || Number.isNaN(at)) return undefined;
  // Our own clock was set back since: it says nothing about what came before the send.
  if (sentAt > seen.seenAt) return undefined;
  if (isOldAnswer(change, seen) || isUpdated(change, seen)) return undefined;
  const atLeastMs = at + tickMs - sentAt;
  // If it has gone ahead since an earlier answer, or ours has stood still, the time may be from before.
  const before = change.clockOffset;
  const hasGoneAhead = (seen.clockOffset?.atLeastMs ?? -Infinity) > (before?.atMostMs ?? Infinity);
  if (hasGoneAhead && (before?.atLeastMs ?? Infinity) < atLeastMs) return undefined;
  // A time between the send and the read by our own clock, though the server's date is ahead of it:
  // then the date may be by another clock than the time, by that of a proxy.
  const isDuring = at > sentAt - secondMs && at < seen.seenAt + longestReadMs;
  return { atLeastMs, atMostMs: isDuring ? secondMs : Infinity };
}

/** Whether it was updated after it was read before the send: perhaps by the change. */
const isUpdated = ({ updatedAt: before }: DoubtfulChange, { updatedAt }: TicketSeen): boolean =>
  before !== undefined && updatedAt !== before;

// How late an answer may come.
const longestReadMs = 10_000;

/** Whether the date of an answer is older than that of an earlier one. */
export const isOldAnswer = (
  { clockOffset: before }: Pick<DoubtfulChange, 'clockOffset'>,
  { clockOffset, hasOldDate }: Pick<TicketSeen, 'clockOffset' | 'hasOldDate'>,
): boolean =>
  hasOldDate === true ||
  (before !== undefined && clockOffset !== undefined && hasGoneBack(before, clockOffset));
