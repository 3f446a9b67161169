import type { Blocker, BlockerOf, Lifecycle } from '@ticket-lifecycle/core';
import type * as z from 'zod/mini';
import { staffUserIdSchema, ticketIdSchema, firstProblem } from '../schemas.ts';

/** The codes that the adapter adds to those of the lifecycle. */
export type AdapterBlockerCode =
  | 'invalid-ticket-id'
  | 'invalid-staff-user-id'
  | 'unknown-ticket'
  | 'unknown-status'
  | 'ambiguous-state'
  | 'stale'
  | 'not-due'
  | 'claim-not-possible'
  | 'unreachable'
  | 'ambiguous';

/** A blocker of the adapter. */
export type AdapterBlocker = BlockerOf<AdapterBlockerCode, Readonly<Record<string, unknown>>>;

/** One reason why a workflow blocks a change: the lifecycle's, or the adapter's. */
export type WorkflowBlocker = Blocker | AdapterBlocker;

export function blocker(
  code: AdapterBlockerCode,
  message: string,
  parameters: Readonly<Record<string, unknown>>,
): AdapterBlocker {
  return { code, message, parameters };
}

/** A request, as far as it can be checked without reading the ticket. */
export interface Question {
  readonly ticketId: string;
  readonly from?: string | undefined;
  /** `undefined` for a move, which finds its events itself. */
  readonly event: string | undefined;
  /** Whether something is going to be sent, and so needs a staff member. */
  readonly sends?: boolean;
  readonly staffUserId?: number | undefined;
}

/** Everything that is wrong with a request, whatever the ticket's state. */
export function mistakesIn(
  { ticketId, from, event, sends = false, staffUserId }: Question,
  lifecycle: Lifecycle,
): WorkflowBlocker[] {
  const [state, name] = [from ?? lifecycle.initial, event ?? lifecycle.events[0] ?? ''];
  // Where both names are known, guards would be asked: without what they need.
  const areKnown = lifecycle.isState(state) && lifecycle.isEvent(name);
  const verdict = areKnown ? undefined : lifecycle.explain(state, name);
  return [
    ...invalid('invalid-ticket-id', ticketIdSchema, ticketId),
    ...(sends ? invalid('invalid-staff-user-id', staffUserIdSchema, staffUserId) : []),
    ...(verdict === undefined || verdict.allowed ? [] : verdict.blockers),
  ];
}

function invalid(
  code: AdapterBlockerCode,
  schema: z.ZodMiniType,
  value: unknown,
): WorkflowBlocker[] {
  const problem = firstProblem(schema, value);
  const field = code === 'invalid-ticket-id' ? 'ticketId' : 'staffUserId';
  const message = `Invalid ${field}: ${problem}.`;
  return problem === undefined ? [] : [blocker(code, message, { problem })];
}

/** The blocker for a ticket whose status stands for no state, or for several. */
export function unclearState({
  ticketId,
  status,
  candidates,
}: {
  readonly ticketId: string;
  readonly status: string;
  readonly candidates: readonly string[];
}): WorkflowBlocker {
  if (candidates.length === 0) {
    const message = `${ticketId} has the status ${JSON.stringify(status)}, for which the lifecycle has no state.`;
    return blocker('unknown-status', message, { ticketId, status });
  }
  const message = `${ticketId} is ${status}, which may be any of ${candidates.join(', ')}. Pass from, or mark one of them with meta: { default: true }.`;
  return blocker('ambiguous-state', message, { ticketId, status, states: candidates });
}

/** The blocker for a ticket that is not in the state that the caller stated, if any. */
export function staleBlockers(
  ticketId: string,
  statedFrom: string | undefined,
  actual: string,
): WorkflowBlocker[] {
  if (statedFrom === undefined || statedFrom === actual) return [];
  const message = `${ticketId} is not ${statedFrom} but ${actual}.`;
  return [blocker('stale', message, { expected: statedFrom, actual })];
}

/** What is possible in a state now. A guard that throws only hides the event that it guards. */
export function possibleIn(lifecycle: Lifecycle, state: string, guardContext: unknown) {
  const verdict = lifecycle.explain(state, '', guardContext);
  return verdict.allowed ? [] : verdict.enabled;
}
