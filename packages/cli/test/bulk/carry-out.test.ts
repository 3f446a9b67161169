import { defineLifecycle, type TicketStatus } from '@ticket-lifecycle/core';
import { createSandbox } from '@ticket-lifecycle/sandbox';
import { createSeriesClient, createTicketWorkflow } from '@ticket-lifecycle/series';
import { expect, test } from 'vitest';
import { createCarryOut } from '../../src/bulk/carry-out.ts';
import { createForecaster } from '../../src/commands/apply/forecast.ts';

const lifecycle = defineLifecycle(
  {
    initial: 'open',
    states: {
      open: {
        on: {
          NEXT: 'in-progress',
          DONE: [{ target: 'closed', guard: 'isLead' }, { target: 'resolved' }],
          DROP: 'closed',
          SPAM: 'closed',
          PING: { target: 'open', guard: 'isLead' },
        },
      },
      'in-progress': { on: { NEXT: 'resolved' } },
      resolved: { on: { NEXT: 'closed' } },
      closed: { on: { REOPEN: 'open' } },
    },
  },
  { guards: { isLead: ({ context }) => (context as { isLead: boolean }).isLead } },
);

// What a line asks for of a ticket, whether a lead asks, how that ends, and where the ticket is then.
test.each<[TicketStatus, { to: string } | { event: string }, boolean, string, TicketStatus]>([
  ['resolved', { to: 'closed' }, false, 'confirmed', 'closed'],
  // The same event leads there from another state, and elsewhere from here.
  ['in-progress', { to: 'closed' }, false, 'blocked', 'in-progress'],
  // Several events lead there.
  ['open', { to: 'closed' }, false, 'blocked', 'open'],
  ['closed', { to: 'closed' }, false, 'unchanged', 'closed'],
  // The guards decide where the event leads.
  ['open', { to: 'resolved' }, false, 'confirmed', 'resolved'],
  ['open', { to: 'resolved' }, true, 'blocked', 'open'],
  // It would lead to where the ticket is, and a guard has something against it.
  ['open', { event: 'PING' }, false, 'blocked', 'open'],
])('a ticket that is %s, with %j', async (status, wish, isLead, kind, end) => {
  const context = { isLead };
  for (const from of [status, undefined]) {
    const sandbox = createSandbox({ tickets: [{ ticketId: 'T-1', status }], limit: 'none' });
    const client = createSeriesClient({ apiKey: 'key', fetch: sandbox.fetch });
    const workflow = createTicketWorkflow({ lifecycle, client });
    const carryOut = createCarryOut({ lifecycle, workflow, plan: false, context });
    const change = { ticketId: 'T-1', staffUserId: 7, from, ...wish } as const;
    const { signal } = new AbortController();
    const outcomes = await carryOut(change, { read: undefined, signal });
    expect(outcomes).toMatchObject([{ kind }]);
    expect(sandbox.tickets.get('T-1')?.status).toBe(end);

    const { forecast } = createForecaster({ lifecycle, plan: false, readsAlways: false, context });
    forecast({ ticketId: 'T-1', staffUserId: 7, from: status, to: status });
    expect(forecast(change).kind).toBe(kind === 'confirmed' ? 'sends' : kind);
  }
});
