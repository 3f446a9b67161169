import { expectTypeOf, type expect } from 'vitest';
import { setup } from 'xstate';
import * as z from 'zod';
import {
  defineLifecycle,
  defineMigration,
  LifecycleDefinitionError,
  ticketLifecycle,
  TransitionBlockedError,
  type AllowedTransition,
  type BlockedTransition,
  type Blocker,
  type DefinitionFault,
  type DefinitionFaultCode,
  type Lifecycle,
  type LifecycleBlockerCode,
  type LifecycleConfig,
  type Observation,
  type PlanResult,
  type TicketStatus,
} from '../src/index.ts';
import type { FaultCode } from '../src/definition/fault-sentences.ts';
import { journalEntry, type JournalEntry } from '../src/lifecycle/journal.ts';
import { defineLeanLifecycle, leanTicketLifecycle } from '../src/lifecycle/lean.ts';
import { measureSla } from '../src/sla/measure-sla.ts';
import { lifecycleMatchers, type AllowOptions } from '../src/testing/index.ts';

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
// @ts-expect-error -- 'done' is no state to avoid
ticketLifecycle.plan('open', 'closed', { avoid: ['done'] });
// @ts-expect-error -- 'opne' is no state that a row could name
measureSla(ticketLifecycle, [{ state: 'opne', at: 0 }], 1);
measureSla(
  ticketLifecycle,
  [
    { state: 'open', at: 0 },
    { status: 'on-hold', at: 1 },
  ],
  2,
);
measureSla(ticketLifecycle as Lifecycle, [{ state: 'from outside', at: 0 }], 1);
// What is undefined is not given.
defineLifecycle(
  { initial: 'open', states: {} },
  { guards: undefined, guardMessages: undefined, payloads: undefined },
);
defineMigration({ from: 'a', to: undefined, states: {} });
ticketLifecycle.plan('open', 'closed', { payloads: { START: undefined } });
lifecycleMatchers.toAllow(ticketLifecycle, 'START', { from: 'open', to: undefined });
lifecycleMatchers.toBlock(ticketLifecycle, 'CLOSE', {
  from: 'open',
  because: undefined,
  guard: undefined,
});
// @ts-expect-error -- 'done' is no status
ticketLifecycle.statesWith('done');
expectTypeOf(ticketLifecycle.targetsOf('closed')).toEqualTypeOf<readonly State[]>();
// @ts-expect-error -- neither a state nor a status
ticketLifecycle.targetsOf('done');
expectTypeOf(ticketLifecycle.edgesOf('START')[0]?.to).toEqualTypeOf<State | undefined>();
// @ts-expect-error -- not an event
ticketLifecycle.edgesOf('STRAT');
// @ts-expect-error -- a config names the state of a new ticket
defineLifecycle({ states: {} });

// `allowed` tells the two answers apart.
const verdict = ticketLifecycle.explain('open', 'START');
if (verdict.allowed) {
  expectTypeOf(verdict).toEqualTypeOf<AllowedTransition<State, EventName>>();
  expectTypeOf(verdict.to).toEqualTypeOf<State>();
  expectTypeOf(verdict.status).toEqualTypeOf<TicketStatus>();
  expectTypeOf(verdict.targets).toEqualTypeOf<readonly State[] | undefined>();
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
// One that may carry something can.
own.can('open', 'DROP');
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

// A config has its types as well, also from a file that is imported.
const desk = defineLifecycle(
  {
    context: { role: 'agent', score: 1 },
    initial: 'open',
    on: { DROP: '.closed' },
    states: {
      open: { on: { CLOSE: { target: 'closed', guard: 'isLead' }, WAIT: 'waiting' } },
      waiting: { meta: { status: 'open' }, on: { ANSWER: 'open' } },
      closed: { type: 'final' },
    },
  },
  {
    guards: {
      isLead: ({ context, event }) => {
        expectTypeOf(context).toEqualTypeOf<{ role: string; score: number }>();
        expectTypeOf(event.type).toEqualTypeOf<'DROP' | 'CLOSE' | 'WAIT' | 'ANSWER'>();
        return context.role === 'lead';
      },
    },
    payloads: { CLOSE: z.object({ reason: z.string() }) },
  },
);
expectTypeOf(desk.initial).toEqualTypeOf<'open' | 'waiting' | 'closed'>();
expectTypeOf(desk.events).toEqualTypeOf<readonly ('DROP' | 'CLOSE' | 'WAIT' | 'ANSWER')[]>();
desk.can('open', 'WAIT', { role: 'lead', score: 2 });
desk.can('open', { type: 'CLOSE', reason: 'Answered.' });
// @ts-expect-error -- 'opne' is no state
desk.can('opne', 'WAIT');
// @ts-expect-error -- 'CLSOE' is no event
desk.can('open', 'CLSOE');
// @ts-expect-error -- its schema asks for a reason
desk.can('open', 'CLOSE');
// @ts-expect-error -- the reason is a text
desk.can('open', { type: 'CLOSE', reason: 5 });
// @ts-expect-error -- the score is missing
desk.can('open', 'WAIT', { role: 'lead' });
desk.plan('open', 'closed', { payloads: { CLOSE: { reason: 'Answered.' } } });
// @ts-expect-error -- the reason is a text
desk.plan('open', 'closed', { payloads: { CLOSE: { reason: 5 } } });
// @ts-expect-error -- 'CLSOE' carries nothing, for it is no event
desk.plan('open', 'closed', { payloads: { CLSOE: {} } });
// @ts-expect-error -- a guard answers at once
defineLifecycle({ initial: 'open', states: {} }, { guards: { isLead: async () => true } });

// What JSON.parse gives can be anything, and is a lifecycle of any names.
const parsed: Lifecycle = defineLifecycle(JSON.parse('{}'));
parsed.can('any state', 'ANY EVENT');

// A config whose type names no states, as one from a file, is a lifecycle of any names too.
declare const fromFile: LifecycleConfig;
const loaded: Lifecycle = defineLifecycle(fromFile);
loaded.can('any state', 'ANY EVENT');
expectTypeOf(defineLifecycle(fromFile).initial).toEqualTypeOf<string>();
expectTypeOf(defineLeanLifecycle(fromFile).initial).toEqualTypeOf<string>();

// A verdict says whether it can ever change, and an observation which states it leaves.
if (!verdict.allowed)
  expectTypeOf(verdict.ever).toEqualTypeOf<'here' | 'later' | 'never' | undefined>();
expectTypeOf(desk.observe('open', 'closed').states).toEqualTypeOf<
  readonly ('open' | 'waiting' | 'closed')[] | undefined
>();

// A plan names its costs.
if (result.kind === 'plan') {
  expectTypeOf(result.requests).toEqualTypeOf<number>();
  expectTypeOf(result.seconds).toEqualTypeOf<number>();
}

// Time is data: a moment in, events and moments out.
expectTypeOf(desk.due('open', new Date(0), '2026-11-25T00:00:00Z')).toEqualTypeOf<
  readonly ('DROP' | 'CLOSE' | 'WAIT' | 'ANSWER')[]
>();
// @ts-expect-error -- the moment of asking is missing
desk.due('open', 0);
// @ts-expect-error -- 'done' is no state
desk.deadlines('done', 0);

// A lean lifecycle has the same types and no plans.
expectTypeOf(leanTicketLifecycle.next('open', 'START')).toEqualTypeOf<State>();
// @ts-expect-error -- 'opne' is no state
leanTicketLifecycle.can('opne', 'START');
// @ts-expect-error -- a lean lifecycle plans nothing
void leanTicketLifecycle.plan;

// A journal's entry is told apart by what was decided.
const entry = journalEntry(ticketLifecycle, verdict, { ticketId: 'T', by: 1, at: new Date(0) });
expectTypeOf(entry).toEqualTypeOf<JournalEntry>();
if (entry.decided.allowed) expectTypeOf(entry.decided.status).toEqualTypeOf<TicketStatus>();

// A migration needs its states.
defineMigration({ from: 'f00', states: { a: 'open' } });
// @ts-expect-error -- no state is mapped
defineMigration({ from: 'f00' });

// The matchers are typed.
type Matching = ReturnType<typeof expect<Lifecycle>>;
expectTypeOf<Parameters<Matching['toAllow']>[1]>().toEqualTypeOf<AllowOptions>();
expectTypeOf<Parameters<Matching['toBlock']>[1]['because']>().toEqualTypeOf<
  LifecycleBlockerCode | undefined
>();

// Any lifecycle can be handed to code that takes names from outside.
expectTypeOf(ticketLifecycle).toExtend<Lifecycle>();
expectTypeOf(own).toExtend<Lifecycle>();
expectTypeOf(desk).toExtend<Lifecycle>();

// An error that is recognised has its fields.
const caught: unknown = undefined;
if (TransitionBlockedError.is(caught)) {
  expectTypeOf(caught.blockers).toEqualTypeOf<readonly Blocker[]>();
}
if (LifecycleDefinitionError.is(caught)) {
  expectTypeOf(caught.faults).toEqualTypeOf<readonly DefinitionFault[]>();
  // @ts-expect-error -- 'dead-ned' is no code
  void (caught.faults[0]?.code === 'dead-ned');
}

// A fault has a sentence by its code, or is worded where it is found.
expectTypeOf<Exclude<DefinitionFaultCode, FaultCode>>().toEqualTypeOf<
  | 'bad-calendar'
  | 'bad-sla'
  | 'broken-payload'
  | 'idle-clock'
  | 'unknown-calendar'
  | 'unknown-clock'
>();
