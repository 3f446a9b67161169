import * as z from 'zod/mini';

const lenient = <Schema extends z.ZodMiniType>(schema: Schema) =>
  z.catch(z.optional(schema), undefined);

/** The fields of `data.Ticket` that we use. Others may come and go. */
const answerSchema = z.object({
  data: z.object({
    Ticket: z.object({
      Status: z.string(),
      TicketId: lenient(z.string()),
      Subject: lenient(z.string()),
      UpdatedAt: lenient(z.string()),
    }),
  }),
});

/** A ticket as it was read. */
export interface Ticket {
  readonly ticketId: string;
  /** What the server says. Usually a `TicketStatus`, but nothing promises that. */
  readonly status: string;
  readonly subject: string | undefined;
  /** ISO 8601. */
  readonly updatedAt: string | undefined;
}

/** Reads a ticket from an answer, or `undefined` when the answer is none. */
export function readTicket(body: unknown, askedFor: string): Ticket | undefined {
  const answer = answerSchema.safeParse(body);
  if (!answer.success) return undefined;
  const { Status, TicketId, Subject, UpdatedAt } = answer.data.data.Ticket;
  return { ticketId: TicketId ?? askedFor, status: Status, subject: Subject, updatedAt: UpdatedAt };
}
