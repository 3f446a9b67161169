import { describe, expect, test } from 'vitest';
import { setup } from 'xstate';
import { defineLifecycle, ticketLifecycle, ticketMachine } from '../../src/index.ts';

test('states and events come in order of definition, each once', () => {
  const lifecycle = defineLifecycle(
    setup({}).createMachine({
      initial: 'open',
      states: {
        resolved: { on: { REOPEN: 'open', CLOSE: 'closed' } },
        open: { on: { SOLVE: 'resolved', CLOSE: 'closed' } },
        closed: { on: { REOPEN: 'open' } },
      },
    }),
  );
  expect(lifecycle.states).toEqual(['resolved', 'open', 'closed']);
  expect(lifecycle.events).toEqual(['REOPEN', 'CLOSE', 'SOLVE']);
  expect(lifecycle.initial).toBe('open');
});

test('several events between two states are all named, each once', () => {
  const lifecycle = defineLifecycle(
    setup({ guards: { a: () => true, b: () => true } }).createMachine({
      initial: 'open',
      states: {
        open: {
          on: {
            REJECT: 'closed',
            SOLVE: [
              { target: 'closed', guard: 'a' },
              { target: 'closed', guard: 'b' },
            ],
          },
        },
        closed: { type: 'final' },
      },
    }),
  );
  expect(lifecycle.eventsBetween('open', 'closed')).toEqual(['REJECT', 'SOLVE']);
  expect(lifecycle.eventsBetween('closed', 'open')).toEqual([]);
});

describe('a lifecycle cannot be changed by who uses it', () => {
  test.each(['states', 'events'] as const)('its %s are frozen', (field) => {
    expect(Object.isFrozen(ticketLifecycle)).toBe(true);
    expect(Object.isFrozen(ticketLifecycle[field])).toBe(true);
  });

  test('a list that was given out and emptied does not come back empty', () => {
    (ticketLifecycle.statesWith('open') as string[]).length = 0;
    (ticketLifecycle.eventsBetween('open', 'in-progress') as string[]).length = 0;
    (ticketLifecycle.replay(['open', 'closed']).steps as unknown[]).length = 0;
    expect(ticketLifecycle.statesWith('open')).toEqual(['open']);
    expect(ticketLifecycle.eventsBetween('open', 'in-progress')).toEqual(['START']);
    expect(ticketLifecycle.replay(['open', 'closed']).steps).toHaveLength(1);
  });

  test('what is open now is frozen, as it is given to everyone', () => {
    const enabled = ticketLifecycle.enabled('open');
    expect(Object.isFrozen(enabled) && enabled.every((open) => Object.isFrozen(open))).toBe(true);
  });
});

test('two lifecycles of one machine share nothing but the machine', () => {
  const again = defineLifecycle(ticketMachine, { guardMessages: {} });
  expect(again).not.toBe(ticketLifecycle);
  expect(again.machine).toBe(ticketLifecycle.machine);
  expect(again.fingerprint).toBe(ticketLifecycle.fingerprint);
});

test('methods work when they are taken off the lifecycle', () => {
  // oxlint-disable-next-line typescript/unbound-method -- the subject of this test
  const { can, explain, next, enabled, plan, observe, replay } = ticketLifecycle;
  expect(can('open', 'START')).toBe(true);
  expect(explain('open', 'START').allowed).toBe(true);
  expect(next('open', 'START')).toBe('in-progress');
  expect(enabled('open')).toHaveLength(1);
  expect(plan('open', 'resolved').kind).toBe('plan');
  expect(observe('open', 'closed').kind).toBe('path');
  expect(replay(['open']).steps).toEqual([]);
});

test('a goal is the state of that name, or else each state of that status', () => {
  const desk = defineLifecycle({
    initial: 'open',
    states: {
      open: { on: { START: 'working', WAIT: 'waiting' } },
      working: { meta: { status: 'in-progress' }, on: { STOP: 'open' } },
      waiting: { meta: { status: 'in-progress' }, on: { STOP: 'open' } },
    },
  });
  expect(desk.targetsOf('open')).toEqual(['open']);
  expect(desk.targetsOf('waiting')).toEqual(['waiting']);
  expect(desk.targetsOf('in-progress')).toEqual(['working', 'waiting']);
  expect(desk.targetsOf('resolved')).toEqual([]);
  expect(desk.targetsOf('nowhere' as never)).toEqual([]);
});
