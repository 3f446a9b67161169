import { changeStatus } from './change-status.ts';
import { claimTicket, unclaimTicket } from './claim-ticket.ts';
import { getTicket } from './get-ticket.ts';
import { listTickets } from './list-tickets.ts';

/** Every call of the API that the sandbox knows. */
export const routes = [changeStatus, claimTicket, unclaimTicket, getTicket, listTickets] as const;
