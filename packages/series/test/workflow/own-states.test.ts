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

  test('checks them as a single change does, before anything is sent', async () => {
    const { clock, workflow, sandbox } = setUp({ lifecycle: strict });
    const options = { staffUserId, payloads: { RESOLVE: { resolution: 1 } } };
    const move = await clock.run(workflow.moveTo('T-open', 'resolved', options));
    expect(move.outcome).toMatchObject({ kind: 'blocked', blockers: [{ code: 'payload' }] });
    expect(writesIn(sandbox)).toEqual([]);
  });
});
