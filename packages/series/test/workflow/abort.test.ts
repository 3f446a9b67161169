import { describe, expect, test } from 'vitest';
import {
  createMemoryStatusStore,
  createTicketWorkflow,
  type CallOptions,
} from '../../src/index.ts';
import { setUp, writesIn } from '../support/bench.ts';
import { withWaiting } from '../support/with-waiting.ts';

const staffUserId = 7;
const never = () => new Promise<Response>(() => {});
type Options = Required<Pick<CallOptions, 'signal'>>;
type Bench = ReturnType<typeof setUp>;

/** Every call that reads, and what it ends with. */
const reading: Record<string, (bench: Bench, options: Options) => Promise<unknown>> = {
  getTicket: ({ client }, options) => client.getTicket('T-open', options),
  listTickets: ({ client }, options) => client.listTickets({}, options),
  observe: ({ workflow }, options) => workflow.observe('T-open', options),
  explain: ({ workflow }, options) => workflow.explain('T-open', 'START', options),
  apply: async ({ workflow }, options) => {
    const outcome = await workflow.apply('T-open', 'START', { staffUserId, ...options });
    throw 'error' in outcome ? outcome.error : new Error(outcome.kind);
  },
  moveTo: async ({ workflow }, options) => {
    const { outcome } = await workflow.moveTo('T-open', 'closed', { staffUserId, ...options });
    throw 'error' in outcome ? outcome.error : new Error(outcome.kind);
  },
};

describe('a read ends at once when it is aborted', () => {
  test.each(Object.keys(reading))('%s', async (name) => {
    const bench = setUp({}, never);
    const { clock, client } = bench;
    const abort = new AbortController();
    const startedAt = clock.now();
    clock.setTimeout(() => abort.abort(), 300);
    const call = reading[name]?.(bench, { signal: abort.signal }) ?? Promise.resolve();
    const ended = call.then(
      () => 'resolved',
      (error: unknown) => error,
    );
    expect(await clock.run(ended)).toMatchObject({ delivery: 'not-sent', reason: 'aborted' });
    expect(clock.now() - startedAt).toBe(300);
    expect(client.rateLimiter.describe(client.keyId).underWay).toBe(0);
    await clock.advance(20_000);
    expect(clock.pending).toBe(0);
  });

  const hanging: readonly (readonly [string, Parameters<typeof setUp>])[] = [
    ['the key', [{}, undefined, {}, { apiKey: () => new Promise<string>(() => {}) }]],
    ['beforeAttempt', [{}, undefined, {}, { beforeAttempt: () => new Promise<void>(() => {}) }]],
    ['the store', [{ store: { get: never as never, set() {}, delete() {} } }, never]],
  ];
  test.each(
    hanging.flatMap(([what, set]) =>
      Object.keys(reading).map((name) => [name, what, set] as const),
    ),
  )('%s, also where %s never comes', async (name, _, set) => {
    const bench = setUp(...set);
    const { clock, client, sandbox } = bench;
    const abort = new AbortController();
    const startedAt = clock.now();
    clock.setTimeout(() => abort.abort(), 300);
    const ended = reading[name]?.(bench, { signal: abort.signal }).catch((error: unknown) => error);
    expect(await clock.run(ended ?? Promise.resolve())).toMatchObject({ reason: 'aborted' });
    expect(clock.now() - startedAt).toBe(300);
    await clock.advance(20_000);
    expect(client.rateLimiter.describe(client.keyId).underWay).toBe(0);
    expect([clock.pending, sandbox.requests]).toEqual([0, []]);
  });

  test('and closing the workflow aborts them all', async () => {
    const { clock, workflow } = setUp({}, never);
    const calls = [
      workflow.observe('T-open').catch((error: unknown) => error),
      workflow.explain('T-open', 'START').catch((error: unknown) => error),
      workflow.apply('T-closed', 'REOPEN', { staffUserId }),
      workflow.moveTo('T-resolved', 'closed', { staffUserId }),
    ];
    await clock.advance(300);
    const closedAt = clock.now();
    await clock.run(workflow.close());
    expect(clock.now()).toBe(closedAt);
    expect(await Promise.all(calls)).toMatchObject([
      { reason: 'aborted' },
      { reason: 'aborted' },
      { kind: 'not-sent', error: { reason: 'aborted' } },
      { outcome: { kind: 'not-sent', error: { reason: 'aborted' } } },
    ]);
    await clock.advance(20_000);
    expect(clock.pending).toBe(0);
  });

  test.each(['explain', 'where', 'observe', 'enabled'] as const)(
    'and a closed workflow reads nothing more: %s',
    async (call) => {
      const { clock, workflow, sandbox } = setUp();
      await clock.run(workflow.close());
      const asked: Promise<unknown> =
        call === 'explain' ? workflow.explain('T-open', 'START') : workflow[call]('T-open');
      const ended = asked.catch((error: unknown) => error);
      expect(await clock.run(ended)).toMatchObject({ delivery: 'not-sent', reason: 'aborted' });
      expect(sandbox.requests).toEqual([]);
    },
  );

  test('and a look at a ticket in doubt leaves the change unknown', async () => {
    const { clock, workflow } = setUp({}, (request) =>
      request.method === 'POST' ? Promise.reject(new TypeError('fetch failed')) : never(),
    );
    const abort = new AbortController();
    const options = { staffUserId, from: 'open', signal: abort.signal } as const;
    const change = workflow.apply('T-open', 'START', options);
    await clock.advance(300);
    abort.abort();
    const before = clock.now();
    expect(await clock.run(change)).toMatchObject({ kind: 'unknown', observed: undefined });
    expect(clock.now()).toBe(before);
  });
});

test('a step that is aborted while the store is asked is not made by a statement alone', async () => {
  const kept = createMemoryStatusStore();
  const bench = setUp({ lifecycle: withWaiting });
  const { clock, client } = bench;
  await kept.set('T-resolved', { state: 'resolved', seenAt: clock.now() });
  const get = async (ticketId: string) => {
    await clock.sleep(2000);
    return kept.get(ticketId);
  };
  const store = { ...kept, get };
  const workflow = createTicketWorkflow({ lifecycle: withWaiting, client, store });
  const abort = new AbortController();
  const options = { staffUserId, from: 'in-progress', signal: abort.signal } as const;
  const step = workflow.apply('T-resolved', 'ASK', options);
  await clock.advance(300);
  abort.abort();
  expect(await clock.run(step)).toMatchObject({ kind: 'not-sent', error: { reason: 'aborted' } });
  expect(await kept.get('T-resolved')).toMatchObject({ state: 'resolved' });
});

test('a change under way is seen to its end, whoever aborts', async () => {
  const { clock, workflow, sandbox } = setUp({}, async (request, forward, _, fake) => {
    if (request.method === 'POST') await fake.sleep(2000);
    return forward();
  });
  const abort = new AbortController();
  const options = { staffUserId, from: 'open', signal: abort.signal } as const;
  const change = workflow.apply('T-open', 'START', options);
  await clock.advance(500);
  abort.abort();
  expect(await clock.run(change)).toMatchObject({ kind: 'confirmed', by: 'response' });
  expect(writesIn(sandbox)).toHaveLength(1);
});

test.each(['beforeSend', 'the store'])(
  'a change is given up at once where %s hangs, and nobody is told of it later',
  async (what) => {
    let answer = () => {};
    const slow = () => new Promise<void>((resolve) => (answer = resolve));
    const store = { get: () => undefined, set() {}, delete: slow };
    const told: string[] = [];
    const beforeSend = async () => {
      told.push('asked');
      await slow();
    };
    const inStore = what === 'the store';
    const { clock, workflow, sandbox } = setUp(inStore ? { store } : {});
    const abort = new AbortController();
    const startedAt = clock.now();
    clock.setTimeout(() => abort.abort(), 300);
    const change = { staffUserId, from: 'open', signal: abort.signal, beforeSend } as const;
    const outcome = await clock.run(workflow.apply('T-open', 'START', change));
    expect(outcome).toMatchObject({ kind: 'not-sent', error: { reason: 'aborted' }, attempts: 0 });
    expect(clock.now() - startedAt).toBe(300);
    answer();
    await clock.advance(20_000);
    expect([told, sandbox.requests]).toEqual([inStore ? [] : ['asked'], []]);
  },
);
