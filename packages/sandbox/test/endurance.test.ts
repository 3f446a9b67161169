import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { createSandbox, faultKinds, type Sandbox, startSandbox } from '../src/index.ts';
import { createFakeClock, getTicket, postStatus } from './support/request.ts';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

// What the platform has open: sockets, servers, timers.
const openHandles = () =>
  process.getActiveResourcesInfo().filter((name) => /TCP|Timeout|Immediate/.test(name)).length;

const tickets = Array.from({ length: 50 }, (_, index) => ({ ticketId: `T-${index}` }));
const statuses = ['open', 'in-progress', 'resolved', 'closed'];
const quiet = {
  sleep: () => Promise.resolve(),
  limit: 'none',
  tickets,
  maxRecordedRequests: 500,
} as const;

/** Asks, and gives up on what does not answer. Answers that nobody wants are not read to the end. */
async function ask(fetch: Sandbox['fetch'], number: number, patienceMs: number): Promise<void> {
  const caller = new AbortController();
  const timer = setTimeout(() => caller.abort(new Error('enough')), patienceMs);
  const { signal } = caller;
  const ticketId = `T-${number % tickets.length}`;
  try {
    const response = await (number % 3 === 0
      ? getTicket((url, init) => fetch(url, { ...init, signal, redirect: 'manual' }), ticketId)
      : postStatus(fetch, ticketId, statuses[number % 4], { signal, redirect: 'manual' }));
    if (number % 2 === 0) await response.body?.cancel();
    else await response.body?.getReader().read();
    caller.abort(new Error('enough'));
  } catch {
    // The fault, or our own patience.
  } finally {
    clearTimeout(timer);
  }
}

async function askMany(fetch: Sandbox['fetch'], from: number, to: number, patienceMs: number) {
  let next = from;
  const worker = async () => {
    while (next < to) await ask(fetch, next++, patienceMs);
  };
  await Promise.all(Array.from({ length: 20 }, worker));
}

test('18,000 requests with faults leave nothing behind but the bounded record', async () => {
  const clock = createFakeClock();
  const sandbox = createSandbox({ ...quiet, clock });
  sandbox.faults.rate(0.05, { seed: 4 });
  const fetch: Sandbox['fetch'] = (input, init) => {
    clock.pass(1);
    // Somebody deletes tickets, so somebody adds them again.
    for (const { ticketId } of tickets.slice(0, sandbox.tickets.size === 50 ? 0 : 50)) {
      if (!sandbox.tickets.has(ticketId)) sandbox.tickets.add({ ticketId });
    }
    return sandbox.fetch(input, init);
  };
  const before = openHandles();
  const heapAfter = async (from: number, to: number) => {
    await askMany(fetch, from, to, 5);
    await new Promise((resolve) => setImmediate(resolve));
    collectGarbage();
    return process.memoryUsage().heapUsed;
  };
  const early = await heapAfter(0, 6000);
  const late = await heapAfter(6000, 18_000);
  expect((late - early) / 1024 / 1024).toBeLessThan(2);
  expect(openHandles()).toBeLessThanOrEqual(before);

  const { requests, faults, byStatus } = sandbox.record();
  expect(requests).toBe(18_000);
  expect(Object.keys(faults)).toHaveLength(faultKinds.length);
  const met = Object.values(faults).reduce((sum, count) => sum + count, 0);
  expect(met / requests).toBeGreaterThan(0.04);
  expect(met / requests).toBeLessThan(0.06);
  expect(Object.values(byStatus).reduce((sum, count) => sum + count, 0)).toBe(18_000);
  expect(sandbox.requests.length).toBeLessThanOrEqual(500);
  expect(sandbox.systemMessages.length).toBeLessThanOrEqual(500);
});

test('2,000 requests over HTTP with faults leave no handle open', async () => {
  const before = openHandles();
  const { url, sandbox, close } = await startSandbox(quiet);
  sandbox.faults.rate(0.05, { seed: 4 });
  const fetch: Sandbox['fetch'] = (input, init) => {
    const { pathname } = new URL(input instanceof Request ? input.url : input);
    return globalThis.fetch(url + pathname, init);
  };
  await askMany(fetch, 0, 2000, 150);
  // Where the machine is busy, patience can end before the request has arrived.
  expect(sandbox.record().requests).toBeGreaterThan(1900);
  expect(Object.keys(sandbox.record().faults).length).toBeGreaterThan(25);
  await close();
  await expect.poll(openHandles).toBeLessThanOrEqual(before);
});
