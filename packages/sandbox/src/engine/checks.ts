import { type Answer, failure, refuse } from '../api/answer.ts';
import type { Body } from '../api/body.ts';
import type { KnownKey } from '../limits/keys.ts';
import { limited } from '../api/too-many-requests.ts';
import type { SandboxOptions } from '../options.ts';
import { queryOf, type RouteMatch } from '../api/route.ts';
import type { Tickets } from '../tickets/tickets.ts';

export interface Arrival {
  readonly key: KnownKey | undefined;
  readonly target: string;
  readonly match: RouteMatch;
  readonly body: Body;
  readonly countedAt: number;
}

export interface Judge {
  /** Counts a request, and answers it if the limit refuses it. */
  readonly count: (arrival: Pick<Arrival, 'key' | 'countedAt'>) => Answer | undefined;
  /** Says what a counted request gets. What it does to the ticket is left to be carried out. */
  readonly decide: (arrival: Arrival) => Answer;
}

export const notSubscribed = 'Tickets module requires a Premium or Enterprise subscription';
export const notEnabled = 'Tickets module is not enabled for this workspace';

/** The order of the checks is not documented: key, limit, address, workspace, body, ticket. */
export function createJudge(
  tickets: Tickets,
  dateOf: (at: number) => Date,
  {
    missingKey = 401,
    missingKeyBody = 'json',
    limitedBody = 'json',
    retryAfter = 'none',
    subscription = 'premium',
    ticketsModule = 'enabled',
  }: SandboxOptions,
): Judge {
  const withoutKey = 'Missing API key';
  const noKey: Answer = {
    verdict: 'no-key',
    status: missingKey,
    ...{
      json: { body: failure(missingKey, withoutKey) },
      text: { body: withoutKey },
      none: {},
    }[missingKeyBody],
  };

  return {
    count({ key, countedAt }) {
      const admission = key?.limit?.admit(countedAt);
      if (admission?.admitted !== false) return undefined;
      const { retryInMs } = admission;
      return limited({ retryAfter, limitedBody, retryInMs, now: dateOf(countedAt) });
    },
    decide({ key, target, match, body }) {
      if (key === undefined) return noKey;
      if (match.kind === 'unknown') return refuse('not-found', 'Not found');
      if (match.kind === 'other-method') {
        const refusal = refuse('method-not-allowed', 'Method not allowed');
        return { ...refusal, headers: { allow: match.allow } };
      }
      if (subscription === 'none') return refuse('forbidden', notSubscribed);
      if (ticketsModule === 'disabled') return refuse('forbidden', notEnabled);
      const { route, ticketId = '' } = match;
      return route.answer({ ticketId, query: queryOf(target), body, tickets });
    },
  };
}
