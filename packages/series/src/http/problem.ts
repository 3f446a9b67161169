import { TransitionBlockedError } from '@ticket-lifecycle/core';
import { jsonValue } from '@ticket-lifecycle/core/journal';
import type { WorkflowBlocker } from '../tickets/blockers.ts';
import {
  SeriesError,
  type NotSentReason,
  type RefusalCode,
  type UnknownReason,
} from '../errors.ts';
import type { Blocked, Outcome, OutcomeBase } from '../workflow/outcome.ts';
import { toOutcomeRecord } from './outcome-record.ts';
import { statusOfBlockers, statusOfError, titles, type ProblemStatus } from './http-status.ts';

/** One reason of a problem: a blocker whose parameters JSON can hold. */
export interface ProblemBlocker {
  readonly code: WorkflowBlocker['code'];
  readonly message: string;
  readonly parameters: Readonly<Record<string, unknown>>;
}

/**
 * Why a change was not made, or is not known to be made, as problem details (RFC 9457): the body of
 * your own answer, with the media type `application/problem+json`.
 */
export interface Problem<State extends string = string, Event extends string = string> {
  /** Names the kind of problem, by the kind of the outcome. */
  readonly type: `urn:ticket-lifecycle:${ProblemKind}`;
  readonly title: string;
  /** The HTTP status of your own answer. */
  readonly status: ProblemStatus;
  /** All reasons, for people. */
  readonly detail: string;
  readonly ticketId?: string;
  readonly event?: Event;
  readonly from?: State;
  readonly to?: State;
  /** All reasons why the change is blocked. */
  readonly blockers?: readonly ProblemBlocker[];
  /** The events that are possible instead. */
  readonly enabled?: readonly Event[];
  /** Our name for the API's refusal. */
  readonly code?: RefusalCode;
  /** Why nothing was sent, or why the outcome is not known. */
  readonly reason?: NotSentReason | UnknownReason;
  /** The ticket's status after a change in doubt, if it could be read. */
  readonly observed?: string;
  /** When to ask again, in whole seconds: the value of `Retry-After`. */
  readonly retryAfter?: number;
}

/** The kinds of outcomes that are problems. */
export type ProblemKind = 'blocked' | 'refused' | 'not-sent' | 'unknown';

/** What to answer over HTTP. */
export interface HttpAnswer {
  readonly status: 200 | ProblemStatus;
  readonly headers: Readonly<Record<string, string>>;
  /** The outcome as plain data, or a problem. */
  readonly body: object;
}

// Long enough for a short outage, and short enough for a person who waits.
const retryAfterSeconds = 5;

/**
 * Makes problem details of an outcome, or of an error that `where`, `enabled`, `applyOrThrow` or the
 * client throws. `undefined` for a change that was made or was not necessary.
 *
 * The status is one for your own callers: what the API answered to us is never passed on. A 401 of
 * the API becomes a 502, since the key is yours and not theirs. An `unknown` outcome is a 202; an
 * error does not say whether it is of a change, so an `unknown` one is a 502.
 *
 * @example
 * ```ts
 * import { ticketLifecycle } from '@ticket-lifecycle/core';
 * import { createSandbox } from '@ticket-lifecycle/sandbox';
 * import { createSeriesClient, createTicketWorkflow, toProblem } from '@ticket-lifecycle/series';
 *
 * const { fetch } = createSandbox({ tickets: [{ ticketId: 'TICKET-1' }] });
 * const client = createSeriesClient({ apiKey: 'example-key', fetch });
 * const workflow = createTicketWorkflow({ lifecycle: ticketLifecycle, client });
 *
 * const outcome = await workflow.apply('TICKET-1', 'CLOSE', { staffUserId: 7 });
 * const problem = toProblem(outcome);
 * console.log(problem?.status, problem?.blockers?.[0]?.code); // 409 no-such-transition
 * ```
 */
export function toProblem<State extends string = string, Event extends string = string>(
  failed: Outcome<State, Event> | SeriesError | TransitionBlockedError,
): Problem<State, Event> | undefined;
export function toProblem(
  failed: Outcome | SeriesError | TransitionBlockedError,
): Problem | undefined {
  if (TransitionBlockedError.is(failed)) return problemOfBlockers(failed);
  if (SeriesError.is(failed)) return problemOfError(failed.delivery, failed, {});
  switch (failed.kind) {
    case 'confirmed':
    case 'unchanged':
      return undefined;
    case 'blocked':
      return problemOfBlockers(failed);
    case 'refused':
    case 'not-sent':
      return problemOfError(failed.kind, failed.error, aboutOf(failed));
    case 'unknown': {
      const { error, observed } = failed;
      const title = 'It is not known whether the change was made';
      const about = { ...aboutOf(failed), observed };
      return { ...problemOfError('unknown', error, about), title, status: 202 };
    }
  }
}

/**
 * Makes a whole answer of an outcome: 200 with the outcome as plain data, or its problem, with the
 * headers `content-type` and `retry-after`.
 *
 * @example
 * ```ts
 * import { ticketLifecycle } from '@ticket-lifecycle/core';
 * import { createSandbox } from '@ticket-lifecycle/sandbox';
 * import { createSeriesClient, createTicketWorkflow, toHttpAnswer } from '@ticket-lifecycle/series';
 *
 * const { fetch } = createSandbox({ tickets: [{ ticketId: 'TICKET-1' }] });
 * const client = createSeriesClient({ apiKey: 'example-key', fetch });
 * const workflow = createTicketWorkflow({ lifecycle: ticketLifecycle, client });
 *
 * const outcome = await workflow.apply('TICKET-1', 'START', { staffUserId: 7 });
 * const { status, headers, body } = toHttpAnswer(outcome);
 * console.log(status, headers['content-type']); // 200 application/json
 * ```
 */
export function toHttpAnswer(ended: Outcome | SeriesError | TransitionBlockedError): HttpAnswer {
  const problem = toProblem(ended);
  if (problem === undefined) {
    const headers = { 'content-type': 'application/json' };
    return { status: 200, headers, body: toOutcomeRecord(ended as Outcome) };
  }
  const { status, retryAfter } = problem;
  const headers = {
    'content-type': 'application/problem+json',
    ...(retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) }),
  };
  return { status, headers, body: problem };
}

function aboutOf({ ticketId, event, from, to }: Partial<OutcomeBase>): object {
  // From outside, even these may be no texts.
  const all = Object.entries(jsonValue({ ticketId, event, from, to }) as object);
  return Object.fromEntries(
    all.map(([name, value]) => [name, typeof value === 'string' ? value : JSON.stringify(value)]),
  );
}

function problemOfBlockers(failed: Blocked | TransitionBlockedError): Problem {
  const { blockers } = failed;
  return jsonValue({
    type: 'urn:ticket-lifecycle:blocked',
    title: titles.blocked,
    status: statusOfBlockers(blockers),
    detail: blockers.map(({ message }) => message).join(' '),
    ...aboutOf(failed),
    blockers,
    enabled: 'enabled' in failed ? failed.enabled.map(({ event }) => event) : undefined,
  }) as Problem;
}

function problemOfError(kind: ProblemKind, error: SeriesError, about: object): Problem {
  const { code, reason } = error as { code?: RefusalCode; reason?: NotSentReason };
  const status = statusOfError(error);
  const seconds = Math.ceil((error.retryAfterMs ?? retryAfterSeconds * 1000) / 1000);
  return jsonValue({
    type: `urn:ticket-lifecycle:${kind}`,
    title: titles[kind],
    status,
    detail: error.message,
    ...about,
    code,
    reason,
    retryAfter: status === 503 ? Math.max(1, seconds) : undefined,
  }) as Problem;
}
