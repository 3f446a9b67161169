import { defineLifecycle } from '@ticket-lifecycle/core';
import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { createMemoryStatusStore, SeriesApiError } from '../../src/index.ts';
import { setUp } from '../support/bench.ts';

const staffUserId = 7;

const own = defineLifecycle(
  {
    initial: 'open',
    context: { role: 'agent' },
    states: {
      open: { on: { START: { target: 'in-progress', meta: { label: 'Take it' } } } },
      'in-progress': {
        on: {
          ASK: { target: 'waiting', description: 'Ask the customer' },
          RESOLVE: 'resolved',
        },
      },
      waiting: { meta: { status: 'in-progress' }, on: { ANSWER: 'in-progress' } },
      resolved: { on: { CLOSE: { target: 'closed', guard: 'isLead' } } },
      closed: { on: { REOPEN: 'open' } },
    },
  },
  {
    guards: { isLead: ({ context }) => context.role === 'lead' },
    guardMessages: { isLead: 'Only a lead closes a ticket.' },
    payloads: { RESOLVE: z.object({ resolution: z.string() }) },
  },
);

describe('where', () => {
  test('reads a ticket that is not known, and remembers it for the next question', async () => {
    const { clock, workflow, sandbox } = setUp();
    const first = await clock.run(workflow.where('T-resolved'));
    expect(first).toEqual({
      ticketId: 'T-resolved',
      state: 'resolved',
      status: 'resolved',
      seenAt: expect.any(Number),
      assumed: false,
      candidates: ['resolved'],
    });
    expect(Number.isInteger(first.seenAt)).toBe(true);
    expect(await clock.run(workflow.where('T-resolved'))).toEqual(first);
    expect(sandbox.requests).toHaveLength(1);
  });

  test('reads again with read: always, and what is older than maxAgeMs', async () => {
    const { clock, workflow, sandbox } = setUp();
    await clock.run(workflow.where('T-open'));
    sandbox.tickets.setStatus('T-open', 'closed');
    const again = await clock.run(workflow.where('T-open', { read: 'always' }));
    expect(again.state).toBe('closed');
    sandbox.tickets.setStatus('T-open', 'open');
    await clock.advance(61_000);
    expect((await clock.run(workflow.where('T-open'))).state).toBe('open');
  });

  test('says what it assumes, and what else the status may stand for', async () => {
    const { clock, workflow } = setUp({ lifecycle: own });
    const candidates = ['in-progress', 'waiting'];
    const seen = await clock.run(workflow.where('T-in-progress'));
    expect(seen).toMatchObject({ state: 'in-progress', assumed: true, candidates });
    // Also when it comes from memory.
    expect(await clock.run(workflow.where('T-in-progress'))).toEqual(seen);
    const options = { staffUserId, from: 'in-progress' } as const;
    await clock.run(workflow.apply('T-in-progress', 'ASK', options));
    const waiting = await clock.run(workflow.where('T-in-progress'));
    expect(waiting).toMatchObject({ state: 'waiting', status: 'in-progress', assumed: false });
  });

  test('has no state where nothing decides between several, or none has the status', async () => {
    const lifecycle = defineLifecycle({
      initial: 'new',
      states: {
        new: { meta: { status: 'open' }, on: { TAKE: 'taken' } },
        taken: { meta: { status: 'open' }, on: { DROP: 'new' } },
      },
    });
    const { clock, workflow } = setUp({ lifecycle });
    const unclear = await clock.run(workflow.where('T-open'));
    expect(unclear).toMatchObject({ state: undefined, candidates: ['new', 'taken'] });
    const foreign = await clock.run(workflow.where('T-closed'));
    expect(foreign).toMatchObject({ state: undefined, status: 'closed', candidates: [] });
  });

  test('takes a stored state that the lifecycle no longer has for no memory', async () => {
    const store = createMemoryStatusStore();
    const { clock, workflow } = setUp({ store });
    await store.set('T-open', { state: 'waiting-on-customer', seenAt: clock.now() });
    expect((await clock.run(workflow.where('T-open'))).state).toBe('open');
  });

  test('reads while a change is under way: what was noted before it says little', async () => {
    const { clock, workflow, sandbox } = setUp({}, async (request, forward) => {
      const answer = await forward();
      // The answer of the change is lost.
      if (request.method === 'POST') throw new TypeError('fetch failed');
      return answer;
    });
    await clock.run(workflow.observe('T-open'));
    const change = workflow.apply('T-open', 'START', { staffUserId });
    await clock.advance(100);
    expect((await clock.run(workflow.where('T-open'))).state).toBe('in-progress');
    expect((await clock.run(change)).kind).toBe('confirmed');
    // Its request may still be under way: the ticket is held.
    const before = sandbox.requests.length;
    await clock.run(workflow.where('T-open'));
    expect(sandbox.requests).toHaveLength(before + 1);
  });

  test('rejects where the ticket can not be read, and names the cause', async () => {
    const { clock, workflow } = setUp();
    const error = await clock.run(workflow.where('T-none')).catch((reason: unknown) => reason);
    expect(SeriesApiError.is(error) && error.code).toBe('ticket-not-found');
    await expect(clock.run(workflow.where('..'))).rejects.toMatchObject({
      reason: 'invalid-request',
    });
    await workflow.close();
    await expect(clock.run(workflow.where('T-open'))).rejects.toMatchObject({ reason: 'aborted' });
  });

  test('refuses an option that does not exist', async () => {
    const { workflow } = setUp();
    const where = workflow.where('T-open', { maxAge: 1 } as never);
    await expect(where).rejects.toThrow('where: unknown option "maxAge". Expected one of read');
    const enabled = workflow.enabled('T-open', { role: 'lead' } as never);
    await expect(enabled).rejects.toThrow('Expected one of read, signal, context');
    const observed = workflow.observe('T-open', { read: 'always' } as never);
    await expect(observed).rejects.toThrow('observe: unknown option "read". Expected one of sig');
  });
});

describe('enabled', () => {
  const choices = async (ticketId: string, context = { role: 'agent' }) => {
    const { clock, workflow } = setUp({ lifecycle: own });
    const listed = await clock.run(workflow.enabled(ticketId, { context }));
    expect(listed.map(({ event }) => event)).toEqual(own.events);
    return new Map(listed.map((choice) => [choice.event, choice]));
  };

  test('tells what is open, what needs data, and what is blocked, with every reason', async () => {
    const here = await choices('T-in-progress');
    expect(here.get('ASK')).toEqual({
      event: 'ASK',
      label: 'Ask the customer',
      allowed: true,
      to: 'waiting',
      reasons: [],
      blockers: [],
    });
    expect(here.get('RESOLVE')).toMatchObject({
      label: 'RESOLVE',
      allowed: true,
      to: 'resolved',
      needs: ['resolution'],
      schema: {
        type: 'object',
        properties: { resolution: { type: 'string' } },
        required: ['resolution'],
      },
    });
    expect(here.get('START')).toMatchObject({ label: 'Take it', allowed: false, to: undefined });
    expect(here.get('START')?.reasons[0]).toContain('START is not possible in state "in-progress"');
  });

  test('names all states that the data of an event decides between', async () => {
    const lifecycle = defineLifecycle(
      {
        initial: 'open',
        states: {
          open: {
            on: {
              DECIDE: [{ target: 'resolved', guard: 'isMinor' }, { target: 'in-progress' }],
              DROP: 'closed',
            },
          },
          'in-progress': { on: { DROP: 'closed' } },
          resolved: { on: { DROP: 'closed' } },
          closed: { type: 'final' },
        },
      },
      {
        guards: { isMinor: ({ event }) => (event as { minor?: boolean }).minor === true },
        payloads: { DECIDE: z.object({ minor: z.boolean() }) },
      },
    );
    const { clock, workflow } = setUp({ lifecycle });
    const [decide, drop] = await clock.run(workflow.enabled('T-open'));
    const targets = ['resolved', 'in-progress'];
    expect(decide).toMatchObject({ to: 'resolved', needs: ['minor'], targets });
    expect(drop).not.toHaveProperty('targets');
  });

  test.each([
    ['agent', false, ['Only a lead closes a ticket.']],
    ['lead', true, []],
  ])('asks the guards with the context: %s', async (role, allowed, reasons) => {
    const close = (await choices('T-resolved', { role })).get('CLOSE');
    expect(close).toMatchObject({ allowed, reasons });
  });

  test('agrees with explain for every event and every ticket', async () => {
    const { clock, workflow } = setUp({ lifecycle: own });
    for (const status of ['open', 'in-progress', 'resolved', 'closed']) {
      for (const { event, allowed, needs } of await clock.run(workflow.enabled(`T-${status}`))) {
        const verdict = await clock.run(workflow.explain(`T-${status}`, { type: event } as never));
        expect([event, verdict.allowed]).toEqual([event, allowed && needs === undefined]);
      }
    }
  });

  test('blocks everything where the state is not clear, and says why', async () => {
    const lifecycle = defineLifecycle({
      initial: 'new',
      states: {
        new: { meta: { status: 'open' }, on: { TAKE: 'taken' } },
        taken: { meta: { status: 'open' }, on: { DROP: 'new' } },
      },
    });
    const { clock, workflow } = setUp({ lifecycle });
    const codes = async (id: string) =>
      (await clock.run(workflow.enabled(id))).flatMap(({ blockers }) =>
        blockers.map(({ code }) => code),
      );
    expect(await codes('T-open')).toEqual(['ambiguous-state', 'ambiguous-state']);
    expect(await codes('T-closed')).toEqual(['unknown-status', 'unknown-status']);
  });

  test('goes through JSON as it is', async () => {
    const { clock, workflow } = setUp({ lifecycle: own });
    const listed = await clock.run(workflow.enabled('T-in-progress'));
    const sent: unknown = JSON.parse(JSON.stringify(listed));
    expect(sent).toEqual(JSON.parse(JSON.stringify([...listed])));
    expect(sent).toHaveLength(own.events.length);
  });
});
