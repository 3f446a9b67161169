import { defineLifecycle, defineMigration } from '@ticket-lifecycle/core';
import { describe, expect, test } from 'vitest';
import {
  createMemoryStatusStore,
  createTicketWorkflow,
  RunDueError,
  type StatusStore,
  type StoredTicket,
  type WorkflowEvent,
} from '../../src/index.ts';
import { setUp, writesIn, type Interference } from '../support/bench.ts';
import { FakeClock } from '../support/fake-clock.ts';

const staffUserId = 7;
const day = 86_400_000;

const lifecycle = defineLifecycle({
  initial: 'open',
  states: {
    open: { on: { START: 'in-progress' } },
    'in-progress': { on: { ASK: 'waiting', RESOLVE: 'resolved' } },
    waiting: {
      meta: { status: 'in-progress', due: { event: 'RESOLVE', after: 'P2D' } },
      on: { ANSWER: 'in-progress', RESOLVE: 'resolved' },
    },
    resolved: {
      meta: { due: { event: 'CLOSE', after: 'P7D' } },
      on: { CLOSE: 'closed', REOPEN: 'open' },
    },
    closed: { type: 'final' },
  },
});

const startedAt = new FakeClock().now();

/** The server's clock is far from ours; its answers have a date, as those of every real server. */
const dated: Interference = async (_, forward, sandbox, clock) => {
  const answer = await forward();
  const createdAt = Number(sandbox.tickets.get('T-closed')?.createdAt);
  const date = new Date(createdAt - startedAt + clock.now()).toUTCString();
  const headers = { 'content-type': 'application/json', date };
  return new Response(answer.body, { status: answer.status, headers });
};

const open = () => {
  const store = createMemoryStatusStore();
  return { store, ...setUp({ lifecycle, store }, dated) };
};

// A date has whole seconds, so what the server's clock says is known to a second.
const second = 1000;

describe('runDue makes what time has made due', () => {
  test('counted from when the ticket came into its state by us', async () => {
    const { clock, workflow, sandbox } = open();
    await clock.run(workflow.apply('T-in-progress', 'RESOLVE', { staffUserId }));
    await clock.advance(7 * day - 1000);
    expect(await clock.run(workflow.runDue(clock.now(), { staffUserId }))).toEqual([]);
    await clock.advance(2000);
    const outcomes = await clock.run(workflow.runDue(clock.now(), { staffUserId }));
    expect(outcomes).toMatchObject([{ ticketId: 'T-in-progress', event: 'CLOSE' }]);
    expect(outcomes[0]?.kind).toBe('confirmed');
    expect(sandbox.tickets.get('T-in-progress')?.status).toBe('closed');
    expect(await clock.run(workflow.runDue(clock.now() + 99 * day, { staffUserId }))).toEqual([]);
  });

  test('also for what was stored before the lifecycle was changed', async () => {
    const { store, clock, workflow } = open();
    await clock.run(workflow.observe('T-resolved'));
    const known = await store.get('T-resolved');
    if (known === undefined) throw new Error('It was not noted.');
    await store.set('T-resolved', { ...known, fingerprint: '0000000000000000' });
    await clock.advance(7 * day + second);
    const outcomes = await clock.run(workflow.runDue(clock.now(), { staffUserId }));
    expect(outcomes).toMatchObject([{ kind: 'confirmed', event: 'CLOSE' }]);
  });

  test('and under the name that a state has now', async () => {
    const from = { fingerprint: '0000000000000000', states: ['waiting', 'parked'] };
    const states = { waiting: 'in-progress', parked: 'waiting' };
    const migration = defineMigration({ from, to: lifecycle, states });
    const store = createMemoryStatusStore();
    const { clock, workflow } = setUp({ lifecycle, store, migration }, dated);
    const long = { seenAt: clock.now(), fingerprint: from.fingerprint };
    await store.set('T-open', { state: 'waiting', ...long });
    await store.set('T-in-progress', { state: 'parked', ...long });
    await store.set('T-closed', { ...long, state: 'parked', fingerprint: '1111111111111111' });
    await clock.advance(3 * day);
    const outcomes = await clock.run(workflow.runDue(clock.now(), { staffUserId }));
    expect(outcomes).toMatchObject([
      { ticketId: 'T-in-progress', kind: 'confirmed', from: 'waiting', event: 'RESOLVE' },
    ]);
  });

  test('and says where the state was only assumed', async () => {
    const shared = defineLifecycle({
      initial: 'open',
      states: {
        open: { on: { START: 'in-progress' } },
        'in-progress': {
          meta: { due: { event: 'RESOLVE', after: 'P2D' } },
          on: { ASK: 'waiting', RESOLVE: 'resolved' },
        },
        waiting: { meta: { status: 'in-progress' }, on: { ANSWER: 'in-progress' } },
        resolved: { on: { REOPEN: 'open' } },
      },
    });
    const store = createMemoryStatusStore();
    const { clock, workflow } = setUp({ lifecycle: shared, store }, dated);
    await clock.run(workflow.observe('T-in-progress'));
    const outcomes = await clock.run(workflow.runDue(clock.now() + 3 * day, { staffUserId }));
    expect(outcomes).toMatchObject([{ kind: 'confirmed', event: 'RESOLVE', assumed: true }]);
  });

  test('also in a state that only we know', async () => {
    const { clock, workflow, sandbox } = open();
    await clock.run(workflow.apply('T-in-progress', 'ASK', { staffUserId, from: 'in-progress' }));
    await clock.advance(2 * day + second);
    const outcomes = await clock.run(workflow.runDue(clock.now(), { staffUserId }));
    expect(outcomes).toMatchObject([{ kind: 'confirmed', from: 'waiting', event: 'RESOLVE' }]);
    expect(sandbox.tickets.get('T-in-progress')?.status).toBe('resolved');
  });

  test('and looking at a ticket does not begin the time anew', async () => {
    const { clock, workflow } = open();
    await clock.run(workflow.observe('T-resolved'));
    for (let looks = 0; looks < 7; looks += 1) {
      await clock.advance(day);
      await clock.run(workflow.where('T-resolved', { read: 'always' }));
    }
    await clock.advance(second);
    const outcomes = await clock.run(workflow.runDue(clock.now(), { staffUserId }));
    expect(outcomes).toMatchObject([{ kind: 'confirmed', event: 'CLOSE' }]);
  });

  test('many at once, in the order of the store, each with its outcome', async () => {
    const tickets = Array.from({ length: 60 }, (_, index) => ({
      ticketId: `R-${index}`,
      status: 'resolved' as const,
    }));
    const store = createMemoryStatusStore();
    const { clock, workflow, sandbox } = setUp({ lifecycle, store }, undefined, { tickets });
    for (const { ticketId } of tickets) await clock.run(workflow.observe(ticketId));
    const outcomes = await clock.run(workflow.runDue(clock.now() + 8 * day, { staffUserId }));
    expect(outcomes.map(({ ticketId }) => ticketId)).toEqual(
      tickets.map(({ ticketId }) => ticketId),
    );
    expect(new Set(outcomes.map(({ kind }) => kind))).toEqual(new Set(['confirmed']));
    expect(sandbox.systemMessages).toHaveLength(60);
  });
});

describe('runDue sends nothing', () => {
  test('where somebody has moved the ticket', async () => {
    const { clock, workflow, sandbox } = open();
    await clock.run(workflow.observe('T-resolved'));
    sandbox.tickets.setStatus('T-resolved', 'open');
    await clock.advance(8 * day);
    const outcomes = await clock.run(workflow.runDue(clock.now(), { staffUserId }));
    expect(outcomes).toMatchObject([{ kind: 'blocked', blockers: [{ code: 'stale' }, {}] }]);
    expect(writesIn(sandbox)).toEqual([]);
  });

  test('where the customer has answered since it was listed', async () => {
    const { clock, workflow, sandbox } = open();
    await clock.run(workflow.apply('T-in-progress', 'ASK', { staffUserId, from: 'in-progress' }));
    await clock.advance(3 * day);
    const answered = workflow.apply('T-in-progress', 'ANSWER', { staffUserId });
    const outcomes = await clock.run(workflow.runDue(clock.now(), { staffUserId }));
    expect(await clock.run(answered)).toMatchObject({ kind: 'confirmed', by: 'lifecycle' });
    expect(outcomes).toMatchObject([{ kind: 'blocked', blockers: [{ code: 'stale' }] }]);
    expect(writesIn(sandbox)).toEqual([]);
  });

  test('where a ticket came into its state only now, though it was looked at before', async () => {
    const { clock, workflow } = open();
    await clock.run(workflow.observe('T-in-progress'));
    await clock.advance(50_000);
    const ask = { staffUserId, from: 'in-progress' } as const;
    await clock.run(workflow.apply('T-in-progress', 'ASK', ask));
    await clock.advance(2 * day - 10_000);
    expect(await clock.run(workflow.runDue(clock.now(), { staffUserId }))).toEqual([]);
    await clock.advance(10_000);
    const outcomes = await clock.run(workflow.runDue(clock.now(), { staffUserId }));
    expect(outcomes).toMatchObject([{ kind: 'confirmed', event: 'RESOLVE' }]);
  });

  test('where it was moved and moved back while the answer to our look was on its way', async () => {
    let isSlow = false;
    const store = createMemoryStatusStore();
    const slow: Interference = async (request, forward, sandbox, clock) => {
      const answer = await dated(request, forward, sandbox, clock);
      if (isSlow) await clock.sleep(9000);
      return answer;
    };
    const { clock, workflow, sandbox } = setUp({ lifecycle, store }, slow);
    // From now on the server's clock is known.
    await clock.run(workflow.observe('T-open'));
    isSlow = true;
    const seen = workflow.observe('T-resolved');
    clock.setTimeout(() => {
      sandbox.tickets.setStatus('T-resolved', 'open');
      sandbox.tickets.setStatus('T-resolved', 'resolved');
    }, 8000);
    await clock.run(seen);
    isSlow = false;
    await clock.advance(7 * day - 4000);
    const outcomes = await clock.run(workflow.runDue(clock.now(), { staffUserId }));
    expect(outcomes).toMatchObject([{ kind: 'blocked', blockers: [{ code: 'not-due' }] }]);
    expect(writesIn(sandbox)).toEqual([]);
  });

  test('where somebody may have moved it and moved it back, until the time is over again', async () => {
    const { clock, workflow, sandbox } = open();
    await clock.run(workflow.observe('T-resolved'));
    await clock.advance(6 * day);
    sandbox.tickets.setStatus('T-resolved', 'open');
    sandbox.tickets.setStatus('T-resolved', 'resolved');
    await clock.advance(2 * day);
    const early = await clock.run(workflow.runDue(clock.now(), { staffUserId }));
    expect(early).toMatchObject([{ kind: 'blocked', blockers: [{ code: 'not-due' }] }]);
    expect(await clock.run(workflow.runDue(clock.now(), { staffUserId }))).toEqual([]);
    await clock.advance(5 * day + 2000);
    const late = await clock.run(workflow.runDue(clock.now(), { staffUserId }));
    expect(late).toMatchObject([{ kind: 'confirmed' }]);
  });

  test('where the ticket can not be read, and its outcome says so', async () => {
    const store = createMemoryStatusStore();
    let isAway = false;
    const { clock, workflow, sandbox } = setUp({ lifecycle, store }, async (_, forward) =>
      isAway ? new Response('', { status: 503 }) : forward(),
    );
    await clock.run(workflow.observe('T-resolved'));
    isAway = true;
    await clock.advance(8 * day);
    const outcomes = await clock.run(workflow.runDue(clock.now(), { staffUserId }));
    expect(outcomes).toMatchObject([{ kind: 'not-sent', error: { reason: 'could-not-read' } }]);
    expect(writesIn(sandbox)).toEqual([]);
  });

  test('where an older lifecycle has stored another state than the ticket is in', async () => {
    const { store, clock, workflow, sandbox } = open();
    const old = { state: 'resolved', seenAt: 0, enteredAt: 0, fingerprint: '0000000000000000' };
    await store.set('T-open', old);
    const outcomes = await clock.run(workflow.runDue(clock.now() + 8 * day, { staffUserId }));
    expect(outcomes).toMatchObject([{ kind: 'blocked', blockers: [{ code: 'stale' }, {}] }]);
    expect(writesIn(sandbox)).toEqual([]);
  });

  test('once its signal aborts', async () => {
    const { clock, workflow, sandbox } = open();
    await clock.run(workflow.observe('T-resolved'));
    const options = { staffUserId, signal: AbortSignal.abort() };
    expect(await clock.run(workflow.runDue(clock.now() + 8 * day, options))).toEqual([]);
    expect(writesIn(sandbox)).toEqual([]);
  });

  test('with a store that can not list its tickets, and says what to do', async () => {
    const store = { ...createMemoryStatusStore(), list: undefined } as unknown as StatusStore;
    const { workflow } = setUp({ lifecycle, store });
    await expect(workflow.runDue(0, { staffUserId })).rejects.toThrow(
      'runDue: the store must have a method "list"',
    );
  });
});

test.each([null, 7, {}, { enteredAt: '1000' }, { seenAt: null }, { state: 5 }])(
  'a row of the store that is no ticket is reported, and costs the others nothing: %j',
  async (row) => {
    const { clock, client, store } = open();
    await store.set('T-resolved', { state: 'resolved', status: 'resolved', seenAt: 0 });
    const bad = typeof row === 'object' && row !== null ? { ticketId: 'T-x', ...row } : row;
    const list = async (states: readonly string[]) => [
      ...(await store.list(states)),
      bad as unknown as StoredTicket,
    ];
    const workflow = createTicketWorkflow({ lifecycle, client, store: { ...store, list } });
    const failed: WorkflowEvent[] = [];
    workflow.on((event) => void (event.type === 'store-failed' && failed.push(event)));
    await clock.advance(8 * day);
    const outcomes = await clock.run(workflow.runDue(clock.now(), { staffUserId }));
    expect(outcomes).toMatchObject([{ ticketId: 'T-resolved', kind: 'confirmed' }]);
    expect(failed).toHaveLength(1);
  },
);

test('a ticket whose change the server refused in an outage is made due in the next run', async () => {
  const store = createMemoryStatusStore();
  let isDown = true;
  const outage: Interference = async (request, forward, ...bench) =>
    isDown && request.method === 'POST'
      ? Response.json(
          { success: false, error: { code: 503, message: 'Try later' } },
          { status: 503 },
        )
      : dated(request, forward, ...bench);
  const { clock, workflow } = setUp({ lifecycle, store }, outage);
  await clock.run(workflow.observe('T-resolved'));
  await clock.advance(8 * day);
  const refused = await clock.run(workflow.runDue(clock.now(), { staffUserId }));
  expect(refused).toMatchObject([{ kind: 'refused', attempts: 2 }]);
  isDown = false;
  await clock.advance(day);
  const next = await clock.run(workflow.runDue(clock.now(), { staffUserId }));
  expect(next).toMatchObject([{ kind: 'confirmed', event: 'CLOSE' }]);
});

test('each change of runDue has its events, as any other', async () => {
  const { clock, workflow } = open();
  await clock.run(workflow.observe('T-resolved'));
  const seen: WorkflowEvent['type'][] = [];
  workflow.on(({ type }) => seen.push(type));
  await clock.run(workflow.runDue(clock.now() + 8 * day, { staffUserId }));
  expect(seen.filter((type) => type === 'asked' || type === 'ended')).toEqual(['asked', 'ended']);
});

describe('runDue with a guard that throws for some tickets', () => {
  const guarded = defineLifecycle(
    {
      initial: 'open',
      states: {
        open: { on: { RESOLVE: 'resolved' } },
        resolved: {
          meta: { due: { event: 'CLOSE', after: 'P7D' } },
          on: { CLOSE: { target: 'closed', guard: 'isQuiet' }, REOPEN: 'open' },
        },
        closed: { on: { REOPEN: 'open' } },
      },
    },
    { guards: { isQuiet: ({ context }) => (context as { asks: () => boolean }).asks() } },
  );
  const tickets = ['R-1', 'R-2', 'R-3', 'R-4'].map((ticketId) => ({
    ticketId,
    status: 'resolved' as const,
  }));

  async function setUpGuarded(asks: () => boolean) {
    const store = createMemoryStatusStore();
    const bench = setUp({ lifecycle: guarded, store }, undefined, { tickets });
    const { clock, workflow } = bench;
    for (const { ticketId } of tickets) await clock.run(workflow.observe(ticketId));
    const context = { asks };
    return {
      ...bench,
      runDue: () => workflow.runDue(clock.now() + 8 * day, { staffUserId, context }),
    };
  }

  test('ends all others first, and gives their outcomes with the errors', async () => {
    let asked = 0;
    const { clock, sandbox, runDue } = await setUpGuarded(() => {
      if ((asked += 1) === 2) throw new Error('roster away');
      return true;
    });
    const failed = (await clock.run(runDue().catch((error: unknown) => error))) as RunDueError;
    expect(RunDueError.is(failed)).toBe(true);
    expect(failed).toMatchObject({
      name: 'RunDueError',
      message: expect.stringMatching(
        /^1 of 4 due events have no outcome, first that of R-\d: .*roster away/s,
      ),
    });
    expect(failed.errors).toHaveLength(1);
    expect(failed.cause).toBe(failed.errors[0]?.error);
    const broken = failed.errors[0]?.ticketId;
    expect(failed.outcomes.map((outcome) => [outcome.ticketId, outcome.kind])).toEqual(
      tickets
        .filter(({ ticketId }) => ticketId !== broken)
        .map((one) => [one.ticketId, 'confirmed']),
    );
    expect(writesIn(sandbox)).toHaveLength(3);
    expect(RunDueError.is(new Error('another'))).toBe(false);
  });

  test('also where it throws for all', async () => {
    const { clock, sandbox, runDue } = await setUpGuarded(() => {
      throw new Error('roster away');
    });
    const failed = (await clock.run(runDue().catch((error: unknown) => error))) as RunDueError;
    expect(failed.outcomes).toEqual([]);
    expect(failed.errors.map(({ ticketId }) => ticketId).toSorted()).toEqual(
      tickets.map(({ ticketId }) => ticketId),
    );
    expect(writesIn(sandbox)).toEqual([]);
  });
});

test('a store that can not be listed is reported, and runDue rejects with its error', async () => {
  const error = new Error('database away');
  const store: StatusStore = { ...createMemoryStatusStore(), list: () => Promise.reject(error) };
  const { clock, workflow } = setUp({ lifecycle, store });
  const seen: WorkflowEvent[] = [];
  workflow.on((event) => void seen.push(event));
  await expect(clock.run(workflow.runDue(clock.now(), { staffUserId }))).rejects.toBe(error);
  expect(seen).toEqual([
    { type: 'store-failed', error, ticketId: undefined, changeId: undefined, at: clock.now() },
  ]);
});
