import { expect, test } from 'vitest';
import { createSeriesClient } from '../../src/index.ts';
import { FakeClock } from '../support/fake-clock.ts';

const refused = () =>
  Promise.reject(Object.assign(new Error('connect'), { code: 'ECONNREFUSED', syscall: 'connect' }));

const change = (ticketId: string) => ({ ticketId, status: 'open', staffUserId: 1 }) as const;

test('fifty changes that find no server knock no more than a fifth of the budget allows', async () => {
  const clock = new FakeClock();
  let knocks = 0;
  const fetch = () => {
    knocks += 1;
    return refused();
  };
  const retryForMs = 10_000;
  const client = createSeriesClient({ apiKey: 'key', clock, fetch, retryForMs });
  const calls = Array.from({ length: 50 }, (_, index) => client.changeStatus(change(`T-${index}`)));
  const results = await clock.run(Promise.allSettled(calls));
  for (const { status } of results) expect(status).toBe('rejected');
  const seconds = (clock.now() - 1_000_123) / 1000;
  // Once each, and then ten at once and five a second.
  expect(knocks).toBeGreaterThan(50);
  expect(knocks).toBeLessThanOrEqual(50 + 10 + 5 * seconds);
});

test('the deadline of a call counts for its retries as well', async () => {
  const clock = new FakeClock();
  const options = { apiKey: 'key', clock, fetch: refused, maxWaitMs: 500, retryForMs: 60_000 };
  const startedAt = clock.now();
  const call = createSeriesClient(options).changeStatus(change('T-1'));
  await expect(clock.run(call)).rejects.toMatchObject({ reason: 'could-not-connect' });
  expect(clock.now() - startedAt).toBeLessThanOrEqual(501);
  expect(clock.pending).toBe(0);
});

test('a retry waits anew each time, and never for more than a second', async () => {
  const clock = new FakeClock();
  const waits: number[] = [];
  const client = createSeriesClient({ apiKey: 'key', clock, fetch: refused, random: () => 1 });
  const onEvent = (step: { type: string; afterMs?: number }) => {
    if (step.type === 'retrying') waits.push(step.afterMs ?? 0);
  };
  await clock.run(client.changeStatus(change('T-1'), { onEvent }).catch(() => {}));
  expect(waits.slice(0, 4)).toEqual([200, 400, 800, 1000]);
});

test('a read is not tried again before it can show that the clock of the server was set back', async () => {
  const clock = new FakeClock();
  let aheadMs = 0;
  const body = { success: true, data: { Ticket: { TicketId: 'T-1', Status: 'open' } } };
  const fetch = async () => {
    const date = new Date(clock.now() + aheadMs).toUTCString();
    return Response.json(body, { headers: { date } });
  };
  const client = createSeriesClient({ apiKey: 'key', clock, fetch, random: () => 0 });
  await clock.run(client.getTicket('T-1'));
  aheadMs = -60_000;
  expect(await clock.run(client.getTicket('T-1'))).toMatchObject({ status: 'open' });
});
