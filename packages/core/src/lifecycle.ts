import type {
  AnyStateMachine,
  ContextFrom,
  EventFromLogic,
  EventObject,
  StateValueFrom,
} from 'xstate';
import { compile } from './compile.ts';
import { describeEdges, type LifecycleEdge } from './edges.ts';
import { LifecycleDefinitionError, TransitionBlockedError } from './errors.ts';
import { createJudge, type AllowedTransition, type Verdict } from './explain.ts';
import { fingerprintOf } from './fingerprint.ts';
import { createObserver, type Observation } from './observe.ts';
import { planWay, type PlanOptions, type PlanResult, type PlanTarget } from './plan.ts';
import { replayHistory, type Replay, type ReplayOptions } from './replay.ts';
import type { TicketStatus } from './ticket-status.ts';

/** Settings of a lifecycle. */
export interface LifecycleOptions {
  /**
   * What a blocked transition says of each guard, for people.
   *
   * @defaultValue a sentence with the guard's name
   */
  readonly guardMessages?: Readonly<Record<string, string>>;
}

/** An event as an object, or by its name alone where it carries nothing else. */
export type EventInput<Event extends EventObject> = Event | NameOfBare<Event>;

// A machine that declares no event types takes any event, so any name will do as well.
type NameOfBare<Event extends EventObject> = Event extends unknown
  ? string extends keyof Event
    ? Event['type']
    : Exclude<keyof Event, 'type'> extends never
      ? Event['type']
      : never
  : never;

/**
 * A ticket's lifecycle. Every method is pure: it reads no clock, keeps no state and sends nothing.
 *
 * Without type arguments it takes any string, for states and events that come from outside.
 */
export interface Lifecycle<
  State extends string = string,
  Event extends EventObject = EventObject,
  Context = unknown,
> {
  /** The machine it was compiled from, unchanged. */
  readonly machine: AnyStateMachine;
  /** All states, in order of definition. */
  readonly states: readonly State[];
  /** All event names, in order of definition. */
  readonly events: readonly Event['type'][];
  readonly initial: State;
  /** All ways from state to state, in order of definition: what a diagram draws. */
  readonly edges: readonly LifecycleEdge<State, Event['type']>[];
  /** Hash of states, edges, guard names and projection. Labels do not count. */
  readonly fingerprint: string;
  /** Whether a name from outside is one of the states. */
  isState(name: unknown): name is State;
  /** The API status that a state stands for, or `undefined` for a state that is not ours. */
  statusOf(state: State): TicketStatus | undefined;
  /** The states that stand for an API status, in order of definition. */
  statesWith(status: TicketStatus): readonly State[];
  can(state: State, event: EventInput<Event>, context?: Context): boolean;
  /** Answers with the transition, or with every reason why it is blocked. */
  explain(state: State, event: EventInput<Event>, context?: Context): Verdict<State, Event['type']>;
  /** Gives the state that follows, or throws a `TransitionBlockedError` with the blockers. */
  next(state: State, event: EventInput<Event>, context?: Context): State;
  /** The transitions that are open now. */
  enabled(
    state: State,
    context?: Context,
    options?: { readonly includeBlocked?: false },
  ): readonly AllowedTransition<State, Event['type']>[];
  /** Every event's verdict, the blocked ones with their blockers. */
  enabled(
    state: State,
    context: Context | undefined,
    options: { readonly includeBlocked: true },
  ): readonly Verdict<State, Event['type']>[];
  /** The events that lead straight from one state to another, guards not asked. */
  eventsBetween(from: State, to: State): readonly Event['type'][];
  /** Finds the shortest way that the guards leave open. */
  plan(
    from: State,
    to: PlanTarget<State>,
    options?: PlanOptions<Event['type'], Context>,
  ): PlanResult<State, Event['type']>;
  /** Names a change of status that we did not command. */
  observe(previousStatus: string, seenStatus: string): Observation<Event['type']>;
  /** Judges each step of a ticket's history of statuses. */
  replay(statuses: Iterable<string>, options?: ReplayOptions): Replay<Event['type']>;
}

/** The lifecycle of a machine, with its states, events and context inferred. */
export type LifecycleOf<Machine extends AnyStateMachine> = Lifecycle<
  Extract<StateValueFrom<Machine>, string>,
  EventFromLogic<Machine>,
  ContextFrom<Machine>
> & { readonly machine: Machine };

/**
 * Compiles an XState machine into a lifecycle, once, and checks it.
 *
 * A state stands for the API status of its own name, or for the one in its `meta.status`.
 *
 * @throws LifecycleDefinitionError with all faults: a state without a status, unreachable states,
 * dead ends, guards without name or implementation, async guards, nesting, `after`, `always`,
 * `invoke`, final states with a way out.
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
 */
export function defineLifecycle<Machine extends AnyStateMachine>(
  machine: Machine,
  options?: LifecycleOptions,
): LifecycleOf<Machine>;
export function defineLifecycle(
  machine: AnyStateMachine,
  { guardMessages = {} }: LifecycleOptions = {},
): Lifecycle {
  const { faults, ...compiled } = compile(machine);
  if (faults.length > 0) throw new LifecycleDefinitionError(faults);

  const { statuses, edges, initial } = compiled;
  const states = Object.freeze([...statuses.keys()]);
  const allEdges = [...edges.values()].flat();
  const events = Object.freeze([...new Set(allEdges.map((edge) => edge.event))]);
  const fingerprint = fingerprintOf(compiled);
  const judge = createJudge(compiled, events, guardMessages, initialContext(machine));
  const observe = createObserver(compiled);

  return Object.freeze<Lifecycle>({
    machine,
    states,
    events,
    initial,
    edges: describeEdges(allEdges, guardMessages),
    fingerprint,
    isState: (name): name is string => typeof name === 'string' && statuses.has(name),
    statusOf: (state) => statuses.get(state),
    statesWith: (status) => states.filter((state) => statuses.get(state) === status),
    can: (state, event, context) => judge.explain(state, event, context).allowed,
    explain: judge.explain,
    next(state, event, context) {
      const verdict = judge.explain(state, event, context);
      if (verdict.allowed) return verdict.to;
      throw new TransitionBlockedError(verdict.from, verdict.event, verdict.blockers);
    },
    enabled: ((state: string, context?: unknown, { includeBlocked = false } = {}) =>
      includeBlocked
        ? events.map((event) => judge.explain(state, event, context))
        : judge.enabled(state, context)) as Lifecycle['enabled'],
    eventsBetween: (from, to) => [
      ...new Set(
        (edges.get(from) ?? []).filter((edge) => edge.to === to).map(({ event }) => event),
      ),
    ],
    plan: (from, to, planOptions) => planWay(compiled, judge, fingerprint, from, to, planOptions),
    observe,
    replay: (history, replayOptions) => replayHistory(history, observe, replayOptions),
  });
}

/** A context that is made from input is not known here; guards then need one from the caller. */
function initialContext(machine: AnyStateMachine): unknown {
  const { context } = machine.config as { context?: unknown };
  return typeof context === 'function' || context === undefined ? {} : context;
}
