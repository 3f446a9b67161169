import * as z from 'zod';
import { isTicketStatus, ticketStatuses } from '../tickets/ticket.ts';
import { answerWrite, invalidBody, staffUserIdSchema } from './answer-write.ts';
import { messageSchema, succeed } from './answer.ts';
import { defineRoute } from './route.ts';

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
    body: () => statusChangeSchema,
    success: messageSchema,
    refusals: {
      'bad-request': 'The status, the staff member or the body is invalid.',
      'not-found': 'There is no such ticket.',
    },
  },
  method: 'POST',
  path: '/tickets/{ticketId}/status',
  asksFor({ json }) {
    const status = typeof json === 'object' && json !== null && 'status' in json && json.status;
    return isTicketStatus(status) ? status : undefined;
  },
  // No order of statuses is enforced, because nothing says that the vendor enforces one.
  answer: (call) =>
    answerWrite(call, statusChangeSchema, ({ ticketId }, { status, staffUserId }) =>
      succeed({ message: `Status changed to ${status}` }, () => {
        call.tickets.setStatus(ticketId, status, { staffUserId });
      }),
    ),
});
