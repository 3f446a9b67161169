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
  unknown: 'It is not known whether the change was made',
} as const;

const adapterStatuses = {
  'unknown-ticket': 404,
  'invalid-ticket-id': 422,
  'invalid-staff-user-id': 422,
  'claim-not-possible': 422,
  'unknown-status': 409,
  'ambiguous-state': 409,
  stale: 409,
  'not-due': 409,
  unreachable: 409,
  ambiguous: 409,
} as const satisfies Record<AdapterBlockerCode, ProblemStatus>;

/** The status for all blockers of a change together. */
export function statusOfBlockers(blockers: readonly WorkflowBlocker[]): ProblemStatus {
  const statuses = blockers.map((blocker) =>
    blocker.code in adapterStatuses
      ? adapterStatuses[blocker.code as AdapterBlockerCode]
      : statusInCore(blocker),
  );
  if (statuses.includes(404)) return 404;
  // A request that is wrong is one that no other state of the ticket would make right.
  return statuses.includes(422) ? 422 : 409;
}

/** Whoever asks the lifecycle alone gets the same answer. */
const statusInCore = (blocker: WorkflowBlocker) =>
  toProblem({ allowed: false, from: '', event: '', blockers: [blocker], enabled: [], ever: 'here' })
    .status as ProblemStatus;

const refusalStatuses = {
  'ticket-not-found': 404,
  'already-claimed': 409,
  'not-claimed': 409,
  conflict: 409,
  'invalid-status': 502,
  'bad-request': 502,
  unauthorized: 502,
  'subscription-required': 502,
  'module-disabled': 502,
  forbidden: 502,
  'not-found': 502,
  'server-error': 502,
  refused: 502,
} as const satisfies Record<RefusalCode, ProblemStatus>;

const notSentStatuses = {
  'invalid-request': 422,
  aborted: 503,
  expired: 503,
  'queue-full': 503,
  'no-api-key': 503,
  'could-not-connect': 503,
  'could-not-read': 503,
  'rate-limited': 503,
  stopped: 503,
  'not-kept': 503,
  'not-processed': 503,
} as const satisfies Record<NotSentReason, ProblemStatus>;

/** The status for an error. Of one that is `unknown` only the caller knows whether it was a change. */
export function statusOfError(error: SeriesError): ProblemStatus {
  const { code, reason } = error as { code?: RefusalCode; reason?: NotSentReason };
  switch (error.delivery) {
    case 'refused':
      return code === undefined ? 502 : refusalStatuses[code];
    case 'not-sent':
      return reason === undefined ? 503 : notSentStatuses[reason];
    case 'unknown':
      return 502;
  }
}
