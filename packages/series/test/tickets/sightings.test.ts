import { defineLifecycle, ticketLifecycle, ticketStatuses } from '@ticket-lifecycle/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  createMemoryStatusStore,
  createSeriesClient,
  createTicketWorkflow,
  type ChangeEntry,
  type StatusStore,
  type TicketObservation,
  type WorkflowEvent,
} from '../../src/index.ts';
import { setUp, writesIn, type Interference } from '../support/bench.ts';
import { OneTicket } from '../support/one-ticket.ts';

const staffUserId = 7;
const known = { staffUserId, from: 'open' } as const;

/** A workflow with a sink and a watch that reads as good as never by itself. */
function open(interfere?: Interference, options: Parameters<typeof setUp>[0] = {}) {
  const entries: ChangeEntry[] = [];
  const watched: TicketObservation[] = [];
  const bench = setUp({ onChange: (entry) => void entries.push(entry), ...options }, interfere);
  const { workflow } = bench;
  const watch = workflow.watch(['T-open'], {
    share: 0.000_001,
    onChange: (observation) => watched.push(observation),
  });
  const observed = () => entries.filter(({ kind }) => kind === 'observed');
  return { ...bench, watch, entries, watched, observed };
}

/** Answers reads late, with what they saw at their beginning. */
const lateReads =
  (delayMs: () => number): Interference =>
  async (request, forward, _sandbox, clock) => {
    const response = await forward();
    if (request.method === 'GET') await clock.sleep(delayMs());
    return response;
  };

const other = defineLifecycle({
  initial: 'open',
  states: {
    open: { on: { FINISH: 'resolved' } },
    resolved: { on: { AGAIN: 'open' } },
  },
});

type Bench = ReturnType<typeof open>;
const readers = {
  where: ({ workflow }) => workflow.where('T-open', { read: 'always' }),
  enabled: ({ workflow }) => workflow.enabled('T-open', { read: 'always' }),
  explain: ({ workflow }) => workflow.explain('T-open', 'CLOSE', { read: 'always' }),
  observe: ({ workflow }) => workflow.observe('T-open'),
  apply: ({ workflow }) => workflow.apply('T-open', 'START', { staffUserId, read: 'always' }),
  moveTo: ({ workflow }) => workflow.moveTo('T-open', 'resolved', { staffUserId, read: 'always' }),
  'another workflow of the client': ({ client, clock }) =>
    createTicketWorkflow({ lifecycle: ticketLifecycle, client, clock }).where('T-open', {
      read: 'always',
    }),
} satisfies Readonly<Record<string, (bench: Bench) => Promise<unknown>>>;

describe('a change of others is told once', () => {
  test.each(Object.entries(readers))('to the watch, though %s has seen it', async (_, read) => {
    const bench = open();
    const { clock, sandbox, watch, watched } = bench;
    await clock.run(bench.workflow.observe('T-open'));
    sandbox.tickets.setStatus('T-open', 'resolved');
    for (let time = 0; time < 3; time += 1) await clock.run<unknown>(read(bench));
    await clock.run(bench.workflow.observe('T-open'));
    watch.close();
    expect(watched).toMatchObject([
      { ticketId: 'T-open', previous: 'open', status: 'resolved', state: 'resolved' },
    ]);
    expect(bench.observed().length).toBe(_.startsWith('another') ? 0 : 1);
  });

  test('in the words of the lifecycle of each watch', async () => {
    const { clock, client, sandbox, workflow, watched } = open();
    const theirs: TicketObservation[] = [];
    const second = createTicketWorkflow({ lifecycle: other, client, clock });
    const watch = second.watch(['T-open'], {
      share: 0.000_001,
      onChange: (observation) => theirs.push(observation),
    });
    await clock.run(workflow.observe('T-open'));
    sandbox.tickets.setStatus('T-open', 'resolved');
    await clock.run(workflow.observe('T-open'));
    watch.close();
    expect(watched).toMatchObject([{ change: { kind: 'path', events: ['START', 'RESOLVE'] } }]);
    expect(theirs).toMatchObject([{ change: { kind: 'edge', events: ['FINISH'] } }]);
  });

  test('though many reads at once see it', async () => {
    let delays = 0;
    const bench = open(lateReads(() => (delays = (delays + 37) % 100)));
    const { clock, sandbox, watched } = bench;
    await clock.run(bench.workflow.observe('T-open'));
    sandbox.tickets.setStatus('T-open', 'resolved');
    const { where, enabled, explain, observe } = readers;
    const all = [where, enabled, explain, observe, where, enabled, explain, observe];
    await clock.run(Promise.all(all.map((read): Promise<unknown> => read(bench))));
    await clock.advance(1);
    expect(watched).toHaveLength(1);
    expect(bench.observed()).toHaveLength(1);
  });

  test.each(['set', 'delete'] as const)('though the store takes long to %s', async (slow) => {
    const memory = createMemoryStatusStore();
    let sleep = () => Promise.resolve();
    const put = async (how: typeof slow, write: () => unknown) => {
      if (how === slow) await sleep();
      await write();
    };
    const bench = open(undefined, {
      lifecycle: slow === 'set' ? ticketLifecycle : other,
      store: {
        get: (id) => memory.get(id),
        set: (id, state) => put('set', () => memory.set(id, state)),
        delete: (id) => put('delete', () => memory.delete(id)),
      },
    });
    const { clock, sandbox, workflow } = bench;
    await clock.run(workflow.observe('T-open'));
    sandbox.tickets.setStatus('T-open', 'in-progress');
    sleep = () => clock.sleep(5000);
    const first = workflow.where('T-open', { read: 'always' });
    // It has been read, and is being stored.
    while (bench.observed().length === 0) await clock.advance(10);
    const second = workflow.where('T-open', { read: 'always' });
    await clock.run(Promise.all([first, second]));
    await clock.run(workflow.observe('T-open'));
    expect(bench.watched).toHaveLength(1);
    expect(bench.observed()).toHaveLength(1);
  });

  test('though the store takes nothing', async () => {
    const deaf: StatusStore = {
      get: () => ({ state: 'open', seenAt: 0 }),
      set: () => Promise.reject(new Error('disk full')),
      delete: () => Promise.reject(new Error('disk full')),
    };
    const bench = open(undefined, { store: deaf });
    bench.sandbox.tickets.setStatus('T-open', 'resolved');
    for (let time = 0; time < 3; time += 1) await bench.clock.run(bench.workflow.observe('T-open'));
    expect(bench.watched).toHaveLength(1);
    expect(bench.observed()).toHaveLength(1);
  });

  test('though a change in doubt has seen it', async () => {
    const bench = open(async (request, forward, sandbox) => {
      if (request.method === 'GET') return forward();
      sandbox.tickets.setStatus('T-open', 'closed');
      return new Response('', { status: 504 });
    });
    const { clock, workflow } = bench;
    const outcome = await clock.run(workflow.apply('T-open', 'START', known));
    expect(outcome).toMatchObject({ kind: 'unknown', observed: 'closed' });
    await clock.advance(60_000);
    await clock.run(workflow.observe('T-open'));
    expect(bench.watched).toMatchObject([{ previous: 'open', status: 'closed' }]);
    expect(bench.entries.map(({ kind, by }) => [kind, by])).toEqual([
      ['observed', 'somebody else'],
      ['unknown', 7],
    ]);
  });

  test('though a confirmed change is read back', async () => {
    const bench = open(
      async (request, forward, sandbox) => {
        const response = await forward();
        if (request.method === 'POST') sandbox.tickets.setStatus('T-open', 'closed');
        return response;
      },
      { verify: true },
    );
    await bench.clock.run(bench.workflow.apply('T-open', 'START', known));
    await bench.clock.run(bench.workflow.observe('T-open'));
    expect(bench.watched).toMatchObject([{ previous: 'in-progress', status: 'closed' }]);
  });
});

describe('a read that is older than what was noted', () => {
  test('is not taken for what others did, and is not remembered', async () => {
    const bench = open(lateReads(() => 5000));
    const { clock, workflow, sandbox } = bench;
    await clock.run(workflow.observe('T-open'));
    const late = (['where', 'enabled', 'explain'] as const).map((name): Promise<unknown> =>
      readers[name](bench),
    );
    await clock.advance(100);
    expect(await clock.run(workflow.apply('T-open', 'START', known))).toMatchObject({
      kind: 'confirmed',
    });
    await clock.run(Promise.all(late));
    expect(bench.observed()).toEqual([]);
    const { kind } = await clock.run(workflow.apply('T-open', 'START', { staffUserId }));
    expect(kind).toBe('unchanged');
    expect(writesIn(sandbox)).toHaveLength(1);
  });

  test('is not remembered while a change is sent, so a killed process leaves nothing behind', async () => {
    const store = createMemoryStatusStore();
    const interfere: Interference = async (request, forward, _sandbox, time) => {
      if (request.method === 'POST') await time.sleep(5000);
      return forward();
    };
    const { clock, workflow, sandbox } = setUp({ store }, interfere);
    // Of one client, the read would wait for the change.
    const client = createSeriesClient({ apiKey: 'other-key', clock, fetch: sandbox.fetch });
    const reader = createTicketWorkflow({ lifecycle: ticketLifecycle, client, clock, store });
    const change = workflow.apply('T-open', 'START', known);
    await clock.advance(1000);
    expect(await clock.run(reader.where('T-open'))).toMatchObject({ state: 'open' });
    expect(store.get('T-open')).toBeUndefined();
    await clock.run(change);
    expect(await store.get('T-open')).toMatchObject({ state: 'in-progress' });
  });

  test('is not remembered while a request may be under way, so nothing is written twice', async () => {
    let posts = 0;
    const { clock, workflow, sandbox } = setUp(
      { settle: 'never' },
      async (request, forward, _sandbox, time) => {
        if (request.method !== 'POST' || (posts += 1) > 1) return forward();
        // The server applies it 20 seconds after the gateway has given up.
        time.setTimeout(() => void forward(), 20_000);
        return new Response('', { status: 504 });
      },
    );
    expect((await clock.run(workflow.apply('T-open', 'START', known))).kind).toBe('unknown');
    await clock.run(workflow.where('T-open'));
    await clock.run(workflow.observe('T-open'));
    const again = await clock.run(workflow.apply('T-open', 'START', { staffUserId }));
    expect(again.kind).toBe('unchanged');
    expect(sandbox.systemMessages).toHaveLength(1);
  });

  test('what a store did not forget is not believed', async () => {
    const store = createMemoryStatusStore();
    const { clock, workflow, sandbox } = setUp(
      {
        store: { ...store, delete: () => Promise.reject(new Error('read-only')) },
        settle: 'never',
      },
      async (request, forward) => {
        const response = await forward();
        return request.method === 'POST' ? new Response('', { status: 504 }) : response;
      },
    );
    await clock.run(workflow.observe('T-open'));
    expect((await clock.run(workflow.apply('T-open', 'START', { staffUserId }))).kind).toBe(
      'unknown',
    );
    const again = await clock.run(workflow.apply('T-open', 'START', { staffUserId }));
    expect(again.kind).toBe('unchanged');
    expect(sandbox.systemMessages).toHaveLength(1);
  });
});

// The oracle: what is told of a ticket is a chain. Each change of others begins where the last
// thing that was told has ended, and after a last read in quiet it ends where the ticket is.
test('whatever is read and changed at once, what is told is a chain without a gap or a repetition', async () => {
  const step = fc.oneof(
    fc.record({ kind: fc.constant('set' as const), status: fc.constantFrom(...ticketStatuses) }),
    fc.record({
      kind: fc.constant('read' as const),
      by: fc.constantFrom('where' as const, 'enabled', 'explain', 'observe'),
    }),
    fc.record({
      kind: fc.constant('change' as const),
      event: fc.constantFrom('START', 'RESOLVE', 'CLOSE', 'REOPEN' as const),
    }),
    fc.record({ kind: fc.constant('wait' as const), forMs: fc.integer({ min: 1, max: 400 }) }),
  );
  const delays = fc.array(fc.integer({ min: 0, max: 500 }), { minLength: 1, maxLength: 8 });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 25 }), delays, async (steps, waits) => {
      let reads = 0;
      const bench = open(lateReads(() => waits[(reads += 1) % waits.length] ?? 0));
      const { clock, workflow, sandbox } = bench;
      let at: string | undefined;
      const told: WorkflowEvent[] = [];
      workflow.on((event) => {
        if (event.type === 'observed') {
          expect(event.previous).toBe(at);
          at = event.status;
          told.push(event);
        } else if (event.type === 'ended' && event.outcome.kind === 'confirmed') {
          at = event.outcome.status;
        }
      });
      ({ status: at } = await clock.run(workflow.observe('T-open')));
      const running: Promise<unknown>[] = [];
      for (const each of steps) {
        if (each.kind === 'set') sandbox.tickets.setStatus('T-open', each.status);
        else if (each.kind === 'wait') await clock.advance(each.forMs);
        else if (each.kind === 'read') running.push(readers[each.by](bench));
        else running.push(workflow.apply('T-open', each.event, { staffUserId, read: 'always' }));
      }
      await clock.run(Promise.all(running));
      await clock.run(workflow.observe('T-open'));
      expect(at).toBe(sandbox.tickets.get('T-open')?.status);
      await clock.advance(1);
      expect(bench.observed()).toHaveLength(told.length);
      expect(bench.watched.map(({ status }) => status)).toEqual(
        told.map((event) => (event.type === 'observed' ? event.status : undefined)),
      );
      bench.watch.close();
    }),
    { numRuns: 150 },
  );
});

test('a watch tells nothing of a ticket that was removed, also if it has to be told again', async () => {
  const { clock, sandbox, workflow } = open();
  const told: string[] = [];
  const watch = workflow.watch(['T-open'], {
    share: 0.000_001,
    onChange({ status }) {
      told.push(status);
      watch.remove('T-open');
      throw new Error('not now');
    },
  });
  await clock.run(workflow.observe('T-open'));
  for (const status of ['resolved', 'closed'] as const) {
    sandbox.tickets.setStatus('T-open', status);
    await clock.run(workflow.observe('T-open'));
  }
  await clock.advance(60_000);
  expect(told).toEqual(['resolved']);
  watch.close();
});

describe("a watch's onChange that fails", () => {
  test('is called again with the same, in order, and nothing waits for it', async () => {
    let isDown = true;
    const taken: string[] = [];
    const failures: WorkflowEvent[] = [];
    const { clock, workflow, sandbox } = setUp();
    workflow.on((event) => void (event.type === 'sink-failed' && failures.push(event)));
    const watch = workflow.watch(['T-open', 'T-closed'], {
      share: 1,
      async onChange({ ticketId, status }) {
        if (isDown) throw new Error('disk full');
        taken.push(`${ticketId} ${status}`);
      },
    });
    await clock.advance(500);
    sandbox.tickets.setStatus('T-open', 'resolved');
    await clock.advance(500);
    sandbox.tickets.setStatus('T-closed', 'open');
    await clock.advance(500);
    const { kind } = await clock.run(workflow.apply('T-open', 'CLOSE', { staffUserId }));
    expect(kind).toBe('confirmed');
    sandbox.tickets.setStatus('T-open', 'open');
    await clock.advance(5000);
    expect(taken).toEqual([]);
    expect(failures[0]).toMatchObject({ ticketId: 'T-open', error: { message: 'disk full' } });
    isDown = false;
    await clock.advance(20_000);
    expect(taken).toEqual(['T-open resolved', 'T-closed open', 'T-open open']);
    watch.close();
  });

  test.each([
    [
      'throws',
      () => {
        throw new Error('broken');
      },
    ],
    ['hangs', () => new Promise<void>(() => {})],
  ] as const)('that %s is not called after close, and leaves no timer', async (_, onChange) => {
    const { clock, workflow, sandbox } = setUp();
    let calls = 0;
    const watch = workflow.watch(['T-open'], {
      share: 1,
      onChange() {
        calls += 1;
        return onChange();
      },
    });
    await clock.advance(500);
    sandbox.tickets.setStatus('T-open', 'resolved');
    await clock.advance(500);
    watch.close();
    const before = calls;
    expect(before).toBeGreaterThan(0);
    await clock.advance(60_000);
    expect(calls).toBe(before);
    expect(clock.pending).toBe(0);
  });
});

const iso = (at: number) => new Date(at).toISOString();
const coarseTimes = {
  'whole seconds': (at: number) => `${iso(at).slice(0, 19)}Z`,
  'seconds that end in .000': (at: number) => `${iso(at).slice(0, 19)}.000Z`,
  'whole minutes': (at: number) => `${iso(at).slice(0, 16)}Z`,
  'minutes that end in :00': (at: number) => `${iso(at).slice(0, 16)}:00Z`,
};

describe('a read that is older than our own change, which is confirmed', () => {
  /** Reads are answered by a copy of the database that is behind by so long. */
  const behind =
    (lagMs: number): Interference =>
    async (request, forward, sandbox, clock) => {
      if (request.method === 'POST') {
        const ticket = { ...sandbox.tickets.get('T-open') };
        const answer = await forward();
        old = { ticket, until: clock.now() + lagMs };
        return answer;
      }
      const { ticket, until } = old;
      if (ticket === undefined || clock.now() >= until) return forward();
      const { status, createdAt, updatedAt } = ticket;
      const shown = [createdAt, updatedAt].map((at) => new Date(Number(at)).toISOString());
      const [CreatedAt, UpdatedAt] = shown;
      const Ticket = { TicketId: 'T-open', Status: status, CreatedAt, UpdatedAt };
      return Response.json({ success: true, data: { Ticket } });
    };
  type SandboxTicket = ReturnType<Bench['sandbox']['tickets']['get']>;
  let old: { readonly ticket?: Partial<SandboxTicket>; readonly until: number };
  const openBehind = (lagMs: number) => {
    old = { until: 0 };
    return open(behind(lagMs));
  };

  test('is made again: a double click writes once, and nobody else is named', async () => {
    const { clock, workflow, sandbox, observed } = openBehind(100);
    const click = () => workflow.apply('T-open', 'START', { staffUserId });
    const outcomes = await clock.run(Promise.all([click(), click()]));
    expect(outcomes.map(({ kind }) => kind)).toEqual(['confirmed', 'unchanged']);
    expect(writesIn(sandbox)).toHaveLength(1);
    expect(observed()).toEqual([]);
  });

  test.each(Object.entries({ milliseconds: iso, ...coarseTimes }))(
    'also where nobody had read the ticket before, and times are written in %s',
    async (_, writeTime) => {
      const ticket = new OneTicket();
      const { clock } = ticket;
      ticket.writeTime = writeTime;
      ticket.onWrite = ({ succeed }) => {
        const { status, updatedAt } = ticket;
        const until = clock.now() + 1500;
        ticket.onRead = ({ show }) =>
          clock.now() < until ? show({ Status: status, UpdatedAt: updatedAt }) : show();
        return succeed();
      };
      const workflow = ticket.workflow();
      const moved: unknown[] = [];
      workflow.on((event) => event.type === 'observed' && moved.push(event));
      const click = () => workflow.apply('T-1', 'START', { staffUserId, from: 'open' });
      const outcomes = [await clock.run(click()), await clock.run(click())];
      expect(outcomes.map(({ kind }) => kind)).toEqual(['confirmed', 'unchanged']);
      expect(ticket.applied).toEqual(['in-progress']);
      expect(moved).toEqual([]);
    },
  );

  test('and where it was updated by others since it was read', async () => {
    const { clock, workflow, sandbox, observed } = openBehind(100);
    await clock.run(workflow.observe('T-open'));
    await clock.advance(5000);
    sandbox.tickets.setStatus('T-open', 'closed');
    await clock.advance(1000);
    sandbox.tickets.setStatus('T-open', 'open');
    await clock.advance(5000);
    const click = () => workflow.apply('T-open', 'START', { staffUserId, from: 'open' });
    const outcomes = [await clock.run(click()), await clock.run(click())];
    expect(outcomes.map(({ kind }) => kind)).toEqual(['confirmed', 'unchanged']);
    expect(writesIn(sandbox)).toHaveLength(1);
    expect(observed()).toEqual([]);
  });

  test.each([
    ['START', {}, 'unchanged'],
    ['START', { from: 'open' }, 'unchanged'],
    ['RESOLVE', { read: 'always' }, 'confirmed'],
  ] as const)('and is no ground for %s, however often it comes', async (event, how, kind) => {
    const { clock, workflow } = openBehind(9000);
    await clock.run(workflow.apply('T-open', 'START', { staffUserId }));
    const next = workflow.apply('T-open', event, { staffUserId, ...how });
    expect(await clock.run(next)).toMatchObject({ kind, from: 'in-progress' });
  });

  const withRelease = defineLifecycle({
    initial: 'open',
    states: {
      open: { on: { START: 'in-progress' } },
      'in-progress': { on: { RELEASE: 'open', RESOLVE: 'resolved' } },
      resolved: { type: 'final' },
    },
  });
  test.each([
    ['RELEASE', 'lost', 'not-sent'],
    ['RELEASE', 'verified', 'unknown'],
    ['RESOLVE', 'lost', 'confirmed'],
    ['RESOLVE', 'verified', 'unknown'],
  ] as const)(
    'and settles no %s that is %s, and nobody else is named',
    async (event, how, kind) => {
      const ticket = new OneTicket();
      const { clock } = ticket;
      ticket.onWrite = ({ count, succeed, apply, lose, say }) => {
        if (count === 1) {
          const { status, updatedAt } = ticket;
          const until = clock.now() + 2500;
          ticket.onRead = ({ show }) =>
            clock.now() < until ? show({ Status: status, UpdatedAt: updatedAt }) : show();
          return succeed();
        }
        if (event === 'RESOLVE') apply();
        return how === 'lost' ? lose() : say(200, { success: true });
      };
      const client = ticket.client();
      const workflow = createTicketWorkflow({ lifecycle: withRelease, client, resend: 'never' });
      const moved: unknown[] = [];
      workflow.on((one) => void (one.type === 'observed' && moved.push(one)));
      await clock.run(workflow.apply('T-1', 'START', { staffUserId }));
      const options = { staffUserId, verify: how === 'verified' };
      expect((await clock.run(workflow.apply('T-1', event, options))).kind).toBe(kind);
      expect(moved).toEqual([]);
    },
  );

  test('for a bounded time, and is not noted', async () => {
    const { clock, workflow, sandbox, observed } = openBehind(60_000);
    await clock.run(workflow.apply('T-open', 'START', { staffUserId }));
    const readsOf = () => sandbox.requests.length;
    const before = readsOf();
    const startedAt = clock.now();
    const seen = await clock.run(workflow.observe('T-open'));
    expect(seen).toMatchObject({ status: 'in-progress', change: { kind: 'unchanged' } });
    const where = workflow.where('T-open', { read: 'always' });
    expect(await clock.run(where)).toMatchObject({ state: 'in-progress' });
    expect(clock.now() - startedAt).toBeGreaterThanOrEqual(2000);
    expect(readsOf()).toBe(before);
    expect(observed()).toEqual([]);
    expect(await clock.run(workflow.where('T-open'))).toMatchObject({ state: 'in-progress' });
  });

  test.each([{}, { from: 'open' }])(
    'while what others did since is seen at once (%o)',
    async (how) => {
      const { clock, workflow, sandbox, observed } = openBehind(0);
      await clock.run(workflow.apply('T-open', 'START', { staffUserId, ...how }));
      await clock.advance(10);
      sandbox.tickets.setStatus('T-open', 'open');
      const readsOf = () => sandbox.requests.filter(({ method }) => method === 'GET').length;
      const before = readsOf();
      expect(await clock.run(workflow.observe('T-open'))).toMatchObject({ status: 'open' });
      expect(readsOf()).toBe(before + 1);
      expect(observed()).toHaveLength(1);
    },
  );

  test.each(Object.entries(coarseTimes))(
    'also within the same tick, where times are written in %s',
    async (_, writeTime) => {
      const ticket = new OneTicket();
      const { clock } = ticket;
      ticket.writeTime = writeTime;
      ticket.createdAt = writeTime(clock.now() - 86_400_000);
      ticket.updatedAt = ticket.createdAt;
      const workflow = ticket.workflow();
      const how = { staffUserId, from: 'open' } as const;
      const outcome = await clock.run(workflow.apply('T-1', 'START', how));
      expect(outcome.kind).toBe('confirmed');
      ticket.set('open');
      expect(await clock.run(workflow.observe('T-1'))).toMatchObject({ previous: 'in-progress' });
      expect(ticket.reads).toBe(1);
    },
  );

  test.each(Object.entries(coarseTimes))(
    'also in the tick of our change, once that was read, where times are written in %s',
    async (_, writeTime) => {
      const ticket = new OneTicket();
      const { clock } = ticket;
      ticket.writeTime = writeTime;
      ticket.createdAt = writeTime(clock.now() - 86_400_000);
      ticket.updatedAt = ticket.createdAt;
      const workflow = ticket.workflow();
      const look = () => clock.run(workflow.where('T-1', { read: 'always' }));
      await clock.run(workflow.apply('T-1', 'START', { staffUserId }));
      expect(await look()).toMatchObject({ state: 'in-progress' });
      ticket.set('resolved');
      expect(await look()).toMatchObject({ state: 'resolved' });
      const writes = ticket.writes;
      const again = await clock.run(
        workflow.apply('T-1', 'RESOLVE', { staffUserId, read: 'always' }),
      );
      expect([again.kind, ticket.writes]).toEqual(['unchanged', writes]);
    },
  );
});

describe('a read that is older than an earlier one', () => {
  /** Somebody has started the ticket, and opened it again: what a copy that is behind shows. */
  async function reopened(writeTime = iso) {
    const ticket = new OneTicket();
    const { clock } = ticket;
    ticket.writeTime = writeTime;
    ticket.set('in-progress');
    let old: Record<string, unknown>;
    const remember = () => (old = { Status: ticket.status, UpdatedAt: ticket.updatedAt });
    remember();
    await clock.advance(3000);
    ticket.set('open');
    const entries: ChangeEntry[] = [];
    const workflow = ticket.workflow({ onChange: (entry) => void entries.push(entry) });
    const showOld = (forMs: number) => {
      const until = clock.now() + forMs;
      ticket.onRead = ({ show }) => (clock.now() < until ? show(old) : show());
    };
    return { ticket, clock, workflow, entries, remember, showOld };
  }
  const withoutZone = (at: number) => iso(at).slice(0, 23);

  test.each([iso, withoutZone])('confirms no change whose answer was lost (%o)', async (time) => {
    const { ticket, clock, workflow, showOld } = await reopened(time);
    ticket.onWrite = ({ lose }) => {
      showOld(2500);
      return lose();
    };
    const how = { staffUserId, resend: 'never' } as const;
    const outcome = await clock.run(workflow.apply('T-1', 'START', how));
    expect(outcome).toMatchObject({ kind: 'not-sent', error: { reason: 'not-processed' } });
  });

  test('nor where the earlier one has confirmed a change', async () => {
    const { ticket, clock, workflow, remember, showOld } = await reopened();
    ticket.set('resolved');
    ticket.onWrite = ({ count, say }) => {
      if (count === 1) {
        clock.setTimeout(() => ticket.set('open'), 28_000);
        clock.setTimeout(() => remember(), 28_500);
        clock.setTimeout(() => ticket.set('closed'), 29_000);
      } else showOld(2500);
      return say(200, { success: false });
    };
    const change = (event: string) => clock.run(workflow.apply('T-1', event, { staffUserId }));
    expect(await change('CLOSE')).toMatchObject({ kind: 'confirmed', by: 'observation' });
    expect(await change('REOPEN')).toMatchObject({ kind: 'refused' });
  });

  test('blocks nothing, and names nobody else', async () => {
    const { clock, workflow, entries, showOld } = await reopened();
    await clock.run(workflow.observe('T-1'));
    showOld(9000);
    expect(await clock.run(workflow.observe('T-1'))).toMatchObject({ status: 'open' });
    const change = workflow.apply('T-1', 'START', { staffUserId, read: 'always' });
    expect((await clock.run(change)).kind).toBe('confirmed');
    expect(entries.map(({ kind }) => kind)).toEqual(['confirmed']);
  });

  test('is behind two changes of one status, too', async () => {
    const { clock, workflow, entries, remember, showOld } = await reopened();
    remember();
    await clock.run(workflow.where('T-1'));
    for (const state of ['in-progress', 'in-progress']) {
      await clock.run(workflow.track('T-1', async () => ({ kind: 'done', state })));
    }
    showOld(9000);
    const seen = await clock.run(workflow.where('T-1', { read: 'always' }));
    expect(seen).toMatchObject({ status: 'in-progress' });
    expect(entries.filter(({ kind }) => kind === 'observed')).toEqual([]);
  });
});
