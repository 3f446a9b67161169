import type { AllowedTransition, PlanResult, TicketStatus } from '@ticket-lifecycle/core';
import type { WorkflowBlocker } from '../tickets/blockers.ts';
import { NotSentError } from '../errors.ts';
import { blocker, possibleIn, staleBlockers } from '../tickets/blockers.ts';
import { applyChange } from './apply.ts';
import type { Change, SendContext } from './change.ts';
import { blocked, type Outcome } from './outcome.ts';
import { stopwatch } from '../clock.ts';
import { spannedStop } from '../tickets/fresh-read.ts';
import { fromLocatedState, type LocatedState, type ReadPolicy } from '../tickets/locate.ts';
import { notLocated } from './turn.ts';

/** How a move to a state or status ended. */
export interface Move<State extends string = string, Event extends string = string> {
  readonly ticketId: string;
  readonly from: State | undefined;
  /** The state or status that was asked for. */
  readonly to: string;
  /** The steps of the plan; empty if there was none. */
  readonly steps: readonly AllowedTransition<State, Event>[];
  /** One for each step that was tried, in order. */
  readonly outcomes: readonly Outcome<State, Event>[];
  /** The decisive one: the last step's, or why there was no step. */
  readonly outcome: Outcome<State, Event>;
  /** Whether the ticket is there now. If not, the same call continues from its state. */
  readonly arrived: boolean;
}

/** A move of one ticket, whose turn it is. */
export interface MoveRequest extends Omit<Change, 'event'> {
  readonly to: string;
  readonly read: ReadPolicy;
  readonly prefer: readonly string[] | undefined;
  readonly payloads: Readonly<Record<string, object | undefined>> | undefined;
}

/** Plans a path to a status and makes its changes, up to the first that fails. */
export async function makeMove(
  request: MoveRequest,
  known: LocatedState,
  context: SendContext,
): Promise<Move> {
  const { lifecycle } = context;
  const { ticketId, to, statedFrom, prefer, payloads } = request;
  const from = known.state;
  const asked = { ticketId, from, to, event: undefined, attempts: 0, waitedMs: request.waitedMs };
  const base = known.assumed === undefined ? asked : { ...asked, assumed: known.assumed };
  // As in `targetsOf`: a state's own name goes before the status that is called the same.
  const target = lifecycle.isState(to) ? to : { status: to as TicketStatus };
  const guardContext = request.guardContext();
  const planWith = (carried: typeof payloads) =>
    lifecycle.plan(from, target, { context: guardContext, prefer, payloads: carried });
  const plan = planWith(payloads);

  const status = lifecycle.statusOf(from);
  if (plan.kind === 'already-there' && status !== undefined) {
    return ended({ kind: 'unchanged', ...base, to: from, status });
  }
  const stale = staleBlockers(ticketId, statedFrom, from);
  if (plan.kind !== 'plan') {
    // A move makes its steps, so data that is missing blocks it as well.
    const nothing = Object.fromEntries(lifecycle.events.map((event) => [event, {}]));
    const whole = plan.kind === 'blocked' ? planWith({ ...nothing, ...payloads }) : plan;
    const why = whole.kind === 'already-there' || whole.kind === 'plan' ? [] : reasons(whole);
    return refused([...stale, ...why]);
  }
  if (stale.length > 0) return refused(stale);
  // No step is made on the way to one that lacks its data.
  const lacking = plan.steps.filter(({ needs }) => needs !== undefined);
  if (lacking.length > 0) {
    const verdicts = lacking.map((step) => lifecycle.explain(step.from, step.event, guardContext));
    const blockers = verdicts.flatMap((verdict) => (verdict.allowed ? [] : verdict.blockers));
    return refused(blockers);
  }

  const outcomes: Outcome[] = [];
  let at: LocatedState = known;
  let wasLong = false;
  for (const { event, from: stepFrom, to: next } of plan.steps) {
    const wasHeld = await context.holds.wait(ticketId, request.signal);
    const asPlanned = { statedFrom: stepFrom, plannedTo: next };
    const step = { ...request, event: { ...payloads?.[event], type: event }, ...asPlanned };
    // The step before has taken a while, with a doubt or because the process was stopped: others may
    // have moved the ticket since.
    const mustLook = (wasHeld || wasLong) && request.read !== 'never';
    const tookMs = stopwatch(context.clock);
    const made = mustLook ? lookAndApply(step, next) : applyChange(step, at, context);
    const outcome = await made.catch((cause: unknown) => {
      // How the steps before it have ended must not be lost with it.
      if (outcomes.length === 0) throw cause;
      return broken(event, stepFrom, next, cause);
    });
    outcomes.push(outcome);
    if (!hasArrived(outcome)) break;
    // The server has just confirmed it. A step inside one status shows nothing of the ticket.
    const now = context.clock.now();
    const isOwn = outcome.kind === 'confirmed' && outcome.by === 'lifecycle';
    const seenAt = isOwn ? at.seenAt : now;
    const before = { state: next, seenAt: seenAt ?? 0, enteredAt: now };
    at = { state: next, seenAt, before, lookedAt: context.memory.begin(ticketId) };
    wasLong = spannedStop(tookMs(), outcome.waitedMs + context.client.timeoutMs);
  }
  return ended(...outcomes);

  function refused(blockers: readonly WorkflowBlocker[]): Move {
    const enabled = possibleIn(lifecycle, from, guardContext);
    return ended({ ...blocked(base, undefined, blockers), enabled });
  }

  function lookAndApply(step: Change, next: string): Promise<Outcome> {
    const { statedFrom: stepFrom, staffUserId, signal, emit, onStoreFailed } = step;
    const event = step.event.type;
    const question = { ticketId, from: stepFrom, event, sends: true, staffUserId };
    const read = { read: 'always', signal, onEvent: emit, onStoreFailed } as const;
    const query = { ticketId, statedFrom: stepFrom, ...read };
    return fromLocatedState<Outcome>(question, query, context, {
      work: (seen) => applyChange(step, seen, context),
      fail: (position) => notLocated({ ...base, event, from: stepFrom, to: next }, position),
      isStandstill: () => false,
    });
  }

  function broken(event: string, stepFrom: string, next: string, cause: unknown): Outcome {
    const said = cause instanceof Error ? cause.message : 'a guard failed.';
    const details = { attempts: 0, waitedMs: 0, reason: 'stopped', cause } as const;
    const error = new NotSentError(`Nothing was sent: ${said}`, details);
    return { kind: 'not-sent', ...base, event, from: stepFrom, to: next, error };
  }

  function ended(...tried: Outcome[]): Move {
    const steps = plan.kind === 'plan' ? plan.steps : [];
    const outcome = tried.at(-1) ?? blocked(base, undefined);
    const arrived = hasArrived(outcome) && tried.length >= steps.length;
    return { ticketId, from, to, steps, outcomes: tried, outcome, arrived };
  }
}

const hasArrived = ({ kind }: Outcome) => kind === 'confirmed' || kind === 'unchanged';

function reasons(
  plan: Exclude<PlanResult, { kind: 'plan' | 'already-there' }>,
): readonly WorkflowBlocker[] {
  const { from, to } = plan;
  switch (plan.kind) {
    case 'blocked':
      return plan.blockers;
    case 'unreachable':
      return [blocker('unreachable', `No path leads from ${from} to ${to}.`, { from, to })];
    case 'ambiguous': {
      const paths = plan.candidates.map((path) => path.map((step) => step.event));
      const listed = paths.map((path) => path.join(', ')).join(' | ');
      const message = `Several paths lead from ${from} to ${to}: ${listed}. Choose with prefer.`;
      return [blocker('ambiguous', message, { from, to, paths })];
    }
  }
}
