import { setTimeout as sleep } from 'node:timers/promises';
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

const urlOf = (input: Parameters<Sandbox['fetch']>[0]) =>
  new URL(input instanceof Request ? input.url : input);

/** Resolves when a caller has waited for long enough; rejects with `signal`. */
type Patience = (signal: AbortSignal, number: number) => Promise<void>;

/** Asks, and gives up on what does not answer. Answers that nobody wants are not read to the end. */
async function ask(fetch: Sandbox['fetch'], number: number, patience: Patience): Promise<void> {
  const caller = new AbortController();
  const { signal } = caller;
  const enough = () => caller.abort(new Error('enough'));
  patience(signal, number).then(enough, () => undefined);
  const numbered: Sandbox['fetch'] = (input, init) =>
    fetch(`${urlOf(input).href}?number=${number}`, { ...init, signal, redirect: 'manual' });
  const ticketId = `T-${number % tickets.length}`;
  try {
    const response = await (number % 3 === 0
      ? getTicket(numbered, ticketId)
      : postStatus(numbered, ticketId, statuses[number % 4]));
    if (number % 2 === 0) await response.body?.cancel();
    else await response.body?.getReader().read();
  } catch {
    // The fault, or our own patience.
  } finally {
    enough();
  }
}

async function askMany(fetch: Sandbox['fetch'], from: number, to: number, patience: Patience) {
  let next = from;
  const worker = async () => {
    while (next < to) await ask(fetch, next++, patience);
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
    await askMany(fetch, from, to, (signal) => sleep(5, undefined, { signal }));
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
    const { pathname, search } = urlOf(input);
    return globalThis.fetch(url + pathname + search, init);
  };
  // A busy machine takes long to bring a request to the server. Patience begins there.
  const arrivals = Array.from({ length: 2000 }, () => Promise.withResolvers<void>());
  sandbox.faults.when(({ path }) => {
    arrivals[Number(path.split('?number=')[1])]?.resolve();
    return undefined;
  });
  await askMany(fetch, 0, 2000, async (signal, number) => {
    await arrivals[number]?.promise;
    await sleep(150, undefined, { signal });
  });
  expect(sandbox.record().requests).toBe(2000);
  expect(Object.keys(sandbox.record().faults).length).toBeGreaterThan(25);
  await close();
  await expect.poll(openHandles).toBeLessThanOrEqual(before);
});
