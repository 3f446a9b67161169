import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { createSandbox, type SandboxOptions } from '../../src/index.ts';
import { createFakeClock, getTicket, postStatus, staffUserId } from '../support/request.ts';

function prepare(options: SandboxOptions = {}) {
  const clock = createFakeClock();
  const sandbox = createSandbox({ clock, tickets: [{ ticketId: 'T-1' }], ...options });
  return { clock, sandbox };
}

test('an untouched sandbox has nothing to report', () => {
  expect(createSandbox().record()).toEqual({
    requests: 0,
    byStatus: {},
    limited: 0,
    faults: {},
    mostAdmittedInOneSecond: 0,
    mostArrivedInOneSecond: 0,
    steadyUse: undefined,
    byKey: {},
    statusWrites: 0,
    systemMessages: 0,
    ticketsByStatus: { open: 0, 'in-progress': 0, resolved: 0, closed: 0 },
  });
});

test('shows each request with its verdict, and never the key', async () => {
  const { clock, sandbox } = prepare();
  clock.pass(40);
  await postStatus(sandbox.fetch, 'T-1', 'resolved');
  await postStatus(sandbox.fetch, 'T 2', 'resolved');
  await postStatus(sandbox.fetch, 'T-1', 'done');
  await sandbox.fetch('/elsewhere', { headers: { accept: 'text/html' } });
  expect(sandbox.requests[0]).toEqual({
    at: 40,
    countedAt: 40,
    key: 'key-1',
    method: 'POST',
    path: '/tickets/T-1/status',
    ticketId: 'T-1',
    call: 'changeStatus',
    body: { status: 'resolved', staffUserId },
    headers: { 'content-type': 'application/json' },
    status: 200,
    verdict: 'ok',
    fault: undefined,
    counted: true,
    applied: true,
    from: 'open',
    to: 'resolved',
  });
  expect(
    sandbox.requests.map(({ verdict, ticketId, applied }) => [verdict, ticketId, applied]),
  ).toEqual([
    ['ok', 'T-1', true],
    ['not-found', 'T 2', false],
    ['bad-request', 'T-1', false],
    ['no-key', undefined, false],
  ]);
  expect(sandbox.requests[3]).toMatchObject({
    key: undefined,
    body: undefined,
    headers: { accept: 'text/html' },
  });
  expect(JSON.stringify([sandbox.requests, sandbox.record()])).not.toContain('secret');
});

test('keeps a text body as text, and cuts a long one', async () => {
  const { sandbox } = prepare();
  await postStatus(sandbox.fetch, 'T-1', 'resolved', { body: 'hello' });
  await postStatus(sandbox.fetch, 'T-1', 'resolved', { body: 'x'.repeat(10_000) });
  expect(sandbox.requests[0]?.body).toBe('hello');
  expect(sandbox.requests[1]?.body).toBe(`${'x'.repeat(4096)}…`);
});

test('a body that breaks off counts as no body', async () => {
  const { sandbox } = prepare();
  const body = new ReadableStream({ start: (controller) => controller.error(new Error('gone')) });
  const init: RequestInit = { body, duplex: 'half' };
  expect((await postStatus(sandbox.fetch, 'T-1', 'resolved', init)).status).toBe(400);
});

test('forgets the oldest requests when full, but keeps the totals', async () => {
  const { clock, sandbox } = prepare({ maxRecordedRequests: 3 });
  for (let sent = 0; sent < 30; sent += 1) {
    clock.pass(1);
    await postStatus(sandbox.fetch, 'T-1', 'open');
  }
  expect(sandbox.requests.map(({ at }) => at)).toEqual([28, 29, 30]);
  expect(sandbox.record()).toMatchObject({
    requests: 30,
    byStatus: { 200: 25, 429: 5 },
    limited: 5,
    mostAdmittedInOneSecond: 25,
    mostArrivedInOneSecond: 30,
    statusWrites: 25,
    systemMessages: 25,
    ticketsByStatus: { open: 1, 'in-progress': 0, resolved: 0, closed: 0 },
  });
});

test('each key has its own figures, and the highest stand at the top', async () => {
  const { sandbox } = prepare({ requestsPerSecond: 2 });
  for (let sent = 0; sent < 3; sent += 1) await getTicket(sandbox.fetch, 'T-1', 'first');
  await getTicket(sandbox.fetch, 'T-1', 'second');
  await sandbox.fetch('/tickets/get/T-1');
  const { byKey, ...totals } = sandbox.record();
  expect(totals).toMatchObject({
    requests: 5,
    mostAdmittedInOneSecond: 2,
    mostArrivedInOneSecond: 3,
  });
  expect(byKey).toMatchObject({
    'key-1': { requests: 3, admitted: 2, mostAdmittedInOneSecond: 2, mostArrivedInOneSecond: 3 },
    'key-2': { requests: 1, admitted: 1, mostAdmittedInOneSecond: 1, mostArrivedInOneSecond: 1 },
  });
});

test('a program that makes up keys does not fill the memory', async () => {
  const { sandbox } = prepare({ maxRecordedRequests: 10 });
  for (let sent = 0; sent < 10_005; sent += 1) await getTicket(sandbox.fetch, 'T-1', `k${sent}`);
  const { byKey, requests } = sandbox.record();
  expect([Object.keys(byKey).length, requests]).toEqual([10_000, 10_005]);
  expect(sandbox.requests.at(-1)?.key).toBe('key-10005');
});

test('finds the fullest second of any sequence of requests', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat(400), { minLength: 1, maxLength: 80 }), async (steps) => {
      const { clock, sandbox } = prepare({ requestsPerSecond: 4 });
      for (const gap of steps) {
        clock.pass(gap);
        await getTicket(sandbox.fetch, 'T-1');
      }
      const fullest = (times: readonly number[]) =>
        Math.max(...times.map((end) => times.filter((at) => at > end - 1000 && at <= end).length));
      const admitted = sandbox.requests.filter(({ verdict }) => verdict !== 'limited');
      const record = sandbox.record();
      expect(record.mostArrivedInOneSecond).toBe(fullest(sandbox.requests.map(({ at }) => at)));
      expect(record.mostAdmittedInOneSecond).toBe(
        fullest(admitted.map(({ countedAt }) => countedAt)),
      );
      expect(record.mostAdmittedInOneSecond).toBeLessThanOrEqual(4);
    }),
    { numRuns: 50 },
  );
});

test('a request every 40 ms uses the whole budget, one every 80 ms half of it', async () => {
  for (const [gap, use] of [
    [40, 1],
    [80, 0.5],
  ] as const) {
    const { clock, sandbox } = prepare();
    for (let now = 0; now <= 5000; now += gap) {
      await getTicket(sandbox.fetch, 'T-1');
      clock.pass(gap);
    }
    expect(sandbox.record().steadyUse).toBeCloseTo(use, 1);
  }
});

test('the first burst is no part of the steady use, nor is anything shorter than a second', async () => {
  const { clock, sandbox } = prepare();
  for (let sent = 0; sent < 25; sent += 1) await getTicket(sandbox.fetch, 'T-1');
  clock.pass(1999);
  await getTicket(sandbox.fetch, 'T-1');
  expect(sandbox.record().steadyUse).toBeUndefined();
  clock.pass(1);
  await getTicket(sandbox.fetch, 'T-1');
  expect(sandbox.record().steadyUse).toBe(2 / 25);
});
