import type { TicketStatus } from '@ticket-lifecycle/core';
import * as z from 'zod/mini';

// Ids look like TICKET-1234567890-ABCD or a Mongo _id.
const longestId = 256;

/**
 * A ticket's id that is safe in a path.
 *
 * The docs give one example and no grammar. What could escape from its place in the path is
 * rejected: a proxy may decode `%2F` or `%2e%2e` once more, so encoding alone does not protect.
 *
 * @example
 * ```ts
 * import { ticketIdSchema } from '@ticket-lifecycle/series';
 *
 * console.log(ticketIdSchema.safeParse('TICKET-1234567890-ABCD').success); // true
 * console.log(ticketIdSchema.safeParse('../admin').success); // false
 * ```
 */
export const ticketIdSchema = z.string('a ticket id must be a string').check(
  z.minLength(1, 'a ticket id must not be empty'),
  z.maxLength(longestId, `a ticket id may have at most ${longestId} characters`),
  // A server may cut off path parameters, which begin with a semicolon.
  z.refine(
    (id) => !/^\.*(?:;.*)?$/s.test(id.normalize('NFKC')),
    'a ticket id must not consist of dots',
  ),
  z.refine(
    (id) =>
      !/[/\\?#%\s\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}]/u.test(id) &&
      !/[/\\?#%]/.test(id.normalize('NFKC')),
    'a ticket id must not have a slash, backslash, ?, #, %, white space, control, format or invisible character',
  ),
  z.refine((id) => id.isWellFormed(), 'a ticket id must not have half of a surrogate pair'),
);

const staffUserIdRule = 'a staffUserId must be a whole number of at least 1';

/** A staff member's `UserId`: the API takes an integer. */
export const staffUserIdSchema = z.int(staffUserIdRule).check(z.positive(staffUserIdRule));

/** The statuses of the API: core's list. Taken from there, a client alone would load all of core. */
export const statuses = ['open', 'in-progress', 'resolved', 'closed'] as const;
type Missing = Exclude<TicketStatus, (typeof statuses)[number]>;

/** A status of the API. */
export const statusSchema = z.enum(
  statuses satisfies [Missing] extends [never] ? readonly TicketStatus[] : never,
  `a status must be one of ${statuses.join(', ')}`,
);

/** A page of a list, counted from 1. */
export const pageSchema = z
  .int('a page must be an integer')
  .check(z.positive('a page must be 1 or more'));

/** The first thing that is wrong with a value, or `undefined`. */
export function firstProblem(schema: z.ZodMiniType, value: unknown): string | undefined {
  return schema.safeParse(value).error?.issues[0]?.message;
}
