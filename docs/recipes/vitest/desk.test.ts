import { defineLifecycle } from '@ticket-lifecycle/core';
import { createSandbox } from '@ticket-lifecycle/sandbox';
import {
  createSeriesClient,
  createTicketWorkflow,
} from '@ticket-lifecycle/series';
import { expect, onTestFinished, test, vi } from 'vitest';

const due = { event: 'CLOSE', after: 'P7D' };
const lifecycle = defineLifecycle({
  initial: 'open',
  states: {
    open: { on: { RESOLVE: 'resolved' } },
    resolved: { meta: { due }, on: { CLOSE: 'closed' } },
    closed: { on: { REOPEN: 'open' } },
  },
});

test('a resolved ticket is closed after a week', async () => {
  // Requests wait for their slots, so time has to go on by itself.
  vi.useFakeTimers({ shouldAdvanceTime: true });
  onTestFinished(() => void vi.useRealTimers());
  const sandbox = createSandbox({ tickets: [{ ticketId: 'T-1' }] });
  const client = createSeriesClient({
    apiKey: 'any',
    fetch: sandbox.fetch,
  });
  const workflow = createTicketWorkflow({ lifecycle, client });
  const by = { staffUserId: 7 };
  await workflow.apply('T-1', 'RESOLVE', by);
  expect(await workflow.runDue(Date.now(), by)).toEqual([]);

  // A week and a minute: the server's time is known to a second.
  await vi.advanceTimersByTimeAsync(7 * 86_400_000 + 60_000);
  const [outcome] = await workflow.runDue(Date.now(), by);
  expect(outcome).toMatchObject({ kind: 'confirmed', to: 'closed' });
  expect(sandbox.tickets.get('T-1')?.status).toBe('closed');
});
