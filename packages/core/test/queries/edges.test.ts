import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { and, or } from 'xstate';
import { defineLifecycle, ticketLifecycle, ticketStatuses } from '../../src/index.ts';
import { machineOf } from '../support/machine-of.ts';
import { made } from '../support/random-machine.ts';

test('the default lifecycle has five ways, none of them guarded', () => {
  expect(ticketLifecycle.edges).toEqual([
    { from: 'open', to: 'in-progress', event: 'START', guards: [] },
    { from: 'in-progress', to: 'resolved', event: 'RESOLVE', guards: [] },
    { from: 'resolved', to: 'closed', event: 'CLOSE', guards: [] },
    { from: 'resolved', to: 'open', event: 'REOPEN', guards: [] },
    { from: 'closed', to: 'open', event: 'REOPEN', guards: [] },
  ]);
});

test('an edge names each guard that must hold, with its message', () => {
  const guards = { isLead: () => true, isPaid: () => true, toString: () => true };
  const machine = machineOf(
    {
      initial: 'open',
      states: {
        open: {
          on: {
            CLOSE: [
              { target: 'closed', guard: and(['isLead', 'toString']) },
              { target: 'open', guard: or(['isLead', 'isPaid']) },
            ],
          },
        },
        closed: { type: 'final' },
      },
    },
    guards,
  );
  const { edges } = defineLifecycle(machine, { guardMessages: { isLead: 'Leads only.' } });
  expect(edges.map((edge) => edge.guards)).toEqual([
    [
      { name: 'isLead', label: 'isLead', message: 'Leads only.' },
      { name: 'toString', label: 'toString', message: undefined },
    ],
    [{ name: 'or(isLead, isPaid)', label: 'or(isLead, isPaid)', message: undefined }],
  ]);
});

test('an edge has what its transition says of itself', () => {
  const config = {
    initial: 'open',
    states: {
      open: {
        on: {
          START: {
            target: 'in-progress',
            guard: 'isFree',
            description: 'Somebody takes it.',
            meta: { icon: 'play' },
          },
        },
      },
      'in-progress': { on: { STOP: 'open' } },
    },
  };
  // A message that is made for each verdict is not that of the edge.
  const { edges } = defineLifecycle(config, {
    guards: { isFree: () => true },
    guardMessages: { isFree: () => 'It is taken.' },
  });
  expect(edges).toStrictEqual([
    {
      from: 'open',
      to: 'in-progress',
      event: 'START',
      guards: [{ name: 'isFree', label: 'isFree', message: undefined }],
      description: 'Somebody takes it.',
      meta: { icon: 'play' },
    },
    { from: 'in-progress', to: 'open', event: 'STOP', guards: [] },
  ]);
});

test('an event has the edges of all states that it leaves', () => {
  const ways = (event: string) =>
    ticketLifecycle.edgesOf(event as 'REOPEN').map(({ from, to }) => `${from} ${to}`);
  expect(ways('REOPEN')).toEqual(['resolved open', 'closed open']);
  expect(ways('REOPN')).toEqual([]);
});

test('the edges of an event are those of the lifecycle that it makes, in the same order', () => {
  fc.assert(
    fc.property(made, ({ lifecycle }) => {
      for (const event of [...lifecycle.events, 'NOPE']) {
        const own = lifecycle.edges.filter((edge) => edge.event === event);
        expect(lifecycle.edgesOf(event)).toEqual(own);
      }
      expect(lifecycle.events.flatMap((event) => lifecycle.edgesOf(event))).toHaveLength(
        lifecycle.edges.length,
      );
    }),
  );
});

test('the targets of a name are the state of that name, or else all states of that status', () => {
  const desk = defineLifecycle({
    initial: 'open',
    states: {
      open: { on: { START: 'in-progress', ASK: 'waiting' } },
      'in-progress': { on: { ASK: 'waiting', CLOSE: 'done' } },
      waiting: { meta: { status: 'in-progress' }, on: { ANSWER: 'in-progress', CLOSE: 'lost' } },
      done: { meta: { status: 'closed' }, type: 'final' },
      lost: { meta: { status: 'closed' }, type: 'final' },
    },
  });
  expect(desk.targetsOf('in-progress')).toEqual(['in-progress']);
  expect(desk.targetsOf('waiting')).toEqual(['waiting']);
  expect(desk.targetsOf('closed')).toEqual(['done', 'lost']);
  expect(desk.targetsOf('resolved')).toEqual([]);
  expect(desk.targetsOf('nope' as 'open')).toEqual([]);
  fc.assert(
    fc.property(made, ({ lifecycle }) => {
      for (const state of lifecycle.states) expect(lifecycle.targetsOf(state)).toEqual([state]);
      for (const status of ticketStatuses.filter((name) => !lifecycle.isState(name))) {
        expect(lifecycle.targetsOf(status)).toEqual(lifecycle.statesWith(status));
      }
    }),
  );
});

test('nobody can change them', () => {
  const [edge] = ticketLifecycle.edges;
  expect([ticketLifecycle.edges, edge, edge?.guards].every(Object.isFrozen)).toBe(true);
});

test('they are the ways of the definition, each once', () => {
  fc.assert(
    fc.property(made, ({ lifecycle, drawn }) => {
      const byText = (ways: typeof drawn | typeof lifecycle.edges) =>
        ways.map(({ from, event, to }) => JSON.stringify([from, event, to])).toSorted();
      expect(byText(lifecycle.edges)).toEqual(byText(drawn));
    }),
  );
});
