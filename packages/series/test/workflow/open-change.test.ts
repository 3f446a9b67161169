import { defineLifecycle, defineMigration } from '@ticket-lifecycle/core';
import { describe, expect, test } from 'vitest';
import {
  createMemoryStatusStore,
  createSeriesClient,
  createTicketWorkflow,
  type KnownState,
  type StatusStore,
  type WorkflowEvent,
  type WorkflowOptions,
} from '../../src/index.ts';
import { carriedOver } from '../../src/tickets/carry-over.ts';
import { setUp, writesIn } from '../support/bench.ts';
import { withWaiting as lifecycle } from '../support/with-waiting.ts';

// A change whose end is not known: its process has died, or nothing could be found out. What the store
// holds then is all that is left of a state that shares its status.

const staffUserId = 7;
const day = 86_400_000;
const by = { staffUserId } as const;

/** A store of which it is known how it was left when a process died, and one that drops what is new. */
function storeOf(left: KnownState | undefined, isPlain: boolean): StatusStore {
  const kept = createMemoryStatusStore();
  if (left !== undefined) void kept.set('T-open', left);
  if (!isPlain) return kept;
  const { keepsGoingTo: _, ...plain } = kept;
  return { ...plain, set: (id, { goingTo: _goingTo, ...known }) => kept.set(id, known) };
}

type Change = 'GIVE_UP' | 'RESOLVE';

/**
 * Makes a ticket wait for its customer, and dies while a later change of it is under way. Gives what
 * another process finds.
 */
async function setUpKilled(
  {
    isApplied,
    isPlain = false,
    lateMs,
  }: { isApplied: boolean; isPlain?: boolean; lateMs?: number },
  event: Change = 'GIVE_UP',
  options: Partial<WorkflowOptions> = {},
) {
  const store = storeOf(undefined, isPlain);
  let left: KnownState | undefined;
  let mayDie = false;
  let isDead = false;
  const death = Promise.withResolvers<void>();
  const { clock, sandbox, workflow } = setUp({ lifecycle, store }, async (request, forward) => {
    if (mayDie && request.method === 'POST') {
      left = (await store.get('T-open')) ?? undefined;
      if (isApplied) await forward();
      if (lateMs !== undefined) clock.setTimeout(() => void forward(), lateMs);
      isDead = true;
      death.resolve();
    }
    // From then on, nothing of it gets anywhere.
    return isDead ? new Promise<never>(() => {}) : forward();
  });
  await clock.run(workflow.apply('T-open', 'START', by));
  if (event !== 'RESOLVE') await clock.run(workflow.apply('T-open', 'ASK', by));
  const enteredAt = clock.now();
  await clock.advance(2 * day + 1000);
  mayDie = true;
  void workflow.apply('T-open', event, by);
  await clock.run(death.promise);
  const sentAt = clock.now();
  const asLeft = storeOf(left, isPlain);
  const open = () => {
    const client = createSeriesClient({ apiKey: 'key', clock, fetch: sandbox.fetch });
    const seen: WorkflowEvent[] = [];
    const next = createTicketWorkflow({ client, lifecycle, store: asLeft, ...options });
    next.on((one) => void seen.push(one));
    return { next, seen };
  };
  const statusNow = () => sandbox.tickets.get('T-open')?.status;
  return { clock, sandbox, left, asLeft, enteredAt, sentAt, statusNow, ...open() };
}

describe('after kill -9 while a change of a waiting ticket was under way', () => {
  test('the store holds the state, since when, and where the change goes', async () => {
    const { left, enteredAt } = await setUpKilled({ isApplied: false });
    expect(left).toMatchObject({ state: 'waiting', goingTo: 'resolved' });
    // The server's dates have whole seconds.
    expect(Math.abs(Number(left?.enteredAt) - enteredAt)).toBeLessThan(1000);
  });

  test('that did not arrive, the ticket waits as before, and what was due is made', async () => {
    const { clock, next, statusNow } = await setUpKilled({ isApplied: false });
    await clock.advance(60_000);
    const due = await clock.run(next.runDue(clock.now(), by));
    expect(due).toMatchObject([{ kind: 'confirmed', from: 'waiting', event: 'GIVE_UP' }]);
    expect(due[0]).not.toHaveProperty('assumed');
    expect(statusNow()).toBe('resolved');
  });

  test('that did arrive, it is not made again, and the next event gets its time', async () => {
    const { clock, next, sandbox } = await setUpKilled({ isApplied: true });
    await clock.advance(60_000);
    const due = await clock.run(next.runDue(clock.now(), by));
    expect(due).toMatchObject([{ kind: 'unchanged', from: 'resolved', event: 'GIVE_UP' }]);
    expect(sandbox.systemMessages).toHaveLength(2);
    await clock.advance(7 * day);
    const later = await clock.run(next.runDue(clock.now(), by));
    expect(later).toMatchObject([{ kind: 'confirmed', event: 'CLOSE' }]);
  });

  test('from a state without a deadline to one that has one, that one is found', async () => {
    const { clock, next } = await setUpKilled({ isApplied: true }, 'RESOLVE');
    await clock.advance(7 * day + 60_000);
    const due = await clock.run(next.runDue(clock.now(), by));
    expect(due).toMatchObject([{ kind: 'confirmed', from: 'resolved', event: 'CLOSE' }]);
  });

  test('runDue leaves it alone until its process can not be busy with it any more', async () => {
    const { clock, next, sentAt } = await setUpKilled({ isApplied: false });
    // At the latest: 10 s until it leaves, 10 s for its answer, 30 s and 10 s to find out.
    await clock.advance(sentAt + 59_000 - clock.now());
    expect(await clock.run(next.runDue(clock.now(), by))).toEqual([]);
    await clock.advance(2000);
    expect(await clock.run(next.runDue(clock.now(), by))).toHaveLength(1);
  });

  test.each([
    [false, 'confirmed', 'waiting'],
    [true, 'unchanged', 'resolved'],
  ] as const)(
    'the same change is judged by a read (applied: %s)',
    async (isApplied, kind, from) => {
      const { clock, next, sandbox } = await setUpKilled({ isApplied });
      const outcome = await clock.run(next.apply('T-open', 'GIVE_UP', by));
      expect(outcome).toMatchObject({ kind, from });
      expect(sandbox.systemMessages).toHaveLength(2);
    },
  );

  test('from does not stand in for that read', async () => {
    const { clock, next, sandbox } = await setUpKilled({ isApplied: true });
    const outcome = await clock.run(next.apply('T-open', 'GIVE_UP', { ...by, from: 'waiting' }));
    expect(outcome).toMatchObject({ kind: 'unchanged', from: 'resolved' });
    expect(sandbox.systemMessages).toHaveLength(2);
  });

  test('unless reading is forbidden: then only from says where it is', async () => {
    const { clock, next } = await setUpKilled({ isApplied: false });
    const never = { ...by, read: 'never' } as const;
    expect(await clock.run(next.apply('T-open', 'ANSWER', never))).toMatchObject({
      kind: 'blocked',
      blockers: [{ code: 'unknown-ticket' }],
    });
    const stated = { ...never, from: 'waiting' } as const;
    expect((await clock.run(next.apply('T-open', 'GIVE_UP', stated))).kind).toBe('confirmed');
  });

  test.each([true, false])(
    'nobody else is said to have moved it (applied: %s)',
    async (isApplied) => {
      const { clock, next, seen } = await setUpKilled({ isApplied });
      const observation = await clock.run(next.observe('T-open'));
      expect(observation).toMatchObject({ previous: undefined, change: undefined });
      expect(observation.state).toBe(isApplied ? 'resolved' : 'waiting');
      expect(seen.filter(({ type }) => type === 'observed')).toEqual([]);
    },
  );

  test('a colleague who moved it meanwhile, and back, begins its time anew', async () => {
    const { clock, next, sandbox, asLeft, left } = await setUpKilled({ isApplied: false });
    if (left === undefined) throw new Error('It was not noted.');
    // Sent by what was remembered: nobody had looked for a while.
    sandbox.tickets.setStatus('T-open', 'open');
    sandbox.tickets.setStatus('T-open', 'in-progress');
    await asLeft.set('T-open', { ...left, seenAt: clock.now() + 1000 });
    await clock.advance(120_000);
    const due = await clock.run(next.runDue(clock.now(), by));
    expect(due).toMatchObject([{ kind: 'blocked', blockers: [{ code: 'not-due' }] }]);
  });

  test.each([
    [false, 'not-sent'],
    [true, 'confirmed'],
  ] as const)('settle keeps what a read will tell (applied: %s)', async (isApplied, kind) => {
    const { clock, next, sentAt } = await setUpKilled({ isApplied });
    const options = { from: 'waiting', sentAt } as const;
    expect((await clock.run(next.settle('T-open', 'GIVE_UP', options))).kind).toBe(kind);
    const where = await clock.run(next.where('T-open', { read: 'always' }));
    expect(where).toMatchObject({ state: isApplied ? 'resolved' : 'waiting', assumed: false });
  });

  test('and a store that would drop where the change goes holds nothing', async () => {
    const { clock, next, left, sandbox } = await setUpKilled({ isApplied: true, isPlain: true });
    expect(left).toBeUndefined();
    const outcome = await clock.run(next.apply('T-open', 'GIVE_UP', by));
    expect(outcome).toMatchObject({ kind: 'unchanged' });
    expect(sandbox.systemMessages).toHaveLength(2);
  });

  test('and both states are carried over to the names that they have now', async () => {
    const states = {
      open: { on: { START: 'in-progress' } },
      'in-progress': { on: { PARK: 'parked' } },
      parked: { meta: { status: 'in-progress' }, on: { GIVE_UP: 'done' } },
      done: { meta: { status: 'resolved' }, on: { CHECK: 'checked' } },
      checked: { meta: { status: 'resolved', default: true }, on: { REOPEN: 'open' } },
    } as const;
    const now = defineLifecycle({ initial: 'open', states });
    const migration = defineMigration({
      from: { fingerprint: lifecycle.fingerprint, states: lifecycle.states },
      to: now,
      states: {
        open: 'open',
        'in-progress': 'in-progress',
        waiting: 'parked',
        resolved: 'done',
        closed: 'done',
      },
    });
    for (const isApplied of [true, false]) {
      const options = { lifecycle: now, migration } as unknown as Partial<WorkflowOptions>;
      const { clock, next } = await setUpKilled({ isApplied }, 'GIVE_UP', options);
      expect(await clock.run(next.where('T-open'))).toMatchObject({
        state: isApplied ? 'done' : 'parked',
        assumed: false,
      });
    }
  });
});

describe('while the request of a process that has died may still arrive', () => {
  test.each(['apply', 'moveTo'] as const)('%s waits, whatever is read meanwhile', async (call) => {
    const { clock, next, sandbox } = await setUpKilled({ isApplied: false, lateMs: 5000 });
    const made =
      call === 'apply'
        ? next.apply('T-open', 'GIVE_UP', by)
        : next.moveTo('T-open', 'resolved', by).then(({ outcome }) => outcome);
    await clock.advance(2000);
    expect((await clock.run(next.where('T-open'))).state).toBe('waiting');
    expect(await clock.run(made)).toMatchObject({ kind: 'unchanged', from: 'resolved' });
    expect(sandbox.systemMessages).toHaveLength(2);
  });

  test('a change waits no longer than that process, if it is alive', async () => {
    const { clock, next, asLeft } = await setUpKilled({ isApplied: false });
    const made = next.apply('T-open', 'GIVE_UP', by);
    const before = clock.now();
    await clock.advance(2500);
    await asLeft.set('T-open', { state: 'waiting', seenAt: clock.now() });
    expect((await clock.run(made)).kind).toBe('confirmed');
    expect(clock.now() - before).toBeLessThan(4000);
  });

  test.each(['abort', 'close'])('an %s ends the wait', async (how) => {
    const { clock, next, sandbox } = await setUpKilled({ isApplied: false });
    const stop = new AbortController();
    const made = next.apply('T-open', 'GIVE_UP', { ...by, signal: stop.signal });
    const before = clock.now();
    await clock.advance(1500);
    if (how === 'abort') stop.abort();
    else void next.close();
    expect(await clock.run(made)).toMatchObject({ kind: 'not-sent', error: { reason: 'aborted' } });
    expect(clock.now() - before).toBe(1500);
    expect(sandbox.systemMessages).toHaveLength(1);
  });
});

test('a change to a state that is gone is under way all the same', () => {
  const migrate = ({ state }: { readonly state: string }) =>
    state === 'gone' ? { kind: 'refused' } : { kind: 'carried', state };
  const migration = { from: 'older', states: {}, migrate } as never;
  const left = { state: 'waiting', seenAt: 1, fingerprint: 'older' };
  expect(carriedOver({ ...left, goingTo: 'gone' }, lifecycle, migration).goingTo).toBe('gone');
});

test('a change that is settled as not made leaves the ticket where it was, and since when', async () => {
  let isAway = false;
  const { clock, workflow } = setUp({ lifecycle, read: 'never' }, async (_, forward) => {
    if (isAway) throw new TypeError('fetch failed');
    return forward();
  });
  await clock.run(workflow.where('T-in-progress', { read: 'always' }));
  await clock.run(workflow.apply('T-in-progress', 'ASK', by));
  const enteredAt = clock.now();
  isAway = true;
  const lost = await clock.run(workflow.apply('T-in-progress', 'GIVE_UP', by));
  expect(lost.kind).toBe('unknown');
  isAway = false;
  const sentAt = clock.now();
  await clock.advance(120_000);
  const told = { from: 'waiting', to: 'resolved', sentAt } as const;
  expect(await clock.run(workflow.settle('T-in-progress', 'GIVE_UP', told))).toMatchObject({
    kind: 'not-sent',
  });
  await clock.advance(enteredAt + 2 * day - clock.now());
  const due = await clock.run(workflow.runDue(clock.now(), by));
  expect(due).toMatchObject([{ kind: 'confirmed', from: 'waiting' }]);
});

describe('after an outcome that is unknown', () => {
  test.each([true, false])(
    'the waiting state and its time are still known (store: %s)',
    async (own) => {
      let isAway = false;
      const store = own ? { store: createMemoryStatusStore() } : {};
      const { clock, workflow, sandbox } = setUp({ lifecycle, ...store }, async (_, forward) => {
        if (isAway) throw new TypeError('fetch failed');
        return forward();
      });
      await clock.run(workflow.apply('T-open', 'START', by));
      await clock.run(workflow.apply('T-open', 'ASK', by));
      await clock.run(workflow.where('T-open', { read: 'always' }));
      isAway = true;
      const options = { ...by, read: 'never' } as const;
      const outcome = await clock.run(workflow.apply('T-open', 'GIVE_UP', options));
      expect(outcome.kind).toBe('unknown');
      isAway = false;
      await clock.advance(60_000);
      expect(await clock.run(workflow.where('T-open'))).toMatchObject({
        state: 'waiting',
        assumed: false,
      });
      await clock.advance(2 * day);
      const due = await clock.run(workflow.runDue(clock.now(), by));
      expect(due).toMatchObject([{ kind: 'confirmed', from: 'waiting', event: 'GIVE_UP' }]);
      expect(writesIn(sandbox)).toHaveLength(2);
    },
  );
});
