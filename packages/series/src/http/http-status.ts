/**
 * How outcomes are answered over HTTP.
 *
 * | outcome                                            | status                     |
 * | -------------------------------------------------- | -------------------------- |
 * | `confirmed`, `unchanged`                           | 200                        |
 * | `unknown`: the change may have been made           | 202                        |
 * | `blocked`, `refused`: the ticket does not exist    | 404                        |
 * | `blocked`: not possible where the ticket stands    | 409                        |
 * | `refused`: claimed already, not claimed, conflict  | 409                        |
 * | `blocked`, `not-sent`: the request itself is wrong | 422                        |
 * | `refused`: anything else, the key's fault included | 502                        |
 * | `not-sent`: may be tried again                     | 503, with `Retry-After`    |
 *
 * Of several blockers, one of 404 counts before one of 422, and that before one of 409.
 *
 * What the API answered to us is never the answer to our caller: its 401 speaks of our key.
 */
import { toProblem } from '@ticket-lifecycle/core';
import type { NotSentReason, RefusalCode, SeriesError } from '../errors.ts';
import type { AdapterBlockerCode, WorkflowBlocker } from '../tickets/blockers.ts';

/** The statuses of problems. */
export type ProblemStatus = 202 | 404 | 409 | 422 | 502 | 503;

/** What each kind of problem is called. */
export const titles = {
  blocked: 'The change is not possible',
  refused: 'The ticket system refused the request',
  'not-sent': 'Nothing was changed',
  unknown: 'The ticket system gave no usable answer',
} as const;

// As the mistakes that core knows: no other state of the ticket would make such a request right.
const mistakes: ReadonlySet<WorkflowBlocker['code']> = new Set<AdapterBlockerCode>([
  'invalid-ticket-id',
  'invalid-staff-user-id',
  'claim-not-possible',
]);

/** The status for all blockers of a change together. */
export function statusOfBlockers(blockers: readonly WorkflowBlocker[]): ProblemStatus {
  const codes = blockers.map(({ code }) => code);
  if (codes.includes('unknown-ticket')) return 404;
  if (codes.some((code) => mistakes.has(code))) return 422;
  // Whoever asks the lifecycle alone gets the same answer.
  return toProblem({ valid: false, blockers }).status as ProblemStatus;
}

// All others are 502, those included that only a newer copy of this package knows.
const refusalStatuses: ReadonlyMap<RefusalCode | undefined, ProblemStatus> = new Map([
  ['ticket-not-found', 404],
  ['already-claimed', 409],
  ['not-claimed', 409],
  ['conflict', 409],
] as const);

/** The status for an error. Of one that is `unknown` only the caller knows whether it was a change. */
export function statusOfError(error: SeriesError): ProblemStatus {
  const { code, reason } = error as { code?: RefusalCode; reason?: NotSentReason };
  switch (error.delivery) {
    case 'refused':
      return refusalStatuses.get(code) ?? 502;
    case 'not-sent':
      return reason === 'invalid-request' ? 422 : 503;
    case 'unknown':
      return 502;
  }
}
