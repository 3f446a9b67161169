import { type Answer, refuse } from './answer.ts';
import type { Body } from './body.ts';
import { changeStatus } from './change-status.ts';
import { getTicket } from './get-ticket.ts';
import type { KnownKey } from './keys.ts';
import { limited } from './limited.ts';
import type { SandboxOptions } from './options.ts';
import { findRoute, type RouteMatch } from './route.ts';
import type { Tickets } from './tickets.ts';

export interface Arrival {
  readonly key: KnownKey | undefined;
  readonly method: string;
  readonly target: string;
  readonly body: Body;
  readonly countedAt: number;
}

export interface Judgement {
  readonly answer: Answer;
  readonly ticketId: string | undefined;
  /** Whether it took a place in the limit of its key. */
  readonly admitted: boolean;
}

const routes = [changeStatus, getTicket];

/**
 * Decides what a request gets, and carries it out. The order of the checks is not documented:
 * key, limit, address, workspace, body, ticket.
 */
export function createJudge(
  tickets: Tickets,
  dateOf: (at: number) => Date,
  {
    missingKey = 401,
    limitedBody = 'json',
    retryAfter = 'none',
    subscription = 'premium',
    ticketsModule = 'enabled',
  }: SandboxOptions,
): (arrival: Arrival) => Judgement {
  const decide = ({ key, body, countedAt }: Arrival, match: RouteMatch): Answer => {
    if (key === undefined) return refuse('no-key', 'Missing API key', missingKey);
    const admission = key.limit?.admit(countedAt);
    if (admission?.admitted === false) {
      const { retryInMs } = admission;
      return limited({ retryAfter, limitedBody, retryInMs, now: dateOf(countedAt) });
    }
    if (match.kind === 'unknown') return refuse('not-found', 'Not found');
    if (match.kind === 'other-method') {
      const refusal = refuse('method-not-allowed', 'Method not allowed');
      return { ...refusal, headers: { allow: match.allow } };
    }
    if (subscription === 'none') {
      return refuse('forbidden', 'Tickets module requires a Premium or Enterprise subscription');
    }
    if (ticketsModule === 'disabled') {
      return refuse('forbidden', 'Tickets module is not enabled for this workspace');
    }
    return match.route.answer({ ticketId: match.ticketId, body, tickets });
  };

  return (arrival) => {
    const match = findRoute(routes, arrival.method, arrival.target);
    const ticketId = match.kind === 'unknown' ? undefined : match.ticketId;
    const answer = decide(arrival, match);
    return {
      answer,
      ticketId,
      admitted: answer.verdict !== 'limited' && arrival.key !== undefined,
    };
  };
}
