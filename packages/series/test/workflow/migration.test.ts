import {
  defineLifecycle,
  defineMigration,
  type Lifecycle,
  type LifecycleConfig,
} from '@ticket-lifecycle/core';
import { describe, expect, test } from 'vitest';
import { createMemoryStatusStore, createTicketWorkflow, type KnownState } from '../../src/index.ts';
import { setUp, writesIn } from '../support/bench.ts';

const staffUserId = 7;
const ticketId = 'T-in-progress';
const lifecycleWith = (name: string): Lifecycle =>
  defineLifecycle({
    initial: 'open',
    states: {
      open: { on: { START: 'in-progress' } },
      'in-progress': { on: { ORDER: name, RESOLVE: 'resolved' } },
      [name]: { meta: { status: 'in-progress' }, on: { ARRIVED: 'in-progress' } },
      resolved: { on: { CLOSE: 'closed' } },
      closed: { on: { REOPEN: 'open' } },
    },
  } as LifecycleConfig) as Lifecycle;
const before = lifecycleWith('waiting');
const after = lifecycleWith('ordered');
const same = { open: 'open', resolved: 'resolved', closed: 'closed' };
const migration = defineMigration({
  from: before,
  to: after,
  states: { ...same, 'in-progress': 'in-progress', waiting: 'ordered' },
});

/** A workflow of the newer lifecycle on a store that the older one has filled. */
function migrated(known: Partial<KnownState> = {}, options: object = { migration }) {
  const store = createMemoryStatusStore();
  const bench = setUp({ lifecycle: after, store, ...options });
  void store.set(ticketId, {
    state: 'waiting',
    status: 'in-progress',
    seenAt: bench.clock.now(),
    fingerprint: before.fingerprint,
    ...known,
  });
  return { ...bench, store };
}

describe('a state that was stored under an older lifecycle', () => {
  test('is carried over: what both forbid there is blocked', async () => {
    const { clock, sandbox, store, workflow } = migrated();
    const sent = await clock.run(workflow.apply(ticketId, 'RESOLVE', { staffUserId }));
    expect(sent).toMatchObject({ kind: 'blocked', from: 'ordered' });
    expect(sent).not.toHaveProperty('assumed');
    expect(writesIn(sandbox)).toEqual([]);
    expect(store.get(ticketId)).toMatchObject({
      state: 'ordered',
      fingerprint: after.fingerprint,
    });
    const arrived = await clock.run(workflow.apply(ticketId, 'ARRIVED', { staffUserId }));
    expect(arrived).toMatchObject({ kind: 'confirmed', from: 'ordered' });
  });

  test.each(['where', 'enabled', 'observe', 'explain'] as const)('also for %s', async (ask) => {
    const { clock, workflow } = migrated();
    const said = await clock.run<unknown>(
      ask === 'explain' ? workflow.explain(ticketId, 'RESOLVE') : workflow[ask](ticketId),
    );
    if (ask === 'where' || ask === 'observe') expect(said).toMatchObject({ state: 'ordered' });
    if (ask === 'explain') expect(said).toMatchObject({ allowed: false, from: 'ordered' });
    if (ask === 'enabled') {
      const choices = said as readonly { event: string; allowed: boolean }[];
      expect(choices.filter(({ allowed }) => allowed)).toMatchObject([{ event: 'ARRIVED' }]);
    }
  });

  test('counts for a ticket that is still in its status, and for no other', async () => {
    const { clock, sandbox, workflow } = migrated();
    sandbox.tickets.setStatus(ticketId, 'resolved');
    const sent = await clock.run(workflow.apply(ticketId, 'CLOSE', { staffUserId }));
    expect(sent).toMatchObject({ kind: 'confirmed', from: 'resolved' });
  });

  test('may have a name that is now that of another state', async () => {
    const swapped = defineMigration({
      from: before,
      to: after,
      states: { ...same, 'in-progress': 'ordered', waiting: 'in-progress' },
    });
    const { clock, workflow } = migrated({ state: 'in-progress' }, { migration: swapped });
    const sent = await clock.run(workflow.apply(ticketId, 'RESOLVE', { staffUserId }));
    expect(sent).toMatchObject({ kind: 'blocked', from: 'ordered' });
  });

  test('without a fingerprint is an older one if the lifecycle does not have it', async () => {
    for (const [state, from] of [
      ['waiting', 'ordered'],
      ['ordered', 'ordered'],
      ['in-progress', 'in-progress'],
    ] as const) {
      const { clock, workflow } = migrated({ state, fingerprint: undefined });
      const verdict = await clock.run(workflow.explain(ticketId, 'CLOSE'));
      expect(verdict).toMatchObject({ allowed: false, from });
    }
  });

  test('that the migration does not know leads to a read, and what is assumed is said', async () => {
    const some = defineMigration({ from: before.fingerprint, to: after, states: same });
    for (const options of [{ migration: some }, {}]) {
      const { clock, workflow } = migrated({}, options);
      const sent = await clock.run(workflow.apply(ticketId, 'RESOLVE', { staffUserId }));
      expect(sent).toMatchObject({ kind: 'confirmed', from: 'in-progress', assumed: true });
    }
  });

  test('of a third lifecycle is left to a read', async () => {
    const { clock, workflow } = migrated({ fingerprint: 'f00', state: 'waiting' });
    expect(await clock.run(workflow.where(ticketId))).toMatchObject({ assumed: true });
  });
});

test('a stored state of another status than the ticket was seen with is no position', async () => {
  const { clock, workflow } = migrated({ state: 'resolved', fingerprint: after.fingerprint });
  const sent = await clock.run(workflow.apply(ticketId, 'CLOSE', { staffUserId }));
  expect(sent).toMatchObject({ kind: 'blocked', from: 'in-progress' });
});

test('a migration to another lifecycle is refused where it is given', () => {
  const { client } = setUp();
  const other = { lifecycle: before, client, migration };
  expect(() => createTicketWorkflow(other)).toThrow(
    `option "migration" leads to ${after.fingerprint}, and the lifecycle is ${before.fingerprint}.`,
  );
  expect(() => createTicketWorkflow({ ...other, migration: {} as never })).toThrow(
    'option "migration" must be a migration, as defineMigration makes it',
  );
});
