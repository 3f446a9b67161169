import { expect, test, vi } from 'vitest';
import { createSandbox } from '../src/index.ts';
import { createFakeClock, getTicket, postStatus } from './support/request.ts';

const tickets = [{ ticketId: 'T-1' }];

test('runs without any option, on the real clock', async () => {
  const sandbox = createSandbox();
  sandbox.tickets.add({ ticketId: 'T-1' });
  expect((await getTicket(sandbox.fetch, 'T-1')).status).toBe(200);
});

test('takes a Request, a URL or a path, and only the path matters', async () => {
  const { fetch, requests } = createSandbox({ tickets });
  const headers = { apikey: 'secret' };
  await fetch(new Request('http://localhost:1/tickets/get/T-1', { headers }));
  await fetch(new URL('https://elsewhere.example/tickets/get/T-1'), { headers });
  await fetch('/tickets/get/T-1', { headers });
  expect(requests.map(({ path, status }) => `${status} ${path}`)).toEqual(
    Array(3).fill('200 /tickets/get/T-1'),
  );
});

test('waits as long before counting and before answering as it was told to', async () => {
  const clock = createFakeClock();
  const waits: number[] = [];
  const sandbox = createSandbox({
    tickets,
    clock,
    delayMs: { beforeCounting: [10, 10], beforeAnswering: [500, 500] },
    sleep: async (ms) => {
      waits.push(ms);
      clock.pass(ms);
    },
  });
  await postStatus(sandbox.fetch, 'T-1', 'resolved');
  expect(waits).toEqual([10, 500]);
  expect(sandbox.requests).toMatchObject([{ at: 0, countedAt: 10 }]);
  expect(sandbox.systemMessages).toMatchObject([{ at: 10 }]);
});

test('the same seed waits the same, another seed otherwise, all within the range', async () => {
  const waitsOf = async (seed: number) => {
    const waits: number[] = [];
    const { fetch } = createSandbox({
      seed,
      limit: 'none',
      delayMs: { beforeCounting: [20, 80] },
      sleep: async (ms) => void waits.push(ms),
    });
    for (let sent = 0; sent < 200; sent += 1) await getTicket(fetch, 'T-1');
    return waits;
  };
  const waits = await waitsOf(1);
  expect(await waitsOf(1)).toEqual(waits);
  expect(await waitsOf(2)).not.toEqual(waits);
  expect(Math.min(...waits)).toBeGreaterThanOrEqual(20);
  expect(Math.max(...waits)).toBeLessThanOrEqual(80);
  expect(Math.max(...waits) - Math.min(...waits)).toBeGreaterThan(40);
});

test('waits on the timers of the platform when no other way is given', async () => {
  vi.useFakeTimers();
  const { fetch } = createSandbox({ tickets, delayMs: { beforeAnswering: [90, 90] } });
  const answered = getTicket(fetch, 'T-1');
  await vi.advanceTimersByTimeAsync(89);
  expect(await Promise.race([answered, Promise.resolve('still waiting')])).toBe('still waiting');
  await vi.advanceTimersByTimeAsync(1);
  expect((await answered).status).toBe(200);
  vi.useRealTimers();
});

test('a request that was aborted before it left never arrives', async () => {
  const { fetch, requests } = createSandbox({ tickets });
  const signal = AbortSignal.abort(new Error('changed my mind'));
  await expect(postStatus(fetch, 'T-1', 'closed', { signal })).rejects.toThrow('changed my mind');
  expect(requests).toEqual([]);
});

test('a request that is aborted while the answer is on its way has changed the ticket', async () => {
  const caller = new AbortController();
  const sandbox = createSandbox({
    tickets,
    delayMs: { beforeAnswering: [50, 50] },
    sleep: async () => caller.abort(new Error('took too long')),
  });
  const { signal } = caller;
  await expect(postStatus(sandbox.fetch, 'T-1', 'closed', { signal })).rejects.toThrow(
    'took too long',
  );
  expect(sandbox.tickets.get('T-1')?.status).toBe('closed');
});
