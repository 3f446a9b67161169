import { expectTypeOf } from 'vitest';
import { setup } from 'xstate';
import {
  defineLifecycle,
  LifecycleDefinitionError,
  ticketLifecycle,
  TransitionBlockedError,
  type AllowedTransition,
  type BlockedTransition,
  type Blocker,
  type DefinitionFault,
  type Lifecycle,
  type Observation,
  type PlanResult,
  type TicketStatus,
} from '../src/index.ts';

type State = 'open' | 'in-progress' | 'resolved' | 'closed';
type EventName = 'START' | 'RESOLVE' | 'CLOSE' | 'REOPEN';

// The default lifecycle knows its names.
expectTypeOf(ticketLifecycle.initial).toEqualTypeOf<State>();
expectTypeOf(ticketLifecycle.states).toEqualTypeOf<readonly State[]>();
expectTypeOf(ticketLifecycle.events).toEqualTypeOf<readonly EventName[]>();
expectTypeOf(ticketLifecycle.next('open', 'START')).toEqualTypeOf<State>();
expectTypeOf(ticketLifecycle.next('open', { type: 'START' })).toEqualTypeOf<State>();
expectTypeOf(ticketLifecycle.eventsBetween('open', 'closed')).toEqualTypeOf<readonly EventName[]>();
expectTypeOf(ticketLifecycle.observe('from outside', 'too')).toEqualTypeOf<
  Observation<EventName, State>
>();

// A misspelt name does not compile.
// @ts-expect-error -- 'opne' is no state
ticketLifecycle.explain('opne', 'START');
// @ts-expect-error -- 'STRAT' is no event
ticketLifecycle.explain('open', 'STRAT');
// @ts-expect-error -- { type: 'STRAT' } is no event
ticketLifecycle.can('open', { type: 'STRAT' });
// @ts-expect-error -- 'done' is no state
ticketLifecycle.plan('open', 'done');
// @ts-expect-error -- 'done' is no status
ticketLifecycle.plan('open', { status: 'done' });
// @ts-expect-error -- 'STRAT' is no event to prefer
ticketLifecycle.plan('open', 'closed', { prefer: ['STRAT'] });
// @ts-expect-error -- 'done' is no status
ticketLifecycle.statesWith('done');
// @ts-expect-error -- a machine is required
defineLifecycle({ states: {} });

// `allowed` tells the two answers apart.
const verdict = ticketLifecycle.explain('open', 'START');
if (verdict.allowed) {
  expectTypeOf(verdict).toEqualTypeOf<AllowedTransition<State, EventName>>();
  expectTypeOf(verdict.to).toEqualTypeOf<State>();
  expectTypeOf(verdict.status).toEqualTypeOf<TicketStatus>();
  // @ts-expect-error -- an allowed transition has no blockers
  void verdict.blockers;
} else {
  expectTypeOf(verdict).toEqualTypeOf<BlockedTransition<State, EventName>>();
  expectTypeOf(verdict.blockers).toEqualTypeOf<readonly Blocker[]>();
  // @ts-expect-error -- a blocked transition leads nowhere
  void verdict.to;
}

// `includeBlocked` widens the list.
expectTypeOf(ticketLifecycle.enabled('open')).toEqualTypeOf<
  readonly AllowedTransition<State, EventName>[]
>();
expectTypeOf(
  ticketLifecycle.enabled('open', undefined, { includeBlocked: true }).map((one) => one.allowed),
).toEqualTypeOf<boolean[]>();

// `kind` tells the endings of a plan apart.
const result = ticketLifecycle.plan('open', 'closed');
expectTypeOf(result).toEqualTypeOf<PlanResult<State, EventName>>();
if (result.kind === 'plan') expectTypeOf(result.statusChanges).toEqualTypeOf<number>();
if (result.kind === 'blocked') expectTypeOf(result.blockers).toEqualTypeOf<readonly Blocker[]>();
// @ts-expect-error -- not every ending has steps
void result.steps;

// A name from outside becomes a state by being asked about.
const name: unknown = 'open';
if (ticketLifecycle.isState(name)) expectTypeOf(name).toEqualTypeOf<State>();

const own = defineLifecycle(
  setup({
    types: {
      context: {} as { role: string },
      events: {} as
        | { type: 'CLOSE'; reason: string }
        | { type: 'DROP'; note?: string }
        | { type: 'REOPEN' },
    },
  }).createMachine({
    context: { role: 'agent' },
    initial: 'open',
    states: { open: { on: { CLOSE: 'closed' } }, closed: { on: { REOPEN: 'open' } } },
  }),
);

// An event that carries something can't be given by its name alone.
own.can('open', 'REOPEN');
own.can('open', { type: 'CLOSE', reason: 'Answered.' });
// @ts-expect-error -- the reason is missing
own.can('open', 'CLOSE');
// @ts-expect-error -- the reason is missing
own.can('open', { type: 'CLOSE' });
expectTypeOf(own.explain('open', 'REOPEN').event).toEqualTypeOf<'CLOSE' | 'DROP' | 'REOPEN'>();

// The context is the machine's.
own.can('open', 'REOPEN', { role: 'lead' });
// @ts-expect-error -- the role is a string
own.can('open', 'REOPEN', { role: 5 });
// @ts-expect-error -- the role is missing
own.plan('open', 'closed', { context: {} });

// Any lifecycle can be handed to code that takes names from outside.
expectTypeOf(ticketLifecycle).toExtend<Lifecycle>();
expectTypeOf(own).toExtend<Lifecycle>();

// An error that is recognised has its fields.
const caught: unknown = undefined;
if (TransitionBlockedError.is(caught)) {
  expectTypeOf(caught.blockers).toEqualTypeOf<readonly Blocker[]>();
}
if (LifecycleDefinitionError.is(caught)) {
  expectTypeOf(caught.faults).toEqualTypeOf<readonly DefinitionFault[]>();
}
