import { ticketLifecycle, type StateOf } from '@ticket-lifecycle/core';
import {
  createTicketWorkflow,
  ticketActor,
  type SeriesClient,
} from '@ticket-lifecycle/series';
import { assign, sendTo, setup } from 'xstate';

/** A desk with one ticket: a machine of yours with it as a child. */
export function createDeskMachine(client: SeriesClient) {
  const lifecycle = ticketLifecycle;
  const workflow = createTicketWorkflow({ lifecycle, client });
  return setup({
    types: {
      input: {} as { ticketId: string },
      context: {} as {
        ticketId: string;
        state: StateOf<typeof ticketLifecycle> | undefined;
      },
      events: {} as { type: 'TAKE' } | { type: 'FINISH' },
    },
    actors: { ticket: ticketActor(workflow) },
  }).createMachine({
    context: ({ input }) => ({ ...input, state: undefined }),
    invoke: {
      id: 'ticket',
      src: 'ticket',
      input: ({ context }) => ({ ...context, staffUserId: 7 }),
      onSnapshot: {
        actions: assign({
          state: ({ event }) => event.snapshot.context.state,
        }),
      },
    },
    on: {
      TAKE: { actions: sendTo('ticket', { type: 'START' }) },
      FINISH: { actions: sendTo('ticket', { type: 'RESOLVE' }) },
    },
  });
}
