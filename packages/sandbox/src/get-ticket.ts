import { refuse, succeed } from './answer.ts';
import type { Route } from './route.ts';
import { toTicketDocument } from './ticket-document.ts';

export const getTicket: Route = {
  method: 'GET',
  path: /^\/tickets\/get\/(?<ticketId>[^/]+)$/,
  answer({ ticketId, tickets }) {
    const ticket = tickets.get(ticketId);
    if (ticket === undefined) return refuse('not-found', 'Ticket not found');
    return succeed({ Ticket: toTicketDocument(ticket) });
  },
};
