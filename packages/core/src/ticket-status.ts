import * as z from 'zod/mini';

/**
 * The four statuses that the Series HR ticket API knows, in the order of a ticket's usual life.
 *
 * Source: Series HR, "Change ticket status".
 *
 * @example
 * ```ts
 * import { ticketStatuses } from '@ticket-lifecycle/core';
 *
 * console.log(ticketStatuses.join(' → ')); // open → in-progress → resolved → closed
 * ```
 */
export const ticketStatuses = ['open', 'in-progress', 'resolved', 'closed'] as const;

/**
 * Parses a status that came from outside: a request, a file, the API.
 *
 * @example
 * ```ts
 * import { ticketStatusSchema } from '@ticket-lifecycle/core';
 *
 * console.log(ticketStatusSchema.safeParse('in-progress').success); // true
 * console.log(ticketStatusSchema.safeParse('In Progress').success); // false
 * ```
 */
export const ticketStatusSchema = z.enum(ticketStatuses);

/** One of the four statuses that the Series HR ticket API knows. */
export type TicketStatus = z.infer<typeof ticketStatusSchema>;
