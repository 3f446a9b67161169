import { defineLifecycle } from '@ticket-lifecycle/core';
import { createSandbox } from '@ticket-lifecycle/sandbox';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { createSeriesClient, createTicketWorkflow, systemClock } from '../../src/index.ts';

const lifecycle = defineLifecycle({
  initial: 'open',
  states: {
    open: { on: { RESOLVE: 'resolved' } },
    resolved: { meta: { due: { event: 'CLOSE', after: 'P7D' } }, on: { CLOSE: 'closed' } },
    closed: { on: { REOPEN: 'open' } },
  },
});

/** What a suite of a user does: one process, and test after test with faked timers. */
describe.each([
  ['as time is', undefined],
  ['once more in the same process', undefined],
  ['in another year', '2031-05-01T09:00:00Z'],
  ['as time is, after that', undefined],
])('with faked timers, %s', (_, now) => {
  test('the time of the process is that of `Date`, and what is due after a week is closed', async () => {
    vi.useFakeTimers({ shouldAdvanceTime: true, ...(now !== undefined && { now: new Date(now) }) });
    onTestFinished(() => void vi.useRealTimers());
    expect(Math.abs(systemClock.now() - Date.now())).toBeLessThan(1000);
    const sandbox = createSandbox({ tickets: [{ ticketId: 'T-1' }] });
    const client = createSeriesClient({ apiKey: 'any', fetch: sandbox.fetch });
    const workflow = createTicketWorkflow({ lifecycle, client });
    const by = { staffUserId: 7 };
    await workflow.apply('T-1', 'RESOLVE', by);
    const { seenAt } = await workflow.where('T-1');
    expect(Math.abs(seenAt - Date.now())).toBeLessThan(60_000);
    expect(await workflow.runDue(Date.now(), by)).toEqual([]);

    // Since when a ticket is resolved, a workflow knows to a second.
    await vi.advanceTimersByTimeAsync(7 * 86_400_000 + 1000);
    expect(await workflow.runDue(Date.now(), by)).toMatchObject([{ kind: 'confirmed' }]);
    await workflow.close();
  });
});

test('a client that saw time faked goes on without waiting for it', async () => {
  vi.useFakeTimers({ shouldAdvanceTime: true });
  const sandbox = createSandbox({ tickets: [{ ticketId: 'T-1' }] });
  const client = createSeriesClient({ apiKey: 'any', fetch: sandbox.fetch });
  await client.getTicket('T-1');
  await vi.advanceTimersByTimeAsync(7 * 86_400_000);
  await client.getTicket('T-1');
  vi.useRealTimers();
  await client.getTicket('T-1');
  expect(sandbox.requests).toHaveLength(3);
});
