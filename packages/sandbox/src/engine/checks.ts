import { type Answer, fail, notEnabled, notSubscribed, refuse } from '../api/answer.ts';
import type { Body } from '../api/body.ts';
import { queryOf, type RouteMatch } from '../api/routes.ts';
import { tooManyRequests } from '../api/too-many-requests.ts';
import type { KnownKey } from '../limits/keys.ts';
import type { SandboxOptions } from '../options.ts';
import type { Tickets } from '../tickets/tickets.ts';

/** A request that has been read whole. */
export interface ReadRequest {
  readonly key: KnownKey | undefined;
  readonly target: string;
  readonly match: RouteMatch;
  readonly body: Body;
  readonly countedAt: number;
}

export interface Checks {
  /** Counts a request, and answers it if the limit refuses it. */
  readonly count: (request: ReadRequest) => Answer | undefined;
  /** Answers a counted request. What it asks of the ticket is left to be applied. */
  readonly answer: (request: ReadRequest) => Answer;
}

/** The order of the checks is not documented: key, limit, address, workspace, body, ticket. */
export function createChecks(
  tickets: Tickets,
  dateOf: (at: number) => Date,
  {
    missingKey = 401,
    missingKeyBody,
    limitedBody = 'json',
    retryAfter = 'none',
    subscription = 'premium',
    ticketsModule = 'enabled',
    unclaimBody = 'nothing',
  }: SandboxOptions,
): Checks {
  return {
    count({ key, countedAt }) {
      const admission = key?.limit?.admit(countedAt);
      if (admission?.admitted !== false) return undefined;
      const { retryInMs } = admission;
      return tooManyRequests({ retryAfter, limitedBody, retryInMs, now: dateOf(countedAt) });
    },
    answer({ key, target, match, body }) {
      if (key === undefined) {
        return { verdict: 'no-key', ...fail(missingKey, 'Missing API key', missingKeyBody) };
      }
      if (match.kind === 'unknown') return refuse('not-found', 'Not found');
      if (match.kind === 'other-method') {
        const refusal = refuse('method-not-allowed', 'Method not allowed');
        return { ...refusal, headers: { allow: match.allow } };
      }
      if (subscription === 'none') return refuse('forbidden', notSubscribed);
      if (ticketsModule === 'disabled') return refuse('forbidden', notEnabled);
      const { route, ticketId = '' } = match;
      const guesses = { unclaimBody };
      return route.answer({ ticketId, query: queryOf(target), body, tickets, guesses });
    },
  };
}
