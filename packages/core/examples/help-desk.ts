import { defineLifecycle, type Moment } from '@ticket-lifecycle/core';
import { setup } from 'xstate';
import * as z from 'zod';

/**
 * A help desk: a ticket waits on its customer without the API being told, a silent customer ends
 * the wait after a week, and what is closed can be reopened for 14 days.
 */
export const helpDesk = defineLifecycle(
  setup({
    types: {
      context: {} as { readonly solution: string | undefined },
      events: {} as
        | { readonly type: 'START' }
        | { readonly type: 'ASK'; readonly question: string }
        | { readonly type: 'ANSWER' }
        | { readonly type: 'RESOLVE' }
        | { readonly type: 'GIVE_UP' }
        | { readonly type: 'CLOSE' }
        | { readonly type: 'REOPEN'; readonly reason: string }
        | { readonly type: 'SEAL' },
    },
    guards: { hasSolution: ({ context }) => Boolean(context.solution) },
  }).createMachine({
    id: 'help-desk',
    context: { solution: undefined },
    initial: 'open',
    states: {
      open: { on: { START: 'in-progress' } },
      'in-progress': {
        on: {
          ASK: 'waiting-on-customer',
          RESOLVE: { target: 'resolved', guard: 'hasSolution' },
        },
      },
      'waiting-on-customer': {
        meta: { status: 'in-progress', due: { after: 'P7D', event: 'GIVE_UP' } },
        on: { ANSWER: 'in-progress', GIVE_UP: 'resolved' },
      },
      resolved: {
        meta: { due: { after: 'P3D', event: 'CLOSE' } },
        on: { CLOSE: 'closed', REOPEN: 'open' },
      },
      // The window in which a customer may come back.
      closed: {
        meta: { due: { after: 'P14D', event: 'SEAL' } },
        on: { REOPEN: 'open', SEAL: 'sealed' },
      },
      sealed: { meta: { status: 'closed' }, type: 'final' },
    },
  }),
  {
    guardMessages: { hasSolution: 'Write down the solution first.' },
    payloads: {
      ASK: z.object({ question: z.string().min(1) }),
      REOPEN: z.object({ reason: z.string().min(1) }),
    },
  },
);

type State = (typeof helpDesk)['initial'];

/** Where a ticket stands, and since when. */
export interface Standing {
  readonly state: State;
  readonly enteredAt: number;
}

/**
 * Where a ticket stands once everything that time has made due has happened: what a worker does
 * that wakes up late, and what comes before an answer to "may I reopen it?".
 */
export function caughtUp({ state, enteredAt }: Standing, now: Moment): Standing {
  const [due] = helpDesk.deadlines(state, enteredAt);
  const [event] = helpDesk.due(state, enteredAt, now);
  if (due === undefined || event === undefined) return { state, enteredAt };
  const unsolved = { solution: undefined };
  const next = helpDesk.next(state, { type: event } as { readonly type: 'SEAL' }, unsolved);
  return caughtUp({ state: next, enteredAt: due.at.getTime() }, now);
}
