import { ticketLifecycle } from '@ticket-lifecycle/core';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, test } from 'vitest';
import {
  createMemoryStatusStore,
  createTicketWorkflow,
  type ChangeEntry,
} from '../../src/index.ts';
import { createSqliteStatusStore } from '../../src/stores/sqlite-status-store.ts';
import { setUp } from '../support/bench.ts';
import { OneTicket } from '../support/one-ticket.ts';
import { withWaiting } from '../support/with-waiting.ts';

const by = { staffUserId: 7 };
const lifecycle = ticketLifecycle;

/** Two workflows on one client: each with a store of its own, or one of them without. */
function openTwo(ticket: OneTicket, has: 'one store' | 'two stores') {
  const client = ticket.client();
  const open = (store = createMemoryStatusStore()) =>
    createTicketWorkflow({ lifecycle, client, store });
  const first = has === 'two stores' ? open() : createTicketWorkflow({ lifecycle, client });
  return [first, open()] as const;
}

describe.each(['one store', 'two stores'] as const)(
  'two workflows on one client with %s',
  (has) => {
    test('never send changes of one ticket side by side', async () => {
      const ticket = new OneTicket();
      ticket.onWrite = ({ count, apply, lose, succeed }) => {
        if (count > 1) return succeed();
        ticket.clock.setTimeout(apply, 5000);
        return lose();
      };
      const [one, other] = openTwo(ticket, has);
      const both = [one.apply('T-1', 'START', by), other.apply('T-1', 'START', by)];
      const outcomes = await ticket.clock.run(Promise.all(both));
      expect(outcomes.map(({ kind }) => kind)).toEqual(['confirmed', 'unchanged']);
      expect(ticket.applied).toEqual(['in-progress']);
    });

    test('do not judge by what they remember from before a change of the other', async () => {
      const ticket = new OneTicket();
      const [one, other] = openTwo(ticket, has);
      await ticket.clock.run(other.where('T-1'));
      await ticket.clock.run(one.apply('T-1', 'START', by));
      expect((await ticket.clock.run(other.where('T-1'))).state).toBe('in-progress');
      expect((await ticket.clock.run(other.apply('T-1', 'START', by))).kind).toBe('unchanged');
      expect((await ticket.clock.run(other.apply('T-1', 'RESOLVE', by))).kind).toBe('confirmed');
      expect((await ticket.clock.run(one.apply('T-1', 'RESOLVE', by))).kind).toBe('unchanged');
      expect(ticket.applied).toEqual(['in-progress', 'resolved']);
    });

    test('nor by a copy of the database that is behind a change of the other', async () => {
      const ticket = new OneTicket();
      const { clock } = ticket;
      ticket.onWrite = ({ succeed }) => {
        const { status, updatedAt } = ticket;
        const until = clock.now() + 9000;
        ticket.onRead = ({ show }) =>
          clock.now() < until ? show({ Status: status, UpdatedAt: updatedAt }) : show();
        return succeed();
      };
      const [one, other] = openTwo(ticket, has);
      await clock.run(one.apply('T-1', 'START', by));
      expect((await clock.run(other.where('T-1'))).status).toBe('in-progress');
      expect((await clock.run(other.apply('T-1', 'START', by))).kind).toBe('unchanged');
      expect(ticket.applied).toEqual(['in-progress']);
    });
  },
);

describe('a state that shares its status is known still, though the ticket was read', () => {
  test.each(['with another store', 'with another lifecycle'])('%s', async (how) => {
    const { clock, client } = setUp();
    const hasStores = how === 'with another store';
    const store = () => (hasStores ? { store: createMemoryStatusStore() } : {});
    const one = createTicketWorkflow({ lifecycle: withWaiting, client, ...store() });
    const other = hasStores
      ? createTicketWorkflow({ lifecycle: withWaiting, client, ...store() })
      : createTicketWorkflow({ lifecycle, client });
    await clock.run(one.apply('T-open', 'START', by));
    await clock.run(one.apply('T-open', 'ASK', by));
    await clock.run(other.where('T-open', { read: 'always' }));
    expect(await clock.run(one.apply('T-open', 'RESOLVE', by))).toMatchObject({
      kind: 'blocked',
      from: 'waiting',
    });
  });
});

describe('workflows that know the same tickets', () => {
  test('of one table make one change at a time, though each has a store and a client', async () => {
    const ticket = new OneTicket();
    const db = new DatabaseSync(':memory:');
    const both = [1, 2].map(() => {
      const store = createSqliteStatusStore(db);
      const workflow = createTicketWorkflow({ lifecycle, client: ticket.client(), store });
      return workflow.apply('T-1', 'START', by);
    });
    const outcomes = await ticket.clock.run(Promise.all(both));
    expect(outcomes.map(({ kind }) => kind)).toEqual(['confirmed', 'unchanged']);
    expect(ticket.applied).toEqual(['in-progress']);
  });

  test('and could not wait for each other are refused', () => {
    const ticket = new OneTicket();
    const store = createMemoryStatusStore();
    const [one, other] = [ticket.client(), ticket.client()];
    createTicketWorkflow({ lifecycle, client: one, store });
    createTicketWorkflow({ lifecycle, client: other });
    expect(() => createTicketWorkflow({ lifecycle, client: other, store })).toThrow(
      'Use one client for all workflows of a key.',
    );
  });
});

test('a move that breaks after a step still tells how that step has ended', async () => {
  const entries: ChangeEntry[] = [];
  const { clock, workflow, sandbox } = setUp({ onChange: (entry) => void entries.push(entry) });
  const context = () => {
    if (sandbox.systemMessages.length > 0) throw new Error('no context any more');
  };
  const move = await clock.run(workflow.moveTo('T-open', 'resolved', { ...by, context }));
  expect(move).toMatchObject({
    arrived: false,
    outcomes: [{ kind: 'confirmed' }, { kind: 'not-sent', error: { reason: 'stopped' } }],
  });
  await clock.advance(1);
  expect(entries.map(({ kind }) => kind)).toEqual(['confirmed', 'not-sent']);
  const broken = workflow.moveTo('T-closed', 'resolved', { ...by, context });
  await expect(clock.run(broken)).rejects.toThrow('no context any more');
});
