import { ticketLifecycle } from '@ticket-lifecycle/core';
import { createSandbox } from '@ticket-lifecycle/sandbox';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { createSeriesClient, createTicketWorkflow } from '../../src/index.ts';
import { setUp, writesIn, type Interference } from '../support/bench.ts';

const staffUserId = 7;
const stoppedMs = 3_600_000;
const isRead = ({ method }: Request) => method === 'GET';

/** Stops the process while the answer to the first read is under way, and a colleague goes on. */
const stopsDuringRead = (): Interference => {
  let reads = 0;
  return async (request, forward, sandbox, clock) => {
    const response = await forward();
    if (!isRead(request) || (reads += 1) > 1) return response;
    sandbox.tickets.setStatus('T-open', 'closed');
    clock.stall(stoppedMs);
    return response;
  };
};

test('a ticket that was read before a stop is read again before it is changed', async () => {
  const { clock, workflow, sandbox } = setUp({}, stopsDuringRead());
  const outcome = await clock.run(workflow.apply('T-open', 'START', { staffUserId }));
  expect(outcome).toMatchObject({ kind: 'blocked', from: 'closed' });
  expect(writesIn(sandbox)).toEqual([]);
});

test('and before it is shown', async () => {
  const { clock, workflow } = setUp({}, stopsDuringRead());
  const where = await clock.run(workflow.where('T-open'));
  expect(where).toMatchObject({ status: 'closed', seenAt: clock.now() });
});

test('a confirmation that was read long after it was given is not remembered', async () => {
  const { clock, workflow, sandbox } = setUp({}, async (request, forward, its, time) => {
    const response = await forward();
    if (isRead(request) || sandbox.systemMessages.length > 1) return response;
    its.tickets.setStatus('T-open', 'closed');
    time.stall(stoppedMs);
    return response;
  });
  const options = { staffUserId, from: 'open' } as const;
  const start = await clock.run(workflow.apply('T-open', 'START', options));
  expect(start).toMatchObject({ kind: 'confirmed', by: 'response' });
  const resolve = await clock.run(workflow.apply('T-open', 'RESOLVE', { staffUserId }));
  expect(resolve).toMatchObject({ kind: 'blocked', from: 'closed' });
});

test('a slow read is no stop: it is not made again', async () => {
  const { clock, workflow, sandbox } = setUp({}, async (request, forward, _, its) => {
    if (isRead(request)) await its.sleep(9900);
    return forward();
  });
  await clock.run(workflow.apply('T-open', 'START', { staffUserId }));
  expect(sandbox.requests.map(({ method }) => method)).toEqual(['GET', 'POST']);
});

test('a doubt is looked at once more after a stop that outlasted it', async () => {
  let reads = 0;
  const { clock, workflow } = setUp({}, async (request, forward, _, its) => {
    if (!isRead(request)) {
      await forward();
      throw new TypeError('fetch failed');
    }
    if ((reads += 1) > 1) return forward();
    its.stall(stoppedMs);
    throw new TypeError('fetch failed');
  });
  const change = workflow.apply('T-open', 'START', { staffUserId, from: 'open' });
  expect(await clock.run(change)).toMatchObject({ kind: 'confirmed', by: 'observation' });
});

test('and no more than once, however often the process is stopped', async () => {
  const { clock, workflow } = setUp({}, async (request, forward, _, its) => {
    if (isRead(request)) its.stall(stoppedMs);
    else await forward();
    throw new TypeError('fetch failed');
  });
  const change = workflow.apply('T-open', 'START', { staffUserId, from: 'open' });
  expect(await clock.run(change)).toMatchObject({ kind: 'unknown', reads: 2 });
});

test('the next step of a move looks at the ticket after a stop', async () => {
  const { clock, workflow, sandbox } = setUp({}, async (request, forward, its, time) => {
    const response = await forward();
    if (isRead(request) || writesIn(sandbox).length > 1) return response;
    its.tickets.setStatus('T-open', 'closed');
    time.stall(stoppedMs);
    return response;
  });
  const options = { staffUserId, from: 'open' } as const;
  const move = await clock.run(workflow.moveTo('T-open', 'resolved', options));
  expect(move).toMatchObject({
    arrived: false,
    outcomes: [{ kind: 'confirmed' }, { kind: 'blocked' }],
  });
  expect(move.outcome).toMatchObject({ blockers: [{ code: 'stale' }, {}] });
  expect(writesIn(sandbox)).toHaveLength(1);
});

describe('a computer that slept, beside whose time of the day the clock of the process is slow', () => {
  function sleep(ms: number): void {
    const real = Date.now;
    const faked = vi.spyOn(Date, 'now').mockImplementation(() => real() + ms);
    onTestFinished(() => faked.mockRestore());
  }

  /** A server that tells the time of the day. */
  function setUpAwake(interfere: (request: Request) => void = () => {}) {
    const tickets = [{ ticketId: 'T-1' }, { ticketId: 'T-2' }];
    const startedAt = new Date(Date.now() - 60_000);
    const sandbox = createSandbox({ tickets, startedAt });
    const fetch = async (input: string | URL | Request, init?: RequestInit) => {
      const request = new Request(input, init);
      const { body, status } = await sandbox.fetch(request);
      interfere(request);
      const headers = {
        'content-type': 'application/json',
        date: new Date(Date.now()).toUTCString(),
      };
      return new Response(body, { status, headers });
    };
    const client = createSeriesClient({ apiKey: 'key', fetch });
    const quick = { settleMs: 20, settleForMs: 1 };
    return {
      sandbox,
      workflow: createTicketWorkflow({ lifecycle: ticketLifecycle, client, ...quick }),
    };
  }

  test('can not prove by the server’s clock that a change was not made before it slept', async () => {
    const { sandbox, workflow } = setUpAwake((request) => {
      if (isRead(request)) return;
      sandbox.tickets.setStatus('T-1', 'open');
      sleep(stoppedMs);
      throw new TypeError('fetch failed');
    });
    sandbox.tickets.setStatus('T-1', 'open');
    const outcome = await workflow.apply('T-1', 'START', { staffUserId, from: 'open' });
    expect(outcome).toMatchObject({ kind: 'unknown', attempts: 1 });
    expect(writesIn(sandbox)).toHaveLength(1);
  });

  test('tells beforeSend the time of the day, and settles by it', async () => {
    const { sandbox, workflow } = setUpAwake();
    sandbox.tickets.setStatus('T-2', 'closed');
    sandbox.tickets.setStatus('T-2', 'open');
    sleep(stoppedMs);
    const before = Math.floor(Date.now()) - 1000;
    let told = 0;
    const beforeSend = ({ sentAt }: { readonly sentAt: number }) => void (told = sentAt);
    await workflow.apply('T-1', 'START', { staffUserId, from: 'open', beforeSend });
    expect(told).toBeGreaterThanOrEqual(before);
    const quiet: number[] = [];
    workflow.on(
      (event) => void (event.type === 'in-doubt' && quiet.push(event.quietAt - event.at)),
    );
    const longAgo = { from: 'open', sentAt: before - 60_000 } as const;
    await workflow.settle('T-2', 'START', longAgo);
    // It lies behind the quiet moment, by the time of the day as well.
    expect(quiet[0]).toBeLessThanOrEqual(1);
  });
});
