import { defaultSettleMs, mostLateMs } from '@ticket-lifecycle/internal/settle-time';
import { TransitionBlockedError, type EventInput, type Verdict } from '@ticket-lifecycle/core';
import { possibleIn, staleBlockers, type WorkflowBlocker } from '../tickets/blockers.ts';
import { applyChange } from './apply.ts';
import { steady, systemClock } from '../clock.ts';
import { createHolds, orderOf } from './ticket-order.ts';
import { createChangeTurns, isStandstill, type AskedFor } from './turn.ts';
import { runDueEvents } from './run-due.ts';
import { makeMove, type Move } from './move.ts';
import { observationOf, observeTicket, type TicketObservation } from '../tickets/observe.ts';
import { findPosition } from '../tickets/position.ts';
import type { TicketMoved } from '../tickets/sightings.ts';
import { forcedBy } from './override.ts';
import { choicesAt } from './choices.ts';
import type { Outcome } from './outcome.ts';
import { documentedLimit } from '../limiter/rate-limiter.ts';
import { createListeners } from '../listeners.ts';
import { fromLocatedState, type LocatedWork } from '../tickets/locate.ts';
import { createTasks } from './tasks.ts';
import type { TicketWorkflow } from './ticket-workflow.ts';
import type { SendContext } from './change.ts';
import { settleChange, unsettled } from './settle.ts';
import { wrapClient } from './wrapped-client.ts';
import { createChangeEntries } from './change-sink.ts';
import { trackChange } from '../tickets/track.ts';
import { checkOneKey, placeOf } from '../tickets/store-key.ts';
import { createMemory } from '../tickets/memory.ts';
import { checkWatch, createWatch, type TicketWatch } from '../tickets/watch.ts';
import type { EventBody, WorkflowEvent } from './workflow-event.ts';
import { checkAskedOptions, checkWorkflowOptions, contextGiver } from './check-options.ts';
import type { ApplyOptions, WhereOptions, WorkflowOptions } from './workflow-options.ts';

/**
 * Makes changes that a lifecycle allows, through a client.
 *
 * The lifecycle is asked when a change's turn has come, and again when its slot has come. What
 * remains is a race with people who move the ticket within `raceWindowMs`: the API has no lock.
 *
 * @throws TypeError for options that make no sense, for a store that serves another key, and for a store
 * and a client of which each is in use with another one
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
  const { lifecycle, read = 'when-unknown', verify = false } = options;
  if (options.store !== undefined) checkOneKey(options.store, options.client);
  const wrappers = wrapClient(options.client);
  const { client, describe } = wrappers;
  const clock = steady(options.clock ?? client.clock ?? systemClock);
  const { settleMs = defaultSettleMs, settleForMs = 10_000 } = options;
  const { maxAgeMs = 60_000, resend = 'once', migration } = options;
  const { turns, heldUntil, sightings, memoryOf } = orderOf(options.client, options.store);
  const store = options.store ?? memoryOf(lifecycle.fingerprint);
  const owner = placeOf(store);
  const holds = createHolds(clock, heldUntil);
  const { timeoutMs } = client;
  const isHeld = (ticketId: string) => holds.isHeld(ticketId);
  const shared = { clock, lifecycle, migration, owner, timeoutMs, sightings, isHeld };
  const listeners = createListeners<WorkflowEvent>();
  const entries = createChangeEntries({ lifecycle, clock, sink: options.onChange, listeners });
  const context: SendContext = {
    lifecycle,
    client,
    clock,
    memory: createMemory(store, shared),
    sightings,
    onMoved,
    maxAgeMs,
    openForMs: mostLateMs + timeoutMs + settleMs + settleForMs,
    holds,
    settle: options.settle ?? 'read',
    settleMs,
    settleForMs,
  };
  const tasks = createTasks();
  const watches = new Set<TicketWatch>();
  const defaults = { read, verify, resend };
  const changeTurns = createChangeTurns({
    context,
    turns,
    tasks,
    listeners,
    describe,
    changeEntries: entries,
    ...defaults,
  });
  const unfollow = client.rateLimiter?.on?.((event) => listeners.emit(event));

  return {
    async explain(ticketId, event, asked = {}) {
      checkAskedOptions('explain', asked);
      const type = nameOf(event);
      const { from: statedFrom, signal, read: policy = read } = asked;
      const { emit, onStoreFailed } = toldOf(ticketId);
      const question = { ticketId, from: statedFrom, event: type };
      const query = { ticketId, statedFrom, read: policy, onEvent: emit, onStoreFailed };
      const answer: LocatedWork<Verdict<string, string, WorkflowBlocker>> = {
        work({ state }) {
          const guardContext = contextGiver(asked.context)();
          const verdict = lifecycle.explain(state, event, guardContext);
          const stale = staleBlockers(ticketId, statedFrom, state);
          if (stale.length === 0) return verdict;
          const blockers = verdict.allowed ? stale : [...stale, ...verdict.blockers];
          const enabled = possibleIn(lifecycle, state, guardContext);
          return { allowed: false, from: state, event: type, blockers, enabled };
        },
        fail(position) {
          if (position.kind === 'failed') throw position.error;
          const { blockers } = position;
          return { allowed: false, from: statedFrom ?? '', event: type, blockers, enabled: [] };
        },
        isStandstill: ({ allowed }) => !allowed,
      };
      return tasks.run(signal, (stop) =>
        fromLocatedState(question, { ...query, signal: stop }, context, answer),
      );
    },
    async where(ticketId, asked = {}) {
      checkAskedOptions('where', asked);
      return positionOf(ticketId, asked);
    },
    async enabled(ticketId, { context: given, ...asked } = {}) {
      checkAskedOptions('enabled', asked);
      return choicesAt(await positionOf(ticketId, asked), lifecycle, contextGiver(given)());
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
          const { prefer, payloads, read: policy = read } = change;
          return makeMove({ ...turn, to, prefer, payloads, read: policy }, known, context);
        },
        fail: (outcome) => ({ ...asked, steps: [], outcomes: [outcome], outcome, arrived: false }),
        outcomeOf: ({ outcome }) => outcome,
        outcomesOf: ({ outcomes }) => outcomes,
        payloadOf: ({ event }) => change.payloads?.[event ?? ''],
        isStandstill: ({ outcome, outcomes }) => outcomes.length <= 1 && isStandstill(outcome),
      });
    },
    async settle(ticketId, event, sent) {
      checkAskedOptions('settle', sent);
      const asked = { ticketId, from: sent.from, to: sent.to, event: nameOf(event) };
      return changeTurns.withTurn<Outcome>(asked, sent.signal, {
        work: (turn) => settleChange(turn, sent, context),
        by: sent.claimedBy,
        fail: unsettled,
        outcomeOf: itself,
      });
    },
    async runDue(now, asked) {
      checkAskedOptions('runDue', asked);
      const onStoreFailed = (error: unknown) =>
        listeners.emit({ type: 'store-failed', error, ...subjectOf(undefined) });
      return runDueEvents(now, asked, { store, migration, context, changeTurns, onStoreFailed });
    },
    async observe(ticketId, asked = {}) {
      checkAskedOptions('observe', asked);
      return observe(ticketId, asked.signal, 'normal');
    },
    watch(ticketIds, watchOptions = {}) {
      checkWatch(ticketIds, watchOptions);
      const watch = createWatch(ticketIds, watchOptions, {
        clock,
        requestsPerSecond: () =>
          client.rateLimiter?.describe(client.keyId ?? 'default').requestsPerSecond ??
          documentedLimit,
        isBusy: (ticketId) => turns.isTaken(ticketId),
        observe: (ticketId, signal) => observe(ticketId, signal, 'low'),
        follow: (listener) =>
          sightings.moves.add((moved) => listener(observationOf(moved, lifecycle))),
        onFailed: (error, ticketId) => toldOf(ticketId).emit({ type: 'sink-failed', error }),
        closed: (closed) => watches.delete(closed),
      });
      if (tasks.isStopped) watch.close();
      else watches.add(watch);
      return watch;
    },
    async track(ticketId, change) {
      const { onStoreFailed } = toldOf(ticketId);
      const run = async () => {
        await holds.wait(ticketId, undefined);
        return trackChange(ticketId, change, context, onStoreFailed);
      };
      // Without a signal it always gets its turn.
      return (await turns.take(ticketId, undefined, run)) as Awaited<ReturnType<typeof change>>;
    },
    on: (listener) => listeners.add(listener),
    wrapAttempts: (wrapper) => wrappers.add(wrapper),
    async close() {
      unfollow?.();
      for (const watch of watches) watch.close();
      await tasks.stop();
      const onFailed = (ticketId: string, error: unknown) => toldOf(ticketId).onStoreFailed(error);
      await Promise.all([entries.drain(timeoutMs), context.memory.flush(onFailed)]);
    },
  };

  function onMoved(moved: TicketMoved): void {
    entries.observed(moved);
    sightings.moves.emit(moved);
  }

  function positionOf(ticketId: string, { read: policy, signal }: WhereOptions) {
    // What was noted before a change says little while its request may be under way.
    const mayRemember = policy !== 'always' && !turns.isTaken(ticketId);
    const { emit, onStoreFailed } = toldOf(ticketId);
    return tasks.run(signal, (stop) =>
      findPosition(ticketId, mayRemember, context, { signal: stop, onEvent: emit }, onStoreFailed),
    );
  }

  async function apply(ticketId: string, event: EventInput<AnyEvent>, change: ApplyOptions) {
    checkAskedOptions('apply', change);
    const forced = forcedBy(change.force);
    const about = { ticketId, from: change.from, to: undefined, event: nameOf(event) };
    const asked: AskedFor = { ...about, ...forced };
    const eventObject = typeof event === 'string' ? { type: event } : event;
    return changeTurns.withPosition<Outcome>(asked, change, {
      work: (turn, known) => applyChange({ ...turn, event: eventObject }, known, context),
      payloadOf: () => payloadOf(eventObject),
      isStandstill,
      ...asOutcome,
    });
  }

  async function observe(
    ticketId: string,
    signal: AbortSignal | undefined,
    priority: 'normal' | 'low',
  ): Promise<TicketObservation> {
    const { emit, onStoreFailed } = toldOf(ticketId);
    return tasks.run(signal, async (stop) => {
      const call = { signal: stop, priority, onEvent: emit };
      const readTicket = () => observeTicket(ticketId, context, call, onStoreFailed);
      // Aborted while it waits, it fails as the read itself would.
      return (await turns.take(ticketId, stop, readTicket)) ?? readTicket();
    });
  }

  /** Tells the listeners of what happens to a ticket apart from its changes. */
  function toldOf(ticketId: string) {
    const subject = () => subjectOf(ticketId);
    const emit = (event: EventBody) => listeners.emit({ ...event, ...subject() });
    describe(emit, subject);
    return { emit, onStoreFailed: (error: unknown) => emit({ type: 'store-failed', error }) };
  }

  function subjectOf<Id extends string | undefined>(ticketId: Id) {
    return { ticketId, changeId: undefined, at: Math.floor(clock.now()) };
  }
}

/** What an event carries beside its type. */
function payloadOf(event: unknown): object | undefined {
  const { type: _, ...payload } = Object(event) as { type?: unknown };
  return Object.keys(payload).length === 0 ? undefined : payload;
}

const itself = (outcome: Outcome) => outcome;
const asOutcome = { fail: itself, outcomeOf: itself };

type AnyEvent = { readonly type: string };

// Events may come from a queue or a form, so a missing one is an outcome and not a crash.
function nameOf(event: EventInput<AnyEvent>): string {
  const type: unknown =
    typeof event === 'string' ? event : (event as AnyEvent | null | undefined)?.type;
  return typeof type === 'string' ? type : '';
}
