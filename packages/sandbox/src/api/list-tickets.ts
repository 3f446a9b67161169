import * as z from 'zod';
import { type SandboxTicket, ticketStatuses } from '../tickets/ticket.ts';
import { refuse, succeed, successOf } from './answer.ts';
import { defineRoute } from './route.ts';
import { ticketDocumentSchema, toTicketDocument } from './ticket-document.ts';

const ticketsPerPage = 10;

const invalidPage = 'Invalid page. Must be an integer of at least 1';
const invalidStaffUserId = 'Invalid staffUserId. Must be an integer';

// That these are the filters is documented; which values they take, and what a wrong one gets, is
// not: they compare exactly, and a wrong page, status or number is a 400.
export const listQuerySchema = z.object({
  page: z
    .string()
    .regex(/^0*[1-9]\d{0,8}$/, { error: invalidPage })
    .optional(),
  status: z
    .enum(ticketStatuses, {
      error: `Invalid status. Must be one of: ${ticketStatuses.join(', ')}`,
    })
    .optional(),
  author: z.string().optional(),
  department: z.string().optional(),
  staffUserId: z
    .string()
    .regex(/^-?\d{1,15}$/, { error: invalidStaffUserId })
    .optional(),
});

export const ticketListSchema = successOf(
  z.object({
    Tickets: z.array(ticketDocumentSchema).max(ticketsPerPage),
    Pagination: z.object({
      CurrentPage: z.int().min(1),
      TotalPages: z.int().min(0),
      TotalCount: z.int().min(0),
      TicketsPerPage: z.literal(ticketsPerPage),
      HasNextPage: z.boolean(),
      HasPreviousPage: z.boolean(),
    }),
  }),
);

type ListQuery = z.infer<typeof listQuerySchema>;

export const listTickets = defineRoute({
  description: {
    operationId: 'listTickets',
    summary: `List tickets, ${ticketsPerPage} to a page.`,
    query: listQuerySchema,
    success: ticketListSchema,
    refusals: { 'bad-request': 'A filter or the page is invalid.' },
  },
  method: 'GET',
  path: '/tickets/list',
  answer({ query, tickets }) {
    const { data, error } = listQuerySchema.safeParse(Object.fromEntries(query));
    if (error) return refuse('bad-request', error.issues[0]?.message ?? 'Invalid query');
    const found = tickets.list().filter((ticket) => matches(ticket, data));
    const page = Number(data.page ?? 1);
    const totalPages = Math.ceil(found.length / ticketsPerPage);
    const start = (page - 1) * ticketsPerPage;
    return succeed({
      Tickets: found.slice(start, start + ticketsPerPage).map(toTicketDocument),
      Pagination: {
        CurrentPage: page,
        TotalPages: totalPages,
        TotalCount: found.length,
        TicketsPerPage: ticketsPerPage,
        HasNextPage: page < totalPages,
        HasPreviousPage: page > 1 && found.length > 0,
      },
    });
  },
});

function matches(
  ticket: SandboxTicket,
  { status, author, department, staffUserId }: ListQuery,
): boolean {
  const { userId, username } = ticket.author;
  return (
    (status === undefined || ticket.status === status) &&
    (author === undefined || author === String(userId) || author === username) &&
    (department === undefined || ticket.department === department) &&
    (staffUserId === undefined || ticket.claimedBy === Number(staffUserId))
  );
}
