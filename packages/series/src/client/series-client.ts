import type { TicketStatus } from '@ticket-lifecycle/core';
import type { Clock } from '../clock.ts';
import type { ResponseInfo } from '../errors.ts';
import type { RateLimiter } from '../limiter/rate-limiter.ts';
import type { CallOptions, Effort } from '../request/call-options.ts';
import type { Ticket, TicketPage } from './ticket.ts';

/** A change of status, as the API takes it. */
export interface StatusChange extends TicketClaim {
  readonly status: TicketStatus;
}

/** A claim of a ticket for a staff member. */
export interface TicketClaim {
  readonly ticketId: string;
  /** The staff member who is named in the ticket's system message. */
  readonly staffUserId: number;
}

/** A change that arrived. */
export interface StatusChanged extends Effort {
  /** The answer of the API. */
  readonly response: ResponseInfo | undefined;
  /** What the server said, or `undefined` when its answer came without it. */
  readonly message: string | undefined;
}

/** Which tickets to list. */
export interface TicketListQuery {
  /** @defaultValue 1 */
  readonly page?: number | undefined;
  readonly status?: TicketStatus | undefined;
  readonly author?: string | undefined;
  readonly department?: string | undefined;
  readonly staffUserId?: number | undefined;
}

/** The Series HR ticket API. Every request takes a slot of the key's budget. */
export interface SeriesClient {
  /** The name of the key's budget. */
  readonly keyId: string;
  readonly rateLimiter: RateLimiter;
  /** How long one attempt may take. */
  readonly timeoutMs: number;
  /** The client's clock: a workflow goes by the same one, unless it is given another. */
  readonly clock?: Clock | undefined;
  /**
   * Changes a ticket's status.
   *
   * Sent again only if the request surely was not processed: it never left, or the answer was a 429
   * that is not from a cache and says no success.
   * A change is not idempotent: each one adds a system message that people see.
   *
   * @throws SeriesApiError when the server refused
   * @throws NotSentError when nothing was processed
   * @throws OutcomeUnknownError when the change may have arrived
   */
  changeStatus(change: StatusChange, options?: CallOptions): Promise<StatusChanged>;
  /**
   * Claims a ticket for a staff member, which also sets its status to `in-progress`. Sent again as
   * rarely as a change of status: it adds a system message as well.
   *
   * @throws SeriesApiError with the code `already-claimed` when somebody has it
   */
  claim(claim: TicketClaim, options?: CallOptions): Promise<StatusChanged>;
  /**
   * Reads a ticket. Retries what may be temporary.
   *
   * @throws SeriesApiError when the server refused, `ticket-not-found` among others
   * @throws NotSentError when the server was not reached
   * @throws OutcomeUnknownError when no usable answer came
   */
  getTicket(ticketId: string, options?: CallOptions): Promise<Ticket>;
  /** Reads one page of the tickets: the API gives ten at most. */
  listTickets(query?: TicketListQuery, options?: CallOptions): Promise<TicketPage>;
  /**
   * Gives a claimed ticket back; its status stays. Sent again as rarely as a change of status.
   *
   * @throws SeriesApiError with the code `not-claimed` when nobody has it
   */
  unclaim(claim: TicketClaim, options?: CallOptions): Promise<StatusChanged>;
  /**
   * Goes through all tickets that match, each once, page by page from `page` on. What you do with a
   * ticket may take it off the list: where the server's total shows that, the pages are read once more,
   * so that none is left out. So they are where fewer tickets were seen than the server's total.
   *
   * @throws SeriesError like `listTickets`, and where even then fewer were seen than the total: the
   * message says how many, and all that were found have come before it
   *
   * @example
   * ```ts
   * import { createSandbox } from '@ticket-lifecycle/sandbox';
   * import { createSeriesClient } from '@ticket-lifecycle/series';
   *
   * const { fetch } = createSandbox({ tickets: [{ ticketId: 'TICKET-1' }] });
   * const client = createSeriesClient({ apiKey: 'example-key', fetch });
   * for await (const { ticketId, subject } of client.tickets({ status: 'open' })) {
   *   console.log(ticketId, subject); // TICKET-1 A ticket
   * }
   * ```
   */
  tickets(query?: TicketListQuery, options?: CallOptions): AsyncIterable<Ticket>;
}
