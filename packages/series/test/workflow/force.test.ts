import { defineLifecycle } from '@ticket-lifecycle/core';
import { journalEntrySchema } from '@ticket-lifecycle/core/journal';
import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import type { ChangeEntry, WorkflowEvent } from '../../src/index.ts';
import { setUp, writesIn, type Interference } from '../support/bench.ts';

const lifecycle = defineLifecycle(
  {
    initial: 'open',
    context: { role: 'agent' },
    states: {
      open: { on: { START: 'in-progress', TOUCH: { target: 'open', guard: 'isLead' } } },
      'in-progress': { on: { ASK: 'waiting', RESOLVE: { target: 'resolved', guard: 'isLead' } } },
      waiting: { meta: { status: 'in-progress' }, on: { ANSWER: 'in-progress' } },
      resolved: {
        on: {
          CLOSE: { target: 'closed', guard: 'isLead' },
          SPLIT: [
            { target: 'closed', guard: 'isLead' },
            { target: 'open', guard: 'isOwner' },
          ],
        },
      },
      closed: { on: { REOPEN: 'open' } },
    },
  },
  {
    guards: {
      isLead: ({ context }) => context.role === 'lead',
      isOwner: ({ context }) => context.role === 'owner',
    },
    payloads: { RESOLVE: z.object({ resolution: z.string() }) },
  },
);

const force = { by: 'admin@example.com', why: 'The customer has left.' };
const options = { staffUserId: 7, force } as const;

function open(interfere?: Interference) {
  const entries: ChangeEntry[] = [];
  const onChange = (entry: ChangeEntry) => {
    // As it would come back from a file.
    entries.push({
      ...entry,
      ...journalEntrySchema.parse(JSON.parse(JSON.stringify(entry))),
    });
  };
  return { entries, ...setUp({ lifecycle, onChange }, interfere) };
}

describe('a forced change', () => {
  test.each([
    ['a guard', 'T-resolved', 'CLOSE', 'closed', ['guard']],
    ['a transition that is missing', 'T-open', 'CLOSE', 'closed', ['no-such-transition']],
    [
      'a transition out of the last state',
      'T-closed',
      'START',
      'in-progress',
      ['no-such-transition'],
    ],
  ] as const)('overrides %s, and says so', async (_, ticketId, event, to, codes) => {
    const { clock, workflow, sandbox, entries } = open();
    const events: WorkflowEvent[] = [];
    workflow.on((told) => events.push(told));
    const plain = await clock.run(workflow.apply(ticketId, event, { staffUserId: 7 }));
    expect(plain.kind).toBe('blocked');
    expect(plain).not.toHaveProperty('forced');
    const outcome = await clock.run(workflow.apply(ticketId, event, options));
    expect(outcome).toMatchObject({ kind: 'confirmed', to, forced: force });
    expect(outcome.forced?.overrode.map(({ code }) => code)).toEqual(codes);
    expect(sandbox.tickets.get(ticketId)?.status).toBe(to);
    await clock.advance(1);
    expect(entries[0]).not.toHaveProperty('forced');
    expect(entries[1]).toMatchObject({ kind: 'confirmed', by: 7, decided: { allowed: true, to } });
    expect(entries[1]?.forced).toMatchObject({
      ...force,
      overrode: codes.map((code) => ({ code })),
    });
    const allowed = events.find(({ type }) => type === 'allowed');
    expect(allowed).toMatchObject({
      forced: { ...force, overrode: codes.map((code) => ({ code })) },
    });
  });

  test('that the lifecycle allows overrides nothing, and says that', async () => {
    const { clock, workflow } = open();
    const outcome = await clock.run(workflow.apply('T-open', 'START', options));
    expect(outcome).toMatchObject({ kind: 'confirmed', forced: { ...force, overrode: [] } });
  });

  test('inside one status sends nothing', async () => {
    const { clock, workflow, sandbox } = open();
    const outcome = await clock.run(workflow.apply('T-in-progress', 'ANSWER', options));
    expect(outcome).toMatchObject({ kind: 'unchanged' });
    await clock.run(workflow.apply('T-in-progress', 'ASK', { staffUserId: 7 }));
    const again = await clock.run(workflow.apply('T-in-progress', 'START', options));
    expect(again).toMatchObject({ kind: 'confirmed', by: 'lifecycle', to: 'in-progress' });
    expect(writesIn(sandbox)).toEqual([]);
  });

  test.each(['resolved', undefined] as const)(
    'to where the ticket stands is unchanged, with from %s',
    async (from) => {
      const { clock, workflow, sandbox } = open();
      const event = { type: 'RESOLVE', resolution: 'x' } as const;
      const outcome = await clock.run(workflow.apply('T-resolved', event, { ...options, from }));
      expect(outcome).toMatchObject({ kind: 'unchanged', forced: { ...force, overrode: [] } });
      expect(writesIn(sandbox)).toEqual([]);
    },
  );

  test('needs a target where its event has several', async () => {
    const { clock, workflow } = open();
    const outcome = await clock.run(workflow.apply('T-resolved', 'SPLIT', options));
    expect(outcome).toMatchObject({
      kind: 'blocked',
      blockers: [
        {
          code: 'ambiguous',
          message: 'SPLIT leads to several states: closed, open. Choose with force.to.',
        },
        { code: 'guard' },
        { code: 'guard' },
      ],
      forced: { overrode: [] },
    });
    const astray = { ...force, to: 'resolved' } as const;
    const lost = await clock.run(
      workflow.apply('T-resolved', 'SPLIT', { ...options, force: astray }),
    );
    expect(lost).toMatchObject({ kind: 'blocked', blockers: [{ code: 'unreachable' }, {}, {}] });
    const to = { ...force, to: 'open' } as const;
    const chosen = await clock.run(
      workflow.apply('T-resolved', 'SPLIT', { ...options, force: to }),
    );
    expect(chosen).toMatchObject({ kind: 'confirmed', to: 'open' });
  });
});

describe('a forced change with a target goes nowhere else', () => {
  const to = { ...force, to: 'open' } as const;
  const elsewhere = {
    code: 'unreachable',
    message: 'SPLIT leads to closed now, and not to open.',
    parameters: { event: 'SPLIT', to: 'open', targets: ['closed'] },
  };

  test.each([
    ['the event leads elsewhere by the lifecycle', () => 'lead'],
    [
      'it does so when the slot has come',
      (
        (asked) => () =>
          (asked += 1) > 1 ? 'lead' : 'agent'
      )(0),
    ],
  ])('where %s', async (_, role) => {
    const { clock, workflow, sandbox, entries } = open();
    const context = () => ({ role: role() });
    const change = { staffUserId: 7, from: 'resolved', context, force: to } as const;
    const outcome = await clock.run(workflow.apply('T-resolved', 'SPLIT', change));
    expect(outcome).toMatchObject({ kind: 'blocked', blockers: [elsewhere] });
    expect(writesIn(sandbox)).toEqual([]);
    await clock.advance(1);
    expect(entries).toMatchObject([{ kind: 'blocked', forced: force }]);
  });

  test.each([
    ['lead', 'closed'],
    ['owner', 'open'],
  ] as const)('and there where %s may go to %s anyway', async (role, target) => {
    const { clock, workflow } = open();
    const change = { ...options, context: { role }, force: { ...force, to: target } };
    const outcome = await clock.run(workflow.apply('T-resolved', 'SPLIT', change));
    expect(outcome).toMatchObject({ kind: 'confirmed', to: target, forced: { overrode: [] } });
  });

  test('not even to where the ticket stands', async () => {
    const { clock, workflow, sandbox } = open();
    const change = { ...options, context: { role: 'lead' }, force: { ...force, to: 'closed' } };
    const outcome = await clock.run(workflow.apply('T-open', 'TOUCH', change as never));
    expect(outcome).toMatchObject({ kind: 'blocked', blockers: [{ code: 'unreachable' }] });
    expect(writesIn(sandbox)).toEqual([]);
  });
});

test('a change that leads elsewhere when its slot has come is blocked, and says why', async () => {
  const { clock, workflow, sandbox, entries } = open();
  let asked = 0;
  const context = () => ({ role: (asked += 1) > 1 ? 'owner' : 'lead' });
  const change = { staffUserId: 7, from: 'resolved', context } as const;
  const outcome = await clock.run(workflow.apply('T-resolved', 'SPLIT', change));
  const message = 'SPLIT leads to open now, and not to closed.';
  expect(outcome).toMatchObject({ kind: 'blocked', blockers: [{ code: 'unreachable', message }] });
  expect(writesIn(sandbox)).toEqual([]);
  await clock.advance(1);
  expect(entries).toMatchObject([{ kind: 'blocked', decided: { blockers: [{ message }] } }]);
});

describe('an override does not reach', () => {
  test.each([
    ['what the event has to carry', 'T-in-progress', { type: 'RESOLVE' }, ['payload', 'guard']],
    [
      'that, without a transition either',
      'T-open',
      { type: 'RESOLVE' },
      ['no-such-transition', 'payload'],
    ],
    ['an event that does not exist', 'T-open', { type: 'CLOES' }, ['unknown-event']],
    ['an id that is none', '../x', { type: 'CLOSE' }, ['invalid-ticket-id']],
    ['a ticket that does not exist', 'T-9', { type: 'CLOSE' }, ['unknown-ticket']],
  ] as const)('%s', async (_, ticketId, event, codes) => {
    const { clock, workflow, sandbox, entries } = open();
    const outcome = await clock.run(workflow.apply(ticketId, event as never, options));
    expect(outcome).toMatchObject({ kind: 'blocked', forced: { ...force, overrode: [] } });
    const found = outcome.kind === 'blocked' ? outcome.blockers.map(({ code }) => code) : [];
    expect(new Set(found)).toEqual(new Set(codes));
    expect(writesIn(sandbox)).toEqual([]);
    await clock.advance(1);
    expect(entries).toMatchObject([{ kind: 'blocked', forced: force }]);
  });

  test('a wrong statement about where the ticket stands', async () => {
    const { clock, workflow } = open();
    const stale = { ...options, from: 'closed', read: 'always' } as const;
    const outcome = await clock.run(workflow.apply('T-resolved', 'CLOSE', stale));
    expect(outcome).toMatchObject({ kind: 'blocked', blockers: [{ code: 'stale' }] });
  });

  test('the doubt about a lost answer: one write, and unknown what cannot be proven', async () => {
    const { clock, workflow, sandbox, entries } = open(async (request, forward) => {
      if (request.method === 'GET') return forward();
      await forward();
      return new Response('', { status: 504 });
    });
    const outcome = await clock.run(workflow.apply('T-open', 'CLOSE', options));
    expect(outcome).toMatchObject({ kind: 'confirmed', by: 'observation', forced: force });
    expect(writesIn(sandbox)).toHaveLength(1);
    const dark = setUp({ lifecycle }, async () => new Response('', { status: 504 }));
    const lost = await dark.clock.run(
      dark.workflow.apply('T-open', 'CLOSE', { ...options, from: 'open' }),
    );
    expect(lost).toMatchObject({ kind: 'unknown', forced: { ...force, overrode: [{}] } });
    await clock.advance(1);
    expect(entries).toMatchObject([{ forced: { overrode: [{ code: 'no-such-transition' }] } }]);
  });

  test('the limit of the key', async () => {
    const tickets = Array.from({ length: 60 }, (_, at) => ({ ticketId: `T-${at}` }));
    const { clock, workflow, sandbox } = setUp({ lifecycle }, undefined, { tickets });
    const all = tickets.map(({ ticketId }) => workflow.apply(ticketId, 'CLOSE', options));
    const outcomes = await clock.run(Promise.all(all));
    expect(new Set(outcomes.map(({ kind }) => kind))).toEqual(new Set(['confirmed']));
    expect(sandbox.requests.filter(({ status }) => status === 429)).toEqual([]);
  });

  test('a move, which plans its way by the rules', async () => {
    const { workflow } = open();
    await expect(workflow.moveTo('T-open', 'closed', options)).rejects.toThrow(
      'moveTo: unknown option "force"',
    );
  });
});

test('the rule is asked again when the slot has come: what is overridden is what holds then', async () => {
  const { clock, workflow } = open();
  let asked = 0;
  const context = () => ({ role: (asked += 1) > 1 ? 'lead' : 'agent' });
  const change = { ...options, context, from: 'resolved' } as const;
  const outcome = await clock.run(workflow.apply('T-resolved', 'CLOSE', change));
  expect(outcome).toMatchObject({ kind: 'confirmed', forced: { overrode: [] } });
  expect(asked).toBe(2);
});

test.each([
  [{ by: '', why: 'x' }, 'option "by" must be the id or the name'],
  [{ by: 2 ** 53, why: 'x' }, 'option "by" must be the id or the name'],
  [{ by: 'me' }, 'option "why" must be the reason'],
  [{ by: 'me', why: ' ' }, 'option "why" must be the reason'],
  [{ by: 'me', why: 'x', because: 1 }, 'unknown option "because"'],
  [true, 'the options must be an object'],
])('an override without who or why is an error: %o', async (wrong, message) => {
  const { workflow, sandbox } = open();
  const change = { staffUserId: 7, force: wrong as never };
  await expect(workflow.apply('T-open', 'CLOSE', change)).rejects.toThrow(message);
  expect(sandbox.requests).toEqual([]);
});

test('a forced change that was sent before can be settled: its states need no transition', async () => {
  const { clock, workflow, sandbox } = open();
  const sent = { from: 'open', to: 'closed', sentAt: clock.now() } as const;
  sandbox.tickets.setStatus('T-open', 'closed');
  expect((await clock.run(workflow.settle('T-open', 'CLOSE', sent))).kind).toBe('blocked');
  const settled = await clock.run(workflow.settle('T-open', 'CLOSE', { ...sent, forced: true }));
  expect(settled).toMatchObject({ kind: 'confirmed', by: 'observation', to: 'closed' });
});
