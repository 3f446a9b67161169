import * as z from 'zod';
import type { SandboxTicket } from '../tickets/ticket.ts';
import { type Answer, refuse } from './answer.ts';
import type { Call } from './route.ts';

export const invalidBody = 'Invalid body. Must be a JSON object';

export const staffUserIdSchema = z.int({ error: 'Invalid staffUserId. Must be an integer' });

/** Answers a call that changes a ticket, once its body and its ticket are known to be right. */
export function answerWrite<Data>(
  { ticketId, body, tickets }: Call,
  schema: z.ZodType<Data>,
  answer: (ticket: SandboxTicket, data: Data) => Answer,
): Answer {
  // Which of two mistakes the vendor reports first is not documented: here the body, then the id.
  const { data, error } = schema.safeParse(body.json);
  if (error) return refuse('bad-request', error.issues[0]?.message ?? invalidBody);
  const ticket = tickets.get(ticketId);
  // Reading accepts the database id as well; for a write only the ticket id is documented.
  if (ticket?.ticketId !== ticketId) return refuse('not-found', 'Ticket not found');
  return answer(ticket, data);
}
