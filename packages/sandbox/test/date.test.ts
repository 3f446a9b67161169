import { expect, test } from 'vitest';
import { createSandbox, startSandbox } from '../src/index.ts';

const startedAt = new Date('2026-03-02T09:00:00Z');

test('answers carry the date of the clock that the dates of tickets are of', async () => {
  let now = 0;
  const tickets = [{ ticketId: 'T-1' }];
  const sandbox = createSandbox({ tickets, startedAt, clock: { now: () => now } });
  now += 90_000;
  const init = { headers: { apikey: 'any' } };
  const { headers } = await sandbox.fetch('https://api.test/tickets/get/T-1', init);
  expect(headers.get('date')).toBe('Mon, 02 Mar 2026 09:01:30 GMT');
});

test('over HTTP too', async () => {
  const { url, close } = await startSandbox({ tickets: [{ ticketId: 'T-1' }], startedAt });
  const response = await fetch(`${url}/tickets/get/T-1`, { headers: { apikey: 'any' } });
  await close();
  expect(response.headers.get('date')).toMatch(/^Mon, 02 Mar 2026 09:0\d:\d\d GMT$/);
});
