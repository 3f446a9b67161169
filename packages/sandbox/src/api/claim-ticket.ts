import * as z from 'zod';
import { answerWrite, invalidBody, staffUserIdSchema } from './answer-write.ts';
import { messageSchema, refuse, succeed } from './answer.ts';
import { defineRoute } from './route.ts';

export const staffMemberSchema = z.object(
  { staffUserId: staffUserIdSchema },
  { error: invalidBody },
);

/** Who gives it back may be left out: then it is the staff member who has claimed it. */
export const unclaimSchema = z.object(
  { staffUserId: staffUserIdSchema.optional() },
  { error: invalidBody },
);

const unclaimSchemas = { nothing: unclaimSchema, staffUserId: staffMemberSchema };

export const claimTicket = defineRoute({
  description: {
    operationId: 'claimTicket',
    summary: 'Claim a ticket; sets its status to in-progress and adds a system message to it.',
    body: () => staffMemberSchema,
    success: messageSchema,
    refusals: {
      'bad-request': 'The ticket is claimed already, or the staff member or the body is invalid.',
      'not-found': 'There is no such ticket.',
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
    summary:
      'Give a claimed ticket back; its status stays. The vendor does not document its body: what is described is a guess, the option `unclaimBody` of the sandbox.',
    body: ({ unclaimBody }) => unclaimSchemas[unclaimBody],
    success: messageSchema,
    refusals: {
      'bad-request': 'The ticket is not claimed, or the staff member or the body is invalid.',
      'not-found': 'There is no such ticket.',
    },
  },
  method: 'POST',
  path: '/tickets/{ticketId}/unclaim',
  answer(call) {
    const { body, guesses, tickets } = call;
    const given = body.text === '' ? { ...body, json: {} } : body;
    const schema: z.ZodType<z.infer<typeof unclaimSchema>> = unclaimSchemas[guesses.unclaimBody];
    return answerWrite({ ...call, body: given }, schema, ({ ticketId, claimedBy }, data) =>
      claimedBy === undefined
        ? refuse('bad-request', 'Ticket is not claimed')
        : succeed({ message: 'Ticket unclaimed successfully' }, () => {
            tickets.unclaim(ticketId, { staffUserId: data.staffUserId ?? claimedBy });
          }),
    );
  },
});
