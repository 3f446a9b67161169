import type { TicketStatus } from '@ticket-lifecycle/core';

// What a caller asks for is checked strictly, because the server may not. The schemas for users
// (schemas.ts) are made of the same rules; the client itself loads no schema library.

// Ids look like TICKET-1234567890-ABCD or a Mongo _id.
const longestId = 256;

/** Rules for a text: whether it keeps one, and what is wrong where it does not. */
type Rule = readonly [isKept: (text: string) => boolean, problem: string];

/** Kinds and lengths of a ticket's id, which a schema can also say to others. */
export const ticketIdShape = {
  kind: 'a ticket id is a string',
  shortest: [1, 'a ticket id is not empty'],
  longest: [longestId, `a ticket id has at most ${longestId} characters`],
} as const;

/**
 * What makes a ticket's id safe in a path.
 *
 * The docs give one example and no grammar. What could escape from its place in the path is
 * rejected: a proxy may decode `%2F` or `%2e%2e` once more, so encoding alone does not protect.
 */
export const ticketIdRules: readonly Rule[] = [
  // A server may cut off path parameters, which begin with a semicolon.
  [(id) => !/^\.*(?:;.*)?$/s.test(id.normalize('NFKC')), 'a ticket id does not consist of dots'],
  [
    (id) => !/[/\\?#%\s\p{Cc}\p{Cf}]/u.test(id) && !/[/\\?#%]/.test(id.normalize('NFKC')),
    'a ticket id has no slash, backslash, ?, #, %, white space, control or format character',
  ],
  [(id) => id.isWellFormed(), 'a ticket id has no half surrogate pairs'],
];

/** The first thing that is wrong with a ticket's id, or `undefined`. */
export function ticketIdProblem(value: unknown): string | undefined {
  const { kind, shortest, longest } = ticketIdShape;
  if (typeof value !== 'string') return kind;
  if (value.length < shortest[0]) return shortest[1];
  if (value.length > longest[0]) return longest[1];
  return ticketIdRules.find(([isKept]) => !isKept(value))?.[1];
}

export const staffUserIdProblems = {
  kind: 'a staffUserId is an integer',
  sign: 'a staffUserId is positive',
} as const;

/** What is wrong with the id of a staff member, or `undefined`. */
export const staffUserIdProblem = (value: unknown): string | undefined =>
  wholeAboveZero(value, staffUserIdProblems);

/** What is wrong with the number of a page, or `undefined`. */
export const pageProblem = (value: unknown): string | undefined =>
  wholeAboveZero(value, { kind: 'a page is an integer', sign: 'pages count from 1' });

function wholeAboveZero(
  value: unknown,
  { kind, sign }: { readonly kind: string; readonly sign: string },
): string | undefined {
  if (!Number.isSafeInteger(value)) return kind;
  return Number(value) > 0 ? undefined : sign;
}

// The list is core's; taken from there, a client alone would load all of core, and XState with it.
const statuses = ['open', 'in-progress', 'resolved', 'closed'] as const;
type Missing = Exclude<TicketStatus, (typeof statuses)[number]>;
const known: ReadonlySet<unknown> = new Set(
  statuses satisfies [Missing] extends [never] ? readonly TicketStatus[] : never,
);

/** What is wrong with a status, or `undefined`. */
export const statusProblem = (value: unknown): string | undefined =>
  known.has(value) ? undefined : `a status is one of ${statuses.join(', ')}`;
