import * as z from 'zod/mini';
import { tidy } from '../request/redact.ts';
import type { ResponseInfo } from '../errors.ts';
import type { KeyRing } from '../request/api-key.ts';
import type { ClockOffset } from '../request/server-clock.ts';
import { statusSchema } from '../schemas.ts';

const lenient = <Schema extends z.ZodMiniType>(schema: Schema) =>
  z.catch(z.optional(schema), undefined);

const personSchema = z.object({
  UserId: lenient(z.number()),
  Username: lenient(z.string()),
  DisplayName: lenient(z.string()),
  AvatarUrl: lenient(z.string()),
});

const messageSchema = z.object({
  Content: lenient(z.string()),
  Author: z.catch(z.nullish(personSchema), undefined),
  Type: lenient(z.string()),
  Timestamp: lenient(z.string()),
});

const idSchema = lenient(z.union([z.string(), z.number()]));

/** The fields of a ticket that are documented. Others may come and go. */
const ticketSchema = z.object({
  Status: z.string(),
  TicketId: idSchema,
  _id: idSchema,
  Subject: lenient(z.string()),
  CreatedAt: lenient(z.string()),
  UpdatedAt: lenient(z.string()),
  Category: lenient(z.string()),
  Department: lenient(z.string()),
  Priority: lenient(z.string()),
  Author: z.catch(z.nullish(personSchema), undefined),
  Content: z.catch(z.record(z.string(), z.catch(z.nullable(messageSchema), null)), {}),
  ClaimedByUser: z.catch(z.nullish(z.extend(personSchema, { UserId: z.number() })), undefined),
});

const answerSchema = z.object({ data: z.object({ Ticket: ticketSchema }) });

/** A customer or a staff member, as far as the API says. */
export interface Person {
  readonly userId: number | undefined;
  readonly username: string | undefined;
  readonly displayName: string | undefined;
  readonly avatarUrl: string | undefined;
}

/** A message of a ticket. */
export interface TicketMessage {
  readonly id: string;
  readonly content: string | undefined;
  readonly author: Person | undefined;
  /** Such as `author_message`, the only one that is documented. */
  readonly type: string | undefined;
  /** ISO 8601. */
  readonly timestamp: string | undefined;
}

/**
 * A ticket as it was read. A field that the API did not send, or not in its documented form, is
 * `undefined`; `raw` has everything.
 */
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
  /** The same staff member, with names. */
  readonly claimedByUser: Person | null | undefined;
  readonly category: string | undefined;
  readonly department: string | undefined;
  readonly priority: string | undefined;
  readonly author: Person | undefined;
  /** In the order of the answer. */
  readonly messages: readonly TicketMessage[];
  /** The ticket as the API sent it, with fields that we do not know. It is not checked. */
  readonly raw: unknown;
  /** The answer that it came with. */
  readonly response: ResponseInfo | undefined;
  /** By how much the server's clock is ahead of ours; `undefined` if its answers have no date. */
  readonly clockOffset: ClockOffset | undefined;
  /**
   * Present where the date of its answer is older than that of an earlier one, by more than the second to
   * which dates are exact: that is how an old answer from a cache looks.
   */
  readonly hasOldDate?: true | undefined;
}

/** What is known of an answer besides its body. */
interface Origin extends Pick<Ticket, 'clockOffset' | 'response'> {
  readonly hasOldDate: boolean;
  /** A server may echo a key, also where a status should stand. */
  readonly keys: KeyRing;
}

/** The ticket in a response, or `undefined` if there is none, or another one. */
export function readTicket(body: unknown, askedFor: string, origin: Origin): Ticket | undefined {
  const answer = answerSchema.safeParse(body);
  if (!answer.success) return undefined;
  const { TicketId, _id } = answer.data.data.Ticket;
  // A number names a ticket where tickets have numbers. Elsewhere it is a broken field.
  const isNamedBy = (name: unknown) => typeof name === 'string' || /^\d+$/.test(askedFor);
  const names = [TicketId, _id].filter((name) => name !== undefined && isNamedBy(name));
  if (names.length > 0 && !names.map(String).includes(askedFor)) return undefined;
  const { Ticket: raw } = (body as { readonly data: { readonly Ticket: unknown } }).data;
  return toTicket(answer.data.data.Ticket, askedFor, { ...origin, raw });
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
  /** Entries without an id or a status are left out. */
  readonly tickets: readonly Ticket[];
  /** How many entries are left out. */
  readonly leftOut: number;
  readonly page: number;
  /** `undefined` where the answer does not say. */
  readonly pages: number | undefined;
  readonly total: number | undefined;
  /** `undefined` where the answer does not say. */
  readonly hasNext: boolean | undefined;
  /** The answer that it came with. */
  readonly response: ResponseInfo | undefined;
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
    if (ticketId === undefined) return [];
    return [toTicket(data, String(ticketId), { ...origin, raw: entry })];
  });
  const { CurrentPage = page, TotalPages: pages, TotalCount: total, HasNextPage } = Pagination;
  const hasNext = HasNextPage ?? (pages === undefined ? undefined : CurrentPage < pages);
  const { response } = origin;
  const leftOut = Tickets.length - tickets.length;
  return { tickets, leftOut, page: CurrentPage, pages, total, hasNext, response };
}

function toTicket(
  fields: z.infer<typeof ticketSchema>,
  askedFor: string,
  { clockOffset, hasOldDate, keys, response, raw }: Origin & Pick<Ticket, 'raw'>,
): Ticket {
  const { TicketId, Status, Subject, CreatedAt, UpdatedAt, ClaimedByUser } = fields;
  return {
    ticketId: typeof TicketId === 'string' ? TicketId : askedFor,
    // Unlike the other fields it goes on to outcomes, blockers and events.
    status: statusSchema.safeParse(Status).success ? Status : tidy(Status, keys),
    subject: Subject,
    createdAt: CreatedAt,
    updatedAt: UpdatedAt,
    claimedBy: ClaimedByUser?.UserId ?? (ClaimedByUser === null ? null : undefined),
    claimedByUser: ClaimedByUser === null ? null : personOf(ClaimedByUser),
    category: fields.Category,
    department: fields.Department,
    priority: fields.Priority,
    author: personOf(fields.Author),
    messages: Object.entries(fields.Content).flatMap(([id, message]) =>
      message === null
        ? []
        : [
            {
              id,
              content: message.Content,
              author: personOf(message.Author),
              type: message.Type,
              timestamp: message.Timestamp,
            },
          ],
    ),
    raw,
    response,
    clockOffset,
    ...(hasOldDate ? { hasOldDate } : {}),
  };
}

function personOf(person: z.infer<typeof personSchema> | null | undefined): Person | undefined {
  if (person === null || person === undefined) return undefined;
  const { UserId, Username, DisplayName, AvatarUrl } = person;
  return { userId: UserId, username: Username, displayName: DisplayName, avatarUrl: AvatarUrl };
}
