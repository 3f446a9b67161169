import type { TicketStatus } from '@ticket-lifecycle/core';
import type { RequestListener } from '../request/request-event.ts';
import type { SeriesClient } from '../client/client.ts';
import { pause, type Clock } from '../clock.ts';
import type { Ticket } from '../client/ticket.ts';

/** What reading the ticket back has shown about a change in doubt. */
export type Settlement = Reading & {
  /** How often the ticket was read. */
  readonly reads: number;
};

/** What one reading of the ticket shows. */
export type Reading =
  /** The ticket has the new status. */
  | { readonly kind: 'arrived'; readonly observed: string }
  /** The ticket is as it was before, and has not been touched since. */
  | {
      readonly kind: 'untouched';
      readonly observed: string;
      readonly updatedAt: string | undefined;
      readonly seenAt: number;
    }
  /** The ticket has another status: ours may have come and gone, or never have come. */
  | { readonly kind: 'elsewhere'; readonly observed: string }
  /** The ticket could not be read, or the reading proves nothing. */
  | { readonly kind: 'undecided'; readonly observed: string | undefined };

/** What tells a ticket with the change from one without it. */
export interface Expectation {
  readonly ticketId: string;
  readonly from: TicketStatus;
  readonly to: TicketStatus;
  /** The ticket's `UpdatedAt` when it had the status `from`, as far as that is known. */
  readonly updatedAt: string | undefined;
  /** When the change was sent, on our clock. */
  readonly sentAt: number;
  /** Who must have claimed the ticket, if the change was sent as a claim. */
  readonly claimedBy: number | undefined;
}

/** What reading back needs. */
export interface ReadBackContext {
  readonly client: Pick<SeriesClient, 'getTicket' | 'timeoutMs'>;
  readonly clock: Clock;
  /** How long a request may still be under way after its answer was given up. */
  readonly settleMs: number;
  /** How long to go on after that, when the ticket can't be read. */
  readonly settleForMs: number;
  readonly signal: AbortSignal | undefined;
  readonly onEvent: RequestListener | undefined;
}

const betweenReadsMs = 1000;

/** Reads the ticket back after an answer was lost. `workflow/doubt.ts` explains the answers. */
export async function readBack(doubt: Expectation, context: ReadBackContext): Promise<Settlement> {
  const { clock, signal, settleMs, settleForMs } = context;
  const settledAt = clock.now() + settleMs;
  const giveUpAt = settledAt + settleForMs;
  let expected = doubt;

  for (let reads = 1; ; reads += 1) {
    const isLate = clock.now() >= settledAt;
    const maxWaitMs = Math.max(giveUpAt - clock.now(), context.client.timeoutMs);
    const reading = await readOnce(expected, { ...context, maxWaitMs });
    if (reading.kind === 'arrived' || reading.kind === 'elsewhere') return { ...reading, reads };
    if (reading.kind === 'untouched') {
      if (isLate) return { ...reading, reads };
      // A change from now on shows in comparison with this reading.
      expected = { ...expected, updatedAt: expected.updatedAt ?? reading.updatedAt };
    } else if (reading.observed !== undefined || clock.now() >= giveUpAt) {
      return { ...reading, reads };
    }
    const waitMs = isLate ? betweenReadsMs : settledAt - clock.now();
    await pause(clock, Math.max(waitMs, 0), signal);
    if (signal?.aborted === true) return { kind: 'undecided', observed: reading.observed, reads };
  }
}

/** Reads the ticket once. Never throws. */
export async function readOnce(
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
      // Other changes of this ticket wait for the result.
      priority: 'high',
    });
    const observed = ticket.status;
    // A cache may show the ticket as it was before, as if nothing had arrived.
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
    // Whatever failed, the change was sent and must have an outcome.
    return { kind: 'undecided', observed: undefined };
  }
}

// So soon after the change, no colleague can have seen it and taken it back.
const soonMs = 1000;

/**
 * Whether a ticket with its old status may have been changed since ours was sent: then ours may have
 * come and gone.
 */
function isTouched(
  { createdAt, updatedAt, clockOffset }: Ticket,
  before: Pick<Expectation, 'updatedAt' | 'sentAt'>,
  now: number,
): boolean {
  if (updatedAt === undefined) return false;
  if (before.updatedAt !== undefined) return before.updatedAt !== updatedAt;
  // It was never changed.
  if (createdAt === updatedAt) return false;
  const updated = Date.parse(updatedAt);
  if (clockOffset === undefined || Number.isNaN(updated)) return false;
  const { atLeastMs, atMostMs } = clockOffset;
  if (updated < before.sentAt + atLeastMs) return false;
  return updated > before.sentAt + atMostMs || now - before.sentAt > soonMs;
}
