import * as z from 'zod';
import { refuse, succeed } from './answer.ts';
import { invalidBody, staffUserIdSchema } from './claim-ticket.ts';
import { messageSchema } from './envelope.ts';
import { defineRoute } from './route.ts';
import { isTicketStatus, ticketStatuses } from '../tickets/ticket.ts';

// Documented is only this message; the others of a 400 are ours.
const invalidStatus = `Invalid status. Must be one of: ${ticketStatuses.join(', ')}`;

export const statusChangeSchema = z.object(
  {
    status: z.enum(ticketStatuses, { error: invalidStatus }),
    staffUserId: staffUserIdSchema,
  },
  { error: invalidBody },
);

export const changeStatus = defineRoute({
  description: {
    operationId: 'changeStatus',
    summary: 'Change the status of a ticket; adds a system message to it.',
    body: statusChangeSchema,
    success: messageSchema,
    refusals: {
      400: 'The status, the staff member or the body is invalid.',
      404: 'There is no such ticket.',
    },
  },
  method: 'POST',
  path: '/tickets/{ticketId}/status',
  asksFor({ json }) {
    const status = typeof json === 'object' && json !== null && 'status' in json && json.status;
    return isTicketStatus(status) ? status : undefined;
  },
  // Which of two mistakes the vendor reports first is not documented: here the body, then the id.
  // No order of statuses is enforced, because nothing says that the vendor enforces one.
  answer({ ticketId, body, tickets }) {
    const { data: change, error } = statusChangeSchema.safeParse(body.json);
    if (error) return refuse('bad-request', error.issues[0]?.message ?? invalidBody);
    // Reading accepts the database id as well; for this call only the ticket id is documented.
    if (tickets.get(ticketId)?.ticketId !== ticketId) {
      return refuse('not-found', 'Ticket not found');
    }
    const { status, staffUserId } = change;
    return succeed({ message: `Status changed to ${status}` }, () => {
      tickets.setStatus(ticketId, status, { staffUserId });
    });
  },
});
