import * as z from 'zod';
import { refuse, succeed } from './answer.ts';
import type { Route } from './route.ts';
import { type Ticket, ticketStatuses } from './ticket.ts';
import { toTicketDocument } from './ticket-document.ts';

const ticketsPerPage = 10;

const wholeNumber = (error: string) => z.string({ error }).regex(/^\d{1,9}$/, { error });

// That these are the filters is documented; which values they take, and what a wrong one gets, is
// not: they compare exactly, and a wrong page, status or number is a 400.
export const listQuerySchema = z.object({
  page: wholeNumber('Invalid page. Must be an integer of at least 1')
    .refine((page) => Number(page) >= 1, {
      error: 'Invalid page. Must be an integer of at least 1',
    })
    .optional(),
  status: z
    .enum(ticketStatuses, {
      error: `Invalid status. Must be one of: ${ticketStatuses.join(', ')}`,
    })
    .optional(),
  author: z.string().optional(),
  department: z.string().optional(),
  staffUserId: wholeNumber('Invalid staffUserId. Must be an integer').optional(),
});

type ListQuery = z.infer<typeof listQuerySchema>;

export const listTickets: Route = {
  method: 'GET',
  path: /^\/tickets\/list$/,
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
};

function matches(ticket: Ticket, { status, author, department, staffUserId }: ListQuery): boolean {
  const { userId, username } = ticket.author;
  return (
    (status === undefined || ticket.status === status) &&
    (author === undefined || author === String(userId) || author === username) &&
    (department === undefined || ticket.department === department) &&
    (staffUserId === undefined || ticket.claimedBy === Number(staffUserId))
  );
}
