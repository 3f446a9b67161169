import { statusProblem } from '../field-checks.ts';
import { fieldsOf, numberOf, textOf, type Fields } from '../json-fields.ts';
import { tidy } from '../request/redact.ts';
import type { ResponseInfo } from '../errors.ts';
import type { KeyRing } from '../request/api-key.ts';
import type { ClockOffset } from '../request/server-clock.ts';

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
}

/** What is known of an answer besides its body. */
interface Origin extends Pick<Ticket, 'clockOffset' | 'response'> {
  /** A server may echo a key, also where a status should stand. */
  readonly keys: KeyRing;
}

/** The ticket in a response, or `undefined` if there is none, or another one. */
export function readTicket(body: unknown, askedFor: string, origin: Origin): Ticket | undefined {
  const raw = fieldsOf(fieldsOf(fieldsOf(body)?.['data'])?.['Ticket']);
  const status = textOf(raw?.['Status']);
  if (raw === undefined || status === undefined) return undefined;
  const names = namesOf(raw);
  if (names.length > 0 && !names.includes(askedFor)) return undefined;
  return toTicket(raw, status, textOf(raw['TicketId']) ?? askedFor, origin);
}

/** What a ticket calls itself. */
const namesOf = ({ TicketId, _id }: Fields): string[] =>
  [textOf(TicketId), textOf(_id)].filter((name) => name !== undefined);

/** One page of the list of tickets. */
export interface TicketPage {
  readonly tickets: readonly Ticket[];
  readonly page: number;
  /** `undefined` where the answer does not say. */
  readonly pages: number | undefined;
  readonly total: number | undefined;
  readonly hasNext: boolean;
  /** The answer that it came with. */
  readonly response: ResponseInfo | undefined;
}

/** The page of tickets in a response, or `undefined` if there is none. */
export function readTicketPage(
  body: unknown,
  page: number,
  origin: Origin,
): TicketPage | undefined {
  const data = fieldsOf(fieldsOf(body)?.['data']);
  const entries = data?.['Tickets'];
  if (!Array.isArray(entries)) return undefined;
  // One invalid ticket must not hide the nine others of its page.
  const tickets = entries.flatMap((entry: unknown) => {
    const raw = fieldsOf(entry);
    const status = textOf(raw?.['Status']);
    const [ticketId] = raw === undefined ? [] : namesOf(raw);
    return raw === undefined || status === undefined || ticketId === undefined
      ? []
      : [toTicket(raw, status, ticketId, origin)];
  });
  const said = fieldsOf(data?.['Pagination']) ?? {};
  const current = numberOf(said['CurrentPage']) ?? page;
  const pages = numberOf(said['TotalPages']);
  const total = numberOf(said['TotalCount']);
  const hasMore = said['HasNextPage'];
  const hasNext = typeof hasMore === 'boolean' ? hasMore : pages !== undefined && current < pages;
  return { tickets, page: current, pages, total, hasNext, response: origin.response };
}

/**
 * A ticket's documented fields. Others may come and go, and one that has not its documented form
 * counts as absent.
 */
function toTicket(
  raw: Fields,
  status: string,
  ticketId: string,
  { clockOffset, keys, response }: Origin,
): Ticket {
  const claimed = raw['ClaimedByUser'];
  const claimedBy = numberOf(fieldsOf(claimed)?.['UserId']);
  return {
    ticketId,
    // Unlike the other fields it goes on to outcomes, blockers and events.
    status: statusProblem(status) === undefined ? status : tidy(status, keys),
    subject: textOf(raw['Subject']),
    createdAt: textOf(raw['CreatedAt']),
    updatedAt: textOf(raw['UpdatedAt']),
    claimedBy: claimed === null ? null : claimedBy,
    claimedByUser:
      claimed === null ? null : claimedBy === undefined ? undefined : personOf(claimed),
    category: textOf(raw['Category']),
    department: textOf(raw['Department']),
    priority: textOf(raw['Priority']),
    author: personOf(raw['Author']),
    messages: messagesOf(raw['Content']),
    raw,
    response,
    clockOffset,
  };
}

function messagesOf(content: unknown): TicketMessage[] {
  return Object.entries(fieldsOf(content) ?? {}).flatMap(([id, value]) => {
    const message = fieldsOf(value);
    return message === undefined
      ? []
      : [
          {
            id,
            content: textOf(message['Content']),
            author: personOf(message['Author']),
            type: textOf(message['Type']),
            timestamp: textOf(message['Timestamp']),
          },
        ];
  });
}

function personOf(value: unknown): Person | undefined {
  const person = fieldsOf(value);
  return person === undefined
    ? undefined
    : {
        userId: numberOf(person['UserId']),
        username: textOf(person['Username']),
        displayName: textOf(person['DisplayName']),
        avatarUrl: textOf(person['AvatarUrl']),
      };
}
