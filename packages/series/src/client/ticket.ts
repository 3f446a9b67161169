import { ticketStatusSchema } from '@ticket-lifecycle/core';
import * as z from 'zod/mini';
import { tidy } from '../request/redact.ts';
import type { KeyRing } from '../request/api-key.ts';
import type { ClockOffset } from '../request/server-clock.ts';

const lenient = <Schema extends z.ZodMiniType>(schema: Schema) =>
  z.catch(z.optional(schema), undefined);

/** The fields of a ticket that we use. Others may come and go. */
const ticketSchema = z.object({
  Status: z.string(),
  TicketId: lenient(z.string()),
  _id: lenient(z.string()),
  Subject: lenient(z.string()),
  CreatedAt: lenient(z.string()),
  UpdatedAt: lenient(z.string()),
  ClaimedByUser: z.catch(z.nullish(z.object({ UserId: z.number() })), undefined),
});

const answerSchema = z.object({ data: z.object({ Ticket: ticketSchema }) });

/** A ticket as it was read. */
export interface Ticket {
  readonly ticketId: string;
  /**
   * What the server says, shortened. Usually a `TicketStatus`, but nothing promises that.
   */
  readonly status: string;
  readonly subject: string | undefined;
  /** ISO 8601. */
  readonly createdAt: string | undefined;
  /** ISO 8601. */
  readonly updatedAt: string | undefined;
  /** The staff member who claimed it, `null` where nobody has, `undefined` where it is not said. */
  readonly claimedBy: number | null | undefined;
  /** By how much the server's clock is ahead of ours; `undefined` if its answers have no date. */
  readonly clockOffset: ClockOffset | undefined;
}

/** What is known of an answer besides its body. */
interface Origin extends Pick<Ticket, 'clockOffset'> {
  /** A server may echo a key, also where a status should stand. */
  readonly keys: KeyRing;
}

/** The ticket in a response, or `undefined` if there is none, or another one. */
export function readTicket(body: unknown, askedFor: string, origin: Origin): Ticket | undefined {
  const answer = answerSchema.safeParse(body);
  if (!answer.success) return undefined;
  const { TicketId, _id } = answer.data.data.Ticket;
  const names = [TicketId, _id].filter((name) => name !== undefined);
  if (names.length > 0 && !names.includes(askedFor)) return undefined;
  return toTicket(answer.data.data.Ticket, askedFor, origin);
}

const listSchema = z.object({
  data: z.object({
    Tickets: z.array(z.unknown()),
    Pagination: z.catch(
      z.object({
        CurrentPage: lenient(z.number()),
        TotalPages: lenient(z.number()),
        TotalCount: lenient(z.number()),
        HasNextPage: lenient(z.boolean()),
      }),
      {},
    ),
  }),
});

/** One page of the list of tickets. */
export interface TicketPage {
  readonly tickets: readonly Ticket[];
  readonly page: number;
  /** `undefined` where the answer does not say. */
  readonly pages: number | undefined;
  readonly total: number | undefined;
  readonly hasNext: boolean;
}

/** The page of tickets in a response, or `undefined` if there is none. */
export function readTicketPage(
  body: unknown,
  page: number,
  origin: Origin,
): TicketPage | undefined {
  const answer = listSchema.safeParse(body);
  if (!answer.success) return undefined;
  const { Tickets, Pagination } = answer.data.data;
  // One invalid ticket must not hide the nine others of its page.
  const tickets = Tickets.flatMap((entry) => {
    const { data } = ticketSchema.safeParse(entry);
    if (data === undefined) return [];
    const { TicketId, _id } = data;
    const ticketId = TicketId ?? _id;
    return ticketId === undefined ? [] : [toTicket(data, ticketId, origin)];
  });
  const { CurrentPage = page, TotalPages: pages, TotalCount: total, HasNextPage } = Pagination;
  const hasNext = HasNextPage ?? (pages !== undefined && CurrentPage < pages);
  return { tickets, page: CurrentPage, pages, total, hasNext };
}

function toTicket(
  { TicketId, Status, Subject, CreatedAt, UpdatedAt, ClaimedByUser }: z.infer<typeof ticketSchema>,
  askedFor: string,
  { clockOffset, keys }: Origin,
): Ticket {
  return {
    ticketId: TicketId ?? askedFor,
    // Unlike the other fields it goes on to outcomes, blockers and events.
    status: ticketStatusSchema.safeParse(Status).success ? Status : tidy(Status, keys),
    subject: Subject,
    createdAt: CreatedAt,
    updatedAt: UpdatedAt,
    claimedBy: ClaimedByUser?.UserId ?? (ClaimedByUser === null ? null : undefined),
    clockOffset,
  };
}
