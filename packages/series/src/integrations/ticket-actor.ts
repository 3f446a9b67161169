import type { ActorLogic, ActorScope } from 'xstate';
import type { Outcome } from '../workflow/outcome.ts';
import { toOutcomeRecord, type OutcomeRecord } from '../http/outcome-record.ts';
import type { TicketWorkflow } from '../workflow/ticket-workflow.ts';
import type { ChangeOptions } from '../workflow/workflow-options.ts';
import {
  ended,
  snapshotOf,
  withContext,
  withoutTask,
  type Task,
  type TicketActorContext,
  type TicketActorEvent,
  type TicketActorInput,
  type TicketActorSnapshot,
} from './ticket-actor-snapshot.ts';

/** The logic of a ticket's actor. */
export type TicketActorLogic<
  Event extends { readonly type: string } = { readonly type: string },
  State extends string = string,
> = ActorLogic<
  TicketActorSnapshot<State, Event['type']>,
  TicketActorEvent<Event, State>,
  TicketActorInput<State>
>;

type AnyScope = ActorScope<TicketActorSnapshot, TicketActorEvent>;

/** Events that an actor sends to itself. */
type OwnEvent =
  | { readonly type: 'ticket.started' }
  | {
      readonly type: 'ticket.sending';
      readonly from: string;
      readonly to: string;
      readonly sentAt: number;
    }
  | { readonly type: 'ticket.ended'; readonly outcome: OutcomeRecord; readonly task: Task }
  | { readonly type: 'ticket.broken'; readonly error: unknown }
  | { readonly type: 'ticket.next' };

/**
 * A ticket as XState actor logic: `settled`, `sending` while a change is under way, `unknown` when
 * one may or may not have arrived.
 *
 * The workflow applies each event of the lifecycle. Events that come meanwhile wait for their turn. The
 * options of a change are not part of what its event carries, so no field of yours can have their names.
 *
 * An actor may be stopped, and started again from any snapshot that was taken before `stop()`. The ticket is
 * read before anything is sent: to settle the change if the snapshot says that it may have been sent, else
 * before its event goes again. Each event that waited is made as with `read: 'always'`, whatever it says.
 * Stopping an actor stops what waits; a request under way is seen to its end.
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
): TicketActorLogic<Event, State>;
export function ticketActor(workflow: TicketWorkflow): TicketActorLogic {
  // The task of each actor. Once it is aborted, the actor has nothing to do with it any more.
  const running = new WeakMap<object, AbortController>();
  // Actors that have been started, and have not looked yet at what their snapshot left open.
  const starting = new WeakSet<object>();
  const hasTask = (self: object) =>
    starting.has(self) || running.get(self)?.signal.aborted === false;
  // How many of an actor's waiting events, from the first on, come from before it was started.
  const restored = new WeakMap<object, number>();
  // Events that an actor has made itself; anybody can send one with the same name.
  const own = new WeakSet<object>();
  // Actors that were made from an input. The state in an older snapshot is only a memory.
  const fresh = new WeakSet<object>();

  return {
    transition(snapshot, event: TicketActorEvent | OwnEvent, scope) {
      if (snapshot.status !== 'active') return snapshot;
      switch (event.type) {
        case 'xstate.stop':
          running.get(scope.self)?.abort();
          return { ...snapshot, status: 'stopped' };
        case 'ticket.settle':
          return snapshot.value === 'unknown' && !hasTask(scope.self)
            ? settle(withContext(snapshot, { outcomes: [] }), scope)
            : snapshot;
        default:
      }
      if (own.has(event)) return handleOwn(snapshot, event as OwnEvent, scope);
      const isBusy = snapshot.value === 'sending' || hasTask(scope.self);
      const { context } = snapshot;
      return isBusy
        ? withContext(snapshot, { waiting: [...context.waiting, event] })
        : begin(withContext(snapshot, { outcomes: [] }), event, scope);
    },
    getInitialSnapshot({ self }, input) {
      const { ticketId, staffUserId, state } = checked(input);
      fresh.add(self);
      const nothing = { outcome: undefined, outcomes: [], pending: undefined, waiting: [] };
      return snapshotOf('settled', { ticketId, staffUserId, state, ...nothing });
    },
    getPersistedSnapshot: (snapshot) => snapshot,
    restoreSnapshot: (persisted) => {
      const snapshot = persisted as TicketActorSnapshot;
      // An older snapshot may have no list of outcomes.
      const { outcomes = [] } = snapshot.context as Partial<TicketActorContext>;
      return withoutTask(withContext(snapshot, { outcomes }));
    },
    start(snapshot, scope) {
      if (snapshot.status !== 'active') return;
      starting.add(scope.self);
      restored.set(scope.self, withoutTask(snapshot).context.waiting.length);
      sendSelf({ type: 'ticket.started' }, scope);
    },
  };

  function handleOwn(snapshot: TicketActorSnapshot, event: OwnEvent, scope: AnyScope) {
    const { context } = snapshot;
    switch (event.type) {
      case 'ticket.started': {
        starting.delete(scope.self);
        // A host may restore a snapshot without asking `restoreSnapshot`, as React does.
        const now = withoutTask(snapshot);
        return now.value === 'unknown' ? settle(now, scope) : beginNext(now, scope);
      }
      case 'ticket.sending': {
        const { from, to, sentAt } = event;
        const { pending } = context;
        return pending === undefined
          ? snapshot
          : withContext(snapshot, { pending: { ...pending, from, to, sentAt } });
      }
      case 'ticket.ended':
        if (context.waiting.length > 0) scope.defer(() => sendSelf({ type: 'ticket.next' }, scope));
        return ended(snapshot, event.outcome, event.task);
      case 'ticket.broken':
        return { ...snapshot, status: 'error', error: event.error } as TicketActorSnapshot;
      case 'ticket.next':
        return beginNext(snapshot, scope);
    }
  }

  function beginNext(snapshot: TicketActorSnapshot, scope: AnyScope): TicketActorSnapshot {
    const [next, ...waiting] = snapshot.context.waiting;
    if (next === undefined) return snapshot;
    const left = restored.get(scope.self) ?? 0;
    restored.set(scope.self, Math.max(0, left - 1));
    // It may have been made since its snapshot was taken, so what it says of the ticket is no proof.
    const read = left > 0 ? 'always' : undefined;
    return begin(withContext(snapshot, { waiting }), next, scope, read);
  }

  function begin(
    snapshot: TicketActorSnapshot,
    event: TicketActorEvent,
    scope: AnyScope,
    mustRead?: 'always',
  ) {
    const { context } = snapshot;
    const isStated = context.outcome === undefined && fresh.has(scope.self);
    const {
      from = isStated ? context.state : undefined,
      via = 'status',
      staffUserId = context.staffUserId,
      context: guardContext,
      read,
      verify,
      resend,
      mayWrite,
      beforeSend,
      // The event as the lifecycle knows it: its type, and what it carries.
      ...told
    } = event as TicketActorEvent & Partial<ChangeOptions>;
    const change = { from, via, staffUserId: staffUserId as number };
    const pending = {
      event: event.type,
      asked: event,
      ...change,
      to: undefined,
      sentAt: undefined,
    };
    scope.defer(() =>
      run('apply', scope, (signal) =>
        workflow.apply(context.ticketId, told, {
          ...change,
          context: guardContext,
          read: mustRead ?? read,
          verify,
          resend,
          mayWrite,
          signal,
          async beforeSend(sending) {
            await beforeSend?.(sending);
            const { to, sentAt } = sending;
            // From here on, the snapshot says that it may have been sent.
            if (signal.aborted) return;
            sendSelf({ type: 'ticket.sending', from: sending.from, to, sentAt }, scope);
          },
        }),
      ),
    );
    return snapshotOf('sending', { ...context, pending });
  }

  function settle(snapshot: TicketActorSnapshot, scope: AnyScope): TicketActorSnapshot {
    const { ticketId, pending } = snapshot.context;
    if (pending === undefined) return snapshot;
    const { event, from, to, sentAt, via, staffUserId } = pending;
    const claimedBy = via === 'claim' ? staffUserId : undefined;
    scope.defer(() =>
      run('settle', scope, (signal) =>
        workflow.settle(ticketId, event, { from, to, sentAt, claimedBy, signal }),
      ),
    );
    return snapshot;
  }

  function run(
    task: Task,
    scope: AnyScope,
    start: (signal: AbortSignal) => Promise<Outcome>,
  ): void {
    const stop = new AbortController();
    running.set(scope.self, stop);
    void finish();

    async function finish(): Promise<void> {
      const event: OwnEvent = await start(stop.signal).then(
        (outcome) => ({ type: 'ticket.ended', outcome: toOutcomeRecord(outcome), task }),
        (error: unknown) => ({ type: 'ticket.broken', error }),
      );
      if (stop.signal.aborted) return;
      running.delete(scope.self);
      sendSelf(event, scope);
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
