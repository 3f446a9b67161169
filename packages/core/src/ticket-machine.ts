import { setup } from 'xstate';
import { defineLifecycle } from './lifecycle.ts';

/** What can happen to a ticket in the default lifecycle. */
export type TicketEvent =
  | { readonly type: 'START' }
  | { readonly type: 'RESOLVE' }
  | { readonly type: 'CLOSE' }
  | { readonly type: 'REOPEN' };

/**
 * The default lifecycle as an ordinary XState machine: open → in-progress → resolved → closed,
 * and back to open from resolved or closed.
 *
 * The API's page names these transitions as the common ones and does not say that the server
 * refuses others. Which status a reopened ticket gets is not documented; `open` is our choice.
 *
 * @example
 * ```ts
 * import { ticketMachine } from '@ticket-lifecycle/core';
 * import { createActor } from 'xstate';
 *
 * const actor = createActor(ticketMachine).start();
 * actor.send({ type: 'START' });
 * console.log(actor.getSnapshot().value); // in-progress
 * ```
 */
export const ticketMachine = setup({
  types: { events: {} as TicketEvent },
}).createMachine({
  id: 'ticket',
  initial: 'open',
  states: {
    open: { on: { START: 'in-progress' } },
    'in-progress': { on: { RESOLVE: 'resolved' } },
    resolved: { on: { CLOSE: 'closed', REOPEN: 'open' } },
    // Not a final state: a final state never leaves, and a closed ticket can be reopened.
    closed: { on: { REOPEN: 'open' } },
  },
});

/** The type of the default machine, so that nobody has to spell out XState's parameters. */
export type TicketMachine = typeof ticketMachine;

/**
 * The default lifecycle, compiled from {@link ticketMachine}.
 *
 * @example
 * ```ts
 * import { ticketLifecycle } from '@ticket-lifecycle/core';
 *
 * const verdict = ticketLifecycle.explain('closed', 'RESOLVE');
 * if (!verdict.allowed) console.log(verdict.blockers[0]?.code); // no-such-transition
 * ```
 */
export const ticketLifecycle = defineLifecycle(ticketMachine);
