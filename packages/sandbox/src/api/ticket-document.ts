import * as z from 'zod';
import { type SandboxTicket, type TicketAuthor, ticketStatuses } from '../tickets/ticket.ts';

const authorSchema = z.object({
  UserId: z.int(),
  Username: z.string(),
  DisplayName: z.string(),
  AvatarUrl: z.string(),
});

const messageSchema = z.object({
  Content: z.string(),
  Author: authorSchema,
  Type: z.literal('author_message'),
  Timestamp: z.iso.datetime(),
});

/**
 * A ticket as the API shows it. The field names are the vendor's; what stands in the fields of a
 * ticket that nobody claimed, and that no game reported, is not documented: null here.
 */
export const ticketDocumentSchema = z.object({
  _id: z.string(),
  TicketId: z.string(),
  Subject: z.string(),
  Category: z.string(),
  Department: z.string(),
  Status: z.enum(ticketStatuses),
  Priority: z.string(),
  Author: authorSchema,
  Content: z.record(z.string().regex(/^msj_/), messageSchema),
  ClaimedBy: z.int().nullable(),
  ClaimedByUser: z
    .object({ UserId: z.int(), DisplayName: z.string(), Username: z.string() })
    .nullable(),
  GameReport: z.null(),
  CreatedAt: z.iso.datetime(),
  UpdatedAt: z.iso.datetime(),
});

/**
 * Writes a ticket as the API shows it. System messages are left out, since only the shape of `author_message` is
 * documented.
 */
export function toTicketDocument(ticket: SandboxTicket): z.infer<typeof ticketDocumentSchema> {
  const author = authorOf(ticket.author);
  const messageOf = (content: string, at: Date) => ({
    Content: content,
    Author: author,
    Type: 'author_message' as const,
    Timestamp: at.toISOString(),
  });
  const replies = ticket.replies.map(
    ({ content, at }, index) =>
      [`msj_${ticket.mongoId}_${index + 1}`, messageOf(content, at)] as const,
  );
  return {
    _id: ticket.mongoId,
    TicketId: ticket.ticketId,
    Subject: ticket.subject,
    Category: ticket.category,
    Department: ticket.department,
    Status: ticket.status,
    Priority: ticket.priority,
    Author: author,
    Content: {
      [`msj_${ticket.mongoId}`]: messageOf(ticket.content, ticket.createdAt),
      ...Object.fromEntries(replies),
    },
    ClaimedBy: ticket.claimedBy ?? null,
    ClaimedByUser: claimedByUser(ticket.claimedBy),
    GameReport: null,
    CreatedAt: ticket.createdAt.toISOString(),
    UpdatedAt: ticket.updatedAt.toISOString(),
  };
}

function authorOf({ userId, username, displayName, avatarUrl }: TicketAuthor) {
  return { UserId: userId, Username: username, DisplayName: displayName, AvatarUrl: avatarUrl };
}

// The sandbox knows staff members by their number alone.
function claimedByUser(userId: number | undefined) {
  if (userId === undefined) return null;
  return { UserId: userId, DisplayName: `Staff member ${userId}`, Username: `staff-${userId}` };
}
