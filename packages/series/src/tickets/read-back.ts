import type { TicketStatus } from '@ticket-lifecycle/core';
import type { RequestListener } from '../request/request-event.ts';
import type { SeriesClient } from '../client/client.ts';
import { pause, type Clock } from '../clock.ts';
import type { Ticket } from '../client/ticket.ts';

/** What looking at the ticket says of a change in doubt. */
export type Settlement = Reading & {
  /** How often the ticket was looked at. */
  readonly reads: number;
};

/** What one look at the ticket says. */
export type Reading =
  /** The ticket has the status that was asked for. */
  | { readonly kind: 'arrived'; readonly observed: string }
  /** It is as it was before, and the request can't be under way any more. */
  | {
      readonly kind: 'untouched';
      readonly observed: string;
      readonly updatedAt: string | undefined;
      readonly seenAt: number;
    }
  /** It is somewhere else: ours may have come and gone, or never have come. */
  | { readonly kind: 'elsewhere'; readonly observed: string }
  /** It could not be read, or only so that nothing follows. */
  | { readonly kind: 'undecided'; readonly observed: string | undefined };

/** What a ticket is expected to look like when a change has arrived, and when it has not. */
export interface Expectation {
  readonly ticketId: string;
  readonly from: TicketStatus;
  readonly to: TicketStatus;
  /** When the ticket had `from`, this stood in its `UpdatedAt`, as far as that is known. */
  readonly updatedAt: string | undefined;
  /** When the change was sent, on our clock. */
  readonly sentAt: number;
  /** Who has to have claimed it, if it was sent as a claim. */
  readonly claimedBy: number | undefined;
}

/** How to look into a doubt. */
export interface ReadBackContext {
  readonly client: Pick<SeriesClient, 'getTicket' | 'timeoutMs'>;
  readonly clock: Clock;
  /** How long a request may still be under way after its answer was given up. */
  readonly settleMs: number;
  /** How long to go on looking after that, when the ticket can't be read. */
  readonly settleForMs: number;
  readonly signal: AbortSignal | undefined;
  readonly onEvent: RequestListener | undefined;
}

const betweenReadsMs = 1000;

/**
 * Reads the ticket back after an answer was lost.
 *
 * A look at once finds a change that arrived. An untouched ticket proves nothing before the
 * request can no longer be under way, so it is looked at again after `settleMs`.
 */
export async function settle(doubt: Expectation, context: ReadBackContext): Promise<Settlement> {
  const { clock, signal, settleMs, settleForMs } = context;
  const settledAt = clock.now() + settleMs;
  const giveUpAt = settledAt + settleForMs;
  let expected = doubt;
  let looked: Reading = { kind: 'undecided', observed: undefined };

  for (let reads = 1; ; reads += 1) {
    const isLate = clock.now() >= settledAt;
    const maxWaitMs = Math.max(giveUpAt - clock.now(), context.client.timeoutMs);
    looked = await look(expected, { ...context, maxWaitMs });
    if (looked.kind === 'arrived' || looked.kind === 'elsewhere') return { ...looked, reads };
    if (looked.kind === 'untouched') {
      if (isLate) return { ...looked, reads };
      // What changes from now on shows in comparison with this.
      expected = { ...expected, updatedAt: expected.updatedAt ?? looked.updatedAt };
    } else if (looked.observed !== undefined || clock.now() >= giveUpAt) {
      return { ...looked, reads };
    }
    const waitMs = isLate ? betweenReadsMs : settledAt - clock.now();
    await pause(clock, Math.max(waitMs, 0), signal);
    if (signal?.aborted === true) return { kind: 'undecided', observed: looked.observed, reads };
  }
}

/** Looks at the ticket once. */
export async function look(
  expected: Expectation,
  context: Omit<ReadBackContext, 'settleMs' | 'settleForMs'> & { readonly maxWaitMs?: number },
): Promise<Reading> {
  const { ticketId, from, to, claimedBy } = expected;
  const { client, clock, signal, onEvent, maxWaitMs } = context;
  try {
    const ticket = await client.getTicket(ticketId, {
      signal,
      onEvent,
      maxWaitMs,
      // Others wait for this ticket, and nobody knows what is true of it.
      priority: 'high',
    });
    const observed = ticket.status;
    // A cache tells what was true before, which is just what it looks like when nothing arrived.
    if (ticket.isCached) return { kind: 'undecided', observed: undefined };
    if (observed === to) {
      const isOurs = claimedBy === undefined || ticket.claimedBy === claimedBy;
      return { kind: isOurs ? 'arrived' : 'elsewhere', observed };
    }
    if (observed !== from) return { kind: 'elsewhere', observed };
    return isTouched(ticket, expected, clock.now())
      ? { kind: 'undecided', observed }
      : { kind: 'untouched', observed, updatedAt: ticket.updatedAt, seenAt: clock.now() };
  } catch {
    // Whatever has failed, be it a limiter of somebody else: the change was sent, and has an outcome.
    return { kind: 'undecided', observed: undefined };
  }
}

// So soon after the change nobody can have seen it and taken it back.
const soonMs = 1000;

/**
 * Whether somebody may have worked on a ticket since the change was sent, though it has the status
 * from before: then ours may have come and gone.
 */
function isTouched(
  { createdAt, updatedAt, clockOffset }: Ticket,
  before: Pick<Expectation, 'updatedAt' | 'sentAt'>,
  now: number,
): boolean {
  if (updatedAt === undefined) return false;
  if (before.updatedAt !== undefined) return before.updatedAt !== updatedAt;
  // Nobody has ever touched it.
  if (createdAt === updatedAt) return false;
  const updated = Date.parse(updatedAt);
  if (clockOffset === undefined || Number.isNaN(updated)) return false;
  const { atLeastMs, atMostMs } = clockOffset;
  if (updated < before.sentAt + atLeastMs) return false;
  return updated > before.sentAt + atMostMs || now - before.sentAt > soonMs;
}
