import { expect, test } from 'vitest';
import { ticketLifecycle, ticketMachine, ticketStatuses } from '../../src/index.ts';
import { defineLeanLifecycle, leanTicketLifecycle } from '../../src/lifecycle/lean.ts';

const lean = defineLeanLifecycle(ticketMachine);

test('a lean lifecycle answers as the whole one does', () => {
  for (const from of ticketStatuses) {
    expect(lean.enabled(from)).toEqual(ticketLifecycle.enabled(from));
    for (const event of ticketLifecycle.events) {
      expect(lean.can(from, event)).toBe(ticketLifecycle.can(from, event));
      expect(lean.explain(from, event)).toEqual(ticketLifecycle.explain(from, event));
    }
  }
  expect(lean.fingerprint).toBe(ticketLifecycle.fingerprint);
  expect(leanTicketLifecycle.fingerprint).toBe(ticketLifecycle.fingerprint);
});

test('it plans nothing, judges no history and knows no deadline or clock', () => {
  const more = Object.keys(ticketLifecycle).filter((name) => !(name in lean));
  expect(more.sort()).toEqual([
    'deadlines',
    'due',
    'edges',
    'edgesOf',
    'observe',
    'plan',
    'replay',
    'replaySteps',
    'sla',
  ]);
});

test('it takes a config and options as well, and nobody can change it', () => {
  const desk = defineLeanLifecycle(
    {
      initial: 'open',
      states: {
        open: { on: { CLOSE: { target: 'closed', guard: 'isLead' } } },
        closed: { type: 'final' },
      },
    },
    { guards: { isLead: ({ context }) => context['role'] === 'lead' } },
  );
  expect(desk.can('open', 'CLOSE', { role: 'agent' })).toBe(false);
  expect(desk.can('open', 'CLOSE', { role: 'lead' })).toBe(true);
  expect(Object.isFrozen(desk)).toBe(true);
});
