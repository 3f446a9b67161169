import { defineLifecycle } from '@ticket-lifecycle/core';
import { and, setup } from 'xstate';

/** One with guards, two states of one status, and an end. */
export const guarded = defineLifecycle(
  setup({
    types: { context: {} as { role: string; answered: boolean } },
    guards: {
      isLead: ({ context }) => context.role === 'lead',
      hasAnswer: ({ context }) => context.answered,
    },
  }).createMachine({
    context: { role: 'agent', answered: false },
    initial: 'open',
    states: {
      open: {
        on: {
          WAIT: 'waiting',
          CLOSE: { target: 'closed', guard: and(['isLead', 'hasAnswer']) },
          DROP: [{ target: 'closed', guard: 'isLead' }, { target: 'waiting' }],
        },
      },
      waiting: {
        meta: { status: 'open', label: 'Waiting on customer' },
        description: 'Somebody asked the customer.',
        on: { ANSWER: 'open' },
      },
      closed: { type: 'final' },
    },
  }),
  { guardMessages: { isLead: 'Only a lead closes a ticket.' } },
);

/** One whose first state has a name of your choice. */
export const lifecycleNamed = (name: string) =>
  defineLifecycle(
    setup({}).createMachine({
      initial: name,
      states: {
        [name]: { meta: { status: 'open' }, on: { CLOSE: 'closed' } },
        closed: { type: 'final' },
      },
    }),
  );
