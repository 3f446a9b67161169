import {
  TransitionBlockedError,
  type EventInput,
  type TicketStatus,
  type Verdict,
} from '@ticket-lifecycle/core';
import { mistakesIn, staleBlockers, type Question } from './adapter-blockers.ts';
import { makeChange, type Change } from './change.ts';
import { systemClock } from './clock.ts';
import { NotSentError, type SeriesApiError, type SeriesError } from './errors.ts';
import { makeMove, type Move } from './move.ts';
import {
  blocked,
  type Confirmed,
  type Outcome,
  type OutcomeBase,
  type Unchanged,
} from './outcome.ts';
import { locate, type Position } from './position.ts';
import type { SendContext } from './send-change.ts';
import { createMemoryStatusStore, type KnownState } from './status-store.ts';
import { createTurns } from './turns.ts';
import {
  checkWorkflowOptions,
  type ChangeOptions,
  type MoveOptions,
  type WorkflowOptions,
} from './workflow-options.ts';

/** Guarded changes of tickets: judged by the lifecycle first, then sent, then known. */
export interface TicketWorkflow<
  State extends string = string,
  Event extends { readonly type: string } = { readonly type: string },
  Context = unknown,
> {
  /** Judges a change without making it. Reads the ticket if nobody knows where it stands. */
  explain(
    ticketId: string,
    event: EventInput<Event>,
    options?: Omit<ChangeOptions<State, Context>, 'staffUserId'>,
  ): Promise<Verdict>;
  /**
   * Makes a change and says how it ended. Changes of one ticket are made one after another.
   *
   * Rejects only for what is broken: a guard that throws, a store that fails.
   */
  apply(
    ticketId: string,
    event: EventInput<Event>,
    options: ChangeOptions<State, Context>,
  ): Promise<Outcome>;
  /**
   * Makes a change, or throws.
   *
   * @throws TransitionBlockedError when the lifecycle forbids it
   * @throws SeriesError when it did not arrive, or may not have
   */
  applyOrThrow(
    ticketId: string,
    event: EventInput<Event>,
    options: ChangeOptions<State, Context>,
  ): Promise<Confirmed | Unchanged>;
  /**
   * Plans the way to a status and walks it, up to the first step that fails. Calling it again goes
   * on from where the ticket stands.
   */
  moveTo(
    ticketId: string,
    status: TicketStatus,
    options: MoveOptions<State, Event['type'], Context>,
  ): Promise<Move>;
}

/**
 * Puts a lifecycle's guard before a client.
 *
 * The guard is asked when a change's turn has come, and again when its slot has come. What is left
 * is a race with people who move the ticket within `raceWindowMs`: the API has no way to lock.
 *
 * @throws TypeError for options that make no sense
 *
 * @example
 * ```ts
 * import { ticketLifecycle } from '@ticket-lifecycle/core';
 * import { createSandbox } from '@ticket-lifecycle/sandbox';
 * import { createSeriesClient, createTicketWorkflow } from '@ticket-lifecycle/series';
 *
 * const sandbox = createSandbox({ tickets: [{ ticketId: 'TICKET-1' }] });
 * const client = createSeriesClient({ apiKey: 'example-key', fetch: sandbox.fetch });
 * const workflow = createTicketWorkflow({ lifecycle: ticketLifecycle, client });
 *
 * const outcome = await workflow.apply('TICKET-1', 'START', { staffUserId: 7 });
 * console.log(outcome.kind); // confirmed
 * ```
 */
export function createTicketWorkflow<
  State extends string,
  Event extends { readonly type: string },
  Context,
>(options: WorkflowOptions<State, Event, Context>): TicketWorkflow<State, Event, Context>;
export function createTicketWorkflow(options: WorkflowOptions): TicketWorkflow {
  checkWorkflowOptions(options);
  const { lifecycle, client, clock = systemClock, read = 'when-unknown' } = options;
  const context: SendContext = {
    lifecycle,
    client,
    clock,
    store: options.store ?? createMemoryStatusStore(),
    settle: options.settle ?? 'read',
    settleMs: options.settleMs ?? client.timeoutMs + 1000,
  };
  const turns = createTurns();

  return {
    async explain(ticketId, event, asked = {}) {
      const type = nameOf(event);
      const position = await find({ ticketId, event: type, ...asked });
      if (position.kind === 'failed') throw position.error;
      if (position.kind === 'blocked') {
        const { blockers } = position;
        return { allowed: false, from: asked.from ?? '', event: type, blockers, enabled: [] };
      }
      const { state } = position.known;
      const verdict = lifecycle.explain(state, event, contextGiver(asked.context)());
      const stale = staleBlockers(ticketId, asked.from, state);
      if (stale.length === 0) return verdict;
      const blockers = verdict.allowed ? stale : [...stale, ...verdict.blockers];
      const enabled = lifecycle.enabled(state, contextGiver(asked.context)());
      return { allowed: false, from: state, event: type, blockers, enabled };
    },
    apply,
    async applyOrThrow(ticketId, event, change) {
      const outcome = await apply(ticketId, event, change);
      if (outcome.kind === 'confirmed' || outcome.kind === 'unchanged') return outcome;
      if (outcome.kind !== 'blocked') throw outcome.error;
      throw new TransitionBlockedError(outcome.from ?? '', nameOf(event), outcome.blockers);
    },
    moveTo(ticketId, to, change) {
      const asked = { ticketId, from: change.from, to, event: undefined };
      return inTurn<Move>(asked, change, {
        work: (turn, known) => makeMove({ ...turn, to, prefer: change.prefer }, known, context),
        fail: (outcome) => ({ ...asked, steps: [], outcomes: [outcome], outcome, arrived: false }),
      });
    },
  };

  async function apply(ticketId: string, event: EventInput<AnyEvent>, change: ChangeOptions) {
    const asked = { ticketId, from: change.from, to: undefined, event: nameOf(event) };
    const eventObject = typeof event === 'string' ? { type: event } : event;
    return inTurn<Outcome>(asked, change, {
      work: (turn, known) => makeChange({ ...turn, event: eventObject }, known, context),
      fail: (outcome) => outcome,
    });
  }

  /** Waits for the ticket's turn, finds out where it stands, and works on it from there. */
  async function inTurn<Result>(
    asked: Pick<OutcomeBase, 'ticketId' | 'from' | 'to' | 'event'>,
    change: ChangeOptions,
    endings: {
      readonly work: (turn: Omit<Change, 'event'>, known: KnownState) => Promise<Result>;
      readonly fail: (outcome: Outcome) => Result;
    },
  ): Promise<Result> {
    const { ticketId, event } = asked;
    const { signal, staffUserId, from: claimed } = change;
    const askedAt = clock.now();
    const base = () => ({ ...asked, attempts: 0, waitedMs: clock.now() - askedAt });

    const result = await turns.take(ticketId, signal, async () => {
      const { waitedMs } = base();
      const position = await find({ sends: true, ticketId, event, ...change });
      switch (position.kind) {
        case 'blocked':
          return endings.fail(blocked(base(), undefined, position.blockers));
        case 'failed':
          return endings.fail(unread(base(), position.error));
        case 'known': {
          const guardContext = contextGiver(change.context);
          const turn = { ticketId, staffUserId, claimed, guardContext, signal, waitedMs };
          return endings.work(turn, position.known);
        }
      }
    });
    if (result !== undefined) return result;
    const message = 'The change was aborted before its turn came.';
    const error = new NotSentError(message, { ...base(), reason: 'aborted' });
    return endings.fail({ ...base(), kind: 'not-sent', error });
  }

  async function find(
    question: Partial<ChangeOptions> & Pick<Question, 'ticketId' | 'event' | 'sends'>,
  ): Promise<Position> {
    const { ticketId, from, signal, read: policy = read } = question;
    const blockers = mistakesIn(question, lifecycle);
    if (blockers.length > 0) return { kind: 'blocked', blockers };
    return locate({ ticketId, claimed: from, read: policy, signal }, context);
  }
}

type AnyEvent = { readonly type: string };

// Events may come from a queue or a form, so a missing one is answered and not a crash.
const nameOf = (event: EventInput<AnyEvent>) =>
  typeof event === 'string' ? event : String((event as AnyEvent | null | undefined)?.type);

const contextGiver = (context: unknown) => () =>
  typeof context === 'function' ? (context as () => unknown)() : context;

/** The ticket could not be read, so nothing was sent. */
function unread(base: OutcomeBase, error: SeriesError): Outcome {
  switch (error.delivery) {
    case 'refused':
      return { kind: 'refused', ...base, error: error as SeriesApiError };
    case 'not-sent':
      return { kind: 'not-sent', ...base, error };
    case 'unknown': {
      const { attempts, waitedMs } = base;
      const details = { attempts, waitedMs, reason: 'could-not-read', cause: error } as const;
      const notSent = new NotSentError(`Nothing was sent: ${error.message}`, details);
      return { kind: 'not-sent', ...base, error: notSent };
    }
  }
}
