import { TransitionBlockedError } from '@ticket-lifecycle/core';
import { jsonValue } from '@ticket-lifecycle/core/journal';
import { SeriesError } from '../errors.ts';
import type { Move } from '../workflow/move.ts';
import type { Outcome } from '../workflow/outcome.ts';
import { toOutcomeRecord } from './outcome-record.ts';
import { titles } from './http-status.ts';
import { toHttpAnswer } from './problem.ts';

/**
 * Waits for what a workflow was asked, and makes the whole answer for a route of your own: of a
 * change that was not made, or not surely, its problem; of anything else, 200 with it as JSON. A
 * `SeriesError` and a `TransitionBlockedError` become their problems, too. A move that has not arrived is answered by its decisive
 * outcome.
 *
 * The answer is a `Response`, which Fastify, Hono, Next.js, Deno and Bun take as it is. For others
 * there is `toHttpAnswer`.
 *
 * @throws what it was rejected with, where that is another error
 *
 * @example
 * ```ts
 * import { ticketLifecycle } from '@ticket-lifecycle/core';
 * import { createSandbox } from '@ticket-lifecycle/sandbox';
 * import { createSeriesClient, createTicketWorkflow, toResponse } from '@ticket-lifecycle/series';
 *
 * const { fetch } = createSandbox({ tickets: [{ ticketId: 'TICKET-1' }] });
 * const client = createSeriesClient({ apiKey: 'example-key', fetch });
 * const workflow = createTicketWorkflow({ lifecycle: ticketLifecycle, client });
 *
 * const options = { staffUserId: 7 };
 * const closed = await toResponse(workflow.apply('TICKET-1', 'CLOSE', options));
 * console.log(closed.status); // 409
 * const choices = await toResponse(workflow.enabled('TICKET-1', options));
 * console.log(choices.status); // 200
 * ```
 */
export async function toResponse(asked: object | Promise<object>): Promise<Response> {
  try {
    return responseTo(await asked);
  } catch (error) {
    if (!isExpected(error)) throw error;
    return responseTo(error);
  }
}

function responseTo(answer: object): Response {
  const decisive = isMove(answer) && !answer.arrived ? answer.outcome : answer;
  if (isOutcome(decisive) || isExpected(decisive)) {
    const { status, headers, body } = toHttpAnswer(decisive);
    return new Response(JSON.stringify(body), { status, headers });
  }
  const headers = { 'content-type': 'application/json' };
  return new Response(JSON.stringify(jsonValue(withRecords(decisive))), { headers });
}

/** The same with plain data for outcomes, whose errors JSON can't hold. */
function withRecords(answer: object): unknown {
  if (Array.isArray(answer)) return answer.map((one: object) => recordOf(one));
  if (!isMove(answer)) return answer;
  const { outcomes, outcome } = answer;
  return { ...answer, outcomes: outcomes.map(recordOf), outcome: recordOf(outcome) };
}

const isExpected = (thrown: unknown): thrown is SeriesError | TransitionBlockedError =>
  SeriesError.is(thrown) || TransitionBlockedError.is(thrown);

const recordOf = (one: object): object => (isOutcome(one) ? toOutcomeRecord(one) : one);

const isMove = (answer: object): answer is Move => 'arrived' in answer && 'outcomes' in answer;

const kinds: ReadonlySet<unknown> = new Set(['confirmed', 'unchanged', ...Object.keys(titles)]);

const isOutcome = (answer: object): answer is Outcome =>
  typeof answer === 'object' &&
  answer !== null &&
  'attempts' in answer &&
  'kind' in answer &&
  kinds.has(answer.kind);
