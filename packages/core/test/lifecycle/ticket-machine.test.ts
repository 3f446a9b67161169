import { describe, expect, test } from 'vitest';
import { createActor } from 'xstate';
import {
  ticketLifecycle,
  ticketMachine,
  ticketStatuses,
  TransitionBlockedError,
  type TicketEvent,
  type TicketStatus,
} from '../../src/index.ts';
import { blockersOf } from '../support/blockers-of.ts';

type EventName = TicketEvent['type'];

const events: EventName[] = ['START', 'RESOLVE', 'CLOSE', 'REOPEN'];

// The whole lifecycle, literally: '-' is blocked.
const table: [from: TicketStatus, START: string, RESOLVE: string, CLOSE: string, REOPEN: string][] =
  [
    ['open', 'in-progress', '-', '-', '-'],
    ['in-progress', '-', 'resolved', '-', '-'],
    ['resolved', '-', '-', 'closed', 'open'],
    ['closed', '-', '-', '-', 'open'],
  ];
const pairs = table.flatMap(([from, ...targets]) =>
  events.map((event, column) => ({ from, event, to: targets[column] ?? '-' })),
);
const allowed = pairs.filter(({ to }) => to !== '-');
const blocked = pairs.filter(({ to }) => to === '-');

test('the lifecycle is called ticket, knows four states, four events and starts open', () => {
  expect(ticketMachine.id).toBe('ticket');
  expect(ticketLifecycle.states).toEqual(ticketStatuses);
  expect(ticketLifecycle.events).toEqual(events);
  expect(ticketLifecycle.initial).toBe('open');
  expect(ticketLifecycle.machine).toBe(ticketMachine);
});

test('the table covers sixteen pairs, five of them allowed', () => {
  expect([pairs.length, allowed.length, blocked.length]).toEqual([16, 5, 11]);
});

describe('an allowed change is allowed however one asks', () => {
  test.each(allowed)('$event takes a ticket from $from to $to', ({ from, event, to }) => {
    const transition = { allowed: true, from, to, event, status: to, changesStatus: true };
    expect(ticketLifecycle.can(from, event)).toBe(true);
    expect(ticketLifecycle.can(from, { type: event })).toBe(true);
    expect(ticketLifecycle.explain(from, event)).toEqual(transition);
    expect(ticketLifecycle.explain(from, { type: event })).toEqual(transition);
    expect(ticketLifecycle.next(from, event)).toBe(to);
    expect(ticketLifecycle.enabled(from)).toContainEqual(transition);
  });
});

describe('a blocked change is blocked however one asks, and says why', () => {
  test.each(blocked)('$event is blocked while a ticket is $from', ({ from, event }) => {
    const possible = allowed.filter((pair) => pair.from === from).map((pair) => pair.event);
    const blocker = {
      code: 'no-such-transition',
      message: `${event} is not possible in state "${from}". Possible events: ${possible.join(', ')}.`,
      parameters: { state: from, event, possible },
    };
    expect(ticketLifecycle.can(from, event)).toBe(false);
    expect(ticketLifecycle.explain(from, event)).toEqual({
      allowed: false,
      from,
      event,
      blockers: [blocker],
      enabled: ticketLifecycle.enabled(from),
      // Every ticket can come by every state again.
      ever: 'later',
    });
    expect(ticketLifecycle.enabled(from).map((transition) => transition.event)).toEqual(possible);
    const thrown = catching(() => ticketLifecycle.next(from, event));
    expect(TransitionBlockedError.is(thrown)).toBe(true);
    expect(thrown).toMatchObject({ from, event, message: blocker.message, blockers: [blocker] });
  });
});

test.each(ticketStatuses)('asking for blocked ones too gives every event of %s', (from) => {
  const verdicts = ticketLifecycle.enabled(from, undefined, { includeBlocked: true });
  expect(verdicts).toEqual(events.map((event) => ticketLifecycle.explain(from, event)));
  expect(verdicts.filter((verdict) => !verdict.allowed).flatMap(blockersOf)).toHaveLength(
    blocked.filter((pair) => pair.from === from).length,
  );
});

test.each(pairs)('a live XState actor agrees about $event while $from', ({ from, event, to }) => {
  const snapshot = ticketMachine.resolveState({ value: from });
  const actor = createActor(ticketMachine, { snapshot }).start();
  expect(actor.getSnapshot().can({ type: event })).toBe(to !== '-');
  actor.send({ type: event });
  expect(actor.getSnapshot().value).toBe(to === '-' ? from : to);
});

describe('the events that lead straight from one status to another', () => {
  test.each(ticketStatuses.flatMap((from) => ticketStatuses.map((to) => ({ from, to }))))(
    'are those of the table from $from to $to',
    ({ from, to }) => {
      expect(ticketLifecycle.eventsBetween(from, to)).toEqual(
        allowed.filter((pair) => pair.from === from && pair.to === to).map((pair) => pair.event),
      );
    },
  );
});

test.each(ticketStatuses)('the state %s stands for the status of its own name', (status) => {
  expect(ticketLifecycle.isState(status)).toBe(true);
  expect(ticketLifecycle.statusOf(status)).toBe(status);
  expect(ticketLifecycle.statesWith(status)).toEqual([status]);
});

function catching(act: () => unknown): unknown {
  try {
    return act();
  } catch (error) {
    return error;
  }
}
