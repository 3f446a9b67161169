import * as z from 'zod';
import { refuse, succeed } from './answer.ts';
import type { Route } from './route.ts';
import { ticketStatuses } from './ticket.ts';

// Documented is only the first of these messages; the other two are ours.
const invalidStatus = `Invalid status. Must be one of: ${ticketStatuses.join(', ')}`;
const invalidStaffUserId = 'Invalid staffUserId. Must be an integer';
const invalidBody = 'Invalid body. Must be a JSON object';

const statusChange = z.object(
  {
    status: z.enum(ticketStatuses, { error: invalidStatus }),
    staffUserId: z.int({ error: invalidStaffUserId }),
  },
  { error: invalidBody },
);

export const changeStatus: Route = {
  method: 'POST',
  path: /^\/tickets\/(?<ticketId>[^/]+)\/status$/,
  // Which of two mistakes the vendor reports first is not documented: here the body, then the id.
  // No order of statuses is enforced, because nothing says that the vendor enforces one.
  answer({ ticketId, body, tickets }) {
    const { data: change, error } = statusChange.safeParse(body.json);
    if (error) return refuse('bad-request', error.issues[0]?.message ?? invalidBody);
    // Reading accepts the database id as well; for this call only the ticket id is documented.
    if (tickets.get(ticketId)?.ticketId !== ticketId) {
      return refuse('not-found', 'Ticket not found');
    }
    tickets.setStatus(ticketId, change.status, { staffUserId: change.staffUserId });
    return { ...succeed({ message: `Status changed to ${change.status}` }), applied: true };
  },
};
