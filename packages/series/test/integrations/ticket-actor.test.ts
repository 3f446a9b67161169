import { defineLifecycle, ticketLifecycle } from '@ticket-lifecycle/core';
import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { type AnyActor, createActor, type InspectionEvent, setup } from 'xstate';
import { type ChangeEntry, ticketActor, type TicketActorSnapshot } from '../../src/index.ts';
import { setUp, writesIn, type Interference } from '../support/bench.ts';

const input = { ticketId: 'T-open', staffUserId: 7 };
const connectionLost = () => Promise.reject(new TypeError('fetch failed'));

/** Loses the answer of each change, which reaches the server or does not. */
const losing =
  (reaches: boolean): Interference =>
  async (request, forward) => {
    if (request.method !== 'POST') return forward();
    if (reaches) await forward();
    return connectionLost();
  };

describe('a ticket’s actor', () => {
  test('goes from settled over sending to settled, and knows where the ticket is', async () => {
    const { clock, workflow, sandbox } = setUp();
    const actor = createActor(ticketActor(workflow), { input }).start();
    const values: string[] = [];
    actor.subscribe(({ value }) => values.push(value));
    expect(actor.getSnapshot()).toMatchObject({ value: 'settled', context: { state: undefined } });
    actor.send({ type: 'START' });
    expect(actor.getSnapshot()).toMatchObject({
      value: 'sending',
      context: { pending: { event: 'START' } },
    });
    await clock.advance(5000);
    expect(actor.getSnapshot()).toMatchObject({
      value: 'settled',
      context: { state: 'in-progress', outcome: { kind: 'confirmed' }, pending: undefined },
    });
    expect(new Set(values)).toEqual(new Set(['sending', 'settled']));
    expect(writesIn(sandbox)).toHaveLength(1);
    actor.stop();
  });

  test('gives each event its turn, also those that come while it is sending', async () => {
    const { clock, workflow, sandbox } = setUp();
    const actor = createActor(ticketActor(workflow), { input }).start();
    for (const type of ['START', 'RESOLVE', 'CLOSE'] as const) actor.send({ type });
    await clock.advance(10_000);
    expect(sandbox.systemMessages.map(({ to }) => to)).toEqual([
      'in-progress',
      'resolved',
      'closed',
    ]);
    expect(actor.getSnapshot()).toMatchObject({ value: 'settled', context: { waiting: [] } });
  });

  test('takes an event with a payload beside the options of its change', async () => {
    const asked: ChangeEntry[] = [];
    const START = z.strictObject({ note: z.string() });
    const lifecycle = defineLifecycle(ticketLifecycle.machine, { payloads: { START } });
    const onChange = (entry: ChangeEntry) => void asked.push(entry);
    const { clock, workflow, sandbox } = setUp({ lifecycle, onChange });
    const actor = createActor(ticketActor(workflow), { input }).start();
    const payload = { note: 'Looks urgent.' };
    const seam = { beforeSend: () => {}, mayWrite: () => true };
    const how = {
      from: 'open',
      via: 'claim',
      read: 'always',
      verify: true,
      resend: 'never',
    } as const;
    const context = { session: 'secret' } as never;
    actor.send({ type: 'START', ...payload, staffUserId: 8, context, ...how, ...seam });
    await clock.advance(5000);
    expect(actor.getSnapshot()).toMatchObject({
      value: 'settled',
      context: { outcome: { kind: 'confirmed', verified: true } },
    });
    expect(sandbox.tickets.get('T-open')?.claimedBy).toBe(8);
    expect(asked).toMatchObject([{ by: 8, asked: { event: 'START' } }]);
    expect(asked[0]?.asked.payload).toEqual(payload);
  });

  test('is settled, with the reasons, when the lifecycle forbids it', async () => {
    const { clock, workflow, sandbox } = setUp();
    const actor = createActor(ticketActor(workflow), { input }).start();
    actor.send({ type: 'CLOSE' });
    await clock.advance(5000);
    expect(actor.getSnapshot()).toMatchObject({
      value: 'settled',
      context: { outcome: { kind: 'blocked', blockers: [{ code: 'no-such-transition' }] } },
    });
    expect(writesIn(sandbox)).toEqual([]);
  });

  test('keeps what it knows of the ticket when the event itself is wrong', async () => {
    const { clock, workflow } = setUp();
    const actor = createActor(ticketActor(workflow), { input }).start();
    const wrong = [
      { type: 'NOPE', from: 'closed' },
      { type: 'RESOLVE', from: 'nope' },
      { type: 'RESOLVE', from: 'closed', staffUserId: 0 },
    ];
    for (const event of [{ type: 'START' }, ...wrong]) {
      actor.send(event);
      await clock.advance(5000);
      expect(actor.getSnapshot().context.state).toBe('in-progress');
    }
    expect(actor.getSnapshot().context.outcome?.kind).toBe('blocked');
  });

  test('is unknown when nobody can tell, until it is looked at again', async () => {
    let isDown = true;
    const { clock, workflow } = setUp({}, async (request, forward) => {
      if (!isDown) return forward();
      if (request.method === 'POST') await forward();
      return connectionLost();
    });
    const actor = createActor(ticketActor(workflow), { input: { ...input, state: 'open' } });
    actor.start();
    actor.send({ type: 'START' });
    await clock.advance(120_000);
    expect(actor.getSnapshot()).toMatchObject({
      value: 'unknown',
      context: {
        outcome: { kind: 'unknown', error: { delivery: 'unknown', reason: 'connection-lost' } },
        pending: { event: 'START', from: 'open', to: 'in-progress' },
      },
    });
    isDown = false;
    actor.send({ type: 'ticket.settle' });
    await clock.advance(30_000);
    expect(actor.getSnapshot()).toMatchObject({
      value: 'settled',
      context: { state: 'in-progress', outcome: { kind: 'confirmed', by: 'observation' } },
    });
  });

  test('can not be told by others how its change ended', () => {
    const { workflow } = setUp();
    const actor = createActor(ticketActor(workflow), { input }).start();
    actor.send({ type: 'START' });
    actor.send({ type: 'ticket.ended', outcome: { kind: 'confirmed', to: 'closed' } } as never);
    expect(actor.getSnapshot()).toMatchObject({ value: 'sending', context: { state: undefined } });
    actor.stop();
  });

  test('stops what waits when it is stopped', async () => {
    const { clock, workflow, sandbox } = setUp();
    const actor = createActor(ticketActor(workflow), { input }).start();
    actor.send({ type: 'START' });
    actor.stop();
    await clock.advance(20_000);
    expect(writesIn(sandbox)).toEqual([]);
    expect(actor.getSnapshot().status).toBe('stopped');
    expect(clock.pending).toBe(0);
  });

  test('fails as XState’s actors do when a guard is broken', async () => {
    const { clock, workflow } = setUp();
    const actor = createActor(ticketActor(workflow), { input }).start();
    const errors: unknown[] = [];
    actor.subscribe({ error: (error) => errors.push(error) });
    const context = () => {
      throw new Error('no user in session');
    };
    actor.send({ type: 'START', context });
    await clock.advance(5000);
    expect(errors).toMatchObject([{ message: 'no user in session' }]);
  });

  test('needs to know its ticket', () => {
    const { workflow } = setUp();
    const actor = createActor(ticketActor(workflow), { input: {} as never });
    actor.subscribe({ error: () => {} });
    actor.start();
    expect(actor.getSnapshot()).toMatchObject({
      status: 'error',
      error: { message: expect.stringContaining('"ticketId" must be a string') },
    });
  });

  test('works as a child of a machine', async () => {
    const { clock, workflow } = setUp();
    const machine = setup({ actors: { ticket: ticketActor(workflow) } }).createMachine({
      invoke: { src: 'ticket', id: 'ticket', input },
      on: {
        GO: {
          actions: ({ self }) => self.getSnapshot().children['ticket']?.send({ type: 'START' }),
        },
      },
    });
    const parent = createActor(machine).start();
    parent.send({ type: 'GO' });
    await clock.advance(5000);
    const child = parent.getSnapshot().children['ticket'];
    expect(child?.getSnapshot()).toMatchObject({
      value: 'settled',
      context: { state: 'in-progress' },
    });
    parent.stop();
  });

  test('shows itself to an inspector, without the key', async () => {
    const apiKey = 'sk_live_1nspect';
    const { clock, workflow } = setUp({}, undefined, {}, { apiKey });
    const seen: InspectionEvent[] = [];
    const inspect = (event: InspectionEvent) => void seen.push(event);
    const actor = createActor(ticketActor(workflow), { input, inspect }).start();
    actor.send({ type: 'START' });
    await clock.advance(5000);
    const types = seen.map(({ type }) => type);
    expect(types).toContain('@xstate.actor');
    expect(types).toContain('@xstate.event');
    const snapshots = seen.flatMap((event) =>
      event.type === '@xstate.snapshot' ? [event.snapshot as TicketActorSnapshot] : [],
    );
    expect(snapshots.map(({ value }) => value)).toContain('sending');
    expect(JSON.stringify(snapshots)).not.toContain(apiKey);
  });
});

describe('an actor that was persisted', () => {
  const persist = (snapshot: unknown) => JSON.parse(JSON.stringify(snapshot)) as never;

  async function crashWhileSending(reaches: boolean) {
    const first = setUp({}, losing(reaches));
    const actor = createActor(ticketActor(first.workflow), { input }).start();
    actor.send({ type: 'START' });
    await first.clock.advance(50);
    const persisted = persist(actor.getPersistedSnapshot());
    const { status } = first.sandbox.tickets.get('T-open') ?? {};
    actor.stop();
    return { persisted, status };
  }

  test('while sending is restored as unknown, and confirmed by reading', async () => {
    const { persisted, status } = await crashWhileSending(true);
    expect(persisted).toMatchObject({ value: 'sending' });
    expect(status).toBe('in-progress');
    const second = setUp();
    second.sandbox.tickets.setStatus('T-open', 'in-progress');
    const actor = createActor(ticketActor(second.workflow), { input, snapshot: persisted });
    expect(actor.getSnapshot().value).toBe('unknown');
    actor.start();
    await second.clock.advance(5000);
    expect(actor.getSnapshot()).toMatchObject({
      value: 'settled',
      context: { state: 'in-progress', outcome: { kind: 'confirmed', by: 'observation' } },
    });
    expect(writesIn(second.sandbox)).toEqual([]);
  });

  test('while sending is restored as unknown, and found not to have been processed', async () => {
    const { persisted } = await crashWhileSending(false);
    const second = setUp();
    const actor = createActor(ticketActor(second.workflow), { input, snapshot: persisted });
    actor.start();
    // What comes meanwhile waits until that is known.
    actor.send({ type: 'START' });
    await second.clock.advance(1000);
    expect(actor.getSnapshot().value).toBe('unknown');
    expect(writesIn(second.sandbox)).toEqual([]);
    await second.clock.advance(60_000);
    expect(actor.getSnapshot()).toMatchObject({
      value: 'settled',
      context: { outcome: { kind: 'confirmed', by: 'response' }, waiting: [] },
    });
    expect(writesIn(second.sandbox)).toHaveLength(1);
  });

  test('keeps its outcome, and the events that waited', async () => {
    const first = setUp({}, undefined, { subscription: 'none' });
    const actor = createActor(ticketActor(first.workflow), { input }).start();
    actor.send({ type: 'START' });
    await first.clock.advance(5000);
    const persisted = persist(actor.getPersistedSnapshot());
    const restored = createActor(ticketActor(setUp().workflow), { input, snapshot: persisted });
    expect(restored.getSnapshot()).toMatchObject({
      value: 'settled',
      context: { outcome: { kind: 'refused', error: { code: 'subscription-required' } } },
    });

    const waiting = { ...(persisted as TicketActorSnapshot) };
    const context = { ...waiting.context, waiting: [{ type: 'START' }, { type: 'RESOLVE' }] };
    const second = setUp();
    const snapshot = { ...waiting, context } as never;
    createActor(ticketActor(second.workflow), { input, snapshot }).start();
    await second.clock.advance(10_000);
    expect(second.sandbox.systemMessages.map(({ to }) => to)).toEqual(['in-progress', 'resolved']);
  });
});

describe('an actor that was stopped and started again', () => {
  const persist = (snapshot: unknown) => JSON.parse(JSON.stringify(snapshot)) as never;

  test.each([
    ['REOPEN', 'T-closed', 'open'],
    ['START', 'T-open', 'in-progress'],
  ])('before %s was sent sends it again, once', async (type, ticketId, state) => {
    const { clock, workflow, sandbox } = setUp({}, undefined, {
      delayMs: { beforeAnswering: [200, 200] },
    });
    const first = createActor(ticketActor(workflow), {
      input: { ticketId, staffUserId: 7 },
    }).start();
    first.send({ type });
    // Its ticket is still being read.
    await clock.advance(50);
    const snapshot = persist(first.getPersistedSnapshot());
    expect(first.getSnapshot()).toMatchObject({
      value: 'sending',
      context: { pending: { sentAt: undefined } },
    });
    first.stop();
    const second = createActor(ticketActor(workflow), { input, snapshot });
    expect(second.getSnapshot()).toMatchObject({
      value: 'settled',
      context: { pending: undefined, waiting: [{ type }] },
    });
    second.start();
    await clock.advance(5000);
    expect(second.getSnapshot()).toMatchObject({
      value: 'settled',
      context: { state, outcome: { kind: 'confirmed', by: 'response' }, waiting: [] },
    });
    expect(sandbox.systemMessages).toHaveLength(1);
  });

  test('claims nothing for a change that was never sent and that a colleague made', async () => {
    const { clock, workflow, sandbox } = setUp({}, undefined, {
      delayMs: { beforeAnswering: [200, 200] },
    });
    const known = { ...input, state: 'open' };
    const first = createActor(ticketActor(workflow), { input: known }).start();
    first.send({ type: 'START' });
    const snapshot = persist(first.getPersistedSnapshot());
    first.stop();
    sandbox.tickets.setStatus('T-open', 'in-progress');
    const second = createActor(ticketActor(workflow), { input: known, snapshot }).start();
    await clock.advance(5000);
    // What was known when the snapshot was made is not stated again: the ticket was read.
    expect(second.getSnapshot()).toMatchObject({
      value: 'settled',
      context: { outcome: { kind: 'unchanged', attempts: 0 } },
    });
    expect(writesIn(sandbox)).toEqual([]);
  });

  test.each(['stopped', 'done', 'error'] as const)(
    'keeps the status %s, and does nothing',
    async (status) => {
      const { clock, workflow, sandbox } = setUp();
      const actor = createActor(ticketActor(workflow), { input }).start();
      actor.send({ type: 'START' });
      const snapshot = { ...(persist(actor.getPersistedSnapshot()) as object), status } as never;
      actor.stop();
      const restored = createActor(ticketActor(workflow), { input, snapshot });
      restored.subscribe({ error: () => {} });
      restored.start();
      restored.send({ type: 'START' });
      restored.send({ type: 'ticket.settle' });
      await clock.advance(5000);
      expect(restored.getSnapshot()).toMatchObject({ status, value: 'sending' });
      expect(sandbox.requests).toEqual([]);
    },
  );

  test('with what it carries, also where that is only for guards and schemas', async () => {
    const { clock, workflow } = setUp();
    const first = createActor(ticketActor(workflow), { input }).start();
    const event = { type: 'START', note: 'Looks urgent.', verify: true } as const;
    first.send(event);
    const snapshot = persist(first.getPersistedSnapshot());
    first.stop();
    const second = createActor(ticketActor(workflow), { input, snapshot }).start();
    await clock.advance(5000);
    expect(second.getSnapshot().context.outcome).toMatchObject({
      kind: 'confirmed',
      verified: true,
    });
  });

  /** Does to an actor what `useActor` of @xstate/react does under StrictMode. */
  function restartRaw(actor: AnyActor) {
    const snapshot = actor.getSnapshot();
    actor.stop();
    Object.assign(actor, { _snapshot: snapshot, _processingStatus: 0 });
    actor.start();
  }

  test('from the raw snapshot before anything was sent goes on and sends once', async () => {
    const { clock, workflow, sandbox } = setUp();
    const actor = createActor(ticketActor(workflow), { input }).start();
    actor.send({ type: 'START' });
    restartRaw(actor);
    restartRaw(actor);
    actor.send({ type: 'RESOLVE' });
    await clock.advance(10_000);
    expect(actor.getSnapshot()).toMatchObject({
      value: 'settled',
      context: { state: 'resolved', waiting: [] },
    });
    expect(sandbox.systemMessages.map(({ to }) => to)).toEqual(['in-progress', 'resolved']);
  });

  test('from the raw snapshot while the request is under way settles it', async () => {
    const { clock, workflow, sandbox } = setUp({}, undefined, {
      delayMs: { beforeAnswering: [500, 500] },
    });
    const actor = createActor(ticketActor(workflow), {
      input: { ...input, state: 'open' },
    }).start();
    actor.send({ type: 'START' });
    await clock.advance(100);
    expect(actor.getSnapshot()).toMatchObject({
      context: { pending: { sentAt: expect.any(Number) } },
    });
    restartRaw(actor);
    expect(actor.getSnapshot().value).toBe('unknown');
    await clock.advance(5000);
    expect(actor.getSnapshot()).toMatchObject({
      value: 'settled',
      context: { state: 'in-progress', outcome: { kind: 'confirmed', by: 'observation' } },
    });
    expect(sandbox.systemMessages).toHaveLength(1);
  });

  test('from the raw snapshot when nothing is open does nothing, and works', async () => {
    const { clock, workflow, sandbox } = setUp();
    const actor = createActor(ticketActor(workflow), { input }).start();
    restartRaw(actor);
    await clock.advance(1000);
    expect(sandbox.requests).toEqual([]);
    actor.send({ type: 'START' });
    await clock.advance(5000);
    restartRaw(actor);
    expect(actor.getSnapshot()).toMatchObject({
      value: 'settled',
      context: { state: 'in-progress' },
    });
    expect(clock.pending).toBe(0);
  });

  test('from the raw snapshot of a doubt looks at the ticket once more', async () => {
    let isDown = true;
    const { clock, workflow } = setUp({}, async (request, forward) => {
      if (!isDown) return forward();
      if (request.method === 'POST') await forward();
      return connectionLost();
    });
    const actor = createActor(ticketActor(workflow), {
      input: { ...input, state: 'open' },
    }).start();
    actor.send({ type: 'START' });
    await clock.advance(120_000);
    expect(actor.getSnapshot().value).toBe('unknown');
    isDown = false;
    restartRaw(actor);
    await clock.advance(1000);
    expect(actor.getSnapshot().context.outcome).toMatchObject({
      kind: 'confirmed',
      by: 'observation',
    });
  });
});

describe('what an actor says of its change', () => {
  test('is of its own change, not of the same event by another actor', async () => {
    const { clock, workflow } = setUp({}, undefined, { delayMs: { beforeAnswering: [500, 500] } });
    const logic = ticketActor(workflow);
    const actors = [1, 2].map((staffUserId) =>
      createActor(logic, { input: { ...input, staffUserId, state: 'open' } }).start(),
    );
    for (const actor of actors) actor.send({ type: 'START' });
    await clock.advance(100);
    const [sent, waiting] = actors.map((actor) => actor.getSnapshot().context.pending);
    expect(sent).toMatchObject({ staffUserId: 1, to: 'in-progress', sentAt: expect.any(Number) });
    expect(Number.isInteger(sent?.sentAt)).toBe(true);
    expect(waiting).toMatchObject({ staffUserId: 2, to: undefined, sentAt: undefined });
  });

  test('is written down before the request leaves, after the caller’s own hook', async () => {
    const steps: string[] = [];
    const { clock, workflow } = setUp({}, async (request, forward) => {
      if (request.method === 'POST') steps.push(`POST, sentAt ${typeof pending()?.sentAt}`);
      return forward();
    });
    const actor = createActor(ticketActor(workflow), {
      input: { ...input, state: 'open' },
    }).start();
    const pending = () => actor.getSnapshot().context.pending;
    const beforeSend = () => {
      steps.push(`hook, sentAt ${typeof pending()?.sentAt}`);
    };
    actor.send({ type: 'START', beforeSend });
    await clock.advance(5000);
    expect(steps).toEqual(['hook, sentAt undefined', 'POST, sentAt number']);
  });

  test('is that nothing was sent where the caller’s hook says no', async () => {
    const { clock, workflow, sandbox } = setUp();
    const actor = createActor(ticketActor(workflow), { input }).start();
    const beforeSend = () => Promise.reject(new Error('the journal is full'));
    actor.send({ type: 'START', beforeSend });
    await clock.advance(5000);
    expect(actor.getSnapshot()).toMatchObject({
      value: 'settled',
      context: { outcome: { kind: 'not-sent', error: { reason: 'stopped' } } },
    });
    expect(writesIn(sandbox)).toEqual([]);
  });

  const inDoubt = (pending: object) =>
    ({
      status: 'active',
      value: 'unknown',
      context: {
        ticketId: 'T-in-progress',
        staffUserId: 7,
        state: undefined,
        outcome: undefined,
        waiting: [],
        pending: { event: 'START', asked: { type: 'START' }, via: 'status', sentAt: 1, ...pending },
      },
    }) as never;

  test('shows why settling is blocked, and can be asked again', async () => {
    const { clock, workflow } = setUp();
    const snapshot = inDoubt({ event: 'GONE' });
    const actor = createActor(ticketActor(workflow), { input, snapshot }).start();
    for (const _ of [1, 2]) {
      await clock.advance(1000);
      expect(actor.getSnapshot()).toMatchObject({
        value: 'unknown',
        context: { outcome: { kind: 'blocked', blockers: [{ code: 'unknown-event' }] } },
      });
      actor.send({ type: 'ticket.settle' });
    }
  });

  test('shows that settling could not decide, or was stopped', async () => {
    const { clock, workflow } = setUp();
    const snapshot = inDoubt({ from: 'closed', to: 'open', event: 'REOPEN' });
    const actor = createActor(ticketActor(workflow), { input, snapshot }).start();
    await clock.advance(60_000);
    expect(actor.getSnapshot()).toMatchObject({
      value: 'unknown',
      context: { outcome: { kind: 'unknown', observed: 'in-progress' } },
    });
    await workflow.close();
    actor.send({ type: 'ticket.settle' });
    await clock.advance(1000);
    expect(actor.getSnapshot()).toMatchObject({
      value: 'unknown',
      context: {
        outcome: { kind: 'unknown', error: { message: expect.stringContaining('not read') } },
      },
    });
  });
});
