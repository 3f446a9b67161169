import type { AnyStateMachine, EventObject } from 'xstate';
import { compile, type Meta } from '../definition/compile.ts';
import type { PayloadSchemas } from '../definition/payloads.ts';
import { initialContextOf, readDefinition } from '../definition/read-definition.ts';
import { textOf, type Blocker } from '../blockers.ts';
import { LifecycleDefinitionError, TransitionBlockedError } from '../errors.ts';
import { createExplainer } from '../queries/explain.ts';
import { createFaultList, type FaultList } from '../definition/fault-list.ts';
import type { WholeParts } from './whole-parts.ts';
import { fingerprintOf } from '../definition/fingerprint.ts';
import {
  checkOptions,
  readOptions,
  type LifecycleOptions,
} from '../definition/lifecycle-options.ts';
import { noFields } from '../values.ts';
import type { TicketStatus } from '../ticket-status.ts';
import { stateFor, type StatusMatch } from '../queries/state-for.ts';
import type { AllowedTransition, Verdict } from '../queries/verdict.ts';

/** An event as an object, or by its name alone where it carries nothing else. */
export type EventInput<Event extends EventObject> = Event | NameOfBare<Event>;

// A machine that declares no event types takes any event, so any name will do as well.
type NameOfBare<Event extends EventObject> = Event extends unknown
  ? string extends keyof Event
    ? Event['type']
    : object extends Omit<Event, 'type'>
      ? Event['type']
      : never
  : never;

/**
 * What guards are asked with. It may not be left out where the type of a lifecycle names guards and
 * the fields of their context: the machine's initial context would decide instead.
 */
export type GuardedBy<Context, Guard extends string> =
  undefined extends Needed<Context, Guard> ? [context?: Context] : [context: Context];

/** The context that guards need, or `undefined` besides where it may be left out. */
export type Needed<Context, Guard extends string> = string extends Guard
  ? Context | undefined
  : string extends keyof Context
    ? Context | undefined
    : Context;

/** What `or()` and `not()` of guards are called, which a blocker may name as well. */
export type CombinedGuard<Guard extends string> = string extends Guard
  ? string
  : `or(${string})` | `not(${string})`;

/**
 * The part of a lifecycle that answers "may I?", without plans, histories and deadlines. Every
 * method is pure: it reads no clock, keeps no state and sends nothing.
 */
export interface LeanLifecycle<
  State extends string = string,
  Event extends EventObject = EventObject,
  Context = unknown,
  Guard extends string = string,
> {
  /** For types only: nothing is there. `EventOf`, `ContextOf` and the matchers read it. */
  readonly '~types'?:
    | { readonly event: Event; readonly context: Context; readonly guard: Guard }
    | undefined;
  /** The machine that was compiled, or that was made of the config. */
  readonly machine: AnyStateMachine;
  /** All states, in order of definition. */
  readonly states: readonly State[];
  /** All event names, in order of definition. */
  readonly events: readonly Event['type'][];
  readonly initial: State;
  /**
   * Hash of states, edges, guards, projection, deadlines, and the events that have a payload
   * schema. Labels and clocks do not count.
   */
  readonly fingerprint: string;
  /** Whether a name from outside is one of the states. */
  isState(name: unknown): name is State;
  /** The API status that a state stands for, or `undefined` for a state that is not ours. */
  statusOf(state: State): TicketStatus | undefined;
  /** The states that stand for an API status, in order of definition. */
  statesWith(status: TicketStatus): readonly State[];
  /**
   * The state that a seen status stands for: the remembered one where it fits, else the one with
   * `meta: { default: true }`, else the one named like the status.
   */
  stateFor(status: string, remembered?: string): StatusMatch<State>;
  /** The states that a goal names: that state itself, or else all states of that status. */
  targetsOf(name: State | TicketStatus): readonly State[];
  /** What a state's `meta` holds, with its `description`. Empty for a state that is not ours. */
  metaOf(state: State): Meta;
  /** Whether an event is possible now. `explain` also says why not. */
  can(state: State, event: EventInput<Event>, ...asked: GuardedBy<Context, Guard>): boolean;
  /**
   * Answers with the transition, or with every reason why it is blocked.
   *
   * @example
   * ```ts
   * import { ticketLifecycle } from '@ticket-lifecycle/core';
   *
   * const verdict = ticketLifecycle.explain('open', 'CLOSE');
   * console.log(verdict.allowed ? verdict.to : verdict.blockers[0]?.code); // no-such-transition
   * ```
   */
  explain(
    state: State,
    event: EventInput<Event>,
    ...asked: GuardedBy<Context, Guard>
  ): Verdict<State, Event['type'], Blocker<Guard | CombinedGuard<Guard>>>;
  /** Gives the state that follows, or throws a `TransitionBlockedError` with the blockers. */
  next(state: State, event: EventInput<Event>, ...asked: GuardedBy<Context, Guard>): State;
  /** The payload schemas by event. Those of zod 4 also give a JSON Schema, by `z.toJSONSchema`. */
  readonly payloads: PayloadSchemas;
  /**
   * The transitions that are open now. Those with `needs` are once their event carries that, and
   * those with `targets` then lead to one of these states.
   *
   * @example
   * ```ts
   * import { ticketLifecycle } from '@ticket-lifecycle/core';
   *
   * const open = ticketLifecycle.enabled('resolved');
   * console.log(open.map(({ event, to }) => `${event} to ${to}`).join(', ')); // CLOSE to closed, REOPEN to open
   * ```
   */
  enabled(
    state: State,
    ...asked: [
      ...GuardedBy<Context, Guard>,
      options?: { readonly includeBlocked?: false | undefined },
    ]
  ): readonly AllowedTransition<State, Event['type']>[];
  /** Every event's verdict, the blocked ones with their blockers: what they lack so far is none. */
  enabled(
    state: State,
    context: Needed<Context, Guard>,
    options: { readonly includeBlocked: true },
  ): readonly Verdict<State, Event['type'], Blocker<Guard | CombinedGuard<Guard>>>[];
  /** The events that lead straight from one state to another, guards not asked. */
  eventsBetween(from: State, to: State): readonly Event['type'][];
}

/** Reads, checks and compiles a definition; definition/compile.ts explains the steps. */
export function buildLifecycle<More = undefined>(
  definition: unknown,
  given?: LifecycleOptions,
  parts: WholeParts<More> = {},
) {
  const faults = createFaultList(parts.sentences);
  try {
    return build(definition, given, faults, parts);
  } catch (error) {
    if (LifecycleDefinitionError.is(error)) throw error;
    // A proxy, or a getter that throws.
    faults.report('(machine)', 'unreadable', { reason: textOf(error) });
    throw faults.toError();
  }
}

function build<More>(
  definition: unknown,
  given: LifecycleOptions | undefined,
  faults: FaultList,
  parts: WholeParts<More>,
) {
  const options = readOptions(given, faults.report);
  const { guards, guardMessages, payloads } = options;
  const read = readDefinition(definition, guards, faults.report, parts.mendConfig);
  if (read === undefined) throw faults.toError();
  const { machine, lost } = read;
  const compiled = compile(read, faults.report, parts);
  const { statuses, edges, initial } = compiled;
  const eventsOf = (all: readonly { readonly event: string }[]) => [
    ...new Set(all.map(({ event }) => event)),
  ];
  const kept = [...edges.values()].flat();
  const events = Object.freeze(eventsOf(kept));
  const allEvents = eventsOf([...kept, ...lost]);
  checkOptions(options, allEvents, faults.report);
  const initialContext = initialContextOf(machine, faults.report);
  const more = parts.readMore?.(read, compiled, options, faults) as More;
  if (!faults.isEmpty()) throw faults.toError();

  const states = Object.freeze([...statuses.keys()]);
  const explainer = createExplainer(compiled, {
    events,
    guardMessages,
    payloads,
    initialContext,
    nameHelp: parts.nameHelp,
  });
  const statesWith = (status: string) => stateFor(compiled, status).candidates;
  const lean: LeanLifecycle = {
    machine,
    states,
    events,
    initial,
    payloads,
    fingerprint: fingerprintOf(compiled, payloads, (status) => stateFor(compiled, status).state),
    isState: (name): name is string => statuses.has(name as string),
    statusOf: (state) => statuses.get(state),
    statesWith,
    stateFor: (status, remembered) => stateFor(compiled, status, remembered),
    targetsOf: (name) => (statuses.has(name) ? [name] : statesWith(name)),
    metaOf: (state) => compiled.metas.get(state) ?? noFields,
    can: (state, event, context) => explainer.find(state, event, context) !== undefined,
    explain: (state, event, context) => explainer.explain(state, event, context),
    next(state, event, context) {
      const verdict = explainer.explain(state, event, context);
      if (verdict.allowed) return verdict.to;
      throw new TransitionBlockedError(verdict.from, verdict.event, verdict.blockers);
    },
    enabled: ((state: string, context?: unknown, { includeBlocked = false } = {}) =>
      includeBlocked
        ? events.map((event) => explainer.explainName(state, event, context))
        : explainer.enabled(state, context)) as LeanLifecycle['enabled'],
    eventsBetween: (from, to) => [
      ...new Set(
        (edges.get(from) ?? []).filter((edge) => edge.to === to).map(({ event }) => event),
      ),
    ],
  };
  return { lean, compiled, explainer, more };
}
