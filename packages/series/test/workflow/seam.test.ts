import { ticketLifecycle } from '@ticket-lifecycle/core';
import { describe, expect, test } from 'vitest';
import { createSeriesClient, createTicketWorkflow } from '../../src/index.ts';
import { startServer, success } from '../support/server.ts';
import { OneTicket } from '../support/one-ticket.ts';
import { setUp, writesIn } from '../support/bench.ts';

const staffUserId = 7;

test('what is noted before the send holds: a process that slept in between writes nothing', async () => {
  const { clock, workflow, sandbox } = setUp();
  const outcome = await clock.run(
    workflow.apply('T-open', 'START', {
      staffUserId,
      from: 'open',
      // The process is stopped right after its note, for longer than a request may take to leave.
      beforeSend: () => clock.stall(10_001),
    }),
  );
  expect(outcome).toMatchObject({ kind: 'not-sent', error: { reason: 'stopped' } });
  expect(writesIn(sandbox)).toHaveLength(0);
});

test('a listener that holds the process up is no hook: the time limit is named', async () => {
  const { clock, workflow, sandbox } = setUp({}, undefined, {}, { timeoutMs: 50 });
  workflow.on(({ type }) => {
    if (type === 'sent') clock.stall(51);
  });
  const change = { staffUserId, from: 'open' } as const;
  const outcome = await clock.run(workflow.apply('T-open', 'START', change));
  const message = 'Nothing was sent: The time limit of 50 ms was over before it was written.';
  expect(outcome).toMatchObject({ kind: 'not-sent', error: { reason: 'stopped', message } });
  // No function of the caller's threw.
  expect((outcome as { error?: Error }).error?.cause).toBeUndefined();
  expect(writesIn(sandbox)).toHaveLength(0);
});

test('a change that is stopped when its slot has come says how long it waited', async () => {
  const { clock, workflow, client } = setUp();
  const others = Array.from({ length: 50 }, () => client.getTicket('T-open'));
  const beforeSend = () => {
    throw new Error('Not today.');
  };
  const asked = clock.now();
  const change = { staffUserId, from: 'open', beforeSend } as const;
  const outcome = await clock.run(workflow.apply('T-open', 'START', change));
  expect(outcome).toMatchObject({ kind: 'not-sent', attempts: 0 });
  expect(outcome.waitedMs).toBeGreaterThan(1000);
  expect(outcome.waitedMs).toBe(clock.now() - asked);
  await Promise.all(others);
});

test('a hook that takes too long is named by a client alone, too', async () => {
  const beforeAttempt = (): Promise<void> => clock.sleep(1000);
  const { clock, client } = setUp({}, undefined, {}, { timeoutMs: 50, beforeAttempt });
  const change = client.changeStatus({ ticketId: 'T-open', status: 'in-progress', staffUserId });
  const error: unknown = await clock.run(change.catch((reason: unknown) => reason));
  expect(String(error)).toContain('(beforeAttempt did not end within 50 ms).');
});

describe('whoever settles a change of a process that was stopped before its write', () => {
  const patience = [500, 10_000, 60_000] as const;
  test.each(patience.flatMap((one) => patience.map((other) => [one, other] as const)))(
    'finds out for good (its patience %i ms, that of the other %i ms)',
    async (senderMs, settlerMs) => {
      for (const sleptMs of [9_000, 10_001, 35_000, 45_000, 59_000]) {
        const ticket = new OneTicket();
        const stopped = Promise.withResolvers<void>();
        let sentAt = 0;
        const sender = ticket.workflow({ client: ticket.client({ timeoutMs: senderMs }) });
        const beforeSend = async (change: { readonly sentAt: number }) => {
          sentAt = change.sentAt;
          await stopped.promise;
        };
        const change = sender.apply('T-1', 'START', { staffUserId, from: 'open', beforeSend });
        await ticket.clock.advance(1);
        const other = ticket.workflow({ client: ticket.client({ timeoutMs: settlerMs }) });
        // It wakes up later. No timer of its own has fired in its sleep.
        ticket.clock.setTimeout(stopped.resolve, sleptMs);
        const settled = await ticket.clock.run(
          other.settle('T-1', 'START', { from: 'open', sentAt }),
        );
        await ticket.clock.advance(120_000);
        await change;
        const isApplied = ticket.applied.length > 0;
        const isWrong = isApplied ? settled.kind === 'not-sent' : settled.kind === 'confirmed';
        expect(isWrong).toBe(false);
      }
    },
  );

  test('waits for as long as such a write may leave, however short its own patience is', async () => {
    const ticket = new OneTicket();
    const workflow = ticket.workflow({ client: ticket.client({ timeoutMs: 500 }) });
    const sentAt = ticket.clock.now();
    const quiet: number[] = [];
    workflow.on((event) => {
      if (event.type === 'in-doubt') quiet.push(event.quietAt - sentAt);
    });
    await ticket.clock.advance(20_000);
    await ticket.clock.run(workflow.settle('T-1', 'START', { from: 'open', sentAt }));
    expect(quiet).toEqual([40_000]);
  });
});

test.each([10_001, 59_000])(
  'a patient client does not make it later: %i ms after the note nothing is written',
  async (sleptMs) => {
    const ticket = new OneTicket();
    const workflow = ticket.workflow({ client: ticket.client({ timeoutMs: 60_000 }) });
    const beforeSend = () => ticket.clock.stall(sleptMs);
    const change = { staffUserId, from: 'open', beforeSend } as const;
    const outcome = await ticket.clock.run(workflow.apply('T-1', 'START', change));
    expect(outcome).toMatchObject({ kind: 'not-sent', error: { reason: 'stopped' } });
    expect(ticket.writes).toBe(0);
  },
);

test('one that slept for less goes on', async () => {
  const { clock, workflow, sandbox } = setUp();
  const outcome = await clock.run(
    workflow.apply('T-open', 'START', {
      staffUserId,
      from: 'open',
      beforeSend: () => clock.stall(9_000),
    }),
  );
  expect(outcome.kind).toBe('confirmed');
  expect(writesIn(sandbox)).toHaveLength(1);
});

describe('beforeSend', () => {
  test('is awaited when slot and guard have come, right before the request leaves', async () => {
    const steps: string[] = [];
    const { clock, workflow } = setUp({}, (request, forward) => {
      if (request.method === 'POST') steps.push('POST');
      return forward();
    });
    workflow.on(({ type }) => {
      if (type === 'slot') steps.push(type);
    });
    const told: unknown[] = [];
    const options = {
      staffUserId,
      from: 'open',
      context: () => void steps.push('guard'),
      beforeSend: async (sending: object) => {
        told.push(sending);
        await clock.sleep(1000);
        steps.push('noted');
      },
    } as const;
    await clock.run(workflow.apply('T-open', 'START', options));
    expect(steps).toEqual(['guard', 'slot', 'guard', 'noted', 'POST']);
    expect(told).toEqual([
      {
        ticketId: 'T-open',
        event: 'START',
        from: 'open',
        to: 'in-progress',
        status: 'in-progress',
        staffUserId,
        sentAt: 1_000_123,
      },
    ]);
  });

  test.each([
    ['throws', () => throwing()],
    ['rejects', async () => throwing()],
  ])('that %s keeps the change from being sent, and costs no slot', async (_, beforeSend) => {
    const { clock, workflow, client, sandbox } = setUp();
    const options = { staffUserId, from: 'open', beforeSend } as const;
    expect(await clock.run(workflow.apply('T-open', 'START', options))).toMatchObject({
      kind: 'not-sent',
      attempts: 0,
      error: { reason: 'stopped', cause: { message: 'journal full' } },
    });
    expect(sandbox.requests).toEqual([]);
    expect(client.rateLimiter.describe(client.keyId).underWay).toBe(0);
  });

  test('during which the change is aborted keeps it from being sent', async () => {
    const { clock, workflow, sandbox } = setUp();
    const abort = new AbortController();
    const beforeSend = () => abort.abort();
    const options = { staffUserId, from: 'open', beforeSend, signal: abort.signal } as const;
    expect(await clock.run(workflow.apply('T-open', 'START', options))).toMatchObject({
      kind: 'not-sent',
      error: { reason: 'aborted' },
    });
    expect(sandbox.requests).toEqual([]);
  });

  test('is called for each step of a move, and for each time that a change is sent', async () => {
    const told: string[] = [];
    const beforeSend = ({ event }: { readonly event: string }) => void told.push(event);
    let isFirst = true;
    const { clock, workflow } = setUp({}, (request, forward) => {
      if (request.method !== 'POST' || !isFirst) return forward();
      isFirst = false;
      return Promise.reject(new TypeError('fetch failed'));
    });
    await clock.run(workflow.moveTo('T-open', 'closed', { staffUserId, beforeSend }));
    expect(told).toEqual(['START', 'START', 'RESOLVE', 'CLOSE']);
  });

  test('counts into the race window: meanwhile somebody else may move the ticket', async () => {
    const ticket = new OneTicket();
    const { clock } = ticket;
    ticket.onWrite = ({ count, lose, succeed }) => (count === 1 ? lose() : succeed());
    let tookMs = 0;
    const beforeSend = () => clock.sleep((tookMs += 2500));
    const told = { staffUserId, read: 'always', beforeSend } as const;
    const outcome = await clock.run(ticket.workflow().apply('T-1', 'START', told));
    // It was read back before it was sent again, and the second hook took 5 s.
    expect(outcome).toMatchObject({ kind: 'confirmed', resent: true });
    expect(outcome.raceWindowMs).toBeGreaterThanOrEqual(5000);
    expect(outcome.raceWindowMs).toBeLessThan(10_000);
  });

  test('that takes its time is told of the moment before it', async () => {
    const { clock, workflow } = setUp();
    const beforeSend = async ({ sentAt }: { readonly sentAt: number }) => {
      expect(sentAt).toBe(clock.now());
      await clock.sleep(2500);
    };
    const told = { staffUserId, read: 'always', beforeSend } as const;
    const outcome = await clock.run(workflow.apply('T-open', 'START', told));
    expect(outcome.kind).toBe('confirmed');
    expect(outcome.raceWindowMs).toBeGreaterThanOrEqual(2500);
  });

  test('that no longer lets it through after a doubt leaves what the doubt has shown', async () => {
    let calls = 0;
    const beforeSend = () => {
      if ((calls += 1) > 1) throwing();
    };
    const { clock, workflow } = setUp({}, (request, forward) =>
      request.method === 'POST' ? Promise.reject(new TypeError('fetch failed')) : forward(),
    );
    const options = { staffUserId, beforeSend };
    expect(await clock.run(workflow.apply('T-open', 'START', options))).toMatchObject({
      kind: 'not-sent',
      attempts: 1,
      error: { reason: 'stopped' },
    });
  });

  test('is awaited by a client alone as well', async () => {
    const steps: string[] = [];
    const { clock, client } = setUp({}, (_, forward) => {
      steps.push('POST');
      return forward();
    });
    const beforeSend = async () => {
      await clock.sleep(1000);
      steps.push('noted');
    };
    const change = { ticketId: 'T-open', status: 'in-progress', staffUserId } as const;
    await clock.run(client.changeStatus(change, { beforeSend }));
    expect(steps).toEqual(['noted', 'POST']);
  });
});

describe('mayWrite', () => {
  test('that says no before a fetch of somebody else keeps the change from being sent', async () => {
    const { clock, workflow, sandbox } = setUp();
    const options = { staffUserId, from: 'open', mayWrite: () => false } as const;
    expect(await clock.run(workflow.apply('T-open', 'START', options))).toMatchObject({
      kind: 'not-sent',
      error: { reason: 'stopped' },
    });
    expect(sandbox.requests).toEqual([]);
  });

  test.each([0, 1])(
    'is asked when the headers are written, with the fetch of Node.js (after %i times yes)',
    async (yes) => {
      await using server = await startServer(success('ok'));
      const client = createSeriesClient({ apiKey: 'key', baseUrl: server.url });
      const workflow = createTicketWorkflow({ lifecycle: ticketLifecycle, client });
      let asked = 0;
      const mayWrite = () => (asked += 1) <= yes;
      const options = { staffUserId, from: 'open', mayWrite } as const;
      expect(await workflow.apply('TICKET-1', 'START', options)).toMatchObject({
        kind: 'not-sent',
        error: { reason: 'stopped' },
      });
      expect(server.seen).toEqual([]);
    },
  );

  test('that says yes lets the change through', async () => {
    await using server = await startServer(success('Status changed to in-progress'));
    const client = createSeriesClient({ apiKey: 'key', baseUrl: server.url });
    const workflow = createTicketWorkflow({ lifecycle: ticketLifecycle, client });
    const options = { staffUserId, from: 'open', mayWrite: () => true } as const;
    expect((await workflow.apply('TICKET-1', 'START', options)).kind).toBe('confirmed');
    expect(server.seen).toHaveLength(1);
  });
});

const throwing = (): never => {
  throw new Error('journal full');
};

describe('a hook that fails or hangs', () => {
  const hanging = () => new Promise<never>(() => {});
  test.each([
    ['beforeSend hangs', { beforeSend: hanging }, {}, 'beforeSend did not end within 10000 ms.'],
    ['beforeAttempt hangs', {}, { beforeAttempt: hanging }, 'beforeAttempt did not end within'],
    ['mayWrite throws', { mayWrite: () => throwing() }, {}, 'journal full'],
    [
      'mayWrite is asynchronous',
      { mayWrite: (async () => false) as unknown as () => boolean },
      {},
      'mayWrite must answer at once',
    ],
    [
      'mayWrite is asynchronous and rejects',
      { mayWrite: (async () => throwing()) as unknown as () => boolean },
      {},
      'mayWrite must answer at once',
    ],
  ])('sends nothing and frees its slot: %s', async (_, hooks, ofClient, said) => {
    const { clock, workflow, client, sandbox } = setUp({}, undefined, {}, ofClient);
    const asked = { staffUserId, from: 'open', ...hooks } as const;
    const outcome = await clock.run(workflow.apply('T-open', 'START', asked));
    expect(outcome).toMatchObject({ kind: 'not-sent', error: { reason: 'stopped' } });
    const { cause } = (outcome as { error: { cause?: unknown } }).error;
    expect((cause as Error).message).toContain(said);
    expect(writesIn(sandbox)).toHaveLength(0);
    expect(client.rateLimiter.describe(client.keyId)).toMatchObject({ underWay: 0 });
  });

  test('also where mayWrite throws only when the headers are about to leave', async () => {
    await using server = await startServer(success('Status changed to in-progress'));
    const client = createSeriesClient({ apiKey: 'key', baseUrl: server.url });
    let asked = 0;
    const mayWrite = () => {
      asked += 1;
      return asked === 1 || throwing();
    };
    const change = { ticketId: 'T-1', status: 'in-progress', staffUserId } as const;
    await expect(client.changeStatus(change, { mayWrite })).rejects.toMatchObject({
      reason: 'stopped',
      delivery: 'not-sent',
    });
    expect(asked).toBe(2);
    expect(server.seen).toHaveLength(0);
  });
});
