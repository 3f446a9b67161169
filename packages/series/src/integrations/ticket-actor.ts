import type { ActorLogic, ActorScope, EventObject, Snapshot } from 'xstate';
import type { Outcome } from '../workflow/outcome.ts';
import { toOutcomeRecord, type OutcomeRecord } from '../workflow/outcome-record.ts';
import type { TicketWorkflow } from '../workflow/workflow.ts';
import type { ChangeOptions, ChangeMethod } from '../workflow/workflow-options.ts';

/** Which ticket an actor stands for. */
export interface TicketActorInput {
  readonly ticketId: string;
  /** Who makes the changes whose event does not say. */
  readonly staffUserId?: number | undefined;
  /** Where the ticket stands, if that is known. */
  readonly state?: string | undefined;
}

/**
 * What an actor takes: the events of the lifecycle, each with the options of its change if it
 * needs any, and `ticket.settle`, which looks once more into a change that is `unknown`.
 */
export type TicketActorEvent<Event extends { readonly type: string } = { readonly type: string }> =
  | (Event & Partial<Omit<ChangeOptions, 'signal'>>)
  | { readonly type: 'ticket.settle' };

/** A change that may be under way, as far as it has to be known to settle it later. */
export interface PendingChange {
  readonly event: string;
  readonly from: string | undefined;
  readonly to: string | undefined;
  readonly via: ChangeMethod;
  readonly staffUserId: number | undefined;
  /** When it was sent, at the earliest. `undefined` before the lifecycle has allowed it. */
  readonly sentAt: number | undefined;
}

/** What an actor knows. Plain data, as long as the events are. */
export interface TicketActorContext {
  readonly ticketId: string;
  readonly staffUserId: number | undefined;
  /** Where the ticket stands, as far as we know. */
  readonly state: string | undefined;
  /** How the last change ended. */
  readonly outcome: OutcomeRecord | undefined;
  /** The change that is being sent, or of which it is not known how it ended. */
  readonly pending: PendingChange | undefined;
  /** Events that came meanwhile; each has its turn. */
  readonly waiting: readonly EventObject[];
}

/** Whether all is known, a change is being sent, or one may or may not have arrived. */
export type TicketActorValue = 'settled' | 'sending' | 'unknown';

/** What an actor shows. */
export type TicketActorSnapshot = Snapshot<undefined> & {
  readonly value: TicketActorValue;
  readonly context: TicketActorContext;
};

/** The logic of a ticket's actor. */
export type TicketActorLogic<Event extends { readonly type: string } = { readonly type: string }> =
  ActorLogic<TicketActorSnapshot, TicketActorEvent<Event>, TicketActorInput>;

type AnyScope = ActorScope<TicketActorSnapshot, TicketActorEvent>;

/** What an actor tells itself. */
type OwnEvent =
  | {
      readonly type: 'ticket.allowed';
      readonly from: string;
      readonly to: string;
      readonly sentAt: number;
    }
  | { readonly type: 'ticket.ended'; readonly outcome: OutcomeRecord }
  | { readonly type: 'ticket.broken'; readonly error: unknown }
  | { readonly type: 'ticket.next' };

/**
 * A ticket as XState actor logic: `settled`, `sending` while a change is under way, `unknown` when
 * one may or may not have arrived.
 *
 * Each event of the lifecycle is applied by the workflow. Those that come meanwhile wait for their
 * turn. An actor that was persisted while `sending` is restored as `unknown`, and the ticket is
 * read before anything is sent again. Stopping an actor stops what waits; the rest of a request
 * that is under way is for the next actor to find out.
 *
 * @example
 * ```ts
 * import { ticketLifecycle } from '@ticket-lifecycle/core';
 * import { createSandbox } from '@ticket-lifecycle/sandbox';
 * import { createSeriesClient, createTicketWorkflow, ticketActor } from '@ticket-lifecycle/series';
 * import { createActor, waitFor } from 'xstate';
 *
 * const sandbox = createSandbox({ tickets: [{ ticketId: 'TICKET-1' }] });
 * const client = createSeriesClient({ apiKey: 'example-key', fetch: sandbox.fetch });
 * const workflow = createTicketWorkflow({ lifecycle: ticketLifecycle, client });
 *
 * const input = { ticketId: 'TICKET-1', staffUserId: 7 };
 * const actor = createActor(ticketActor(workflow), { input }).start();
 * actor.send({ type: 'START' });
 * const { context } = await waitFor(actor, ({ value }) => value === 'settled');
 * console.log(context.outcome?.kind, context.state); // confirmed in-progress
 * ```
 */
export function ticketActor<State extends string, Event extends { readonly type: string }, Context>(
  workflow: TicketWorkflow<State, Event, Context>,
): TicketActorLogic<Event>;
export function ticketActor(workflow: TicketWorkflow): TicketActorLogic {
  const running = new WeakMap<object, AbortController>();
  // What only an actor itself may say; anybody can send an event with such a name.
  const own = new WeakSet<object>();

  return {
    transition(snapshot, event: TicketActorEvent | OwnEvent, scope) {
      switch (event.type) {
        case 'xstate.stop':
          running.get(scope.self)?.abort();
          return { ...snapshot, status: 'stopped' } as TicketActorSnapshot;
        case 'ticket.settle':
          if (snapshot.value === 'unknown' && !running.has(scope.self)) {
            scope.defer(() => look(snapshot.context, scope));
          }
          return snapshot;
        default:
      }
      if (own.has(event)) return heard(snapshot, event as OwnEvent, scope);
      const isBusy = snapshot.value === 'sending' || running.has(scope.self);
      const { context } = snapshot;
      return isBusy
        ? withContext(snapshot, { waiting: [...context.waiting, event] })
        : begun(snapshot, event, scope);
    },
    getInitialSnapshot(_, input) {
      const { ticketId, staffUserId, state } = checked(input);
      const nothing = { outcome: undefined, pending: undefined, waiting: [] };
      return snapshotOf('settled', { ticketId, staffUserId, state, ...nothing });
    },
    getPersistedSnapshot: (snapshot) => snapshot,
    restoreSnapshot(persisted) {
      const { value, context } = persisted as TicketActorSnapshot;
      // Whoever was sending it is gone, and may have sent it.
      return snapshotOf(value === 'sending' ? 'unknown' : value, context);
    },
    start({ value, context }, scope) {
      if (value === 'unknown') look(context, scope);
      else if (context.waiting.length > 0) tellSelf({ type: 'ticket.next' }, scope);
    },
  };

  function heard(snapshot: TicketActorSnapshot, event: OwnEvent, scope: AnyScope) {
    const { context } = snapshot;
    const [next, ...waiting] = context.waiting;
    switch (event.type) {
      case 'ticket.allowed': {
        const { from, to, sentAt } = event;
        const { pending } = context;
        return pending === undefined
          ? snapshot
          : withContext(snapshot, { pending: { ...pending, from, to, sentAt } });
      }
      case 'ticket.ended':
        if (next !== undefined) scope.defer(() => tellSelf({ type: 'ticket.next' }, scope));
        return ended(snapshot, event.outcome);
      case 'ticket.broken':
        return { ...snapshot, status: 'error', error: event.error } as TicketActorSnapshot;
      case 'ticket.next':
        return next === undefined
          ? snapshot
          : begun(withContext(snapshot, { waiting }), next, scope);
    }
  }

  function begun(snapshot: TicketActorSnapshot, event: TicketActorEvent, scope: AnyScope) {
    const { context } = snapshot;
    // The rest of the event is its payload.
    const { from = context.outcome === undefined ? context.state : undefined, ...options } =
      event as Partial<ChangeOptions>;
    const { via = 'status', staffUserId = context.staffUserId, read, verify } = options;
    const pending = { event: event.type, from, to: undefined, via, staffUserId, sentAt: undefined };
    const asked = { context: options.context, read, verify, via };
    const change = { ...asked, from, staffUserId: staffUserId as number };
    scope.defer(() => apply(event, change, context.ticketId, scope));
    return snapshotOf('sending', { ...context, pending });
  }

  function apply(
    event: TicketActorEvent,
    change: ChangeOptions,
    ticketId: string,
    scope: AnyScope,
  ): void {
    run(scope, (signal) => {
      const leave = workflow.on((told) => {
        if (told.type !== 'allowed' || told.ticketId !== ticketId) return;
        const { from, to, at: sentAt } = told;
        if (told.event === event.type)
          tellSelf({ type: 'ticket.allowed', from, to, sentAt }, scope);
      });
      return workflow.apply(ticketId, event, { ...change, signal }).finally(leave);
    });
  }

  function look({ ticketId, pending }: TicketActorContext, scope: AnyScope): void {
    if (pending === undefined) return;
    const { event, from, to, sentAt, via, staffUserId } = pending;
    const claimedBy = via === 'claim' ? staffUserId : undefined;
    run(scope, (signal) =>
      workflow.settle(ticketId, event, { from, to, sentAt, claimedBy, signal }),
    );
  }

  function run(scope: AnyScope, task: (signal: AbortSignal) => Promise<Outcome>): void {
    const stop = new AbortController();
    running.set(scope.self, stop);
    void finish();

    async function finish(): Promise<void> {
      const event: OwnEvent = await task(stop.signal).then(
        (outcome) => ({ type: 'ticket.ended', outcome: toOutcomeRecord(outcome) }),
        (error: unknown) => ({ type: 'ticket.broken', error }),
      );
      running.delete(scope.self);
      if (!stop.signal.aborted) tellSelf(event, scope);
    }
  }

  function tellSelf(event: OwnEvent, scope: AnyScope): void {
    own.add(event);
    scope.self.send(event);
  }
}

function checked(input: unknown): TicketActorInput {
  const { ticketId } = (input ?? {}) as { readonly ticketId?: unknown };
  if (typeof ticketId === 'string') return input as TicketActorInput;
  const received = `a value of type ${typeof ticketId}`;
  throw new TypeError(`ticketActor: input "ticketId" must be a string, received ${received}.`);
}

function snapshotOf(value: TicketActorValue, context: TicketActorContext): TicketActorSnapshot {
  return { status: 'active', output: undefined, error: undefined, value, context };
}

function withContext(
  snapshot: TicketActorSnapshot,
  change: Partial<TicketActorContext>,
): TicketActorSnapshot {
  return { ...snapshot, context: { ...snapshot.context, ...change } };
}

function ended({ value, context }: TicketActorSnapshot, outcome: OutcomeRecord) {
  const wasUnknown = value === 'unknown';
  switch (outcome.kind) {
    case 'confirmed':
    case 'unchanged':
      return settled(outcome.to);
    case 'refused':
      return settled(outcome.error.code === 'ticket-not-found' ? undefined : outcome.from);
    case 'blocked':
      return wasUnknown ? snapshotOf('unknown', context) : settled(outcome.from);
    case 'not-sent':
      // To have stopped looking does not say that nothing was sent.
      return wasUnknown && outcome.error.reason !== 'not-processed'
        ? snapshotOf('unknown', context)
        : settled(outcome.from);
    case 'unknown':
      return snapshotOf('unknown', { ...context, outcome, state: undefined });
  }

  function settled(state: string | undefined): TicketActorSnapshot {
    return snapshotOf('settled', { ...context, outcome, state, pending: undefined });
  }
}
