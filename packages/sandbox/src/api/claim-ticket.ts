import * as z from 'zod';
import { answerWrite, invalidBody, staffUserIdSchema } from './answer-write.ts';
import { messageSchema, refuse, succeed } from './answer.ts';
import { defineRoute } from './route.ts';

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
    answerWrite(call, staffMemberSchema, ({ ticketId, claimedBy }, { staffUserId }) =>
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
    answerWrite(call, staffMemberSchema, ({ ticketId, claimedBy }, { staffUserId }) =>
      claimedBy === undefined
        ? refuse('bad-request', 'Ticket is not claimed')
        : succeed({ message: 'Ticket unclaimed successfully' }, () => {
            call.tickets.unclaim(ticketId, { staffUserId });
          }),
    ),
});
