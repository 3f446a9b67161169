import { ticketLifecycle } from '@ticket-lifecycle/core';
import type { Sandbox } from '@ticket-lifecycle/sandbox';
import { describe, expect, test } from 'vitest';
import { createActor, type EventFromLogic } from 'xstate';
import {
  createSeriesClient,
  createTicketWorkflow,
  ticketActor,
  type TicketActorSnapshot,
} from '../../src/index.ts';
import { setUp, type Interference } from '../support/bench.ts';
import type { FakeClock } from '../support/fake-clock.ts';

type AskedEvent = EventFromLogic<ReturnType<typeof logicElsewhere>>;

const input = { ticketId: 'T-open', staffUserId: 7 };

/** Another process with the same tickets, which remembers nothing. */
function logicElsewhere({ sandbox, clock }: { sandbox: Sandbox; clock: FakeClock }) {
  const client = createSeriesClient({ apiKey: 'key', clock, fetch: sandbox.fetch });
  return ticketActor(createTicketWorkflow({ lifecycle: ticketLifecycle, client, clock }));
}

/** Sends events to an actor, and keeps every snapshot as JSON. At `last` it stops, if it comes there. */
async function run(
  events: readonly AskedEvent[],
  isLast: (snapshot: TicketActorSnapshot, index: number) => boolean = () => false,
) {
  const world = setUp();
  const actor = createActor(ticketActor(world.workflow), { input });
  const snapshots: string[] = [];
  actor.subscribe((snapshot) => {
    snapshots.push(JSON.stringify(snapshot));
    if (isLast(snapshot, snapshots.length - 1)) actor.stop();
  });
  actor.start();
  for (const event of events) {
    if (actor.getSnapshot().status === 'active') actor.send(event);
  }
  await world.clock.advance(10_000);
  const snapshotAt = (at: number) => JSON.parse(snapshots.at(at) ?? '');
  return { ...world, snapshotAt, count: snapshots.length };
}

const isUnsent = ({ value, context }: TicketActorSnapshot) =>
  value === 'sending' && context.pending?.sentAt === undefined;
const isSent = ({ context }: TicketActorSnapshot) => context.pending?.sentAt !== undefined;

const messagesIn = (sandbox: Sandbox) =>
  sandbox.systemMessages.map(({ from, to }) => `${from} > ${to}`);

const start = { type: 'START' } as const;
const resolve = { type: 'RESOLVE' } as const;
const seen = [
  { ...start, from: 'open' },
  { ...resolve, from: 'in-progress' },
] as const;
const unread = seen.map((event) => ({ ...event, read: 'never' as const }));

const runs: readonly (readonly [string, readonly AskedEvent[]])[] = [
  ['one event', [start]],
  ['one event with from', seen.slice(0, 1)],
  ['one event with from and read: never', unread.slice(0, 1)],
  ['two events', [start, resolve]],
  ['two events with from', seen],
  ['two events with from and read: never', unread],
];

describe.each(runs)('an actor of %s', (_, events) => {
  const made = ['open > in-progress', 'in-progress > resolved'].slice(0, events.length);

  test('that ran to its end writes nothing more when any of its snapshots is started', async () => {
    const { count } = await run(events);
    expect(count).toBeGreaterThan(3 * events.length);
    for (let at = 0; at < count; at += 1) {
      const world = await run(events);
      const snapshot = world.snapshotAt(at);
      const actor = createActor(logicElsewhere(world), { snapshot, input }).start();
      await world.clock.advance(120_000);
      expect(messagesIn(world.sandbox), `from snapshot ${at}`).toEqual(made);
      expect(actor.getSnapshot()).toMatchObject({ context: { waiting: [] } });
    }
  });

  test('that stopped at any of its snapshots makes no change twice, and says which were made', async () => {
    const { count } = await run(events);
    for (let at = 0; at < count; at += 1) {
      const world = await run(events, (_snapshot, index) => index === at);
      const snapshot = world.snapshotAt(at);
      const actor = createActor(logicElsewhere(world), { snapshot, input }).start();
      for (const event of events.slice(askedBy(snapshot))) actor.send(event);
      await world.clock.advance(120_000);
      const { outcomes } = actor.getSnapshot().context;
      const confirmed = outcomes.filter(({ kind }) => kind === 'confirmed');
      const changes = confirmed.map(({ from, to }) => `${from} > ${to}`);
      expect(messagesIn(world.sandbox), `from snapshot ${at}`).toEqual(changes);
      // Stopped right before the request left, the first is found not to have been made.
      const first = isSent(snapshot) ? 'not-sent' : 'confirmed';
      if (events.length === 1) expect(outcomes[0]?.kind, `from snapshot ${at}`).toBe(first);
    }
  });
});

/** How many events an actor had been sent. */
function askedBy({ context }: TicketActorSnapshot): number {
  const { pending, waiting, outcomes } = context;
  return outcomes.length + waiting.length + (pending === undefined ? 0 : 1);
}

test('what a person saw before a restart is compared with the ticket', async () => {
  const world = await run(seen.slice(0, 1), isUnsent);
  world.sandbox.tickets.setStatus('T-open', 'closed');
  const snapshot = world.snapshotAt(-1);
  const actor = createActor(logicElsewhere(world), { snapshot, input }).start();
  await world.clock.advance(10_000);
  expect(actor.getSnapshot().context.outcome).toMatchObject({
    kind: 'blocked',
    blockers: [{ code: 'stale' }, { code: 'no-such-transition' }],
  });
});

test('an event that is sent after a restart is believed as ever', async () => {
  const world = await run([]);
  const snapshot = world.snapshotAt(-1);
  const actor = createActor(logicElsewhere(world), { snapshot, input }).start();
  actor.send({ type: 'START', from: 'open', read: 'never' });
  await world.clock.advance(10_000);
  expect(world.sandbox.requests.map(({ method }) => method)).toEqual(['POST']);
});

test('an event that comes before the start waits until the doubt is settled', async () => {
  const world = await run([start]);
  const isOpen = await run([start], isSent);
  const snapshot = isOpen.snapshotAt(-1);
  const actor = createActor(logicElsewhere(world), { snapshot, input });
  actor.send({ type: 'RESOLVE', from: 'in-progress' });
  actor.start();
  await world.clock.advance(120_000);
  expect(actor.getSnapshot().context.outcomes).toMatchObject([
    { event: 'START', kind: 'confirmed', by: 'observation' },
    { event: 'RESOLVE', kind: 'confirmed', by: 'response' },
  ]);
});

test('the outcomes of an actor at rest name the change that was lost while others waited', async () => {
  let isDown = true;
  const losing: Interference = async (request, forward) =>
    isDown && request.method === 'POST' ? Promise.reject(new TypeError('lost')) : forward();
  const { clock, workflow } = setUp({ resend: 'never' }, losing);
  const actor = createActor(ticketActor(workflow), { input }).start();
  for (const event of [start, resolve]) actor.send(event);
  await clock.advance(120_000);
  const { outcome, outcomes } = actor.getSnapshot().context;
  const ends = outcomes.map(({ event, kind }) => `${event} ${kind}`);
  expect(ends).toEqual(['START not-sent', 'RESOLVE blocked']);
  expect(outcomes.at(-1)).toEqual(outcome);
  isDown = false;
  actor.send(start);
  await clock.advance(10_000);
  expect(actor.getSnapshot().context.outcomes).toMatchObject([
    { event: 'START', kind: 'confirmed' },
  ]);
});
