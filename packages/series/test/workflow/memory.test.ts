import { defineLifecycle, ticketLifecycle } from '@ticket-lifecycle/core';
import { createSandbox } from '@ticket-lifecycle/sandbox';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { createActor } from 'xstate';
import {
  createMemoryStatusStore,
  createSeriesClient,
  createTicketWorkflow,
  ticketActor,
  type StatusStore,
  type WorkflowEvent,
} from '../../src/index.ts';
import { setUp, writesIn } from '../support/bench.ts';
import { withWaiting } from '../support/with-waiting.ts';

const staffUserId = 7;
const day = 86_400_000;

describe('memory alone ends nothing', () => {
  test('not a change as made already, nor a move as arrived', async () => {
    const { clock, workflow, sandbox } = setUp();
    await clock.run(workflow.apply('T-resolved', 'CLOSE', { staffUserId }));
    sandbox.tickets.setStatus('T-resolved', 'resolved');
    const again = await clock.run(workflow.apply('T-resolved', 'CLOSE', { staffUserId }));
    expect(again).toMatchObject({ kind: 'confirmed', attempts: 1 });
    sandbox.tickets.setStatus('T-resolved', 'open');
    const move = await clock.run(workflow.moveTo('T-resolved', 'closed', { staffUserId }));
    expect(move).toMatchObject({ from: 'open', arrived: true });
    expect(move.steps).toHaveLength(3);
  });

  test('not a change or a question as blocked', async () => {
    const { clock, workflow, sandbox } = setUp();
    await clock.run(workflow.apply('T-resolved', 'CLOSE', { staffUserId }));
    sandbox.tickets.setStatus('T-resolved', 'open');
    expect(await clock.run(workflow.explain('T-resolved', 'START'))).toMatchObject({
      allowed: true,
      from: 'open',
    });
    const start = await clock.run(workflow.apply('T-resolved', 'START', { staffUserId }));
    expect(start).toMatchObject({ kind: 'confirmed', from: 'open' });
  });

  test('and what is said then comes from the read', async () => {
    const { clock, workflow, sandbox } = setUp();
    await clock.run(workflow.apply('T-open', 'START', { staffUserId }));
    const reads = () => sandbox.requests.filter(({ method }) => method === 'GET').length;
    const before = reads();
    const blocked = await clock.run(workflow.apply('T-open', 'CLOSE', { staffUserId }));
    expect(blocked).toMatchObject({ kind: 'blocked', from: 'in-progress' });
    const there = await clock.run(workflow.apply('T-open', 'START', { staffUserId }));
    expect(there).toMatchObject({ kind: 'unchanged', status: 'in-progress' });
    expect(reads() - before).toBe(2);
  });

  test('nor loses what a change has sent before its guard said no', async () => {
    const lifecycle = defineLifecycle(
      {
        initial: 'open',
        states: {
          open: { on: { START: { target: 'in-progress', guard: 'isOnDuty' } } },
          'in-progress': { on: { RESET: 'open' } },
        },
      },
      { guards: { isOnDuty: ({ context }) => (context as { isOnDuty: boolean }).isOnDuty } },
    );
    let isOnDuty = true;
    const { clock, workflow } = setUp({ lifecycle }, (request, forward) => {
      if (request.method !== 'POST') return forward();
      isOnDuty = false;
      return Promise.reject(new TypeError('fetch failed'));
    });
    await clock.run(workflow.observe('T-open'));
    const options = { staffUserId, context: () => ({ isOnDuty }) };
    expect(await clock.run(workflow.apply('T-open', 'START', options))).toMatchObject({
      kind: 'blocked',
      attempts: 1,
      blockers: [{ code: 'guard' }],
    });
  });
});

describe('memory that is older than maxAgeMs saves no read', () => {
  test.each([
    [undefined, 61_000],
    [5000, 5001],
    [1, 2],
  ])('with maxAgeMs %s, after %i ms', async (maxAgeMs, laterMs) => {
    const { clock, workflow, sandbox } = setUp({ maxAgeMs });
    await clock.run(workflow.apply('T-open', 'START', { staffUserId }));
    sandbox.tickets.setStatus('T-open', 'closed');
    await clock.advance(laterMs);
    const outcome = await clock.run(workflow.apply('T-open', 'RESOLVE', { staffUserId }));
    expect(outcome).toMatchObject({ kind: 'blocked', from: 'closed' });
    expect(writesIn(sandbox)).toHaveLength(1);
  });

  test.each([30 * day, 61_000, -61_000, Number.NaN, Infinity])(
    'in a store of the caller’s, from %d ms ago',
    async (ageMs) => {
      const store = createMemoryStatusStore();
      const { clock, workflow, sandbox } = setUp({ store });
      await store.set('T-closed', { state: 'in-progress', seenAt: clock.now() - ageMs });
      const resolve = await clock.run(workflow.apply('T-closed', 'RESOLVE', { staffUserId }));
      expect(resolve).toMatchObject({ kind: 'blocked', from: 'closed' });
      await store.set('T-closed', { state: 'in-progress', seenAt: clock.now() - ageMs });
      const move = await clock.run(workflow.moveTo('T-closed', 'resolved', { staffUserId }));
      expect(move.from).toBe('closed');
      expect(writesIn(sandbox).length).toBe(move.outcomes.length);
    },
  );

  test('while a fresh one saves it, and the race window says how old it was', async () => {
    const { clock, workflow, sandbox } = setUp();
    await clock.run(workflow.observe('T-open'));
    await clock.advance(20_000);
    const outcome = await clock.run(workflow.apply('T-open', 'START', { staffUserId }));
    expect(outcome.kind).toBe('confirmed');
    expect(outcome.raceWindowMs).toBeGreaterThanOrEqual(20_000);
    expect(sandbox.requests.map(({ method }) => method)).toEqual(['GET', 'POST']);
  });

  test('and where we never looked, there is no race window to tell', async () => {
    const { clock, workflow } = setUp();
    const options = { staffUserId, from: 'open' } as const;
    const outcome = await clock.run(workflow.apply('T-open', 'START', options));
    expect(outcome).not.toHaveProperty('raceWindowMs');
  });
});

test('two workflows of one client share what they know, as they share the order', async () => {
  const { clock, workflow: one, client, sandbox } = setUp();
  const other = createTicketWorkflow({ lifecycle: ticketLifecycle, client, clock });
  const steps = [
    [one, 'START'],
    [other, 'RESOLVE'],
    [other, 'CLOSE'],
    [one, 'RESOLVE'],
    [one, 'REOPEN'],
  ] as const;
  const kinds: string[] = [];
  for (const [workflow, event] of steps) {
    kinds.push((await clock.run(workflow.apply('T-open', event, { staffUserId }))).kind);
  }
  expect(kinds).toEqual(['confirmed', 'confirmed', 'confirmed', 'blocked', 'confirmed']);
  const tos = sandbox.systemMessages.map(({ to }) => to);
  expect(tos).toEqual(['in-progress', 'resolved', 'closed', 'open']);
});

test('two lifecycles on one client do not take each other’s states for their own', async () => {
  const { clock, workflow, client } = setUp();
  const own = defineLifecycle({
    initial: 'new',
    states: {
      new: { meta: { status: 'open' }, on: { TAKE: 'in-progress' } },
      'in-progress': { on: { DROP: 'new' } },
    },
  });
  const other = createTicketWorkflow({ lifecycle: own, client, clock });
  await clock.run(workflow.observe('T-open'));
  const take = await clock.run(other.apply('T-open', 'TAKE', { staffUserId }));
  expect(take).toMatchObject({ kind: 'confirmed', from: 'new', to: 'in-progress' });
  const resolve = await clock.run(workflow.apply('T-open', 'RESOLVE', { staffUserId }));
  expect(resolve).toMatchObject({ kind: 'confirmed', from: 'in-progress' });
});

describe('a ticket that another read shows elsewhere while its change waits', () => {
  test.each([
    ['closed', undefined],
    ['closed', 'open'],
    ['on hold', undefined],
    ['on hold', 'open'],
  ] as const)('as %s is not changed from where it was (from: %s)', async (status, from) => {
    let Status = 'open';
    const { clock, workflow, sandbox } = setUp({}, async (request, forward, _, its) => {
      if (request.method === 'POST') return forward();
      await its.sleep(2000);
      return Response.json({ data: { Ticket: { Status } } });
    });
    await clock.run(workflow.observe('T-open'));
    Status = status;
    const seen = workflow.where('T-open', { read: 'always' });
    const start = workflow.apply('T-open', 'START', { staffUserId, from });
    expect((await clock.run(seen)).status).toBe(status);
    expect((await clock.run(start)).kind).toBe('blocked');
    expect(writesIn(sandbox)).toEqual([]);
  });

  test.each([
    [undefined, 'unchanged'],
    ['open', 'blocked'],
  ] as const)('is looked at again where nothing was stated (from: %s)', async (from, kind) => {
    const first = Promise.withResolvers<void>();
    let sets = 0;
    const set = () => ((sets += 1) === 1 ? first.promise : undefined);
    let Status = 'open';
    const { clock, workflow, sandbox } = setUp(
      { store: { get: () => undefined, set, delete: () => undefined } },
      (request, forward) =>
        request.method === 'POST'
          ? forward()
          : Promise.resolve(Response.json({ data: { Ticket: { Status } } })),
    );
    const start = workflow.apply('T-open', 'START', { staffUserId, from, read: 'always' });
    await clock.advance(100);
    Status = 'in-progress';
    const seen = workflow.where('T-open', { read: 'always' });
    await clock.advance(100);
    first.resolve();
    expect((await clock.run(start)).kind).toBe(kind);
    expect((await clock.run(seen)).status).toBe('in-progress');
    expect(writesIn(sandbox)).toEqual([]);
  });
});

describe('where the caller says that a ticket stands', () => {
  test('is trusted: nothing is read', async () => {
    const { clock, workflow, sandbox } = setUp();
    const options = { staffUserId, from: 'in-progress' } as const;
    const outcome = await clock.run(workflow.apply('T-in-progress', 'RESOLVE', options));
    expect(outcome.kind).toBe('confirmed');
    expect(sandbox.requests.map(({ method }) => method)).toEqual(['POST']);
  });

  test('is compared where something newer is known', async () => {
    const { clock, workflow, sandbox } = setUp();
    await clock.run(workflow.observe('T-closed'));
    const options = { staffUserId, from: 'open' } as const;
    const outcome = await clock.run(workflow.apply('T-closed', 'START', options));
    expect(outcome).toMatchObject({
      kind: 'blocked',
      from: 'closed',
      blockers: [{ code: 'stale' }, {}],
    });
    expect(writesIn(sandbox)).toEqual([]);
  });

  test('is compared where something older is known, and a repeated change is not made twice', async () => {
    const { clock, workflow, sandbox } = setUp();
    const options = { staffUserId, from: 'open' } as const;
    const first = await clock.run(workflow.apply('T-open', 'START', options));
    expect(first.kind).toBe('confirmed');
    await clock.advance(3_600_000);
    const again = await clock.run(workflow.apply('T-open', 'START', options));
    expect(again).toMatchObject({ kind: 'unchanged' });
    expect(writesIn(sandbox)).toHaveLength(1);
    sandbox.tickets.setStatus('T-open', 'open');
    await clock.advance(3_600_000);
    const later = await clock.run(workflow.apply('T-open', 'START', options));
    expect(later).toMatchObject({ kind: 'confirmed', from: 'open' });
  });

  test.each(['apply', 'moveTo', 'explain'] as const)(
    'is compared by %s with read: always, and a difference is stale',
    async (call) => {
      const { clock, workflow, sandbox } = setUp();
      const options = { staffUserId, from: 'in-progress', read: 'always' } as const;
      const calls = {
        apply: () => workflow.apply('T-resolved', 'RESOLVE', options),
        moveTo: async () => (await workflow.moveTo('T-resolved', 'open', options)).outcome,
        explain: () =>
          workflow.explain('T-resolved', 'CLOSE', { from: 'in-progress', read: 'always' }),
      };
      const answer = await clock.run<object>(calls[call]());
      // Who is where they wanted to go has what they want; everything else is stale.
      if (call === 'apply') expect(answer).toMatchObject({ kind: 'unchanged' });
      else expect(answer).toMatchObject({ blockers: [{ code: 'stale' }] });
      expect(writesIn(sandbox)).toEqual([]);
    },
  );
});

describe('what was noted before the end of a hold', () => {
  /** The answer to a start is lost; a colleague closes the ticket while it is held. */
  async function closedWhileHeld(maxAgeMs?: number) {
    let lost = 0;
    const bench = setUp({ maxAgeMs }, async (request, forward) => {
      const answer = await forward();
      if (request.method !== 'POST' || (lost += 1) > 2) return answer;
      throw new TypeError('fetch failed');
    });
    const { clock, workflow, sandbox } = bench;
    const start = await clock.run(workflow.apply('T-open', 'START', { staffUserId }));
    expect(start).toMatchObject({ kind: 'confirmed', by: 'observation' });
    await clock.advance(10_000);
    sandbox.tickets.setStatus('T-open', 'closed');
    await clock.run(workflow.observe('T-open'));
    return bench;
  }

  test.each([
    ['during the hold', 5000, {}],
    ['during it, with a statement', 5000, { from: 'in-progress' }],
    ['after it', 25_000, {}],
  ] as const)('is no reason to send a change that is asked for %s', async (_, laterMs, stated) => {
    const { clock, workflow, sandbox } = await closedWhileHeld();
    await clock.advance(laterMs);
    const resolve = workflow.apply('T-open', 'RESOLVE', { staffUserId, ...stated });
    expect(await clock.run(resolve)).toMatchObject({ kind: 'blocked', from: 'closed' });
    expect(writesIn(sandbox)).toHaveLength(1);
  });

  test('and so it is where another workflow of the client forgets sooner', async () => {
    const { clock, client, workflow } = await closedWhileHeld(600_000);
    const other = createTicketWorkflow({ lifecycle: ticketLifecycle, client, maxAgeMs: 1 });
    await clock.advance(25_000);
    const reopened = await clock.run(other.apply('T-resolved', 'REOPEN', { staffUserId }));
    expect(reopened).toMatchObject({ kind: 'confirmed', by: 'observation' });
    const resolve = await clock.run(workflow.apply('T-open', 'RESOLVE', { staffUserId }));
    expect(resolve).toMatchObject({ kind: 'blocked', from: 'closed' });
  });
});

describe('a change that surely was not made leaves in the store what was there', () => {
  const old = { state: 'resolved', status: 'resolved', enteredAt: 1000 } as const;
  const refuse = async () =>
    Response.json({ success: false, error: { code: 403, message: 'No' } }, { status: 403 });
  const abort = () => {
    const stop = new AbortController();
    return { signal: stop.signal, beforeSend: () => stop.abort() };
  };
  const throws = () => {
    throw new Error('journal full');
  };

  test.each([
    ['the server refuses it', () => ({}), 'refused'],
    ['a hook throws', () => ({ beforeSend: throws }), 'not-sent'],
    ['it is aborted in a hook', abort, 'not-sent'],
  ] as const)('however old, where %s', async (_, more, kind) => {
    const store = createMemoryStatusStore();
    const { clock, workflow } = setUp({ store }, (request, forward) =>
      request.method === 'POST' ? refuse() : forward(),
    );
    await store.set('T-resolved', { ...old, seenAt: 2000 });
    const options = { staffUserId, from: 'resolved', ...more() } as const;
    const outcome = await clock.run(workflow.apply('T-resolved', 'REOPEN', options));
    expect(outcome.kind).toBe(kind);
    expect(await store.get('T-resolved')).toMatchObject({ ...old, seenAt: 2000 });
  });
});

describe('a stored state that the lifecycle no longer has is no memory', () => {
  async function setUpStale() {
    const store = createMemoryStatusStore();
    const bench = setUp({ store });
    const known = { state: 'waiting-on-customer', seenAt: bench.clock.now() };
    await store.set('T-in-progress', known);
    return bench;
  }

  test('for a change', async () => {
    const { clock, workflow } = await setUpStale();
    const outcome = workflow.apply('T-in-progress', 'RESOLVE', { staffUserId });
    expect(await clock.run(outcome)).toMatchObject({ kind: 'confirmed', from: 'in-progress' });
  });

  test('for an observation: the ticket is seen as for the first time', async () => {
    const { clock, workflow } = await setUpStale();
    expect(await clock.run(workflow.observe('T-in-progress'))).toMatchObject({
      state: 'in-progress',
      previous: undefined,
      change: undefined,
    });
  });

  test('for an actor', async () => {
    const { clock, workflow } = await setUpStale();
    const input = { ticketId: 'T-in-progress', staffUserId };
    const actor = createActor(ticketActor(workflow), { input }).start();
    actor.send({ type: 'RESOLVE' });
    await clock.advance(5000);
    expect(actor.getSnapshot()).toMatchObject({ value: 'settled', context: { state: 'resolved' } });
  });

  test('for an actor that was persisted with it', async () => {
    const { clock, workflow } = await setUpStale();
    const input = { ticketId: 'T-in-progress', staffUserId };
    const made = createActor(ticketActor(workflow), { input: { ...input, state: 'gone' } });
    const snapshot = JSON.parse(JSON.stringify(made.getPersistedSnapshot())) as never;
    const actor = createActor(ticketActor(workflow), { input, snapshot }).start();
    actor.send({ type: 'RESOLVE' });
    await clock.advance(5000);
    expect(actor.getSnapshot()).toMatchObject({ value: 'settled', context: { state: 'resolved' } });
  });
});

describe('a store that fails', () => {
  const fails = {
    throws: () => {
      throw new Error('disk full');
    },
    rejects: () => Promise.reject(new Error('disk full')),
    hangs: () => new Promise<never>(() => {}),
  } as const;
  const methods = ['get', 'set', 'delete'] as const;
  const cases = methods.flatMap((method) =>
    (Object.keys(fails) as (keyof typeof fails)[]).map((how) => ({ method, how })),
  );

  test.each(cases)('and $how on $method rejects nothing', async ({ method, how }) => {
    const store: StatusStore = { ...createMemoryStatusStore(), [method]: fails[how] };
    const { clock, workflow, sandbox } = setUp({ store });
    const failed: WorkflowEvent[] = [];
    workflow.on((event) => {
      if (event.type === 'store-failed') failed.push(event);
    });
    const options = { staffUserId };
    const start = await clock.run(workflow.apply('T-open', 'START', options));
    expect(start.kind).toBe('confirmed');
    expect(await clock.run(workflow.explain('T-open', 'RESOLVE'))).toMatchObject({ allowed: true });
    expect((await clock.run(workflow.observe('T-open'))).status).toBe('in-progress');
    const move = await clock.run(workflow.moveTo('T-open', 'closed', options));
    expect(move.arrived).toBe(true);
    const settled = workflow.settle('T-open', 'CLOSE', { from: 'resolved', sentAt: clock.now() });
    expect((await clock.run(settled)).kind).toBe('confirmed');
    sandbox.tickets.delete('T-open');
    const gone = await clock.run(
      workflow.apply('T-open', 'REOPEN', { ...options, read: 'always' }),
    );
    expect(gone).toMatchObject({ kind: 'blocked', blockers: [{ code: 'unknown-ticket' }] });
    expect(failed.length).toBeGreaterThan(0);
  });
});

describe('what a store holds while it can not be read', () => {
  test.each(['observe', 'where', 'apply'] as const)('is not replaced by %s', async (call) => {
    const kept = createMemoryStatusStore();
    let isAway = false;
    const get = (ticketId: string) => {
      if (isAway) throw new Error('no connection');
      return kept.get(ticketId);
    };
    const entries: string[] = [];
    const { clock, workflow, sandbox } = setUp({
      lifecycle: withWaiting,
      store: { ...kept, get },
      onChange: ({ kind }) => void entries.push(kind),
    });
    await clock.run(workflow.apply('T-open', 'START', { staffUserId }));
    await clock.run(workflow.apply('T-open', 'ASK', { staffUserId }));
    isAway = true;
    // It is not possible there, so it is no change.
    if (call === 'apply') await clock.run(workflow.apply('T-open', 'REOPEN', { staffUserId }));
    else await clock.run<object>(workflow[call]('T-open'));
    expect(await kept.get('T-open')).toMatchObject({ state: 'waiting' });
    isAway = false;
    sandbox.tickets.setStatus('T-open', 'closed');
    await clock.run(workflow.observe('T-open'));
    await clock.advance(1);
    expect(entries).toContain('observed');
  });
});

test('a store that hangs keeps no change with an asynchronous beforeSend from being sent', async () => {
  const store: StatusStore = {
    ...createMemoryStatusStore(),
    delete: () => new Promise<never>(() => {}),
  };
  const { clock, workflow, sandbox } = setUp({ store });
  const beforeSend = () => clock.sleep(5000);
  const change = { staffUserId, from: 'open', beforeSend } as const;
  expect((await clock.run(workflow.apply('T-open', 'START', change))).kind).toBe('confirmed');
  expect(writesIn(sandbox)).toHaveLength(1);
});

test('all times are whole milliseconds, whatever the clock gives', async () => {
  const times: unknown[] = [];
  const memory = createMemoryStatusStore();
  const store: StatusStore = {
    ...memory,
    set: (ticketId, known) => {
      times.push(known.seenAt);
      return memory.set(ticketId, known);
    },
  };
  const bench = setUp();
  const { setTimeout, clearTimeout } = bench.clock;
  const clock = { now: () => bench.clock.now() + 0.123, setTimeout, clearTimeout };
  const workflow = createTicketWorkflow({
    lifecycle: ticketLifecycle,
    client: bench.client,
    clock,
    store,
  });
  workflow.on((event) => times.push(event.at));
  const beforeSend = ({ sentAt }: { readonly sentAt: number }) => void times.push(sentAt);
  await bench.clock.run(workflow.apply('T-open', 'START', { staffUserId, beforeSend }));
  await bench.clock.run(workflow.moveTo('T-open', 'closed', { staffUserId, beforeSend }));
  times.push((await bench.clock.run(workflow.observe('T-open'))).seenAt);
  await bench.clock.run(workflow.settle('T-open', 'CLOSE', { from: 'resolved' }));
  expect(times.length).toBeGreaterThan(30);
  expect(times.filter((time) => !Number.isSafeInteger(time))).toEqual([]);
});

describe('a cached answer is no look at the ticket', () => {
  test.each(['120', '1', '0, 120', '000001', '-1', 'garbage', ''])('with Age: %j', async (age) => {
    const { clock, workflow, sandbox } = setUp({ read: 'always' }, async (request, forward) =>
      request.method === 'GET'
        ? Response.json(
            { success: true, data: { Ticket: { TicketId: 'T-closed', Status: 'open' } } },
            { headers: { age } },
          )
        : forward(),
    );
    const outcome = await clock.run(workflow.apply('T-closed', 'START', { staffUserId }));
    expect(outcome).toMatchObject({
      kind: 'not-sent',
      error: { reason: 'could-not-read', cause: { reason: 'cached' } },
    });
    const stated = { staffUserId, from: 'open' } as const;
    const again = await clock.run(workflow.apply('T-closed', 'START', stated));
    expect(again.kind).toBe('not-sent');
    await expect(clock.run(workflow.observe('T-closed'))).rejects.toMatchObject({
      reason: 'cached',
    });
    await expect(clock.run(workflow.explain('T-closed', 'START'))).rejects.toMatchObject({
      reason: 'cached',
    });
    expect(writesIn(sandbox)).toEqual([]);
  });

  test.each(['0', '00', '0, 0'])('while Age: %j is none', async (age) => {
    const { clock, workflow } = setUp({ read: 'always' }, async (_, forward) => {
      const response = await forward();
      const headers = new Headers(response.headers);
      headers.set('age', age);
      return new Response(response.body, { status: response.status, headers });
    });
    const outcome = await clock.run(workflow.apply('T-open', 'START', { staffUserId }));
    expect(outcome).toMatchObject({ kind: 'confirmed', by: 'response' });
  });
});

describe('a machine that has slept', () => {
  /** Its processes have not: only the time of the day shows it. */
  function sleep(ms: number): void {
    sleptMs += ms;
    const faked = vi.spyOn(Date, 'now').mockImplementation(() => real() + sleptMs);
    onTestFinished(() => {
      sleptMs = 0;
      faked.mockRestore();
    });
  }
  const real = Date.now;
  let sleptMs = 0;

  function setUpAwake(store?: StatusStore) {
    const sandbox = createSandbox({ tickets: [{ ticketId: 'T-1' }, { ticketId: 'T-2' }] });
    const client = createSeriesClient({ apiKey: 'key', fetch: sandbox.fetch });
    const options = { lifecycle: ticketLifecycle, client };
    const workflow = createTicketWorkflow(store === undefined ? options : { ...options, store });
    return { sandbox, workflow };
  }

  test.each([
    ['in memory', undefined],
    ['in a store', createMemoryStatusStore()],
  ])('reads what it knew before: others did not sleep (%s)', async (_, store) => {
    const { sandbox, workflow } = setUpAwake(store);
    await workflow.apply('T-1', 'START', { staffUserId });
    sandbox.tickets.setStatus('T-1', 'closed');
    sleep(3_600_000);
    const outcome = await workflow.apply('T-1', 'RESOLVE', { staffUserId });
    expect(outcome).toMatchObject({ kind: 'blocked', from: 'closed' });
    expect(sandbox.tickets.get('T-1')?.status).toBe('closed');
    // What is seen after it counts as ever.
    const readsOf = () => sandbox.requests.filter(({ method }) => method === 'GET').length;
    await workflow.apply('T-2', 'START', { staffUserId });
    const before = readsOf();
    expect(await workflow.apply('T-2', 'RESOLVE', { staffUserId })).toMatchObject({
      kind: 'confirmed',
    });
    expect(readsOf()).toBe(before);
  });

  test('and so it does where it has slept again since, for a short time', async () => {
    const { sandbox, workflow } = setUpAwake();
    await workflow.where('T-2');
    await workflow.apply('T-1', 'START', { staffUserId });
    sandbox.tickets.setStatus('T-1', 'closed');
    for (const ms of [3_600_000, 10_000]) {
      sleep(ms);
      await workflow.where('T-2');
    }
    const outcome = await workflow.apply('T-1', 'RESOLVE', { staffUserId });
    expect(outcome).toMatchObject({ kind: 'blocked', from: 'closed' });
  });

  test('and one whose clock is set back keeps what it knows', async () => {
    const { sandbox, workflow } = setUpAwake();
    await workflow.apply('T-1', 'START', { staffUserId });
    sleep(-3_600_000);
    const before = sandbox.requests.length;
    await workflow.apply('T-1', 'RESOLVE', { staffUserId });
    expect(sandbox.requests.length).toBe(before + 1);
  });
});
