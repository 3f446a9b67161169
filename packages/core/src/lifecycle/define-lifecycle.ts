import type {
  AnyStateMachine,
  ContextFrom,
  EventFromLogic,
  EventObject,
  StateValueFrom,
} from 'xstate';
import type {
  ContextOf,
  EventOf,
  LifecycleConfig,
  LifecycleGuard,
  StateOf,
} from '../definition/config-types.ts';
import type { Moment } from '../moments.ts';
import { deadlinesIn, dueEvents, type DueEvent, type DueOptions } from '../queries/due.ts';
import { describeEdges, type LifecycleEdge } from '../queries/edges.ts';
import { wholeParts } from './whole-parts.ts';
import { parseEvent, type ParsedEvent } from './parse-event.ts';
import { buildLifecycle, type LeanLifecycle, type Needed } from './build-lifecycle.ts';
import { createObserver, type Observation, type ObserveOptions } from '../queries/observe.ts';
import type { GuardMessage, LifecycleOptions } from '../definition/lifecycle-options.ts';
import type { Sla } from '../sla/read-sla.ts';
import type { PayloadSchema, PayloadSchemas } from '../definition/payloads.ts';
import { checkOptionTypes } from '../options.ts';
import { planPath } from '../queries/plan.ts';
import type { PlanOptions, PlanResult, PlanTarget } from '../queries/plan-result.ts';
import {
  createReplayer,
  type Replay,
  type ReplayOptions,
  type ReplayWalk,
} from '../queries/replay.ts';

/**
 * A ticket's lifecycle. Every method is pure: it reads no clock, keeps no state and sends nothing.
 *
 * Without type arguments it takes any string, for states and events that come from outside.
 */
export interface Lifecycle<
  State extends string = string,
  Event extends EventObject = EventObject,
  Context = unknown,
  Guard extends string = string,
> extends LeanLifecycle<State, Event, Context, Guard> {
  /** All edges, in order of definition: what a diagram draws. */
  readonly edges: readonly LifecycleEdge<State, Event['type']>[];
  /** The edges of one event, in order of definition. */
  edgesOf(event: Event['type']): readonly LifecycleEdge<State, Event['type']>[];
  /** The clocks and calendars of `meta.sla`. `measureSla` of `core/sla` reads the clocks. */
  readonly sla: Sla;
  /** Whether a name from outside is one of the events. */
  isEvent(name: unknown): name is Event['type'];
  /**
   * Reads an event from outside: its name, or an object with its `type` and what it carries. It
   * gives the event, or blockers, and never throws.
   */
  parseEvent(input: unknown): ParsedEvent<Event>;
  /**
   * Finds the shortest path that the guards leave open.
   *
   * @example
   * ```ts
   * import { ticketLifecycle } from '@ticket-lifecycle/core';
   *
   * const plan = ticketLifecycle.plan('open', 'closed');
   * console.log(plan.kind === 'plan' ? plan.steps.map(({ event }) => event).join(' ') : plan.kind); // START RESOLVE CLOSE
   * ```
   */
  plan(
    from: State,
    to: PlanTarget<State>,
    ...asked: undefined extends Needed<Context, Guard>
      ? [options?: PlanOptions<Event['type'], Context, State, CarriedBy<Event>>]
      : [
          options: PlanOptions<Event['type'], Context, State, CarriedBy<Event>> & {
            readonly context: Context;
          },
        ]
  ): PlanResult<State, Event['type']>;
  /**
   * Names a change of status that we did not command, and the states it may have led to. Where you
   * know a state of the ticket, say it: several states may share a status.
   *
   * @example
   * ```ts
   * import { ticketLifecycle } from '@ticket-lifecycle/core';
   *
   * console.log(ticketLifecycle.observe('open', 'resolved').kind); // path
   * ```
   */
  observe(
    previousStatus: string,
    seenStatus: string,
    options?: ObserveOptions<State>,
  ): Observation<Event['type'], State>;
  /**
   * Explains a ticket's history of statuses by the run of the machine that fits it best.
   *
   * @example
   * ```ts
   * import { ticketLifecycle } from '@ticket-lifecycle/core';
   *
   * const { steps } = ticketLifecycle.replay(['open', 'in-progress', 'closed']);
   * console.log(steps.map(({ kind }) => kind).join(' ')); // edge path
   * ```
   */
  replay(statuses: Iterable<string>, options?: ReplayOptions): Replay<Event['type'], State>;
  /**
   * The same step by step, for a history that does not fit into memory. It keeps none of it, so
   * each step is explained by the statuses up to it.
   */
  replaySteps(
    statuses: Iterable<string>,
    options?: ReplayOptions,
  ): ReplayWalk<Event['type'], State>;
  /** The events that time has made due in a state, by its `meta.due`, the earliest first. */
  due(state: State, enteredAt: Moment, now: Moment, options?: DueOptions): readonly Event['type'][];
  /** When each event becomes due in a state, the earliest first: what to wake up for. */
  deadlines(
    state: State,
    enteredAt: Moment,
    options?: DueOptions,
  ): readonly DueEvent<Event['type']>[];
}

/** What events carry beside their type, by their names. */
type CarriedBy<Event extends EventObject> = {
  readonly [One in Event as One['type']]?: Omit<One, 'type'> | undefined;
};

/** Payload schemas for the events of a machine. */
export type PayloadSchemasOf<Machine extends AnyStateMachine> = {
  readonly [Name in EventFromLogic<Machine>['type']]?: PayloadSchema;
};

/** The names of the guards that a machine declares: any, where it declares none. */
export type GuardNameOf<Machine extends AnyStateMachine> = Parameters<
  Machine['provide']
>[0] extends { readonly guards?: infer Guards }
  ? [Extract<keyof NonNullable<Guards>, string>] extends [never]
    ? string
    : Extract<keyof NonNullable<Guards>, string>
  : string;

/**
 * The guards of a machine as keys: an editor shows these by their names, and an alias with its
 * argument, the whole machine.
 */
interface GuardsOf<Machine extends AnyStateMachine> {
  readonly byName: Record<GuardNameOf<Machine>, unknown>;
}

/** Texts for the guards of a machine. */
export type GuardMessagesOf<Machine extends AnyStateMachine> = {
  readonly [Name in GuardNameOf<Machine>]?: GuardMessage;
};

/** The lifecycle of a machine, with its states, events and context inferred. */
export type LifecycleOf<Machine extends AnyStateMachine> =
  // What JSON.parse gives is of no type, and could be anything.
  0 extends 1 & Machine
    ? Lifecycle
    : Lifecycle<
        Extract<StateValueFrom<Machine>, string>,
        EventFromLogic<Machine>,
        ContextFrom<Machine>,
        keyof GuardsOf<Machine>['byName']
      >;

/**
 * Compiles an XState machine, or the JSON config of one, into a lifecycle, once, and checks it.
 *
 * A state stands for the API status of its own name, or for the one in its `meta.status`.
 *
 * @throws LifecycleDefinitionError with all faults: a state without a status, unreachable states,
 * dead ends, guards without name or implementation, async guards, nesting, `after`, `always`,
 * `invoke`, final states with an exit, deadlines without their event or with one that needs data,
 * and all that is malformed in a config.
 *
 * @example
 * ```ts
 * import { defineLifecycle } from '@ticket-lifecycle/core';
 * import { setup } from 'xstate';
 *
 * const lifecycle = defineLifecycle(
 *   setup({
 *     types: { context: {} as { role: string } },
 *     guards: { isLead: ({ context }) => context.role === 'lead' },
 *   }).createMachine({
 *     context: { role: 'agent' },
 *     initial: 'open',
 *     states: {
 *       open: { on: { WAIT: 'waiting', CLOSE: { target: 'closed', guard: 'isLead' } } },
 *       waiting: { meta: { status: 'in-progress' }, on: { ANSWER: 'open' } },
 *       closed: { type: 'final' },
 *     },
 *   }),
 *   { guardMessages: { isLead: 'Only a lead closes a ticket.' } },
 * );
 * const verdict = lifecycle.explain('open', 'CLOSE', { role: 'agent' });
 * if (!verdict.allowed) console.log(verdict.blockers[0]?.message); // Only a lead closes a ticket.
 * ```
 *
 * @example A definition that comes from a file
 * ```ts
 * import { defineLifecycle, type LifecycleConfig } from '@ticket-lifecycle/core';
 *
 * const text = `{
 *   "initial": "open",
 *   "states": {
 *     "open": { "on": { "CLOSE": { "target": "closed", "guard": "isLead" } } },
 *     "closed": { "type": "final" }
 *   }
 * }`;
 * const config: LifecycleConfig = JSON.parse(text);
 * const lifecycle = defineLifecycle(config, {
 *   guards: { isLead: ({ context }) => context.role === 'lead' },
 * });
 * console.log(lifecycle.can('open', 'CLOSE', { role: 'lead' })); // true
 * ```
 */
export function defineLifecycle<Machine extends AnyStateMachine>(
  machine: Machine,
  options?: LifecycleOptions<object, PayloadSchemasOf<Machine>, GuardMessagesOf<Machine>>,
): LifecycleOf<Machine>;
export function defineLifecycle<
  Config extends LifecycleConfig,
  Payloads extends PayloadSchemas = PayloadSchemas,
>(
  config: Config,
  options?: LifecycleOptions<
    Readonly<Record<string, LifecycleGuard<ContextOf<Config>, EventOf<Config, Payloads>>>>,
    Payloads
  >,
): Lifecycle<StateOf<Config>, EventOf<Config, Payloads>, ContextOf<Config>>;
export function defineLifecycle(definition: unknown, options?: LifecycleOptions): Lifecycle {
  // Older runtimes fail somewhere in the middle of a query. A lean lifecycle does without it.
  if (!('groupBy' in Map)) {
    throw new Error('@ticket-lifecycle needs ES2024: Node.js 22 or newer.');
  }
  const { lean, compiled, explainer, more: sla } = buildLifecycle(definition, options, wholeParts);
  const edges = describeEdges([...compiled.edges.values()].flat(), options?.guardMessages);
  return Object.freeze<Lifecycle>({
    ...lean,
    enabled: ((...asked: Parameters<Lifecycle['enabled']>) => {
      checkOptionTypes('enabled', asked[2], { includeBlocked: 'a boolean' });
      return lean.enabled(...asked);
    }) as Lifecycle['enabled'],
    edges,
    sla,
    isEvent: (name): name is string => lean.events.includes(name as string),
    parseEvent: (input) => parseEvent(lean.events, lean.payloads, input),
    edgesOf: (event) => edges.filter((edge) => edge.event === event),
    plan: (from, to, asked?: PlanOptions) =>
      planPath(compiled, explainer, lean.fingerprint, from, to, asked),
    observe: createObserver(compiled),
    ...createReplayer(compiled),
    due: (...asked) => dueEvents(compiled, ...asked),
    deadlines: (...asked) => deadlinesIn(compiled, ...asked),
  });
}
