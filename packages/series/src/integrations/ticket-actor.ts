import type { ActorLogic, ActorScope, EventObject, Snapshot } from 'xstate';
import type { Outcome } from '../workflow/outcome.ts';
import { toOutcomeRecord, type OutcomeRecord } from '../workflow/outcome-record.ts';
import type { TicketWorkflow } from '../workflow/workflow.ts';
import type { ChangeOptions, ChangeMethod } from '../workflow/workflow-options.ts';

/** The ticket of an actor. */
export interface TicketActorInput {
  readonly ticketId: string;
  /** The staff member for events that name none. */
  readonly staffUserId?: number | undefined;
  /** The ticket's state, if you know it. */
  readonly state?: string | undefined;
}

/**
 * The events of an actor: those of the lifecycle, with options for the change if it needs any, and
 * `ticket.settle`, which tries once more to settle a change that is `unknown`.
 */
export type TicketActorEvent<Event extends { readonly type: string } = { readonly type: string }> =
  | (Event & Partial<Omit<ChangeOptions, 'signal'>>)
  | { readonly type: 'ticket.settle' };

/** A change that may be under way: what settling it later needs. */
export interface PendingChange {
  readonly event: string;
  readonly from: string | undefined;
  readonly to: string | undefined;
  readonly via: ChangeMethod;
  readonly staffUserId: number | undefined;
  /** When it was sent, at the earliest. `undefined` before the lifecycle has allowed it. */
  readonly sentAt: number | undefined;
}

/** The context of an actor. Plain data, as long as the events are. */
export interface TicketActorContext {
  readonly ticketId: string;
  readonly staffUserId: number | undefined;
  /** The ticket's state, as far as known. */
  readonly state: string | undefined;
  /** How the last change ended. */
  readonly outcome: OutcomeRecord | undefined;
  /** The change that is being sent, or whose outcome is unknown. */
  readonly pending: PendingChange | undefined;
  /** Events that came during a change; each gets its turn. */
  readonly waiting: readonly EventObject[];
}

/** No change is open, one is being sent, or one may or may not have arrived. */
export type TicketActorValue = 'settled' | 'sending' | 'unknown';

/** The snapshot of an actor. */
export type TicketActorSnapshot = Snapshot<undefined> & {
  readonly value: TicketActorValue;
  readonly context: TicketActorContext;
};

/** The logic of a ticket's actor. */
export type TicketActorLogic<Event extends { readonly type: string } = { readonly type: string }> =
  ActorLogic<TicketActorSnapshot, TicketActorEvent<Event>, TicketActorInput>;

type AnyScope = ActorScope<TicketActorSnapshot, TicketActorEvent>;

/** Events that an actor sends to itself. */
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
 * The workflow applies each event of the lifecycle. Events that come meanwhile wait for their turn.
 * An actor that was persisted while `sending` is restored as `unknown`, and reads the ticket before
 * it sends anything. Stopping an actor stops what waits. If a request is under way, the next actor
 * finds out how it ended.
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
  // Events that an actor has made itself; anybody can send one with the same name.
  const own = new WeakSet<object>();

  return {
    transition(snapshot, event: TicketActorEvent | OwnEvent, scope) {
      switch (event.type) {
        case 'xstate.stop':
          running.get(scope.self)?.abort();
          return { ...snapshot, status: 'stopped' } as TicketActorSnapshot;
        case 'ticket.settle':
          if (snapshot.value === 'unknown' && !running.has(scope.self)) {
            scope.defer(() => settle(snapshot.context, scope));
          }
          return snapshot;
        default:
      }
      if (own.has(event)) return handleOwn(snapshot, event as OwnEvent, scope);
      const isBusy = snapshot.value === 'sending' || running.has(scope.self);
      const { context } = snapshot;
      return isBusy
        ? withContext(snapshot, { waiting: [...context.waiting, event] })
        : begin(snapshot, event, scope);
    },
    getInitialSnapshot(_, input) {
      const { ticketId, staffUserId, state } = checked(input);
      const nothing = { outcome: undefined, pending: undefined, waiting: [] };
      return snapshotOf('settled', { ticketId, staffUserId, state, ...nothing });
    },
    getPersistedSnapshot: (snapshot) => snapshot,
    restoreSnapshot(persisted) {
      const { value, context } = persisted as TicketActorSnapshot;
      // The actor that was sending it is gone, and may have sent it.
      return snapshotOf(value === 'sending' ? 'unknown' : value, context);
    },
    start({ value, context }, scope) {
      if (value === 'unknown') settle(context, scope);
      else if (context.waiting.length > 0) sendSelf({ type: 'ticket.next' }, scope);
    },
  };

  function handleOwn(snapshot: TicketActorSnapshot, event: OwnEvent, scope: AnyScope) {
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
        if (next !== undefined) scope.defer(() => sendSelf({ type: 'ticket.next' }, scope));
        return ended(snapshot, event.outcome);
      case 'ticket.broken':
        return { ...snapshot, status: 'error', error: event.error } as TicketActorSnapshot;
      case 'ticket.next':
        return next === undefined
          ? snapshot
          : begin(withContext(snapshot, { waiting }), next, scope);
    }
  }

  function begin(snapshot: TicketActorSnapshot, event: TicketActorEvent, scope: AnyScope) {
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
      const leave = workflow.on((emitted) => {
        if (emitted.type !== 'allowed' || emitted.ticketId !== ticketId) return;
        const { from, to, at: sentAt } = emitted;
        if (emitted.event === event.type)
          sendSelf({ type: 'ticket.allowed', from, to, sentAt }, scope);
      });
      return workflow.apply(ticketId, event, { ...change, signal }).finally(leave);
    });
  }

  function settle({ ticketId, pending }: TicketActorContext, scope: AnyScope): void {
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
      if (!stop.signal.aborted) sendSelf(event, scope);
    }
  }

  function sendSelf(event: OwnEvent, scope: AnyScope): void {
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
      // A settling that was stopped does not prove that nothing was sent.
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
