import type { Ticket } from './ticket.ts';

/**
 * Shows a ticket as `GET /tickets/get/{ticketId}` does. The field names are the vendor's; what
 * stands in the fields of a ticket that nobody claimed, and that no game reported, is not
 * documented: null here. System messages are left out, since only the shape of
 * `author_message` is documented.
 */
export function toTicketDocument(ticket: Ticket) {
  const author = {
    UserId: ticket.author.userId,
    Username: ticket.author.username,
    DisplayName: ticket.author.displayName,
    AvatarUrl: ticket.author.avatarUrl,
  };
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
      [`msj_${ticket.mongoId}`]: {
        Content: ticket.content,
        Author: author,
        Type: 'author_message',
        Timestamp: ticket.createdAt.toISOString(),
      },
      ...Object.fromEntries(
        ticket.replies.map((reply, index) => [
          `msj_${ticket.mongoId}_${index + 1}`,
          {
            Content: reply.content,
            Author: author,
            Type: 'author_message',
            Timestamp: reply.at.toISOString(),
          },
        ]),
      ),
    },
    ClaimedBy: ticket.claimedBy ?? null,
    ClaimedByUser: claimedByUser(ticket.claimedBy),
    GameReport: null,
    CreatedAt: ticket.createdAt.toISOString(),
    UpdatedAt: ticket.updatedAt.toISOString(),
  };
}

// The sandbox knows staff members by their number alone.
function claimedByUser(userId: number | undefined) {
  if (userId === undefined) return null;
  return { UserId: userId, DisplayName: `Staff member ${userId}`, Username: `staff-${userId}` };
}
