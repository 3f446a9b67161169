import { describe, expect, test } from 'vitest';
import { and, or } from 'xstate';
import { defineLifecycle, ticketLifecycle } from '../src/index.ts';
import { machineOf } from './machine-of.ts';

const guards = { isLead: () => true, isPaid: () => true };

const fingerprintOf = (config: object) => defineLifecycle(machineOf(config, guards)).fingerprint;

const base = {
  initial: 'open',
  states: {
    open: { on: { START: 'working', CLOSE: { target: 'closed', guard: 'isLead' } } },
    working: { meta: { status: 'in-progress' }, on: { CLOSE: 'closed', BACK: 'open' } },
    closed: { on: { BACK: 'open' } },
  },
};
const { open, working, closed } = base.states;
const withOpen = (on: object) => ({ ...base, states: { ...base.states, open: { on } } });

test('it is sixteen hexadecimal digits, and stays the same from release to release', () => {
  expect(ticketLifecycle.fingerprint).toMatch(/^[0-9a-f]{16}$/);
  // Stored plans carry it: a change here makes every one of them stale.
  expect(ticketLifecycle.fingerprint).toBe('79c17f318bc39062');
});

test('the same definition has the same fingerprint', () => {
  expect(fingerprintOf(structuredClone(base))).toBe(fingerprintOf(base));
});

describe('it changes with what the lifecycle does', () => {
  const changes: [what: string, config: object][] = [
    ['the initial state', { ...base, initial: 'working' }],
    [
      'one more state',
      {
        ...base,
        states: {
          ...base.states,
          closed: { on: { BACK: 'open', ARCHIVE: 'resolved' } },
          resolved: { type: 'final' },
        },
      },
    ],
    [
      'a state’s name',
      {
        initial: 'open',
        states: {
          open: { on: { START: 'busy', CLOSE: { target: 'closed', guard: 'isLead' } } },
          busy: working,
          closed,
        },
      },
    ],
    ['one more way', withOpen({ ...open.on, SKIP: 'closed' })],
    ['a way less', withOpen({ START: 'working' })],
    [
      'where a way leads',
      withOpen({ START: 'closed', CLOSE: { target: 'working', guard: 'isLead' } }),
    ],
    ['an event’s name', withOpen({ BEGIN: 'working', CLOSE: open.on.CLOSE })],
    ['a guard less', withOpen({ START: 'working', CLOSE: 'closed' })],
    ['another guard', withOpen({ START: 'working', CLOSE: { target: 'closed', guard: 'isPaid' } })],
    [
      'a second guard',
      withOpen({ START: 'working', CLOSE: { target: 'closed', guard: and(['isLead', 'isPaid']) } }),
    ],
    [
      'either of two guards',
      withOpen({ START: 'working', CLOSE: { target: 'closed', guard: or(['isLead', 'isPaid']) } }),
    ],
    [
      'the status that a state stands for',
      {
        ...base,
        states: { ...base.states, working: { ...working, meta: { status: 'resolved' } } },
      },
    ],
  ];

  test.each(changes)('%s', (_, config) => {
    expect(fingerprintOf(config)).not.toBe(fingerprintOf(base));
  });

  test('each change has a fingerprint of its own', () => {
    const all = [base, ...changes.map(([, config]) => config)].map(fingerprintOf);
    expect(new Set(all).size).toBe(all.length);
  });

  test('the order of two guarded ways of one event, for the first that holds wins', () => {
    const lead = { target: 'closed', guard: 'isLead' };
    const paid = { target: 'working', guard: 'isPaid' };
    expect(fingerprintOf(withOpen({ GO: [lead, paid] }))).not.toBe(
      fingerprintOf(withOpen({ GO: [paid, lead] })),
    );
  });
});

describe('it stays when only words or order change', () => {
  const same: [what: string, config: object][] = [
    ['an id and a description of the machine', { ...base, id: 'support', description: 'Ours.' }],
    [
      'labels and descriptions of states',
      {
        ...base,
        states: {
          ...base.states,
          open: { ...open, description: 'New.', meta: { label: 'Neu' }, tags: ['todo'] },
        },
      },
    ],
    [
      'a description of a transition',
      withOpen({ ...open.on, START: { target: 'working', description: 'Somebody takes it.' } }),
    ],
    ['the order of states', { ...base, states: { closed, working, open } }],
    ['the order of events', withOpen({ CLOSE: open.on.CLOSE, START: 'working' })],
    [
      'a status that is said although it is the state’s own name',
      { ...base, states: { ...base.states, open: { ...open, meta: { status: 'open' } } } },
    ],
  ];

  test.each(same)('%s', (_, config) => {
    expect(fingerprintOf(config)).toBe(fingerprintOf(base));
  });

  test('the order of guards that must all hold', () => {
    const guarded = (names: ['isLead' | 'isPaid', 'isLead' | 'isPaid']) =>
      fingerprintOf(withOpen({ START: 'working', CLOSE: { target: 'closed', guard: and(names) } }));
    expect(guarded(['isLead', 'isPaid'])).toBe(guarded(['isPaid', 'isLead']));
  });

  test('what a guard answers, as long as it keeps its name', () => {
    const lenient = machineOf(base, { isLead: () => true });
    const strict = machineOf(base, { isLead: () => false });
    expect(defineLifecycle(lenient).fingerprint).toBe(defineLifecycle(strict).fingerprint);
  });
});
