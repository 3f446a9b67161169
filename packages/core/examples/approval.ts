import { defineLifecycle } from '@ticket-lifecycle/core';
import { and, setup } from 'xstate';

/** Who asks, and what is known of the request. */
export interface Facts {
  readonly actor: string;
  readonly role: 'agent' | 'approver';
  readonly requestedBy: string | undefined;
}

/**
 * A desk whose refunds need an approval: by the role that may give one, and never by the person
 * who asked for it.
 */
export const approvalDesk = defineLifecycle(
  setup({
    types: {
      context: {} as Facts,
      events: {} as {
        readonly type: 'START' | 'REQUEST' | 'APPROVE' | 'REJECT' | 'CLOSE' | 'REOPEN';
      },
    },
    guards: {
      isApprover: ({ context }) => context.role === 'approver',
      isSomebodyElse: ({ context }) => context.actor !== context.requestedBy,
    },
  }).createMachine({
    id: 'approval-desk',
    context: { actor: '', role: 'agent', requestedBy: undefined },
    initial: 'open',
    states: {
      open: { on: { START: 'in-progress' } },
      'in-progress': { on: { REQUEST: 'awaiting-approval' } },
      'awaiting-approval': {
        meta: { status: 'in-progress' },
        on: {
          APPROVE: { target: 'resolved', guard: and(['isApprover', 'isSomebodyElse']) },
          REJECT: { target: 'in-progress', guard: 'isApprover' },
        },
      },
      resolved: { on: { CLOSE: 'closed', REOPEN: 'open' } },
      closed: { on: { REOPEN: { target: 'open', guard: 'isApprover' } } },
    },
  }),
  {
    guardMessages: {
      isApprover: 'Only an approver does that.',
      isSomebodyElse: 'Nobody approves what they asked for themselves.',
    },
  },
);
