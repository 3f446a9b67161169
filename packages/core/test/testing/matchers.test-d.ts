import { expect } from 'vitest';
import { setup } from 'xstate';
import { defineLifecycle, ticketLifecycle, type Lifecycle } from '../../src/index.ts';
import { defineLeanLifecycle } from '../../src/lifecycle/lean.ts';
import '../../src/testing/index.ts';

const desk = defineLifecycle(
  setup({
    types: {
      context: {} as { role: string },
      events: {} as { type: 'CLOSE'; reason: string } | { type: 'REOPEN' },
    },
    guards: { isLead: ({ context }) => context.role === 'lead' },
  }).createMachine({
    context: { role: 'agent' },
    initial: 'open',
    states: {
      open: { on: { CLOSE: { target: 'closed', guard: 'isLead' } } },
      closed: { on: { REOPEN: 'open' } },
    },
  }),
);
const lean = defineLeanLifecycle({
  initial: 'open',
  states: { open: { on: { CLOSE: 'closed' } }, closed: {} },
});

/** Compiled and never called: some of these would fail. */
export function matchersAreTyped(loaded: Lifecycle, anything: unknown): void {
  // Names of the lifecycle compile, and so do an event with its payload and `not`.
  expect(ticketLifecycle).toAllow('START', { from: 'open', to: 'in-progress' });
  expect(ticketLifecycle).not.toAllow('CLOSE', { from: 'open' });
  const close = { type: 'CLOSE', reason: 'Answered.' } as const;
  expect(desk).toAllow(close, { from: 'open', context: { role: 'lead' } });
  expect(desk).toBlock(close, { from: 'open', because: 'guard', guard: 'isLead' });
  expect(desk).toBlock(close, { from: 'open', guard: 'or(isLead)' });
  expect(lean).toBlock('CLOSE', { from: 'closed' });

  // @ts-expect-error -- 'STRAT' is no event
  expect(ticketLifecycle).toAllow('STRAT', { from: 'open' });
  // @ts-expect-error -- nor here
  expect(ticketLifecycle).not.toBlock({ type: 'STRAT' }, { from: 'open' });
  // @ts-expect-error -- 'opne' is no state
  expect(ticketLifecycle).toAllow('START', { from: 'opne' });
  // @ts-expect-error -- 'in-porgress' is no state
  expect(ticketLifecycle).toAllow('START', { from: 'open', to: 'in-porgress' });
  // @ts-expect-error -- 'opne' is no state
  expect(ticketLifecycle).toBlock('CLOSE', { from: 'opne' });
  // @ts-expect-error -- 'gaurd' is no code
  expect(ticketLifecycle).toBlock('CLOSE', { from: 'open', because: 'gaurd' });
  // @ts-expect-error -- CLOSE needs its reason
  expect(desk).toAllow('CLOSE', { from: 'open' });
  // @ts-expect-error -- 'isLaed' is no guard
  expect(desk).toBlock(close, { from: 'open', guard: 'isLaed' });
  // @ts-expect-error -- a role is a text
  expect(desk).toAllow('REOPEN', { from: 'closed', context: { role: 5 } });
  // @ts-expect-error -- there is no option "form"
  expect(desk).toAllow('REOPEN', { form: 'closed' });
  // @ts-expect-error -- 'CLSOE' is no event
  expect(lean).toBlock('CLSOE', { from: 'open' });

  // A lifecycle of any names takes any, and so does a value of no type.
  expect(loaded).toAllow('ANY EVENT', { from: 'any state', context: 5 });
  expect(anything).toBlock('ANY EVENT', { from: 'any state', guard: 'any guard' });
}
