import fc from 'fast-check';
import { expect, test } from 'vitest';
import * as z from 'zod/mini';
import { readTicket, readTicketPage } from '../../src/client/ticket.ts';
import { KeyRing } from '../../src/request/api-key.ts';

// The oracle: what the same answer is by a schema, field by field. A field that has not its
// documented form counts as absent, and only a status is necessary.

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
const ticketSchema = z.object({
  Status: z.string(),
  TicketId: lenient(z.string()),
  _id: lenient(z.string()),
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

const person = (found: z.infer<typeof personSchema> | null | undefined) =>
  found === null || found === undefined
    ? undefined
    : {
        userId: found.UserId,
        username: found.Username,
        displayName: found.DisplayName,
        avatarUrl: found.AvatarUrl,
      };

const ticketOf = (found: z.infer<typeof ticketSchema>, ticketId: string) => ({
  ticketId,
  status: found.Status,
  subject: found.Subject,
  createdAt: found.CreatedAt,
  updatedAt: found.UpdatedAt,
  claimedBy: found.ClaimedByUser === null ? null : found.ClaimedByUser?.UserId,
  claimedByUser: found.ClaimedByUser === null ? null : person(found.ClaimedByUser),
  category: found.Category,
  department: found.Department,
  priority: found.Priority,
  author: person(found.Author),
  messages: Object.entries(found.Content).flatMap(([id, message]) =>
    message === null
      ? []
      : [
          {
            id,
            content: message.Content,
            author: person(message.Author),
            type: message.Type,
            timestamp: message.Timestamp,
          },
        ],
  ),
});

function ticketBySchema(body: unknown, askedFor: string) {
  const { data: answer } = answerSchema.safeParse(body);
  if (answer === undefined) return undefined;
  const { TicketId, _id } = answer.data.Ticket;
  const names = [TicketId, _id].filter((name) => name !== undefined);
  if (names.length > 0 && !names.includes(askedFor)) return undefined;
  return ticketOf(answer.data.Ticket, TicketId ?? askedFor);
}

function pageBySchema(body: unknown, page: number) {
  const { data: answer } = listSchema.safeParse(body);
  if (answer === undefined) return undefined;
  const { Tickets, Pagination } = answer.data;
  const tickets = Tickets.flatMap((entry) => {
    const { data: found } = ticketSchema.safeParse(entry);
    if (found === undefined) return [];
    const { TicketId, _id } = found;
    const ticketId = TicketId ?? _id;
    return ticketId === undefined ? [] : [ticketOf(found, ticketId)];
  });
  const { CurrentPage = page, TotalPages: pages, TotalCount: total, HasNextPage } = Pagination;
  const hasNext = HasNextPage ?? (pages !== undefined && CurrentPage < pages);
  return { tickets, page: CurrentPage, pages, total, hasNext };
}

/** A ticket or page without what it carries besides its fields. */
function bare(read: object | undefined): unknown {
  if (read === undefined) return undefined;
  const { response: _, raw: __, clockOffset: ___, ...fields } = read as Record<string, unknown>;
  return 'tickets' in fields
    ? { ...fields, tickets: (fields['tickets'] as object[]).map(bare) }
    : fields;
}

const odd = fc.oneof(
  fc.constantFrom(null, true, 0, 1.5, Infinity, '', 'T-1', 'open'),
  fc.constantFrom<unknown[]>([], {}, [{}], { UserId: 7 }, { UserId: '7' }),
  fc.jsonValue({ maxDepth: 2 }),
);
const often = (value: fc.Arbitrary<unknown>) =>
  fc.oneof({ weight: 4, arbitrary: value }, { weight: 1, arbitrary: odd });
const record = (fields: Record<string, fc.Arbitrary<unknown>>, requiredKeys: string[] = []) =>
  often(fc.record(fields, { requiredKeys }));
const text = often(fc.string());
const anyone = record({
  UserId: often(fc.integer()),
  Username: text,
  DisplayName: text,
  AvatarUrl: text,
});
const messages = often(
  fc.dictionary(
    fc.oneof(fc.string(), fc.constantFrom('1', 'constructor', 'toString')),
    record({ Content: text, Author: anyone, Type: text, Timestamp: text }),
  ),
);
const anyTicket = record(
  {
    Status: often(fc.constantFrom('open', 'closed', 'archived')),
    TicketId: often(fc.constant('T-1')),
    _id: often(fc.constantFrom('T-1', 'f00')),
    Subject: text,
    CreatedAt: text,
    UpdatedAt: text,
    Category: text,
    Department: text,
    Priority: text,
    Author: anyone,
    Content: messages,
    ClaimedByUser: anyone,
  },
  ['Status'],
);
const anyAnswer = record({ data: record({ Ticket: anyTicket }, ['Ticket']) }, ['data']);
const anyList = record(
  {
    data: record(
      {
        Tickets: often(fc.array(anyTicket, { maxLength: 4 })),
        Pagination: record({
          CurrentPage: often(fc.nat()),
          TotalPages: often(fc.nat()),
          TotalCount: often(fc.nat()),
          HasNextPage: often(fc.boolean()),
        }),
      },
      ['Tickets'],
    ),
  },
  ['data'],
);

const origin = { clockOffset: undefined, response: undefined, keys: new KeyRing('sk-live-1234') };

test('a ticket is read as its schema would read it, whatever came', () => {
  let found = 0;
  fc.assert(
    fc.property(anyAnswer, (body) => {
      const read = readTicket(body, 'T-1', origin);
      if (read !== undefined) found += 1;
      expect(bare(read)).toEqual(ticketBySchema(body, 'T-1'));
    }),
    { numRuns: 3000 },
  );
  expect(found).toBeGreaterThan(300);
});

test('a page of tickets is read as its schema would read it, whatever came', () => {
  let found = 0;
  fc.assert(
    fc.property(anyList, fc.integer({ min: 1, max: 9 }), (body, page) => {
      const read = readTicketPage(body, page, origin);
      if (read !== undefined && read.tickets.length > 0) found += 1;
      expect(bare(read)).toEqual(pageBySchema(body, page));
    }),
    { numRuns: 3000 },
  );
  expect(found).toBeGreaterThan(300);
});
