import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { and, or } from 'xstate';
import { defineLifecycle, ticketLifecycle } from '../src/index.ts';
import { machineOf } from './machine-of.ts';
import { made } from './random-machine.ts';

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
      { name: 'isLead', message: 'Leads only.' },
      { name: 'toString', message: undefined },
    ],
    [{ name: 'or(isLead, isPaid)', message: undefined }],
  ]);
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
