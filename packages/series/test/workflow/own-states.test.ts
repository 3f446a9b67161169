import { defineLifecycle, type LifecycleConfig } from '@ticket-lifecycle/core';
import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { setUp, writesIn } from '../support/bench.ts';

const staffUserId = 7;

/** Two states of a help desk are in-progress for the API. */
const config = {
  initial: 'open',
  states: {
    open: { on: { START: 'in-progress' } },
    'in-progress': { on: { ASK: 'waiting', RESOLVE: 'resolved' } },
    waiting: { meta: { status: 'in-progress' }, on: { ANSWER: 'in-progress' } },
    resolved: { on: { CLOSE: 'closed' } },
    closed: { on: { REOPEN: 'open' } },
  },
} as const satisfies LifecycleConfig;
const own = defineLifecycle(config);
/** The same with a default, which goes before the name. */
const waitingFirst = defineLifecycle({
  ...config,
  states: {
    ...config.states,
    waiting: { meta: { status: 'in-progress', default: true }, on: { ANSWER: 'in-progress' } },
  },
});

describe('of several states of one status', () => {
  test('the one that is named like it counts, and that is said', async () => {
    const { clock, workflow } = setUp({ lifecycle: own });
    const ask = await clock.run(workflow.apply('T-in-progress', 'ASK', { staffUserId }));
    expect(ask).toMatchObject({
      kind: 'confirmed',
      by: 'lifecycle',
      from: 'in-progress',
      assumed: true,
    });
    const seen = await clock.run(workflow.observe('T-in-progress'));
    expect(seen).toMatchObject({ status: 'in-progress', state: 'waiting' });
    // It is known now, not assumed.
    expect(seen).not.toHaveProperty('assumed');
  });

  test('the default goes before it', async () => {
    const { clock, workflow } = setUp({ lifecycle: waitingFirst });
    const seen = await clock.run(workflow.observe('T-in-progress'));
    expect(seen).toMatchObject({ state: 'waiting', assumed: true });
    const answer = await clock.run(
      workflow.apply('T-in-progress', 'ANSWER', { staffUserId, read: 'always' }),
    );
    expect(answer).toMatchObject({ kind: 'confirmed', by: 'lifecycle', from: 'waiting' });
  });

  test('what is assumed is said by every kind of ending, and by moves', async () => {
    const { clock, workflow } = setUp({ lifecycle: own, read: 'always' });
    const unfit = await clock.run(workflow.apply('T-in-progress', 'ANSWER', { staffUserId }));
    expect(unfit).toMatchObject({ kind: 'unchanged', assumed: true });
    const blocked = await clock.run(workflow.apply('T-in-progress', 'CLOSE', { staffUserId }));
    expect(blocked).toMatchObject({ kind: 'blocked', assumed: true });
    const move = await clock.run(workflow.moveTo('T-in-progress', 'in-progress', { staffUserId }));
    expect(move.outcome).toMatchObject({ kind: 'unchanged', assumed: true });
    const sent = await clock.run(workflow.apply('T-in-progress', 'RESOLVE', { staffUserId }));
    expect(sent).toMatchObject({ kind: 'confirmed', by: 'response', assumed: true });
    const sure = await clock.run(workflow.apply('T-open', 'START', { staffUserId }));
    expect(sure).not.toHaveProperty('assumed');
  });

  test.each(['when-unknown', 'always'] as const)(
    'what was assumed stays an assumption when it is remembered (read: %s)',
    async (read) => {
      const { clock, workflow } = setUp({ lifecycle: own });
      expect(await clock.run(workflow.observe('T-in-progress'))).toMatchObject({ assumed: true });
      expect(await clock.run(workflow.observe('T-in-progress'))).toMatchObject({ assumed: true });
      const sent = workflow.apply('T-in-progress', 'RESOLVE', { staffUserId, read });
      expect(await clock.run(sent)).toMatchObject({ kind: 'confirmed', assumed: true });
      const next = await clock.run(workflow.apply('T-in-progress', 'CLOSE', { staffUserId }));
      expect(next).not.toHaveProperty('assumed');
    },
  );

  test('a colleague’s start leads to no dead end', async () => {
    const { clock, workflow, sandbox } = setUp({ lifecycle: own });
    await clock.run(workflow.observe('T-open'));
    sandbox.tickets.setStatus('T-open', 'in-progress');
    await clock.run(workflow.observe('T-open'));
    const move = await clock.run(workflow.moveTo('T-open', 'closed', { staffUserId }));
    expect(move).toMatchObject({ from: 'in-progress', arrived: true });
  });

  test('the one that is remembered counts where it fits', async () => {
    const { clock, workflow } = setUp({ lifecycle: own });
    await clock.run(workflow.apply('T-in-progress', 'ASK', { staffUserId }));
    await clock.advance(120_000);
    const answer = await clock.run(workflow.apply('T-in-progress', 'ANSWER', { staffUserId }));
    expect(answer).toMatchObject({ kind: 'confirmed', from: 'waiting', to: 'in-progress' });
    expect(answer).not.toHaveProperty('assumed');
  });
});

describe('a change inside one status', () => {
  test('is made by the lifecycle, and was there already when asked for again', async () => {
    const { clock, workflow, sandbox } = setUp({ lifecycle: own });
    const options = { staffUserId, from: 'in-progress' } as const;
    const first = await clock.run(workflow.apply('T-in-progress', 'ASK', options));
    expect(first).toMatchObject({
      kind: 'confirmed',
      by: 'lifecycle',
      from: 'in-progress',
      to: 'waiting',
      attempts: 0,
    });
    const second = await clock.run(workflow.apply('T-in-progress', 'ASK', { staffUserId }));
    expect(second).toMatchObject({ kind: 'unchanged', from: 'waiting', to: 'waiting' });
    expect(writesIn(sandbox)).toEqual([]);
  });

  test('from a state that was only stated is no look at the ticket', async () => {
    const { clock, workflow, sandbox } = setUp({ lifecycle: own });
    const stated = { staffUserId, from: 'in-progress' } as const;
    await clock.run(workflow.apply('T-closed', 'ASK', stated));
    expect(await clock.run(workflow.where('T-closed'))).toMatchObject({ status: 'closed' });
    const move = workflow.moveTo('T-open', 'resolved', { staffUserId, from: 'waiting' });
    const { outcomes } = await clock.run(move);
    expect(outcomes).toMatchObject([{ by: 'lifecycle' }, { kind: 'confirmed' }]);
    expect(outcomes[1]).not.toHaveProperty('raceWindowMs');
    expect(writesIn(sandbox)).toHaveLength(1);
  });

  test('calls neither hook: nothing is sent', async () => {
    const { clock, workflow } = setUp({ lifecycle: own });
    let calls = 0;
    const beforeSend = () => void (calls += 1);
    const mayWrite = () => (calls += 1) < 0;
    const options = { staffUserId, beforeSend, mayWrite };
    expect((await clock.run(workflow.apply('T-in-progress', 'ASK', options))).kind).toBe(
      'confirmed',
    );
    expect(calls).toBe(0);
  });

  test('is settled without a look: it happened when it was asked for', async () => {
    const { clock, workflow, sandbox } = setUp({ lifecycle: own });
    const ending = await clock.run(workflow.settle('T-in-progress', 'ASK', {}));
    expect(ending).toMatchObject({ kind: 'confirmed', by: 'lifecycle', to: 'waiting' });
    expect(sandbox.requests).toEqual([]);
  });
});

describe('a move of states of one’s own', () => {
  const strict = defineLifecycle(config, {
    payloads: {
      RESOLVE: z.object({ resolution: z.string() }),
      ASK: z.object({ question: z.string() }),
    },
  });

  test('leads to a state, also where that sends nothing', async () => {
    const { clock, workflow, sandbox } = setUp({ lifecycle: own });
    const move = await clock.run(workflow.moveTo('T-open', 'waiting', { staffUserId }));
    expect(move).toMatchObject({
      arrived: true,
      steps: [{ to: 'in-progress' }, { to: 'waiting' }],
    });
    expect(move.outcomes.map((one) => one.kind === 'confirmed' && one.by)).toEqual([
      'response',
      'lifecycle',
    ]);
    expect(sandbox.systemMessages).toHaveLength(1);
  });

  test('takes what its events carry', async () => {
    const { clock, workflow } = setUp({ lifecycle: strict });
    const without = await clock.run(workflow.moveTo('T-in-progress', 'resolved', { staffUserId }));
    expect(without.outcome).toMatchObject({ kind: 'blocked', blockers: [{ code: 'payload' }] });
    const payloads = { RESOLVE: { resolution: 'done' } };
    const options = { staffUserId, from: 'in-progress', payloads } as const;
    const move = await clock.run(workflow.moveTo('T-in-progress', 'closed', options));
    expect(move).toMatchObject({
      arrived: true,
      steps: [{ event: 'RESOLVE' }, { event: 'CLOSE' }],
    });
  });

  test('uses them only for their own event', async () => {
    const { clock, workflow } = setUp({ lifecycle: strict });
    const options = { staffUserId, payloads: { RESOLVE: { resolution: 'done' } } };
    const move = await clock.run(workflow.moveTo('T-open', 'waiting', options));
    expect(move.outcome).toMatchObject({ kind: 'blocked', blockers: [{ code: 'payload' }] });
  });

  test.each<[guard: object, codes: readonly string[]]>([
    [{}, ['payload', 'payload']],
    [{ guard: 'isLead' }, ['payload', 'payload', 'guard']],
  ])('names all that each step lacks at once, beside its guards: %j', async (guard, codes) => {
    const text = z.object({ text: z.string() });
    const lifecycle = defineLifecycle(
      {
        ...config,
        states: {
          ...config.states,
          'in-progress': { on: { ASK: 'waiting', RESOLVE: { target: 'resolved', ...guard } } },
        },
      },
      { guards: { isLead: () => false }, payloads: { START: text, RESOLVE: text } },
    );
    const { clock, workflow } = setUp({ lifecycle });
    const move = await clock.run(workflow.moveTo('T-open', 'resolved', { staffUserId }));
    const { outcome } = move;
    expect(outcome.kind === 'blocked' && outcome.blockers.map(({ code }) => code)).toEqual(codes);
  });

  test('checks them as a single change does, before anything is sent', async () => {
    const { clock, workflow, sandbox } = setUp({ lifecycle: strict });
    const options = { staffUserId, payloads: { RESOLVE: { resolution: 1 } } };
    const move = await clock.run(workflow.moveTo('T-open', 'resolved', options));
    expect(move.outcome).toMatchObject({ kind: 'blocked', blockers: [{ code: 'payload' }] });
    expect(writesIn(sandbox)).toEqual([]);
  });
});

test('a move to a status in which the ticket is says in which state of it', async () => {
  const lifecycle = defineLifecycle({
    initial: 'new',
    states: {
      new: { meta: { status: 'open' }, on: { CLOSE: 'closed' } },
      closed: { on: { REOPEN: 'new' } },
    },
  });
  const { clock, workflow } = setUp({ lifecycle });
  const move = await clock.run(workflow.moveTo('T-open', 'open', { staffUserId }));
  expect(move).toMatchObject({
    to: 'open',
    outcome: { kind: 'unchanged', from: 'new', to: 'new' },
  });
});

describe('of the states of one status, what is known counts', () => {
  const apply = { staffUserId } as const;

  test('before what the caller states: a fresh change of ours is newer', async () => {
    const { clock, workflow, sandbox } = setUp({ lifecycle: own });
    await clock.run(workflow.apply('T-in-progress', 'ASK', apply));
    const options = { staffUserId, from: 'in-progress' } as const;
    const resolve = await clock.run(workflow.apply('T-in-progress', 'RESOLVE', options));
    expect(resolve).toMatchObject({ kind: 'blocked', from: 'waiting' });
    expect(resolve).toMatchObject({
      blockers: [{ code: 'stale' }, { code: 'no-such-transition' }],
    });
    expect(writesIn(sandbox)).toEqual([]);
  });

  test.each([0, 3_600_000])(
    'also where the caller states another status, %i ms later',
    async (laterMs) => {
      const { clock, workflow } = setUp({ lifecycle: own });
      await clock.run(workflow.apply('T-in-progress', 'ASK', apply));
      await clock.advance(laterMs);
      const options = { staffUserId, from: 'open' } as const;
      const stale = await clock.run(workflow.apply('T-in-progress', 'START', options));
      expect(stale).toMatchObject({ kind: 'blocked', from: 'waiting' });
      expect(await clock.run(workflow.where('T-in-progress'))).toMatchObject({ state: 'waiting' });
    },
  );

  test('and what was only assumed does not', async () => {
    const { clock, workflow } = setUp({ lifecycle: own });
    await clock.run(workflow.observe('T-in-progress'));
    const options = { staffUserId, from: 'waiting', read: 'always' } as const;
    const answer = await clock.run(workflow.apply('T-in-progress', 'ANSWER', options));
    expect(answer).toMatchObject({ kind: 'confirmed', from: 'waiting' });
  });
});

describe('memory alone makes no change inside one status', () => {
  test.each(['apply', 'moveTo'] as const)('by %s: the ticket is read first', async (call) => {
    const states = { ...config.states, closed: { type: 'final' } } as const;
    const lifecycle = defineLifecycle({ ...config, states });
    const { clock, workflow, sandbox } = setUp({ lifecycle });
    await clock.run(workflow.apply('T-open', 'START', { staffUserId }));
    await clock.advance(10_000);
    sandbox.tickets.setStatus('T-open', 'closed');
    const move = async () => (await workflow.moveTo('T-open', 'waiting', { staffUserId })).outcome;
    const apply = () => workflow.apply('T-open', 'ASK', { staffUserId });
    const outcome = await clock.run(call === 'apply' ? apply() : move());
    expect(outcome).toMatchObject({ kind: 'blocked', from: 'closed' });
    expect(await clock.run(workflow.where('T-open'))).toMatchObject({ state: 'closed' });
  });

  test('unless reading is forbidden', async () => {
    const { clock, workflow, sandbox } = setUp({ lifecycle: own });
    await clock.run(workflow.apply('T-open', 'START', { staffUserId, from: 'open' }));
    const ask = workflow.apply('T-open', 'ASK', { staffUserId, read: 'never' });
    expect(await clock.run(ask)).toMatchObject({ kind: 'confirmed', by: 'lifecycle' });
    expect(sandbox.requests.map(({ method }) => method)).toEqual(['POST']);
  });
});

describe('an event that leads back to where the ticket is', () => {
  const lifecycle = defineLifecycle(
    {
      initial: 'open',
      states: {
        open: { on: { START: 'in-progress' } },
        'in-progress': {
          on: {
            NOTE: { target: 'in-progress', guard: 'isAgent' },
            LOG: 'in-progress',
            DROP: 'open',
          },
        },
      },
    },
    { guards: { isAgent: () => false }, payloads: { LOG: z.object({ text: z.string() }) } },
  );

  test.each([
    ['a guard', 'NOTE', 'guard'],
    ['what it has to carry', 'LOG', 'payload'],
  ] as const)('is blocked by %s, and not unchanged', async (_, event, code) => {
    const { clock, workflow } = setUp({ lifecycle });
    const outcome = await clock.run(
      workflow.apply('T-in-progress', event as 'NOTE', { staffUserId }),
    );
    expect(outcome).toMatchObject({ kind: 'blocked', blockers: [{ code }] });
  });
});
