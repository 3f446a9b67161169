import {
  defineLifecycle,
  defineMigration,
  type Lifecycle,
  type LifecycleConfig,
  type Migration,
} from '@ticket-lifecycle/core';
import { createSandbox, type TicketStatus } from '@ticket-lifecycle/sandbox';
import {
  createMemoryStatusStore,
  createSeriesClient,
  createTicketWorkflow,
} from '@ticket-lifecycle/series';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  createMemoryOutbox,
  deliverToSeries,
  type Change,
  type DeliveryJob,
} from '../../src/index.ts';
import { jobOf } from '../support/job.ts';
import { change, ended, trialOf } from '../support/trial.ts';

const ticketId = 'TICKET-1';

/** A lifecycle with states that share a status; from those of `open` a ticket may be resolved. */
function lifecycleOf(names: readonly string[], open: readonly string[]): Lifecycle {
  const shared = names.map((name) => {
    const moves = names.filter((to) => to !== name).map((to) => [`TO_${to.toUpperCase()}`, to]);
    const resolve = open.includes(name) ? [['RESOLVE', 'resolved']] : [];
    const on = Object.fromEntries([...moves, ...resolve]) as Record<string, string>;
    return [name, { meta: { status: 'in-progress' }, on }] as const;
  });
  return defineLifecycle({
    initial: 'open',
    states: {
      open: { on: { START: names[0] } },
      ...Object.fromEntries(shared),
      resolved: { on: { CLOSE: 'closed' } },
      closed: { on: { REOPEN: 'open' } },
    },
  } as LifecycleConfig) as Lifecycle;
}

const older = ['a', 'b', 'c'];
const others = { open: 'open', resolved: 'resolved', closed: 'closed' };

/** Any older and newer definition, and a migration between them that renames and removes states. */
const migrations = fc
  .record({
    newer: fc.uniqueArray(fc.constantFrom<string>('a', 'b', 'c', 'x', 'y'), {
      minLength: 1,
      maxLength: 4,
    }),
    keeps: fc.boolean(),
    picks: fc.array(fc.nat(), { minLength: 3, maxLength: 3 }),
    openBefore: fc.subarray(older, { minLength: 1 }),
    openNow: fc.array(fc.nat(), { minLength: 1, maxLength: 3 }),
    state: fc.constantFrom(...older),
  })
  .map(({ newer, keeps, picks, openBefore, openNow, state }) => {
    const from = lifecycleOf(older, openBefore);
    const to = lifecycleOf(
      newer,
      openNow.map((pick) => String(newer[pick % newer.length])),
    );
    const carried = older.map((name, at) => [
      name,
      keeps && newer.includes(name) ? name : newer[Number(picks[at]) % newer.length],
    ]);
    const states = { ...others, ...(Object.fromEntries(carried) as Record<string, string>) };
    return { from, to, states, state, now: states[state as 'open'] };
  });

type Options = Parameters<typeof deliverToSeries>[0];

async function deliver(
  options: Pick<Options, 'lifecycle' | 'migration'>,
  asked: Change,
  more: Partial<DeliveryJob> = {},
  status: TicketStatus = 'in-progress',
) {
  // A ticket made in a whole second looks like one of a server that writes no fractions.
  const startedAt = new Date(new Date().setMilliseconds(123));
  const sandbox = createSandbox({ startedAt, tickets: [{ ticketId, status }] });
  const { fetch } = sandbox;
  const ending = await deliverToSeries({ ...options, apiKey: () => 'k', fetch, settleMs: 10 })(
    jobOf(asked, more),
  );
  return { ending, written: sandbox.systemMessages.length };
}

async function applyWith(lifecycle: Lifecycle, migration: Migration, state: string) {
  const { fetch } = createSandbox({ tickets: [{ ticketId, status: 'in-progress' }] });
  const client = createSeriesClient({ apiKey: 'k', fetch });
  const store = createMemoryStatusStore();
  const seen = { state, status: 'in-progress', seenAt: Date.now() } as const;
  void store.set(ticketId, { ...seen, fingerprint: migration.from });
  const workflow = createTicketWorkflow({ lifecycle, client, store, migration });
  return workflow.apply(ticketId, 'RESOLVE', { staffUserId: 7 });
}

/** What a migration makes of names that the newer lifecycle has too. */
const reuses = (to: Lifecycle, states: Readonly<Record<string, string>>) =>
  Object.entries(states).some(([name, now]) => name !== now && to.isState(name));

test('whatever is renamed or removed, workflow and outbox judge by the state that it is now', async () => {
  await fc.assert(
    fc.asyncProperty(migrations, async ({ from, to, states, state, now }) => {
      fc.pre(from.fingerprint !== to.fingerprint);
      const migration = defineMigration({ from, to, states });
      const { allowed } = to.explain(now, 'RESOLVE');
      const outcome = await applyWith(to, migration, state);
      expect(outcome).toMatchObject({ kind: allowed ? 'confirmed' : 'blocked', from: now });
      expect(outcome).not.toHaveProperty('assumed');

      const options = { lifecycle: to, migration };
      if (reuses(to, states)) {
        expect(() => deliverToSeries({ ...options, apiKey: () => 'k' })).toThrow('of its own');
        return;
      }
      const known = { state, seenAt: Date.now() };
      for (const more of [{ known }, { known, from: state }, { known, whileIn: state }]) {
        const { known: _, ...fields } = { ...more };
        const asked = change(ticketId, 'RESOLVE', fields);
        const { ending, written } = await deliver(options, asked, { known });
        expect({ kind: ending.kind, written }).toEqual(
          allowed ? { kind: 'done', written: 1 } : { kind: 'dead', written: 0 },
        );
        expect(ending).not.toHaveProperty('assumed');
      }
    }),
    { numRuns: 60 },
  );
});

describe('an outbox after a rename', () => {
  const from = lifecycleOf(['in-progress', 'waiting'], ['in-progress']);
  const to = lifecycleOf(['in-progress', 'ordered'], ['in-progress']);
  const states = { ...others, 'in-progress': 'in-progress', waiting: 'ordered' };
  const migration = defineMigration({ from, to, states });
  const known = { state: 'waiting', seenAt: Date.now() };
  const options = { lifecycle: to, migration };

  test.each(['open', 'resolved'] as const)(
    'drops a timer of a ticket that is %s',
    async (status) => {
      const asked = change(ticketId, 'TO_IN-PROGRESS', { whileIn: 'waiting' });
      const { ending } = await deliver(options, asked, { known }, status);
      expect(ending.kind).toBe('dropped');
    },
  );

  test('compares an older from with the ticket', async () => {
    const asked = change(ticketId, 'RESOLVE', { from: 'waiting' });
    const { ending, written } = await deliver(options, asked, {}, 'open');
    expect({ kind: ending.kind, written }).toEqual({ kind: 'dead', written: 0 });
    expect(ending).toMatchObject({ reason: expect.stringContaining('is not ordered but open') });
  });

  test('settles a doubt by the state that it is now, and sends nothing that is forbidden there', async () => {
    const doubt = { sinceMs: 60_000, fromMs: 61_000 };
    const { ending, written } = await deliver(options, change(ticketId, 'RESOLVE'), {
      known,
      doubt,
    });
    expect({ kind: ending.kind, written }).toEqual({ kind: 'dead', written: 0 });
  });

  const says = 'It was assumed to be in-progress: several states have its status.';

  test.each([
    ['at the first attempt', {}, 'in-progress'],
    ['after a doubt', { doubt: { sinceMs: 60_000, fromMs: 61_000 } }, 'in-progress'],
    ['found to have arrived', { doubt: { sinceMs: 60_000, fromMs: 61_000 } }, 'resolved'],
  ] as const)('without a migration says what it has assumed, %s', async (_, more, status) => {
    const job = { known, ...more };
    const { ending } = await deliver({ lifecycle: to }, change(ticketId, 'RESOLVE'), job, status);
    expect(ending).toMatchObject({
      kind: 'done',
      assumed: true,
      note: expect.stringContaining(says),
    });
  });

  test('says it in its event, its record and its history', async () => {
    const { fetch } = createSandbox({ tickets: [{ ticketId, status: 'in-progress' }] });
    const trial = await trialOf(async (onEvent) => createMemoryOutbox({ onEvent }));
    const { outbox, until } = trial;
    await outbox.run(deliverToSeries({ lifecycle: to, apiKey: () => 'k', fetch }));
    const id = await outbox.accept(change(ticketId, 'RESOLVE'));
    const [event] = await until(ended());
    const reason = `confirmed by response. ${says}`;
    expect(event).toMatchObject({ kind: 'done', assumed: true, reason });
    expect(await outbox.inspect.change(id)).toMatchObject({ reason });
    const history = await outbox.inspect.why(id);
    expect(history?.evidence.at(-1)).toMatchObject({ what: 'ended', detail: `done: ${reason}` });
    const next = await outbox.accept(change(ticketId, 'CLOSE'));
    const [, sure] = await until(ended(), 2);
    expect(sure).toMatchObject({ id: next, kind: 'done', reason: 'confirmed by response' });
    expect(sure).not.toHaveProperty('assumed');
    await outbox.close();
  });

  test('refuses a migration that gives the name of a state to another', () => {
    const swap = { ...others, 'in-progress': 'ordered', waiting: 'in-progress' };
    const swapped = defineMigration({ from, to, states: swap });
    const bad = { lifecycle: to, migration: swapped, apiKey: () => 'k' };
    expect(() => deliverToSeries(bad)).toThrow(
      'option "migration" makes ordered of in-progress, and the lifecycle has a in-progress of its own.',
    );
  });
});
