import { defineLifecycle } from '@ticket-lifecycle/core';
import { describe, expect, test } from 'vitest';
import { setup } from 'xstate';
import { OneTicket } from '../support/one-ticket.ts';
import { setUp, writesIn } from '../support/bench.ts';

const staffUserId = 7;

describe('a move', () => {
  test('walks the legal way, one message a step', async () => {
    const { clock, workflow, sandbox } = setUp();
    const move = await clock.run(workflow.moveTo('T-open', 'closed', { staffUserId }));
    expect(move).toMatchObject({ from: 'open', to: 'closed', arrived: true });
    expect(move.steps.map(({ event }) => event)).toEqual(['START', 'RESOLVE', 'CLOSE']);
    expect(move.outcomes.map(({ kind }) => kind)).toEqual(['confirmed', 'confirmed', 'confirmed']);
    expect(sandbox.systemMessages.map(({ to }) => to)).toEqual([
      'in-progress',
      'resolved',
      'closed',
    ]);
  });

  test('to where the ticket is changes nothing', async () => {
    const { clock, workflow, sandbox } = setUp();
    const move = await clock.run(workflow.moveTo('T-closed', 'closed', { staffUserId }));
    expect(move).toMatchObject({ arrived: true, steps: [], outcome: { kind: 'unchanged' } });
    expect(writesIn(sandbox)).toEqual([]);
  });

  test('stops at the first step that fails, and goes on from there when asked again', async () => {
    let writes = 0;
    const { clock, workflow } = setUp({}, async (request, forward) =>
      request.method === 'POST' && (writes += 1) === 2
        ? Response.json({ success: false, error: { message: 'no' } }, { status: 403 })
        : forward(),
    );
    const first = await clock.run(workflow.moveTo('T-open', 'closed', { staffUserId }));
    expect(first).toMatchObject({ arrived: false, outcome: { kind: 'refused', event: 'RESOLVE' } });
    expect(first.outcomes).toHaveLength(2);
    const second = await clock.run(workflow.moveTo('T-open', 'closed', { staffUserId }));
    expect(second).toMatchObject({ from: 'in-progress', arrived: true });
    expect(second.steps.map(({ event }) => event)).toEqual(['RESOLVE', 'CLOSE']);
  });

  test('lets no other change of the ticket in between', async () => {
    const { clock, workflow } = setUp();
    const move = workflow.moveTo('T-open', 'closed', { staffUserId });
    const change = workflow.apply('T-open', 'START', { staffUserId });
    const [, outcome] = await clock.run(Promise.all([move, change]));
    expect(outcome).toMatchObject({ kind: 'blocked', from: 'closed' });
  });

  test('of a ticket that is not where the caller says is stale', async () => {
    const { clock, workflow, sandbox } = setUp({ read: 'always' });
    const move = await clock.run(
      workflow.moveTo('T-resolved', 'closed', { staffUserId, from: 'open' }),
    );
    expect(move).toMatchObject({
      arrived: false,
      outcome: { kind: 'blocked', blockers: [{ code: 'stale' }] },
    });
    expect(writesIn(sandbox)).toEqual([]);
  });

  test('of an unknown ticket is blocked', async () => {
    const { clock, workflow } = setUp();
    const move = await clock.run(workflow.moveTo('T-9', 'closed', { staffUserId }));
    expect(move).toMatchObject({
      arrived: false,
      steps: [],
      outcome: { kind: 'blocked', event: undefined, blockers: [{ code: 'unknown-ticket' }] },
    });
  });

  test('to a status that does not exist sends nothing', async () => {
    const { clock, workflow, sandbox } = setUp();
    const move = await clock.run(workflow.moveTo('T-open', 'done', { staffUserId }));
    expect(move.outcome).toMatchObject({ kind: 'blocked', blockers: [{ code: 'unknown-state' }] });
    expect(writesIn(sandbox)).toEqual([]);
  });
});

describe('a lifecycle with two paths', () => {
  const twoWays = defineLifecycle(
    setup({ guards: { never: () => false } }).createMachine({
      initial: 'open',
      states: {
        open: { on: { TRIAGE: 'triaged', ASSIGN: 'in-progress' } },
        triaged: { meta: { status: 'in-progress' }, on: { FIX: 'resolved' } },
        'in-progress': { on: { FIX: 'resolved' } },
        resolved: { on: { CLOSE: { target: 'closed', guard: 'never' } } },
        closed: { type: 'final' },
      },
    }),
  );

  test('asks which, instead of choosing by chance', async () => {
    const { clock, workflow, sandbox } = setUp({ lifecycle: twoWays });
    const move = await clock.run(workflow.moveTo('T-open', 'resolved', { staffUserId }));
    expect(move.outcome).toMatchObject({
      kind: 'blocked',
      blockers: [
        {
          code: 'ambiguous',
          parameters: {
            paths: [
              ['TRIAGE', 'FIX'],
              ['ASSIGN', 'FIX'],
            ],
          },
        },
      ],
    });
    expect(writesIn(sandbox)).toEqual([]);
  });

  test('takes the one that is preferred', async () => {
    const { clock, workflow } = setUp({ lifecycle: twoWays });
    const options = { staffUserId, prefer: ['TRIAGE'] } as const;
    const move = await clock.run(workflow.moveTo('T-open', 'resolved', options));
    expect(move).toMatchObject({ arrived: true, steps: [{ to: 'triaged' }, { to: 'resolved' }] });
  });

  test('says which guard closes the way, where no way leads, and what is possible', async () => {
    const { clock, workflow } = setUp({ lifecycle: twoWays });
    const possible = await clock.run(workflow.enabled('T-open'));
    const open = await clock.run(workflow.moveTo('T-open', 'closed', { staffUserId }));
    expect(open.outcome).toMatchObject({
      kind: 'blocked',
      enabled: possible.flatMap(({ allowed, event }) => (allowed ? [{ event }] : [])),
    });
    const closed = await clock.run(workflow.moveTo('T-resolved', 'closed', { staffUserId }));
    expect(closed.outcome).toMatchObject({
      kind: 'blocked',
      blockers: [{ code: 'guard', parameters: { guard: 'never' } }],
    });
    const back = await clock.run(workflow.moveTo('T-closed', 'open', { staffUserId }));
    expect(back.outcome).toMatchObject({ kind: 'blocked', blockers: [{ code: 'unreachable' }] });
  });
});

describe('a move whose step was in doubt', () => {
  test.each(['always', 'when-unknown'] as const)(
    'reads the ticket before the next one: others had time (read: %s)',
    async (read) => {
      for (const status of ['closed', 'in-progress'] as const) {
        const ticket = new OneTicket();
        ticket.onWrite = ({ count, apply, lose, succeed }) => {
          if (count > 1) return succeed();
          apply();
          // While the ticket is held, because ours may still be under way.
          ticket.clock.setTimeout(() => ticket.set(status), 5000);
          return lose();
        };
        const { outcomes, arrived } = await ticket.clock.run(
          ticket.workflow({ read }).moveTo('T-1', 'resolved', { staffUserId: 7 }),
        );
        const isMoved = status === 'closed';
        const [, second] = outcomes;
        expect([second?.kind, arrived]).toEqual(isMoved ? ['blocked', false] : ['confirmed', true]);
        expect(ticket.applied).toEqual(isMoved ? ['in-progress'] : ['in-progress', 'resolved']);
        if (second?.kind === 'blocked') expect(second.blockers[0]?.code).toBe('stale');
        else expect(second?.raceWindowMs).toBeLessThan(1000);
      }
    },
  );

  test('ends where the ticket can not be read then', async () => {
    const ticket = new OneTicket();
    ticket.onWrite = ({ count, apply, lose, succeed }) => {
      if (count > 1) return succeed();
      apply();
      return lose();
    };
    ticket.onRead = ({ count, show, say }) => (count < 3 ? show() : say(401, {}));
    const { outcomes } = await ticket.clock.run(
      ticket.workflow().moveTo('T-1', 'resolved', { staffUserId: 7 }),
    );
    expect(outcomes).toMatchObject([
      { kind: 'confirmed', by: 'observation' },
      { kind: 'refused', event: 'RESOLVE', from: 'in-progress', to: 'resolved', attempts: 0 },
    ]);
    expect(ticket.writes).toBe(1);
  });
});

test('a step that would lead elsewhere than planned is not made', async () => {
  let isApproved = true;
  const lifecycle = defineLifecycle(
    {
      initial: 'open',
      states: {
        open: { on: { START: 'in-progress' } },
        'in-progress': {
          on: { RESOLVE: [{ target: 'resolved', guard: 'isApproved' }, { target: 'closed' }] },
        },
        resolved: { type: 'final' },
        closed: { type: 'final' },
      },
    },
    { guards: { isApproved: ({ context }) => (context as { isApproved: boolean }).isApproved } },
  );
  const { clock, workflow, sandbox } = setUp({ lifecycle }, (request, forward) => {
    // The approval is withdrawn while the first step is under way.
    if (request.method === 'POST') isApproved = false;
    return forward();
  });
  const options = { staffUserId, context: () => ({ isApproved }) };
  const move = await clock.run(workflow.moveTo('T-open', 'resolved', options));
  expect(move).toMatchObject({ arrived: false, outcomes: [{ kind: 'confirmed' }, {}] });
  expect(move.outcome).toMatchObject({ kind: 'blocked', blockers: [{ code: 'unreachable' }] });
  expect(writesIn(sandbox)).toHaveLength(1);
});

test('a step inside one status is no look at the ticket: the race window counts from the last one', async () => {
  const lifecycle = defineLifecycle({
    initial: 'open',
    states: {
      open: { on: { TAKE: 'taken' } },
      taken: { meta: { status: 'open' }, on: { START: 'in-progress' } },
      'in-progress': { type: 'final' },
    },
  });
  const { clock, workflow } = setUp({ lifecycle }, async (request, forward, _, its) => {
    const answer = await forward();
    if (request.method === 'GET') await its.sleep(9000);
    return answer;
  });
  const options = { staffUserId, from: 'open', read: 'always' } as const;
  const move = await clock.run(workflow.moveTo('T-open', 'in-progress', options));
  expect(move).toMatchObject({ arrived: true, outcomes: [{ by: 'lifecycle' }, {}] });
  // The answer may have been written when it was asked for.
  expect(move.outcome.raceWindowMs).toBe(9000);
});

test.each(['apply', 'explain'] as const)(
  'prefer and payloads are for moves: %s refuses them, instead of leaving them out',
  async (call) => {
    const { workflow } = setUp();
    for (const [name, value] of Object.entries({ payloads: { START: {} }, prefer: ['START'] })) {
      const options = { staffUserId: 7, [name]: value };
      await expect(workflow[call]('T-open', 'START', options)).rejects.toThrow(
        `${call}: unknown option "${name}". Expected one of staffUserId, from, `,
      );
    }
  },
);
