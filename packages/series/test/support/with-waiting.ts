import { defineLifecycle } from '@ticket-lifecycle/core';

/** In it a state shares its status with another one, so that only we know of it. */
export const withWaiting = defineLifecycle({
  initial: 'open',
  states: {
    open: { on: { START: 'in-progress' } },
    'in-progress': { on: { ASK: 'waiting', RESOLVE: 'resolved' } },
    waiting: {
      meta: { status: 'in-progress', due: { event: 'GIVE_UP', after: 'P2D' } },
      on: { ANSWER: 'in-progress', GIVE_UP: 'resolved' },
    },
    resolved: {
      meta: { due: { event: 'CLOSE', after: 'P7D' } },
      on: { CLOSE: 'closed', REOPEN: 'open' },
    },
    closed: { on: { REOPEN: 'open' } },
  },
});
