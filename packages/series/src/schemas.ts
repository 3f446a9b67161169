import * as z from 'zod/mini';
import { staffUserIdProblems, ticketIdRules, ticketIdShape } from './field-checks.ts';

const { kind, shortest, longest } = ticketIdShape;

/**
 * A ticket's id that is safe in a path. An id that could escape from its place in the path is
 * rejected.
 *
 * @example
 * ```ts
 * import { ticketIdSchema } from '@ticket-lifecycle/series';
 *
 * console.log(ticketIdSchema.safeParse('TICKET-1234567890-ABCD').success); // true
 * console.log(ticketIdSchema.safeParse('../admin').success); // false
 * ```
 */
export const ticketIdSchema = z
  .string(kind)
  .check(
    z.minLength(...shortest),
    z.maxLength(...longest),
    ...ticketIdRules.map(([isKept, problem]) => z.refine<string>(isKept, problem)),
  );

/** A staff member's `UserId`: the API takes an integer. */
export const staffUserIdSchema = z
  .int(staffUserIdProblems.kind)
  .check(z.positive(staffUserIdProblems.sign));
