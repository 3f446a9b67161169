import { defaultSettleMs } from '@ticket-lifecycle/internal/settle-time';
import {
  TransitionBlockedError,
  type EventInput,
  type TicketStatus,
  type Verdict,
} from '@ticket-lifecycle/core';
import { staleBlockers } from '../tickets/blockers.ts';
import { applyChange } from './apply.ts';
import { steady, systemClock } from '../clock.ts';
import { createHolds, orderOf } from './ticket-order.ts';
import { createChangeTurns, type AskedFor } from './turn.ts';
import { makeMove, type Move } from './move.ts';
import { observeTicket, type TicketObservation } from '../tickets/observe.ts';
import type { Confirmed, Outcome, Unchanged } from './outcome.ts';
import { documentedLimit } from '../limiter/rate-limiter.ts';
import { createListeners } from '../listeners.ts';
import { fromLocatedState } from '../tickets/locate.ts';
import { createTasks } from './tasks.ts';
import type { SendContext } from './change.ts';
import { settleChange } from './settle.ts';
import { createMemory } from '../tickets/memory.ts';
import { checkWatch, createWatch, type TicketWatch, type WatchOptions } from '../tickets/watch.ts';
import type { EventBody, WorkflowEvent, WorkflowListener } from './workflow-event.ts';
import {
  checkAskedOptions,
  checkWorkflowOptions,
  contextGiver,
  type ChangeOptions,
  type MoveOptions,
  type SettleOptions,
  type WorkflowOptions,
} from './workflow-options.ts';

/** Guarded changes of tickets: the lifecycle decides first, and every change has an outcome. */
export interface TicketWorkflow<
  State extends string = string,
  Event extends { readonly type: string } = { readonly type: string },
  Context = unknown,
> {
  /** Explains whether a change is possible, without making it. Reads the ticket if necessary. */
  explain(
    ticketId: string,
    event: EventInput<Event>,
    options?: Omit<ChangeOptions<State, Context>, 'staffUserId' | 'via' | 'verify'>,
  ): Promise<Verdict>;
  /**
   * Makes a change, and returns how it ended. Changes of one ticket are made one after another, also
   * by other workflows in this process with the same store or, without one, the same client.
   *
   * Rejects only if a guard of yours throws before anything was sent.
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
   * Plans a path to a state, or to any state of a status, and makes its changes up to the first
   * that fails. Call it again to continue from the ticket's state. A name that is both a state and a
   * status counts as the state.
   */
  moveTo(
    ticketId: string,
    to: State | TicketStatus,
    options: MoveOptions<State, Event['type'], Context>,
  ): Promise<Move>;
  /**
   * Finds out how a change ended that was sent before, for example by a process that died. Only
   * reads. After `not-sent` the change surely was not processed, and may be applied.
   */
  settle(
    ticketId: string,
    event: EventInput<Event>,
    options: SettleOptions<State>,
  ): Promise<Outcome>;
  /**
   * Reads a ticket, and returns what others have done to it since it was last known. Waits for our
   * own changes of it first, so that they are not mistaken for somebody else's.
   *
   * @throws SeriesError when it could not be read
   */
  observe(
    ticketId: string,
    options?: { readonly signal?: AbortSignal | undefined },
  ): Promise<TicketObservation>;
  /** Observes tickets in turns, at a share of the budget, until the watch is closed. */
  watch(ticketIds: Iterable<string>, options?: WatchOptions): TicketWatch;
  /** Calls a listener with every event of every change. Returns a function that ends it. */
  on(listener: WorkflowListener): () => void;
  /**
   * Ends all waiting and every watch, and resolves when requests under way have ended. Nothing is
   * sent any more: later changes are `not-sent`.
   */
  close(): Promise<void>;
}

/**
 * Makes changes that a lifecycle allows, through a client.
 *
 * The lifecycle is asked when a change's turn has come, and again when its slot has come. What
 * remains is a race with people who move the ticket within `raceWindowMs`: the API has no lock.
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
  const { lifecycle, client, read = 'when-unknown', verify = false } = options;
  const clock = steady(options.clock ?? client.clock ?? systemClock);
  const { settleMs = defaultSettleMs, settleForMs = 10_000 } = options;
  const { maxAgeMs = 60_000, resend = 'once' } = options;
  const { turns, heldUntil, memoryOf } = orderOf(options.store ?? client);
  const store = options.store ?? memoryOf(lifecycle.fingerprint);
  const context: SendContext = {
    lifecycle,
    client,
    clock,
    memory: createMemory(store, clock, client.timeoutMs),
    maxAgeMs,
    holds: createHolds(clock, heldUntil),
    settle: options.settle ?? 'read',
    settleMs,
    settleForMs,
  };
  const tasks = createTasks();
  const listeners = createListeners<WorkflowEvent>();
  const watches = new Set<TicketWatch>();
  const defaults = { read, verify, resend };
  const changeTurns = createChangeTurns({ context, turns, tasks, listeners, ...defaults });
  const unfollow = client.rateLimiter?.on?.((event) => listeners.emit(event));

  return {
    async explain(ticketId, event, asked = {}) {
      checkAskedOptions('explain', asked);
      const type = nameOf(event);
      const { from: statedFrom, signal, read: policy = read } = asked;
      const emit = emitterFor(ticketId);
      const onStoreFailed = (error: unknown) => emit({ type: 'store-failed', error });
      const question = { ticketId, from: statedFrom, event: type };
      const query = { ticketId, statedFrom, read: policy, signal, onEvent: emit, onStoreFailed };
      return fromLocatedState<Verdict>(question, query, context, {
        work({ state }) {
          const guardContext = contextGiver(asked.context)();
          const verdict = lifecycle.explain(state, event, guardContext);
          const stale = staleBlockers(ticketId, statedFrom, state);
          if (stale.length === 0) return verdict;
          const blockers = verdict.allowed ? stale : [...stale, ...verdict.blockers];
          const enabled = lifecycle.enabled(state, guardContext);
          return { allowed: false, from: state, event: type, blockers, enabled };
        },
        fail(position) {
          if (position.kind === 'failed') throw position.error;
          const { blockers } = position;
          return { allowed: false, from: statedFrom ?? '', event: type, blockers, enabled: [] };
        },
        isStandstill: ({ allowed }) => !allowed,
      });
    },
    apply,
    async applyOrThrow(ticketId, event, change) {
      const outcome = await apply(ticketId, event, change);
      if (outcome.kind === 'confirmed' || outcome.kind === 'unchanged') return outcome;
      if (outcome.kind !== 'blocked') throw outcome.error;
      throw new TransitionBlockedError(outcome.from ?? '', nameOf(event), outcome.blockers);
    },
    async moveTo(ticketId, to, change) {
      checkAskedOptions('moveTo', change);
      const asked = { ticketId, from: change.from, to, event: undefined };
      return changeTurns.withPosition<Move>(asked, change, {
        work: (turn, known) => {
          const { prefer, payloads } = change;
          return makeMove({ ...turn, to, prefer, payloads }, known, context);
        },
        fail: (outcome) => ({ ...asked, steps: [], outcomes: [outcome], outcome, arrived: false }),
        outcomeOf: ({ outcome }) => outcome,
        isStandstill: ({ outcome, outcomes }) => outcomes.length <= 1 && isStandstill(outcome),
      });
    },
    async settle(ticketId, event, sent) {
      checkAskedOptions('settle', sent);
      const asked = { ticketId, from: sent.from, to: sent.to, event: nameOf(event) };
      return changeTurns.withTurn<Outcome>(asked, sent.signal, {
        work: (turn) => settleChange(turn, sent, context),
        ...asOutcome,
      });
    },
    observe: (ticketId, { signal } = {}) => observe(ticketId, signal, 'normal'),
    watch(ticketIds, watchOptions = {}) {
      checkWatch(ticketIds, watchOptions);
      const watch = createWatch(ticketIds, watchOptions, {
        clock,
        requestsPerSecond: () =>
          client.rateLimiter?.describe(client.keyId ?? 'default').requestsPerSecond ??
          documentedLimit,
        isBusy: (ticketId) => turns.isTaken(ticketId),
        observe: (ticketId, signal) => observe(ticketId, signal, 'low'),
        closed: (closed) => watches.delete(closed),
      });
      if (tasks.isStopped) watch.close();
      else watches.add(watch);
      return watch;
    },
    on: (listener) => listeners.add(listener),
    async close() {
      unfollow?.();
      for (const watch of watches) watch.close();
      await tasks.stop();
    },
  };

  async function apply(ticketId: string, event: EventInput<AnyEvent>, change: ChangeOptions) {
    checkAskedOptions('apply', change);
    const asked: AskedFor = { ticketId, from: change.from, to: undefined, event: nameOf(event) };
    const eventObject = typeof event === 'string' ? { type: event } : event;
    return changeTurns.withPosition<Outcome>(asked, change, {
      work: (turn, known) => applyChange({ ...turn, event: eventObject }, known, context),
      isStandstill,
      ...asOutcome,
    });
  }

  async function observe(
    ticketId: string,
    signal: AbortSignal | undefined,
    priority: 'normal' | 'low',
  ): Promise<TicketObservation> {
    const emit = emitterFor(ticketId);
    return tasks.run(signal, async (stop) => {
      const call = { signal: stop, priority, onEvent: emit };
      const onStoreFailed = (error: unknown) => emit({ type: 'store-failed', error });
      const readTicket = () => observeTicket(ticketId, context, call, onStoreFailed);
      // Aborted while it waits, it fails as the read itself would.
      const seen = (await turns.take(ticketId, stop, readTicket)) ?? (await readTicket());
      const { previous, status, change } = seen;
      if (previous !== undefined && change !== undefined && change.kind !== 'unchanged') {
        emit({ type: 'observed', previous, status, change });
      }
      return seen;
    });
  }

  function emitterFor(ticketId: string) {
    return (event: EventBody) =>
      listeners.emit({ ...event, ticketId, changeId: undefined, at: Math.floor(clock.now()) });
  }
}

const itself = (outcome: Outcome) => outcome;
const asOutcome = { fail: itself, outcomeOf: itself };
const isStandstill = ({ kind, attempts }: Outcome) =>
  attempts === 0 && (kind === 'blocked' || kind === 'unchanged');

type AnyEvent = { readonly type: string };

// Events may come from a queue or a form, so a missing one is an outcome and not a crash.
const nameOf = (event: EventInput<AnyEvent>) =>
  typeof event === 'string' ? event : String((event as AnyEvent | null | undefined)?.type);
