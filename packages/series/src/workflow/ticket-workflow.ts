import type { EventInput, Moment, TicketStatus, Verdict } from '@ticket-lifecycle/core';
import type { WorkflowBlocker } from '../tickets/blockers.ts';
import type { TicketObservation } from '../tickets/observe.ts';
import type { TicketPosition } from '../tickets/position.ts';
import type { TicketWatch, WatchOptions } from '../tickets/watch.ts';
import type { EventChoice } from './choices.ts';
import type { Move } from './move.ts';
import type { Confirmed, Outcome, Unchanged } from './outcome.ts';
import type { WorkflowListener } from './workflow-event.ts';
import type { WorkflowAttemptWrapper } from './wrapped-client.ts';
import type {
  ApplyOptions,
  ChangeOptions,
  EnabledOptions,
  MoveOptions,
  RunDueOptions,
  SettleOptions,
  WhereOptions,
} from './workflow-options.ts';

/** Guarded changes of tickets: the lifecycle decides first, and every change has an outcome. */
export interface TicketWorkflow<
  State extends string = string,
  Event extends { readonly type: string } = { readonly type: string },
  Context = unknown,
> {
  /**
   * Explains whether a change is possible, without making it. Reads the ticket if necessary.
   *
   * @example
   * ```ts
   * import { ticketLifecycle } from '@ticket-lifecycle/core';
   * import { createSandbox } from '@ticket-lifecycle/sandbox';
   * import { createSeriesClient, createTicketWorkflow } from '@ticket-lifecycle/series';
   *
   * const { fetch } = createSandbox({ tickets: [{ ticketId: 'TICKET-1' }] });
   * const client = createSeriesClient({ apiKey: 'your-key', fetch });
   * const workflow = createTicketWorkflow({ lifecycle: ticketLifecycle, client });
   *
   * const verdict = await workflow.explain('TICKET-1', 'CLOSE');
   * console.log(verdict.allowed); // false
   * ```
   */
  explain(
    ticketId: string,
    event: EventInput<Event>,
    options?: Omit<ChangeOptions<State, Context>, 'staffUserId' | 'via' | 'verify'>,
  ): Promise<Verdict<State, Event['type'], WorkflowBlocker>>;
  /**
   * Finds out where a ticket stands: from memory that is younger than `maxAgeMs`, or by reading it.
   * While a change of it is under way or in doubt, it is read.
   *
   * @throws SeriesError when it could not be read
   */
  where(ticketId: string, options?: WhereOptions): Promise<TicketPosition<State>>;
  /**
   * Lists every event of the lifecycle, in order of definition, with its label and whether it is
   * possible now, once it carries data, or not, and for which reasons. Made for buttons.
   *
   * @throws SeriesError when the ticket could not be read
   *
   * @example
   * ```ts
   * import { ticketLifecycle } from '@ticket-lifecycle/core';
   * import { createSandbox } from '@ticket-lifecycle/sandbox';
   * import { createSeriesClient, createTicketWorkflow } from '@ticket-lifecycle/series';
   *
   * const { fetch } = createSandbox({ tickets: [{ ticketId: 'TICKET-1' }] });
   * const client = createSeriesClient({ apiKey: 'your-key', fetch });
   * const workflow = createTicketWorkflow({ lifecycle: ticketLifecycle, client });
   *
   * const choices = await workflow.enabled('TICKET-1');
   * console.log(choices.filter(({ allowed }) => allowed).map(({ event }) => event)); // [ 'START' ]
   * ```
   */
  enabled(
    ticketId: string,
    options?: EnabledOptions<Context>,
  ): Promise<readonly EventChoice<State, Event['type']>[]>;
  /**
   * Makes a change, and returns how it ended. Changes of one ticket are made one after another, also
   * those of other workflows in this process that share a store or a client. If the store says that
   * another process may be sending one, it waits, for about a minute after that was sent.
   *
   * Rejects only before anything was sent: for an option that makes no sense, or what a guard, a
   * payload schema or the `context` of yours throws.
   */
  apply(
    ticketId: string,
    event: EventInput<Event>,
    options: ApplyOptions<State, Context, Event['type']>,
  ): Promise<Outcome<State, Event['type']>>;
  /**
   * Makes a change, or throws.
   *
   * @throws TransitionBlockedError when the lifecycle forbids it
   * @throws SeriesError when it did not arrive, or may not have
   */
  applyOrThrow(
    ticketId: string,
    event: EventInput<Event>,
    options: ApplyOptions<State, Context, Event['type']>,
  ): Promise<Confirmed<State, Event['type']> | Unchanged<State, Event['type']>>;
  /**
   * Plans a path to a state, or to any state of a status, and makes its changes up to the first
   * that fails. Call it again to continue from the ticket's state. A name that is both a state and a
   * status counts as the state.
   *
   * @example
   * ```ts
   * import { ticketLifecycle } from '@ticket-lifecycle/core';
   * import { createSandbox } from '@ticket-lifecycle/sandbox';
   * import { createSeriesClient, createTicketWorkflow } from '@ticket-lifecycle/series';
   *
   * const { fetch } = createSandbox({ tickets: [{ ticketId: 'TICKET-1' }] });
   * const client = createSeriesClient({ apiKey: 'your-key', fetch });
   * const workflow = createTicketWorkflow({ lifecycle: ticketLifecycle, client });
   *
   * const move = await workflow.moveTo('TICKET-1', 'closed', { staffUserId: 7 });
   * console.log(move.steps.map(({ event }) => event).join(' ')); // START RESOLVE CLOSE
   * ```
   */
  moveTo(
    ticketId: string,
    to: State | TicketStatus,
    options: MoveOptions<State, Event['type'], Context>,
  ): Promise<Move<State, Event['type']>>;
  /**
   * Finds out how a change ended that was sent before, for example by a process that died. Only
   * reads. After `not-sent` the change surely was not processed, and may be applied.
   */
  settle(
    ticketId: string,
    event: EventInput<Event>,
    options: SettleOptions<State>,
  ): Promise<Outcome<State, Event['type']>>;
  /**
   * Makes the first event that time has made due (`meta.due`) for each ticket in the store, and returns
   * how each ended. Each ticket is read first: one that was moved, or touched so late that it may
   * have left its state and come back, is blocked as `stale` or `not-due`. One that is already where
   * the event leads is `unchanged`.
   *
   * A ticket gets into the store when it is read or changed. One with a change whose end is not known is
   * left alone for about a minute: the process that sent it may still be busy with it.
   *
   * Two processes that call it at the same moment make each due event twice: call it in one.
   *
   * @throws TypeError for a store without `list`
   * @throws RunDueError when all have ended, if a guard, the `context` or a client of yours threw for some
   * @throws what the store throws if it can't list its tickets; then nothing was sent
   */
  runDue(
    now: Moment,
    options: RunDueOptions<Context, State, Event['type']>,
  ): Promise<readonly Outcome<State, Event['type']>[]>;
  /**
   * Reads a ticket, and returns what others have done to it since it was last known. Waits for our
   * own changes of it first, so that they are not mistaken for somebody else's.
   *
   * @throws SeriesError when it could not be read
   */
  observe(
    ticketId: string,
    options?: { readonly signal?: AbortSignal | undefined },
  ): Promise<TicketObservation<State, Event['type']>>;
  /**
   * Observes tickets in turns, at a share of the budget, until the watch is closed.
   */
  watch(ticketIds: Iterable<string>, options?: WatchOptions<State, Event['type']>): TicketWatch;
  /**
   * Runs a change of a ticket that something else makes, such as an outbox, so that it counts as
   * ours: no watch and no `onChange` takes it for somebody else's. Changes of this workflow and reads
   * of `observe` wait for it, and it waits for them. Where the result has a `state` of the lifecycle, that is remembered;
   * else the ticket is forgotten, and its next read tells nothing of others.
   *
   * @example
   * ```ts
   * import { ticketLifecycle } from '@ticket-lifecycle/core';
   * import { createSandbox } from '@ticket-lifecycle/sandbox';
   * import { createSeriesClient, createTicketWorkflow } from '@ticket-lifecycle/series';
   *
   * const sandbox = createSandbox({ tickets: [{ ticketId: 'TICKET-1' }] });
   * const client = createSeriesClient({ apiKey: 'your-key', fetch: sandbox.fetch });
   * const workflow = createTicketWorkflow({ lifecycle: ticketLifecycle, client });
   *
   * await workflow.track('TICKET-1', async () => {
   *   sandbox.tickets.setStatus('TICKET-1', 'in-progress');
   *   return { state: 'in-progress' };
   * });
   * console.log((await workflow.observe('TICKET-1')).change?.kind); // unchanged
   * ```
   */
  track<Result extends object>(ticketId: string, change: () => Promise<Result>): Promise<Result>;
  /** Calls a listener with every event of every change. Returns a function that ends it. */
  on(listener: WorkflowListener<State, Event['type']>): () => void;
  /**
   * Runs each attempt of this workflow's requests inside a function of yours, which may add headers:
   * for a context that has to travel. Returns a function that ends it.
   */
  wrapAttempts(wrapper: WorkflowAttemptWrapper): () => void;
  /**
   * Ends all waiting and every watch, and resolves when requests under way have ended. Nothing is
   * sent any more: later changes are `not-sent`. Hands over what `onChange` and the store have not
   * taken yet, for the client's `timeoutMs` at most.
   */
  close(): Promise<void>;
}
