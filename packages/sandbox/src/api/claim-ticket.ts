import * as z from 'zod';
import { type Answer, refuse, succeed } from './answer.ts';
import { messageSchema } from './envelope.ts';
import { type Call, defineRoute } from './route.ts';
import type { Ticket } from '../tickets/ticket.ts';

export const invalidBody = 'Invalid body. Must be a JSON object';

export const staffUserIdSchema = z.int({ error: 'Invalid staffUserId. Must be an integer' });

export const staffMemberSchema = z.object(
  { staffUserId: staffUserIdSchema },
  { error: invalidBody },
);

export const claimTicket = defineRoute({
  description: {
    operationId: 'claimTicket',
    summary: 'Claim a ticket; sets its status to in-progress and adds a system message to it.',
    body: staffMemberSchema,
    success: messageSchema,
    refusals: {
      400: 'The ticket is claimed already, or the staff member or the body is invalid.',
      404: 'There is no such ticket.',
    },
  },
  method: 'POST',
  path: '/tickets/{ticketId}/claim',
  asksFor: () => 'in-progress',
  answer: (call) =>
    answerFor(call, ({ ticketId, claimedBy }, staffUserId) =>
      claimedBy === undefined
        ? succeed({ message: 'Ticket claimed successfully' }, () => {
            call.tickets.claim(ticketId, { staffUserId });
          })
        : refuse('bad-request', 'Ticket already claimed'),
    ),
});

export const unclaimTicket = defineRoute({
  description: {
    operationId: 'unclaimTicket',
    summary: 'Give a claimed ticket back; its status stays.',
    body: staffMemberSchema,
    success: messageSchema,
    refusals: {
      400: 'The ticket is not claimed, or the staff member or the body is invalid.',
      404: 'There is no such ticket.',
    },
  },
  method: 'POST',
  path: '/tickets/{ticketId}/unclaim',
  answer: (call) =>
    answerFor(call, ({ ticketId, claimedBy }, staffUserId) =>
      claimedBy === undefined
        ? refuse('bad-request', 'Ticket is not claimed')
        : succeed({ message: 'Ticket unclaimed successfully' }, () => {
            call.tickets.unclaim(ticketId, { staffUserId });
          }),
    ),
});

function answerFor(
  { ticketId, body, tickets }: Call,
  answer: (ticket: Ticket, staffUserId: number) => Answer,
): Answer {
  const { data, error } = staffMemberSchema.safeParse(body.json);
  if (error) return refuse('bad-request', error.issues[0]?.message ?? invalidBody);
  const ticket = tickets.get(ticketId);
  // As for a status change, only the ticket id is documented.
  if (ticket?.ticketId !== ticketId) return refuse('not-found', 'Ticket not found');
  return answer(ticket, data.staffUserId);
}
