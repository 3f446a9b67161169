import { describe, expect, test } from 'vitest';
import { createActor, type InspectionEvent, setup } from 'xstate';
import { ticketActor, type TicketActorSnapshot } from '../../src/index.ts';
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
    const { clock, workflow } = setUp();
    const actor = createActor(ticketActor(workflow), { input }).start();
    const event = { type: 'START', note: 'Looks urgent.', verify: true } as const;
    actor.send(event);
    await clock.advance(5000);
    expect(actor.getSnapshot()).toMatchObject({
      value: 'settled',
      context: { outcome: { kind: 'confirmed' } },
    });
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
