import { defineLifecycle } from '@ticket-lifecycle/core';
import { journalEntrySchema } from '@ticket-lifecycle/core/journal';
import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import type { ChangeEntry, WorkflowEvent } from '../../src/index.ts';
import { setUp } from '../support/bench.ts';

const staffUserId = 7;
const lifecycle = defineLifecycle(
  {
    initial: 'open',
    states: {
      open: { on: { START: 'in-progress' } },
      'in-progress': { on: { ASK: 'waiting', RESOLVE: 'resolved' } },
      waiting: { meta: { status: 'in-progress' }, on: { ANSWER: 'in-progress' } },
      resolved: { on: { CLOSE: 'closed' } },
      closed: { on: { REOPEN: 'open' } },
    },
  },
  { payloads: { RESOLVE: z.object({ resolution: z.string() }) } },
);

/** A workflow whose entries are kept, each checked against core's schema. */
function open(interfere?: Parameters<typeof setUp>[1]) {
  const entries: ChangeEntry[] = [];
  const onChange = (entry: ChangeEntry) => {
    journalEntrySchema.parse(JSON.parse(JSON.stringify(entry)));
    entries.push(entry);
  };
  return { entries, ...setUp({ lifecycle, onChange }, interfere) };
}

describe('onChange takes', () => {
  test('every outcome, with who asked, what was decided and what the event carried', async () => {
    const { clock, workflow, entries } = open();
    const by = { staffUserId };
    const resolve = { type: 'RESOLVE', resolution: 'Restarted.' } as const;
    await clock.run(workflow.apply('T-open', 'START', by));
    await clock.run(workflow.apply('T-open', 'START', by));
    await clock.run(workflow.apply('T-open', 'ASK', by));
    await clock.run(workflow.apply('T-open', 'CLOSE', by));
    await clock.run(workflow.apply('T-open', 'ANSWER', by));
    await clock.run(workflow.apply('T-open', resolve, by));
    await clock.run(workflow.apply('T-none', 'START', by));
    await clock.advance(1);
    const shown = entries.map(({ ticketId, by: who, kind, asked, decided }) => [
      ticketId,
      who,
      kind,
      asked.from,
      asked.event,
      decided.allowed,
    ]);
    expect(shown).toEqual([
      ['T-open', 7, 'confirmed', 'open', 'START', true],
      ['T-open', 7, 'unchanged', 'in-progress', 'START', false],
      ['T-open', 7, 'confirmed', 'in-progress', 'ASK', true],
      ['T-open', 7, 'blocked', 'waiting', 'CLOSE', false],
      ['T-open', 7, 'confirmed', 'waiting', 'ANSWER', true],
      ['T-open', 7, 'confirmed', 'in-progress', 'RESOLVE', true],
      ['T-none', 7, 'blocked', '', 'START', false],
    ]);
    expect(entries[2]?.decided).toMatchObject({ to: 'waiting', changesStatus: false });
    expect(entries[5]?.asked.payload).toEqual({ resolution: 'Restarted.' });
    expect(new Set(entries.map(({ id }) => id)).size).toBe(entries.length);
    expect(entries[0]?.fingerprint).toBe(lifecycle.fingerprint);
  });

  test('each step of a move, with its payload', async () => {
    const { clock, workflow, entries } = open();
    const payloads = { RESOLVE: { resolution: 'Done.' } };
    await clock.run(workflow.moveTo('T-open', 'closed', { staffUserId, payloads }));
    await clock.advance(1);
    expect(entries.map(({ asked }) => [asked.event, asked.payload])).toEqual([
      ['START', undefined],
      ['RESOLVE', { resolution: 'Done.' }],
      ['CLOSE', undefined],
    ]);
  });

  test('changes that were refused, not sent or lost', async () => {
    const answers = [
      new Response('{"success":false,"error":{"message":"No"}}', { status: 403 }),
      new Response('', { status: 500 }),
    ];
    const { clock, workflow, entries } = open(async (request, forward) =>
      request.method === 'POST'
        ? (answers.shift() ?? forward())
        : new Response('', { status: 403 }),
    );
    const from = { staffUserId, from: 'open' } as const;
    await clock.run(workflow.apply('T-open', 'START', from));
    await clock.run(workflow.apply('T-open', 'START', from));
    await clock.run(workflow.apply('T-open', 'START', { ...from, signal: AbortSignal.abort() }));
    await clock.advance(1);
    expect(entries.map(({ kind, decided }) => [kind, decided.allowed])).toEqual([
      ['refused', true],
      ['unknown', true],
      ['not-sent', false],
    ]);
  });

  test.each(['observe', 'where', 'enabled', 'explain', 'apply'] as const)(
    'what others did, when %s sees it, and once',
    async (call) => {
      const { clock, workflow, sandbox, entries } = open();
      const seen: WorkflowEvent[] = [];
      workflow.on((event) => void (event.type === 'observed' && seen.push(event)));
      await clock.run(workflow.apply('T-open', 'START', { staffUserId }));
      await clock.run(workflow.apply('T-open', 'ASK', { staffUserId }));
      sandbox.tickets.setStatus('T-open', 'resolved');
      await clock.advance(61_000);
      for (const _ of [1, 2]) {
        if (call === 'explain') await clock.run(workflow.explain('T-open', 'CLOSE'));
        else if (call === 'apply')
          await clock.run(workflow.apply('T-open', 'ASK', { staffUserId }));
        else await clock.run<unknown>(workflow[call]('T-open'));
      }
      await clock.advance(1);
      const observed = entries.filter(({ kind }) => kind === 'observed');
      expect(observed).toMatchObject([
        { ticketId: 'T-open', by: 'somebody else', asked: { from: 'waiting' } },
      ]);
      expect(seen).toMatchObject([{ previous: 'in-progress', status: 'resolved' }]);
    },
  );
});

test('what came from outside and makes no sense is an entry, too', async () => {
  const { clock, workflow, entries } = open();
  for (const [ticketId, event, by] of [
    ['', 'START', undefined],
    [undefined, null, 'x'],
    [{}, { type: {} }, 0.5],
    ['T-open', 'START', 2 ** 53],
    ['T-open', 'START', Infinity],
  ]) {
    const options = { staffUserId: by } as never;
    const outcome = await clock.run(workflow.apply(ticketId as never, event as never, options));
    expect(outcome.kind).toBe('blocked');
  }
  await clock.advance(1);
  expect(entries.map(({ ticketId, by, kind }) => [ticketId, by, kind])).toEqual([
    ['(string)', 'unknown', 'blocked'],
    ['(undefined)', 'x', 'blocked'],
    ['(object)', 'unknown', 'blocked'],
    ['T-open', 'unknown', 'blocked'],
    ['T-open', 'unknown', 'blocked'],
  ]);
});

/** A workflow whose sink fails until it recovers. */
function failing() {
  const taken: string[] = [];
  let isDown = true;
  const bench = setUp({
    lifecycle,
    async onChange({ asked }) {
      if (isDown) throw new Error('disk full');
      taken.push(asked.event);
    },
  });
  const recover = () => {
    isDown = false;
  };
  return { taken, recover, ...bench };
}

describe('a sink that fails', () => {
  test('gets the entry again, in order, and no change waits for it', async () => {
    const taken: string[] = [];
    const tried: string[] = [];
    let isDown = true;
    const failures: WorkflowEvent[] = [];
    const { clock, workflow } = setUp({
      lifecycle,
      async onChange({ id, asked }) {
        tried.push(id);
        if (isDown) throw new Error('disk full');
        taken.push(asked.event);
      },
    });
    workflow.on((event) => void (event.type === 'sink-failed' && failures.push(event)));
    const options = { staffUserId, from: 'open' } as const;
    expect((await clock.run(workflow.apply('T-open', 'START', options))).kind).toBe('confirmed');
    expect((await clock.run(workflow.apply('T-open', 'ASK', { staffUserId }))).kind).toBe(
      'confirmed',
    );
    await clock.advance(5000);
    expect(taken).toEqual([]);
    expect(new Set(tried).size).toBe(1);
    expect(failures.length).toBe(tried.length);
    isDown = false;
    await clock.advance(20_000);
    expect(taken).toEqual(['START', 'ASK']);
  });

  test('that hangs delays nobody, and close waits for it no longer than timeoutMs', async () => {
    const { clock, workflow } = setUp({ lifecycle, onChange: () => new Promise(() => {}) });
    const options = { staffUserId, from: 'open' } as const;
    expect((await clock.run(workflow.apply('T-open', 'START', options))).kind).toBe('confirmed');
    await clock.run(workflow.close());
  });

  test('is waited for by close, while it takes entries', async () => {
    const taken: string[] = [];
    const { clock, workflow } = setUp({
      lifecycle,
      onChange: async ({ asked }) => void taken.push(asked.event),
    });
    await clock.run(workflow.apply('T-open', 'START', { staffUserId, from: 'open' }));
    await clock.run(workflow.close());
    expect(taken).toEqual(['START']);
  });

  test('and is back gets at `close` what still waits, however long its pause is by then', async () => {
    const { taken, recover, clock, workflow } = failing();
    const dropped: WorkflowEvent[] = [];
    workflow.on((event) => void (event.type === 'entry-dropped' && dropped.push(event)));
    await clock.run(workflow.apply('T-open', 'START', { staffUserId, from: 'open' }));
    // Pauses of 10 s by now.
    await clock.advance(60_000);
    recover();
    const before = clock.now();
    await clock.run(workflow.close());
    expect(taken).toEqual(['START']);
    expect(dropped).toEqual([]);
    expect(clock.now() - before).toBeLessThan(1000);
  });

  test('gets nothing after `close`, and leaves no timer, though nothing had to be handed over', async () => {
    const closed = () => Promise.reject(new Error('The database is not open'));
    const { clock, workflow } = setUp({ lifecycle, onChange: closed });
    const events: WorkflowEvent[] = [];
    workflow.on((event) => void events.push(event));
    await clock.run(workflow.close());
    await clock.run(workflow.apply('T-open', 'START', { staffUserId }));
    await clock.advance(1000);
    expect(events).toContainEqual(
      expect.objectContaining({
        type: 'entry-dropped',
        reason: 'closed',
        entry: expect.objectContaining({ kind: 'not-sent' }),
      }),
    );
    expect(clock.pending).toBe(0);
  });

  test('and is back a moment after `close` gets it, too', async () => {
    const { taken, recover, clock, workflow } = failing();
    await clock.run(workflow.apply('T-open', 'START', { staffUserId, from: 'open' }));
    await clock.advance(60_000);
    clock.setTimeout(recover, 500);
    await clock.run(workflow.close());
    expect(taken).toEqual(['START']);
  });

  test('for long makes a bounded heap, and each entry that has no place is told', async () => {
    let isDown = true;
    const taken: ChangeEntry[] = [];
    const dropped: Extract<WorkflowEvent, { type: 'entry-dropped' }>[] = [];
    const { clock, workflow } = setUp({
      onChange(entry) {
        if (isDown) throw new Error('disk full');
        taken.push(entry);
      },
    });
    workflow.on((event) => void (event.type === 'entry-dropped' && dropped.push(event)));
    const asked = 10_025;
    for (let change = 1; change <= asked; change += 1) {
      // Blocked at once: no request, and an entry.
      await workflow.apply('T-open', 'CLOSE', { staffUserId: change, from: 'open' });
    }
    expect(dropped.map(({ entry, reason }) => [entry.by, reason])).toEqual(
      Array.from({ length: asked - 10_000 }, (_, index) => [10_001 + index, 'full']),
    );
    isDown = false;
    await clock.advance(20_000);
    expect(taken.map(({ by }) => by)).toEqual(Array.from({ length: 10_000 }, (_, at) => at + 1));
  });

  test.each([
    ['fails', () => Promise.reject(new Error('disk full'))],
    ['hangs', () => new Promise<void>(() => {})],
  ])('when all is closed loses nothing silently, and leaves no timer: %s', async (_, onChange) => {
    const events: WorkflowEvent[] = [];
    const { clock, workflow } = setUp({ onChange });
    workflow.on((event) => void events.push(event));
    await clock.run(workflow.apply('T-open', 'START', { staffUserId }));
    await clock.run(workflow.apply('T-open', 'RESOLVE', { staffUserId }));
    await clock.run(workflow.close());
    const dropped = events.filter((event) => event.type === 'entry-dropped');
    expect(dropped.map(({ entry, reason }) => [entry.asked.event, reason])).toEqual([
      ['START', 'closed'],
      ['RESOLVE', 'closed'],
    ]);
    expect(events.filter(({ type }) => type === 'sink-failed').length).toBeGreaterThan(0);
    expect(clock.pending).toBe(0);
  });
});
