import { expectTypeOf } from 'vitest';
import { and, or, setup } from 'xstate';
import {
  defineLifecycle,
  ticketLifecycle,
  type Blocker,
  type ContextOf,
  type EventOf,
  type Lifecycle,
  type LifecycleBlockerCode,
  type StateOf,
} from '../src/index.ts';
import { defineLeanLifecycle } from '../src/lifecycle/lean.ts';

// The code of a blocker tells its parameters.
const verdict = ticketLifecycle.explain('open', 'CLOSE');
if (!verdict.allowed) {
  for (const blocker of verdict.blockers) {
    expectTypeOf(blocker.code).toEqualTypeOf<LifecycleBlockerCode>();
    // @ts-expect-error -- 'gaurd' is no code
    void (blocker.code === 'gaurd');
    // @ts-expect-error -- not every blocker names a guard
    void blocker.parameters.guard;
    if (blocker.code === 'payload')
      expectTypeOf(blocker.parameters.path).toEqualTypeOf<readonly string[]>();
    if (blocker.code === 'no-such-transition')
      expectTypeOf(blocker.parameters.possible).toEqualTypeOf<readonly string[] | undefined>();
    if (blocker.code === 'unknown-state')
      expectTypeOf(blocker.parameters.states).toEqualTypeOf<readonly string[]>();
  }
}

const guards = {
  isLead: ({ context }: { context: { role: string } }) => context.role === 'lead',
  isPaid: () => true,
};
const machine = setup({
  types: { context: {} as { role: string }, events: {} as { type: 'CLOSE' } | { type: 'REOPEN' } },
  guards,
}).createMachine({
  context: { role: 'agent' },
  initial: 'open',
  states: {
    open: { on: { CLOSE: { target: 'closed', guard: and(['isLead', or(['isPaid'])]) } } },
    closed: { on: { REOPEN: 'open' } },
  },
});

// A guard's blocker names a guard of the machine, or what or() and not() make of them.
const own = defineLifecycle(machine, { guardMessages: { isLead: 'Only a lead.' } });
const asked = own.explain('open', 'CLOSE', { role: 'agent' });
if (!asked.allowed) {
  const [blocker] = asked.blockers;
  if (blocker?.code === 'guard') {
    expectTypeOf(blocker.parameters.guard).toEqualTypeOf<
      'isLead' | 'isPaid' | `or(${string})` | `not(${string})`
    >();
    // @ts-expect-error -- 'isLaed' is no guard
    void (blocker.parameters.guard === 'isLaed');
    expectTypeOf(blocker.parameters.to).toEqualTypeOf<string>();
  }
}
// @ts-expect-error -- 'isLaed' is no guard
defineLifecycle(machine, { guardMessages: { isLaed: 'Only a lead.' } });
// @ts-expect-error -- nor here
defineLeanLifecycle(machine, { guardMessages: { isLaed: 'Only a lead.' } });

// What its guards are asked with may not be left out.
own.can('open', 'CLOSE', { role: 'lead' });
own.enabled('open', { role: 'lead' }, { includeBlocked: true });
own.plan('open', 'closed', { context: { role: 'lead' } });
// @ts-expect-error -- isLead asks for a role
own.can('open', 'CLOSE');
// @ts-expect-error -- nor here
own.explain('open', 'CLOSE');
// @ts-expect-error -- nor here
own.next('open', 'CLOSE');
// @ts-expect-error -- nor here
own.enabled('open');
// @ts-expect-error -- nor here
own.enabled('open', undefined, { includeBlocked: true });
// @ts-expect-error -- nor here
own.plan('open', 'closed');
// @ts-expect-error -- nor here
own.plan('open', 'closed', { prefer: ['CLOSE'] });
const leanOwn = defineLeanLifecycle(machine);
leanOwn.can('open', 'CLOSE', { role: 'lead' });
// @ts-expect-error -- nor of a lean one
leanOwn.can('open', 'CLOSE');
// It may where the types name no guard, or no field of a context.
ticketLifecycle.can('open', 'START');
const freely = defineLifecycle(
  setup({ guards: { isLead: () => true } }).createMachine({ initial: 'open', states: {} }),
);
freely.can('open' as never, 'CLOSE');
const ofAnyNames: Lifecycle = own;
ofAnyNames.can('open', 'CLOSE');

// The types of a lifecycle, of a machine and of a config have one name each.
expectTypeOf<StateOf<typeof ticketLifecycle>>().toEqualTypeOf<
  'open' | 'in-progress' | 'resolved' | 'closed'
>();
expectTypeOf<StateOf<typeof own>>().toEqualTypeOf<'open' | 'closed'>();
expectTypeOf<StateOf<typeof machine>>().toEqualTypeOf<'open' | 'closed'>();
expectTypeOf<EventOf<typeof own>>().toEqualTypeOf<{ type: 'CLOSE' } | { type: 'REOPEN' }>();
expectTypeOf<EventOf<typeof machine>['type']>().toEqualTypeOf<'CLOSE' | 'REOPEN'>();
expectTypeOf<ContextOf<typeof own>>().toEqualTypeOf<{ role: string }>();
expectTypeOf<ContextOf<typeof machine>>().toEqualTypeOf<{ role: string }>();
// A config in code may compute its context.
expectTypeOf<
  ContextOf<{ initial: 'open'; states: object; context: () => { role: string } }>
>().toEqualTypeOf<{ role: string }>();
const config = { initial: 'open', states: { open: { on: { CLOSE: 'closed' } }, closed: {} } };
expectTypeOf<StateOf<typeof config>>().toEqualTypeOf<'open' | 'closed'>();
expectTypeOf<EventOf<typeof config>['type']>().toEqualTypeOf<'CLOSE'>();
const lean = defineLeanLifecycle(config);
expectTypeOf<StateOf<typeof lean>>().toEqualTypeOf<'open' | 'closed'>();
expectTypeOf<EventOf<typeof lean>['type']>().toEqualTypeOf<'CLOSE'>();

// Any blocker can be handed to code that takes them all.
expectTypeOf<Blocker<'isLead'>>().toExtend<Blocker>();
