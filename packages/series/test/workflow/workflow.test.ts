import {
  defineLifecycle,
  type Lifecycle,
  ticketLifecycle,
  ticketStatuses,
} from '@ticket-lifecycle/core';
import { describe, expect, test } from 'vitest';
import { setup } from 'xstate';
import {
  createMemoryStatusStore,
  createSeriesClient,
  createTicketWorkflow,
} from '../../src/index.ts';
import { setUp, writesIn, type Interference } from '../support/bench.ts';

const staffUserId = 7;

describe('a change that the lifecycle allows', () => {
  test('is confirmed by the response, and says how long the race was', async () => {
    const { clock, workflow, sandbox } = setUp();
    const outcome = await clock.run(workflow.apply('T-open', 'START', { staffUserId }));
    expect(outcome).toMatchObject({
      kind: 'confirmed',
      by: 'response',
      ticketId: 'T-open',
      from: 'open',
      to: 'in-progress',
      event: 'START',
      status: 'in-progress',
      attempts: 1,
      message: 'Status changed to in-progress',
    });
    expect(outcome.raceWindowMs).toBeGreaterThanOrEqual(0);
    expect(sandbox.tickets.get('T-open')?.status).toBe('in-progress');
    expect(sandbox.systemMessages).toMatchObject([{ ticketId: 'T-open', staffUserId }]);
  });

  test('needs no read when the caller says where the ticket stands', async () => {
    const { clock, workflow, sandbox } = setUp();
    await clock.run(workflow.apply('T-open', 'START', { staffUserId, from: 'open' }));
    expect(sandbox.requests.map((request) => request.method)).toEqual(['POST']);
  });

  test('needs one read for a series of changes', async () => {
    const { clock, workflow, sandbox } = setUp();
    for (const event of ['START', 'RESOLVE', 'CLOSE', 'REOPEN'] as const) {
      const outcome = await clock.run(workflow.apply('T-open', event, { staffUserId }));
      expect(outcome.kind).toBe('confirmed');
    }
    expect(sandbox.requests.map((request) => request.method).join(' ')).toBe(
      'GET POST POST POST POST',
    );
  });

  test('is read before every change when asked to', async () => {
    const { clock, workflow, sandbox } = setUp({ read: 'always' });
    await clock.run(workflow.apply('T-open', 'START', { staffUserId, from: 'open' }));
    sandbox.tickets.setStatus('T-open', 'resolved');
    const outcome = await clock.run(workflow.apply('T-open', 'CLOSE', { staffUserId }));
    expect(outcome).toMatchObject({ kind: 'confirmed', from: 'resolved' });
  });
});

describe('a change that the lifecycle forbids', () => {
  const pairs = ticketStatuses.flatMap((from) =>
    ticketLifecycle.events.map((event) => ({ from, event })),
  );

  test.each(pairs)(
    '$event from $from is sent exactly if it is allowed',
    async ({ from, event }) => {
      const { clock, workflow, sandbox } = setUp();
      const allowed = ticketLifecycle.can(from, event);
      const claimed = await clock.run(workflow.apply(`T-${from}`, event, { staffUserId, from }));
      expect(claimed.kind).toBe(allowed ? 'confirmed' : 'blocked');
      expect(writesIn(sandbox)).toHaveLength(allowed ? 1 : 0);
      if (allowed) return;
      const read = await clock.run(workflow.apply(`T-${from}`, event, { staffUserId }));
      expect(['blocked', 'unchanged']).toContain(read.kind);
      expect(writesIn(sandbox)).toEqual([]);
      expect(sandbox.systemMessages).toEqual([]);
    },
  );

  test('says all reasons and what would be possible', async () => {
    const { clock, workflow } = setUp();
    const outcome = await clock.run(
      workflow.apply('a/b', 'FINISH', { staffUserId: 1.5, from: 'opne' }),
    );
    expect(outcome).toMatchObject({ kind: 'blocked', attempts: 0 });
    expect(outcome.kind === 'blocked' && outcome.blockers.map(({ code }) => code)).toEqual([
      'invalid-ticket-id',
      'invalid-staff-user-id',
      'unknown-state',
      'unknown-event',
    ]);
    const closed = await clock.run(workflow.apply('T-closed', 'RESOLVE', { staffUserId }));
    expect(closed).toMatchObject({ kind: 'blocked', enabled: [{ event: 'REOPEN', to: 'open' }] });
  });

  test('names a staff member who is missing', async () => {
    const { clock, workflow, sandbox } = setUp();
    const outcome = await clock.run(workflow.apply('T-open', 'START', {} as never));
    expect(outcome).toMatchObject({
      kind: 'blocked',
      blockers: [{ code: 'invalid-staff-user-id' }],
    });
    expect(sandbox.requests).toEqual([]);
  });

  test.each([[null], [undefined], [{}], [{ event: 'START' }], [{ type: null }], [['START']]])(
    'says where the name of an event belongs when it is not there: %j',
    async (event) => {
      const { clock, workflow } = setUp();
      const outcome = await clock.run(workflow.apply('T-open', event as never, { staffUserId }));
      expect(outcome).toMatchObject({ kind: 'blocked', event: '' });
      expect(outcome.kind === 'blocked' && outcome.blockers).toMatchObject([
        { code: 'unknown-event', message: expect.stringMatching(/^The event has no name\. Pass/) },
      ]);
    },
  );

  test('costs not even a read when the event does not exist', async () => {
    const { clock, workflow, sandbox } = setUp();
    await clock.run(workflow.apply('T-open', 'STRAT', { staffUserId }));
    expect(sandbox.requests).toEqual([]);
  });
});

describe('a ticket that is already there', () => {
  test('is left unchanged, without a second system message', async () => {
    const { clock, workflow, sandbox } = setUp();
    const outcome = await clock.run(workflow.apply('T-closed', 'CLOSE', { staffUserId }));
    expect(outcome).toMatchObject({ kind: 'unchanged', status: 'closed', attempts: 0 });
    expect(sandbox.systemMessages).toEqual([]);
  });

  test('is left unchanged when the caller did not know of it yet', async () => {
    const { clock, workflow, sandbox } = setUp({ read: 'always' });
    const outcome = await clock.run(
      workflow.apply('T-in-progress', 'START', { staffUserId, from: 'open' }),
    );
    expect(outcome.kind).toBe('unchanged');
    expect(writesIn(sandbox)).toEqual([]);
  });
});

describe('a ticket that somebody else has moved', () => {
  test('is called stale, with where it really is', async () => {
    const { clock, workflow, sandbox } = setUp({ read: 'always' });
    const outcome = await clock.run(
      workflow.apply('T-closed', 'RESOLVE', { staffUserId, from: 'in-progress' }),
    );
    expect(outcome).toMatchObject({
      kind: 'blocked',
      from: 'closed',
      blockers: [
        { code: 'stale', parameters: { expected: 'in-progress', actual: 'closed' } },
        { code: 'no-such-transition' },
      ],
    });
    expect(writesIn(sandbox)).toEqual([]);
  });

  test('is stale even if the event is possible where it is now', async () => {
    const { clock, workflow } = setUp({ read: 'always' });
    const outcome = await clock.run(
      workflow.apply('T-resolved', 'REOPEN', { staffUserId, from: 'closed' }),
    );
    expect(outcome).toMatchObject({
      kind: 'blocked',
      blockers: [{ code: 'stale' }],
      enabled: [{ event: 'CLOSE' }, { event: 'REOPEN' }],
    });
  });

  test('is looked at when the caller and our memory disagree', async () => {
    const { clock, workflow, sandbox } = setUp();
    await clock.run(workflow.apply('T-open', 'START', { staffUserId }));
    sandbox.tickets.setStatus('T-open', 'resolved');
    const outcome = await clock.run(
      workflow.apply('T-open', 'CLOSE', { staffUserId, from: 'resolved' }),
    );
    expect(outcome.kind).toBe('confirmed');
  });
});

describe('a ticket that nobody knows', () => {
  test('is blocked after a read', async () => {
    const { clock, workflow, sandbox } = setUp();
    const outcome = await clock.run(workflow.apply('T-9', 'START', { staffUserId }));
    expect(outcome).toMatchObject({ kind: 'blocked', blockers: [{ code: 'unknown-ticket' }] });
    expect(writesIn(sandbox)).toEqual([]);
  });

  test('is refused by the server when the caller claims to know it', async () => {
    const { clock, workflow } = setUp();
    const outcome = await clock.run(workflow.apply('T-9', 'START', { staffUserId, from: 'open' }));
    expect(outcome).toMatchObject({ kind: 'refused', error: { code: 'ticket-not-found' } });
  });

  test('is blocked when reading is switched off', async () => {
    const { clock, workflow, sandbox } = setUp({ read: 'never' });
    const outcome = await clock.run(workflow.apply('T-open', 'START', { staffUserId }));
    expect(outcome).toMatchObject({ kind: 'blocked', blockers: [{ code: 'unknown-ticket' }] });
    expect(sandbox.requests).toEqual([]);
  });

  test('has a status that the lifecycle has no state for', async () => {
    const { clock, workflow } = setUp({}, async () =>
      Response.json({ data: { Ticket: { Status: 'archived' } } }),
    );
    const outcome = await clock.run(workflow.apply('T-open', 'START', { staffUserId }));
    expect(outcome).toMatchObject({ kind: 'blocked', blockers: [{ code: 'unknown-status' }] });
  });
});

describe('a ticket that could not be read', () => {
  test('is refused with the reason of the server', async () => {
    const { clock, workflow } = setUp({}, undefined, { subscription: 'none' });
    const outcome = await clock.run(workflow.apply('T-open', 'START', { staffUserId }));
    expect(outcome).toMatchObject({ kind: 'refused', error: { code: 'subscription-required' } });
  });

  test('is not sent when the server fails', async () => {
    const { clock, workflow } = setUp({}, async () => new Response('', { status: 502 }));
    const outcome = await clock.run(workflow.apply('T-open', 'START', { staffUserId }));
    expect(outcome).toMatchObject({ kind: 'not-sent', error: { reason: 'could-not-read' } });
  });

  test('is not sent when nothing listens', async () => {
    const refused = Object.assign(new Error('connect'), { code: 'ECONNREFUSED' });
    const { clock, workflow } = setUp({}, async () => {
      throw new TypeError('fetch failed', { cause: refused });
    });
    const outcome = await clock.run(workflow.apply('T-open', 'START', { staffUserId }));
    expect(outcome).toMatchObject({ kind: 'not-sent', error: { reason: 'could-not-connect' } });
  });
});

describe('changes of one ticket', () => {
  test('are made one after another, each judged by what the one before has done', async () => {
    const { clock, workflow, sandbox } = setUp();
    const events = ['START', 'START', 'RESOLVE', 'RESOLVE', 'CLOSE', 'START'] as const;
    const outcomes = await clock.run(
      Promise.all(events.map((event) => workflow.apply('T-open', event, { staffUserId }))),
    );
    expect(outcomes.map(({ kind }) => kind)).toEqual([
      'confirmed',
      'unchanged',
      'confirmed',
      'unchanged',
      'confirmed',
      'blocked',
    ]);
    expect(sandbox.systemMessages.map(({ to }) => to)).toEqual([
      'in-progress',
      'resolved',
      'closed',
    ]);
  });

  test('never join the line when they are aborted from the start', async () => {
    const { workflow, sandbox } = setUp();
    const first = workflow.apply('T-open', 'START', { staffUserId });
    const options = { staffUserId, signal: AbortSignal.abort() };
    const second = await workflow.apply('T-open', 'RESOLVE', options);
    expect(second).toMatchObject({ kind: 'not-sent', error: { reason: 'aborted' } });
    expect(sandbox.requests).toEqual([]);
    await workflow.close();
    expect(await first).toMatchObject({ kind: 'not-sent' });
  });

  test('are made as they say, or not at all', async () => {
    const { workflow, sandbox } = setUp();
    for (const [typo, message] of [
      [{ staffUserId, via: 'clam' }, 'option "via" must be one of'],
      [{ staffUserId, read: 'alwyas' }, 'option "read" must be one of'],
      [{ staffUserId, signal: new AbortController() }, 'option "signal" must be an AbortSignal'],
      [undefined, 'the options must be an object, received undefined'],
    ] as const) {
      const apply = workflow.apply('T-open', 'START', typo as never);
      await expect(apply).rejects.toThrow(`apply: ${message}`);
      const move = workflow.moveTo('T-open', 'closed', typo as never);
      await expect(move).rejects.toThrow(`moveTo: ${message}`);
    }
    const settle = workflow.settle('T-open', 'START', undefined as never);
    await expect(settle).rejects.toThrow('settle: the options must be an object');
    expect(sandbox.requests).toEqual([]);
  });

  test('without options are told what is missing', async () => {
    const { workflow } = setUp();
    const nothing = undefined as never;
    const missing = 'the options must be an object, received undefined';
    await expect(workflow.apply('T-open', 'START', nothing)).rejects.toThrow(`apply: ${missing}`);
    await expect(workflow.moveTo('T-open', 'open', nothing)).rejects.toThrow(`moveTo: ${missing}`);
    await expect(workflow.settle('T-open', 'START', nothing)).rejects.toThrow(`settle: ${missing}`);
  });

  test('leave the line when they are aborted', async () => {
    const { clock, workflow, sandbox } = setUp();
    const abort = new AbortController();
    const first = workflow.apply('T-open', 'START', { staffUserId });
    const second = workflow.apply('T-open', 'RESOLVE', { staffUserId, signal: abort.signal });
    abort.abort();
    expect(await second).toMatchObject({ kind: 'not-sent', error: { reason: 'aborted' } });
    expect((await clock.run(first)).kind).toBe('confirmed');
    await clock.advance(5000);
    expect(sandbox.systemMessages).toHaveLength(1);
  });
});

describe('a guard', () => {
  const supervised = defineLifecycle(
    setup({
      types: { context: {} as { isLead: boolean } },
      guards: { isLead: ({ context }) => context.isLead },
    }).createMachine({
      context: { isLead: false },
      initial: 'open',
      states: {
        open: { on: { CLOSE: { target: 'closed', guard: 'isLead' }, WAIT: 'waiting' } },
        waiting: { meta: { status: 'open' }, on: { RESUME: 'open' } },
        closed: { on: { REOPEN: 'open' } },
      },
    }),
    { guardMessages: { isLead: 'Only a lead closes a ticket.' } },
  );

  test('is asked again when the slot has come, with what is true then', async () => {
    const { clock, workflow, sandbox } = setUp({ lifecycle: supervised });
    let asked = 0;
    const context = () => ({ isLead: (asked += 1) === 1 });
    const outcome = await clock.run(
      workflow.apply('T-open', 'CLOSE', { staffUserId, from: 'open', context }),
    );
    expect(outcome).toMatchObject({
      kind: 'blocked',
      blockers: [{ code: 'guard', message: 'Only a lead closes a ticket.' }],
    });
    expect(asked).toBe(2);
    expect(sandbox.requests).toEqual([]);
  });

  test('lets a change pass with the right context', async () => {
    const { clock, workflow } = setUp({ lifecycle: supervised });
    const options = { staffUserId, from: 'open', context: { isLead: true } } as const;
    expect((await clock.run(workflow.apply('T-open', 'CLOSE', options))).kind).toBe('confirmed');
  });

  test('and a move between two states of one status sends nothing', async () => {
    const { clock, workflow, sandbox } = setUp({ lifecycle: supervised });
    const wait = await clock.run(workflow.apply('T-open', 'WAIT', { staffUserId, from: 'open' }));
    const local = { kind: 'confirmed', by: 'lifecycle', attempts: 0, status: 'open' };
    expect(wait).toMatchObject({ ...local, from: 'open', to: 'waiting' });
    const resume = await clock.run(workflow.apply('T-open', 'RESUME', { staffUserId }));
    expect(resume).toMatchObject({ ...local, from: 'waiting', to: 'open' });
    expect(writesIn(sandbox)).toEqual([]);
  });

  test('is asked in the state named like the status, which is said', async () => {
    const { clock, workflow } = setUp({ lifecycle: supervised });
    const outcome = await clock.run(workflow.apply('T-open', 'WAIT', { staffUserId }));
    expect(outcome).toMatchObject({
      kind: 'confirmed',
      from: 'open',
      to: 'waiting',
      assumed: true,
    });
  });

  test('can not be asked while one status may mean several states of other names', async () => {
    const lifecycle = defineLifecycle({
      initial: 'new',
      states: {
        new: { meta: { status: 'open' }, on: { WAIT: 'waiting', CLOSE: 'closed' } },
        waiting: { meta: { status: 'open' }, on: { RESUME: 'new' } },
        closed: { type: 'final' },
      },
    });
    const { clock, workflow } = setUp({ lifecycle });
    const outcome = await clock.run(workflow.apply('T-open', 'WAIT', { staffUserId }));
    expect(outcome).toMatchObject({
      kind: 'blocked',
      blockers: [{ code: 'ambiguous-state', parameters: { states: ['new', 'waiting'] } }],
    });
  });

  describe('that can only be asked with all that it needs', () => {
    const strict: Lifecycle = defineLifecycle(
      {
        initial: 'open',
        states: {
          open: {
            on: {
              CLOSE: { target: 'closed', guard: 'isLead' },
              DROP: { target: 'closed', guard: 'hasReason' },
            },
          },
          closed: { on: { REOPEN: 'open' } },
        },
      },
      {
        guards: {
          isLead: ({ context }) => (context as { user: { role: string } }).user.role === 'lead',
          hasReason: ({ event }) => (event as unknown as { reason: string }).reason.length > 3,
        },
      },
    );
    const context = { user: { role: 'lead' } };

    test.each([
      ['CLOSE', { context }],
      [{ type: 'DROP', reason: 'spam' }, {}],
    ])('is asked with that: %j', async (event, options) => {
      const { clock, workflow } = setUp({ lifecycle: strict });
      const verdict = await clock.run(workflow.explain('T-open', event, options));
      expect(verdict).toMatchObject({ allowed: true });
      const outcome = workflow.apply('T-open', event, { staffUserId, ...options });
      expect(await clock.run(outcome)).toMatchObject({ kind: 'confirmed' });
    });

    test('breaks no answer about another event', async () => {
      const { clock, workflow } = setUp({ lifecycle: strict, read: 'always' });
      const asked = { from: 'closed', context };
      expect(await clock.run(workflow.explain('T-open', 'CLOSE', asked))).toMatchObject({
        allowed: false,
        blockers: [{ code: 'stale' }],
        enabled: [{ event: 'CLOSE' }],
      });
      const options = { staffUserId, context };
      const move = await clock.run(workflow.moveTo('T-closed', 'open', options));
      expect(move).toMatchObject({ arrived: true });
    });
  });

  test('that throws is broken, and nothing is sent', async () => {
    const { clock, workflow, sandbox } = setUp({ lifecycle: supervised });
    const context = () => {
      throw new Error('no user in session');
    };
    const outcome = workflow.apply('T-open', 'CLOSE', { staffUserId, from: 'open', context });
    await expect(clock.run(outcome)).rejects.toThrow('no user in session');
    expect(sandbox.requests).toEqual([]);
  });
});

describe('asking without changing', () => {
  test('answers with the verdict of the lifecycle', async () => {
    const { clock, workflow, sandbox } = setUp();
    expect(await clock.run(workflow.explain('T-open', 'START'))).toMatchObject({ allowed: true });
    expect(await clock.run(workflow.explain('T-open', 'CLOSE'))).toMatchObject({
      allowed: false,
      blockers: [{ code: 'no-such-transition' }],
    });
    expect(await clock.run(workflow.explain('T-9', 'CLOSE'))).toMatchObject({
      allowed: false,
      blockers: [{ code: 'unknown-ticket' }],
    });
    expect(writesIn(sandbox)).toEqual([]);
  });

  test('tells a stale view from a current one', async () => {
    const { clock, workflow } = setUp({ read: 'always' });
    const verdict = await clock.run(workflow.explain('T-closed', 'REOPEN', { from: 'resolved' }));
    expect(verdict).toMatchObject({ allowed: false, blockers: [{ code: 'stale' }] });
  });

  test('throws what kept the ticket from being read', async () => {
    const { clock, workflow } = setUp({}, undefined, { subscription: 'none' });
    await expect(clock.run(workflow.explain('T-open', 'START'))).rejects.toMatchObject({
      code: 'subscription-required',
    });
  });
});

describe('applying or throwing', () => {
  test('gives the outcome of a change that is there', async () => {
    const { clock, workflow } = setUp();
    const outcome = await clock.run(workflow.applyOrThrow('T-open', 'START', { staffUserId }));
    expect(outcome.kind).toBe('confirmed');
  });

  test('throws the blockers of a forbidden one, and the error of a failed one', async () => {
    const { clock, workflow } = setUp();
    const blocked = workflow.applyOrThrow('T-open', 'CLOSE', { staffUserId });
    await expect(clock.run(blocked)).rejects.toMatchObject({
      name: 'TransitionBlockedError',
      blockers: [{ code: 'no-such-transition' }],
    });
    const refused = workflow.applyOrThrow('T-9', 'START', { staffUserId, from: 'open' });
    await expect(clock.run(refused)).rejects.toMatchObject({ code: 'ticket-not-found' });
  });
});

describe('two workflows', () => {
  /** The same change by two workflows at once; the server takes any change, as often as it comes. */
  async function startTwice(isStore: boolean, interfere?: Interference) {
    const store = createMemoryStatusStore();
    const shared = isStore ? { store } : {};
    const one = setUp(shared, interfere);
    const clock = one.clock;
    const fetch = one.sandbox.fetch;
    const client = isStore ? createSeriesClient({ apiKey: 'key', clock, fetch }) : one.client;
    const other = createTicketWorkflow({ lifecycle: ticketLifecycle, client, clock, ...shared });
    const outcomes = await clock.run(
      Promise.all([
        one.workflow.apply('T-open', 'START', { staffUserId }),
        other.apply('T-open', 'START', { staffUserId }),
      ]),
    );
    return { outcomes, sandbox: one.sandbox };
  }

  test.each([['client', false] as const, ['store', true] as const])(
    'with one %s do not make the same change twice',
    async (_, isStore) => {
      const { outcomes, sandbox } = await startTwice(isStore);
      expect(outcomes.map(({ kind }) => kind)).toEqual(['confirmed', 'unchanged']);
      expect(sandbox.systemMessages).toHaveLength(1);
    },
  );

  test.each([['client', false] as const, ['store', true] as const])(
    'with one %s do not overtake a request that may still be under way',
    async (_, isStore) => {
      let isFirst = true;
      const { outcomes, sandbox } = await startTwice(isStore, async (request, forward) => {
        if (request.method !== 'POST' || !isFirst) return forward();
        isFirst = false;
        await forward();
        throw new TypeError('fetch failed');
      });
      expect(outcomes.map(({ kind }) => kind)).toEqual(['confirmed', 'unchanged']);
      expect(sandbox.systemMessages).toHaveLength(1);
    },
  );
});

test('a store in memory refuses an option that does not exist', () => {
  const misspelt = { maxTicket: 2 } as object;
  expect(() => createMemoryStatusStore(misspelt)).toThrow('unknown option "maxTicket"');
});

test('a store in memory forgets the tickets that were not touched for the longest', async () => {
  const store = createMemoryStatusStore({ maxTickets: 2 });
  for (const ticketId of ['T1', 'T2', 'T1', 'T3']) {
    await store.set(ticketId, { state: 'open', seenAt: 0 });
  }
  expect(await store.get('T1')).toBeDefined();
  expect(await store.get('T2')).toBeUndefined();
  await store.delete('T1');
  expect(await store.get('T1')).toBeUndefined();
});
