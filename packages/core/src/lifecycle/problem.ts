import { textOf, type BlockerOf } from '../blockers.ts';
import { jsonFields } from '../json-value.ts';
import type { BlockedTransition } from '../queries/verdict.ts';
import { checkOptionNames } from '../options.ts';
import { expected, isRecord } from '../values.ts';

/** A blocked verdict as problem details (RFC 9457): the body of an answer of your own API. */
export interface Problem {
  /** A URI that names the kind of problem. */
  readonly type: string;
  readonly title: string;
  /** The status of the HTTP answer. */
  readonly status: number;
  /** All messages, for people. */
  readonly detail: string;
  /** A URI that names this occurrence. */
  readonly instance?: string;
  /** Empty where no state was asked about. */
  readonly from: string;
  readonly event: string;
  /** All reasons, in a form that JSON can hold. */
  readonly blockers: readonly BlockerOf<string, Readonly<Record<string, unknown>>>[];
}

/** An event that `parseEvent` has refused. */
export interface RefusedEvent {
  readonly valid: false;
  readonly blockers: readonly BlockerOf<string, unknown>[];
}

/** What a problem says beside its verdict. */
export interface ProblemOptions {
  /** @defaultValue `about:blank`: the status says it all */
  readonly type?: string | undefined;
  /** @defaultValue the name of 409 or 422, and else `Blocked` */
  readonly title?: string | undefined;
  /** @defaultValue 422 where the request is wrong (event, state or payload), and else 409 */
  readonly status?: number | undefined;
  /** A URI that names this occurrence. */
  readonly instance?: string | undefined;
}

const titles: Readonly<Record<number, string>> = { 409: 'Conflict', 422: 'Unprocessable Content' };

// The request was read, so it is no 400 (RFC 9110, 15.5.21), and no other state of the ticket would
// make it right.
const mistakes = ['unknown-event', 'unknown-state', 'payload'];

const statusOf = (codes: readonly string[]): 409 | 422 =>
  codes.some((code) => mistakes.includes(code)) ? 422 : 409;

/**
 * Makes problem details of a blocked verdict, or of an event that `parseEvent` has refused, with all
 * blockers. Send it as `application/problem+json`.
 *
 * @throws TypeError where the verdict is allowed, an option does not exist, or the status is none
 *
 * @example
 * ```ts
 * import { ticketLifecycle, toProblem } from '@ticket-lifecycle/core';
 *
 * const verdict = ticketLifecycle.explain('open', 'CLOSE');
 * if (!verdict.allowed) {
 *   const problem = toProblem(verdict, { instance: '/tickets/T-1' });
 *   console.log(problem.status, problem.title); // 409 Conflict
 *   console.log(problem.detail); // CLOSE is not possible in state "open". Possible events: START.
 * }
 * ```
 */
export function toProblem(
  verdict: BlockedTransition<string, string, BlockerOf<string, unknown>> | RefusedEvent,
  options: ProblemOptions = {},
): Problem {
  const isAllowed = isRecord(verdict) && 'allowed' in verdict && verdict.allowed;
  if (!isRecord(verdict) || isAllowed || !Array.isArray(verdict.blockers)) {
    throw new TypeError(`toProblem: ${expected('a blocked verdict', verdict)}`);
  }
  checkOptionNames('toProblem', options, ['type', 'title', 'status', 'instance']);
  const { blockers } = verdict;
  // Of a refused event only its blockers know the name.
  const named = Object(blockers[0]?.parameters) as { readonly event?: unknown };
  const { from, event } = 'valid' in verdict ? { from: '', event: named.event ?? '' } : verdict;
  const usual = statusOf(blockers.map(({ code }) => code));
  const { type = 'about:blank', status = usual, instance } = options;
  const { title = titles[status] ?? 'Blocked' } = options;
  if (!Number.isInteger(status) || status < 400 || status > 599) {
    throw new TypeError(`toProblem, status: ${expected('an HTTP status from 400 to 599', status)}`);
  }
  return {
    type,
    title,
    status,
    detail: blockers.map(({ message }) => message).join(' '),
    ...(instance === undefined ? {} : { instance }),
    from: textOf(from),
    event: textOf(event),
    blockers: blockers.map(({ code, message, parameters }) => ({
      code,
      message,
      parameters: jsonFields(Object(parameters) as object),
    })),
  };
}

/**
 * The JSON Schema (2020-12) of what `toProblem` makes, for an OpenAPI description of your own API.
 *
 * @example
 * ```ts
 * import { problemSchema } from '@ticket-lifecycle/core';
 *
 * console.log(problemSchema.required.includes('blockers')); // true
 * ```
 */
export const problemSchema = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  type: 'object',
  required: ['type', 'title', 'status', 'detail', 'from', 'event', 'blockers'],
  properties: {
    type: { type: 'string' },
    title: { type: 'string' },
    status: { type: 'integer', minimum: 400, maximum: 599 },
    detail: { type: 'string' },
    instance: { type: 'string' },
    from: { type: 'string' },
    event: { type: 'string' },
    blockers: {
      type: 'array',
      minItems: 1,
      items: {
        type: 'object',
        required: ['code', 'message', 'parameters'],
        properties: {
          code: { type: 'string' },
          message: { type: 'string' },
          parameters: { type: 'object' },
        },
      },
    },
  },
} as const;
