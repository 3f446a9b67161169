import * as z from 'zod';
import { refuse, succeed, successOf } from './answer.ts';
import { defineRoute } from './route.ts';
import { ticketDocumentSchema, toTicketDocument } from './ticket-document.ts';

export const ticketAnswerSchema = successOf(z.object({ Ticket: ticketDocumentSchema }));

export const getTicket = defineRoute({
  description: {
    operationId: 'getTicket',
    summary: 'Show a ticket, by its ticket id or its database id.',
    success: ticketAnswerSchema,
    refusals: { 'not-found': 'There is no such ticket.' },
  },
  method: 'GET',
  path: '/tickets/get/{ticketId}',
  answer({ ticketId, tickets }) {
    const ticket = tickets.get(ticketId);
    if (ticket === undefined) return refuse('not-found', 'Ticket not found');
    return succeed({ Ticket: toTicketDocument(ticket) });
  },
});
