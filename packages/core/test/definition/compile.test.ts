import { describe, expect, test } from 'vitest';
import { fromPromise } from 'xstate';
import { defineLifecycle, LifecycleDefinitionError } from '../../src/index.ts';
import { faultsOf, machineOf } from '../support/machine-of.ts';

const closed = { type: 'final' };
const guards = { isLead: () => true };

interface Addition {
  readonly open?: object;
  readonly on?: object;
  readonly root?: object;
}

/** A machine that is fine but for what is put into it. */
const machineWith = ({ open = {}, on = {}, root = {} }: Addition) =>
  machineOf(
    {
      id: 'support',
      initial: 'open',
      states: { open: { on: { CLOSE: 'closed', ...on }, ...open }, closed },
      ...root,
    },
    guards,
  );

const after =
  'Timers do not survive storing a ticket. Let the caller own the clock and send an event.';
const always = "A change that no event causes can't be explained. Use an event.";
const invoke = 'A lifecycle starts nothing. Invoke from the code that embeds it.';
const nested = 'A lifecycle is flat. Lift the inner states up, each with a meta.status.';
const single = 'A transition leads to exactly one state of the machine.';
const wildcard = 'A wildcard hides which events are possible. Name each.';
const forbidding =
  'It forbids the event only while its guard holds. Guard the transition itself, with not().';
const deadEnd = 'Nothing leads out. Add a transition, or say type: "final" if that is meant.';

test('a sound machine has no faults', () => {
  expect(faultsOf(machineWith({}))).toEqual([]);
});

test('a new ticket’s state may be named in either of XState’s spellings', () => {
  const config = {
    initial: { target: 'open' },
    states: { open: { on: { CLOSE: 'closed' } }, closed },
  };
  expect(defineLifecycle(machineOf(config)).initial).toBe('open');
});

describe('a machine is refused, with the place, for', () => {
  const load = fromPromise(async () => 1);
  const inner = { initial: 'fresh', states: { fresh: {} } };
  const faulty: [title: string, config: object, code: string, path: string, message: string][] = [
    ['a timer of a state', { open: { after: { 1000: 'closed' } } }, 'after', 'states.open', after],
    [
      'a change that nobody asked for',
      { open: { always: { target: 'closed', guard: 'isLead' } } },
      'always',
      'states.open',
      always,
    ],
    [
      'work started by a state',
      { open: { invoke: { src: load } } },
      'invoke',
      'states.open',
      invoke,
    ],
    ['states inside a state', { open: inner }, 'nested-state', 'states.open', nested],
    [
      'parallel states inside a state',
      { open: { type: 'parallel', states: { a: {}, b: {} } } },
      'nested-state',
      'states.open',
      nested,
    ],
    ['a wildcard', { on: { '*': 'closed' } }, 'wildcard-event', 'states.open.on.*', wildcard],
    [
      'a wildcard of the machine',
      { root: { on: { '*': '.closed' } } },
      'wildcard-event',
      'on.*',
      wildcard,
    ],
    [
      'a way that another always wins over',
      { on: { DROP: ['closed', 'open'] } },
      'shadowed-transition',
      'states.open.on.DROP',
      'A list is tried in turn. The transition to "closed" has no guard and always wins, so the one to "open" is never reached. Guard the first, or drop one.',
    ],
    [
      'a way behind one that forbids',
      { on: { DROP: [{}, { target: 'closed' }] } },
      'shadowed-transition',
      'states.open.on.DROP',
      'An empty transition before this one always wins. Drop one.',
    ],
    [
      'the same of the whole machine',
      { root: { on: { DROP: [{}, '.closed'] } } },
      'shadowed-transition',
      'on.DROP',
      'An empty transition before this one always wins. Drop one.',
    ],
    [
      'forbidding under a guard',
      { on: { DROP: { guard: 'isLead' } } },
      'guarded-forbidding',
      'states.open.on.DROP',
      forbidding,
    ],
    [
      'a way to two states at once',
      { on: { DROP: { target: ['closed', 'open'] } } },
      'no-single-target',
      'states.open.on.DROP',
      single,
    ],
    [
      'a way to a list of no states',
      { on: { DROP: { target: [] } } },
      'no-single-target',
      'states.open.on.DROP',
      single,
    ],
    [
      'a way to the machine itself',
      { on: { DROP: '#support' } },
      'no-single-target',
      'states.open.on.DROP',
      single,
    ],
  ];

  test.each(faulty)('%s', (_, config, code, path, message) => {
    expect(faultsOf(machineWith(config))).toEqual([{ code, path, message }]);
  });

  test('no state for a new ticket', () => {
    expect(faultsOf(machineOf({}))).toEqual([
      {
        code: 'no-initial',
        path: 'initial',
        message: 'Name the state in which a new ticket starts.',
      },
    ]);
  });

  test('a state for a new ticket that does not exist', () => {
    expect(faultsOf(machineOf({ initial: 'fresh', states: { closed } }))).toEqual([
      {
        code: 'no-initial',
        path: 'initial',
        message: 'There is no state "fresh". The states are closed.',
      },
    ]);
  });

  test('being in two states at a time', () => {
    expect(faultsOf(machineOf({ type: 'parallel', states: { open: {}, closed: {} } }))).toEqual([
      {
        code: 'parallel',
        path: '(machine)',
        message: 'A ticket is in one state at a time. Drop type: "parallel".',
      },
    ]);
  });

  test('a history state', () => {
    const machine = machineOf({
      initial: 'open',
      states: { open: { on: { BACK: 'closed' } }, closed: { type: 'history', on: { GO: 'open' } } },
    });
    expect(faultsOf(machine)).toContainEqual({
      code: 'history-state',
      path: 'states.closed',
      message: 'A history state needs nesting, and a lifecycle is flat.',
    });
  });

  test('a state that nothing leads to', () => {
    const machine = machineOf({
      initial: 'open',
      states: { open: { on: { CLOSE: 'closed' } }, closed, resolved: { on: { CLOSE: 'closed' } } },
    });
    expect(faultsOf(machine)).toEqual([
      {
        code: 'unreachable-state',
        path: 'states.resolved',
        message: 'No path leads here from "open". Add one, or drop the state.',
      },
    ]);
  });

  test('a final state with a way out', () => {
    const machine = machineOf({
      initial: 'open',
      states: {
        open: { on: { CLOSE: 'closed' } },
        closed: { type: 'final', on: { REOPEN: 'open' } },
      },
    });
    expect(faultsOf(machine)).toEqual([
      {
        code: 'final-with-exit',
        path: 'states.closed',
        message: 'XState never leaves a final state. Drop type: "final" or the transition.',
      },
    ]);
  });

  test.each([
    ['no way out', {}],
    ['only a way back to itself', { on: { NOTE: 'closed' } }],
  ])('a state that is not final and has %s', (_, state) => {
    const machine = machineOf({
      initial: 'open',
      states: { open: { on: { CLOSE: 'closed' } }, closed: state },
    });
    expect(faultsOf(machine)).toEqual([
      { code: 'dead-end', path: 'states.closed', message: deadEnd },
    ]);
  });
});

test('all faults come at once, in one error that lists them', () => {
  const machine = machineOf({
    initial: 'open',
    after: { 10: '.open' },
    states: {
      open: {
        on: {
          CLOSE: { target: 'shut', guard: 'isLead' },
          WAIT: { guard: () => true, target: 'open' },
        },
      },
      shut: { always: { target: 'open', guard: 'isLead' } },
      lost: { meta: { status: 'gone' }, on: { '*': 'open' } },
    },
  });
  const faults = faultsOf(machine);
  expect(faults.map(({ code, path }) => `${code} ${path}`).sort()).toEqual([
    'after (machine)',
    'always states.shut',
    'dead-end states.shut',
    'missing-guard states.open.on.CLOSE',
    'no-status states.shut',
    'unknown-status states.lost.meta.status',
    'unnamed-guard states.open.on.WAIT',
    'unreachable-state states.lost',
    'wildcard-event states.lost.on.*',
  ]);
  expect(() => defineLifecycle(machine)).toThrow(LifecycleDefinitionError);
  for (const { path, message } of faults) {
    expect(() => defineLifecycle(machine)).toThrow(`  ${path}: ${message}`);
  }
});

test('a fault of the whole machine’s transitions comes once, not once a state', () => {
  const faults = faultsOf(
    machineWith({ root: { on: { DROP: { target: '.closed', guard: 'nobody' } } } }),
  );
  expect(faults.map(({ code, path }) => `${code} ${path}`)).toEqual(['missing-guard on.DROP']);
});

test('a transition of the whole machine may be narrowed by a state without being a fault', () => {
  const machine = machineOf({
    initial: 'open',
    on: { CLOSE: '.closed' },
    states: { open: { on: { CLOSE: 'resolved' } }, resolved: {}, closed },
  });
  expect(faultsOf(machine)).toEqual([]);
});

test('a transition of the whole machine is no way out of a final state', () => {
  const machine = machineOf({
    initial: 'open',
    on: { REOPEN: '.open' },
    states: { open: { on: { CLOSE: 'closed' } }, closed },
  });
  expect(defineLifecycle(machine).enabled('closed')).toEqual([]);
});
