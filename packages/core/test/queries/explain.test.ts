import { beforeEach, describe, expect, test } from 'vitest';
import { and, not, or, setup, type EventObject } from 'xstate';
import { defineLifecycle, type Lifecycle } from '../../src/index.ts';
import { blockersOf, codesOf, guardsOf, parameterOf } from '../support/blockers-of.ts';
import { machineOf } from '../support/machine-of.ts';

interface Facts {
  role: 'agent' | 'lead';
  answered: boolean;
  openTasks: number;
}

const support = setup({
  types: {
    context: {} as Facts,
    events: {} as
      | { type: 'START' }
      | { type: 'WAIT' }
      | { type: 'ANSWER' }
      | { type: 'SOLVE' }
      | { type: 'CLOSE' }
      | { type: 'DROP' }
      | { type: 'REOPEN'; reason: string },
  },
  guards: {
    isLead: ({ context }) => context.role === 'lead',
    hasAnswer: ({ context }) => context.answered,
    hasNoTasks: ({ context }) => context.openTasks === 0,
    hasReason: ({ event }) => event.type === 'REOPEN' && event.reason.length > 3,
  },
});

const make = () =>
  defineLifecycle(
    support.createMachine({
      context: { role: 'agent', answered: false, openTasks: 2 },
      initial: 'open',
      on: { DROP: '.closed' },
      states: {
        open: { on: { START: 'in-progress' } },
        'in-progress': {
          on: {
            WAIT: 'waiting',
            SOLVE: [
              { target: 'closed', guard: 'isLead' },
              { target: 'resolved', guard: 'hasAnswer' },
            ],
          },
        },
        waiting: { meta: { status: 'in-progress' }, on: { ANSWER: 'in-progress' } },
        resolved: {
          on: {
            CLOSE: { target: 'closed', guard: and(['isLead', and(['hasAnswer', 'hasNoTasks'])]) },
            REOPEN: { target: 'open', guard: 'hasReason' },
            DROP: {},
          },
        },
        closed: {
          on: {
            REOPEN: { target: 'open', guard: or(['isLead', not('hasAnswer')]) },
          },
        },
      },
    }),
    { guardMessages: { isLead: 'Only a lead does that.' } },
  );
let lifecycle: ReturnType<typeof make>;
// Made anew for each test, so that a test also judges how it is made.
beforeEach(() => {
  lifecycle = make();
});
const agent: Facts = { role: 'agent', answered: false, openTasks: 2 };
const lead: Facts = { role: 'lead', answered: true, openTasks: 0 };

describe('every guard that fails shows', () => {
  test('all parts of an `and`, however deep', () => {
    expect(guardsOf(lifecycle.explain('resolved', 'CLOSE', agent))).toEqual([
      'isLead',
      'hasAnswer',
      'hasNoTasks',
    ]);
  });

  test('and none that holds', () => {
    expect(guardsOf(lifecycle.explain('resolved', 'CLOSE', { ...agent, answered: true }))).toEqual([
      'isLead',
      'hasNoTasks',
    ]);
  });

  test('with its own message where one is given, and a plain one elsewhere', () => {
    expect(blockersOf(lifecycle.explain('resolved', 'CLOSE', { ...lead, role: 'agent' }))).toEqual([
      {
        code: 'guard',
        message: 'Only a lead does that.',
        parameters: { guard: 'isLead', to: 'closed' },
      },
    ]);
    expect(
      blockersOf(lifecycle.explain('resolved', 'CLOSE', { ...lead, openTasks: 1 }))[0]?.message,
    ).toBe('The guard "hasNoTasks" does not hold.');
  });

  test('of each way that one event has, with the target of that way', () => {
    expect(
      blockersOf(lifecycle.explain('in-progress', 'SOLVE', agent)).map(
        ({ parameters }) => parameters,
      ),
    ).toStrictEqual([
      { guard: 'isLead', to: 'closed' },
      { guard: 'hasAnswer', to: 'resolved' },
    ]);
  });
});

test('a change whose guards all hold is allowed', () => {
  expect(lifecycle.can('resolved', 'CLOSE', lead)).toBe(true);
  expect(lifecycle.next('resolved', 'CLOSE', lead)).toBe('closed');
});

describe('of several ways of one event the first whose guard holds wins', () => {
  test.each([
    ['both hold', { ...lead }, 'closed'],
    ['only the second holds', { ...agent, answered: true }, 'resolved'],
  ])('%s', (_, context, to) => {
    expect(lifecycle.next('in-progress', 'SOLVE', context)).toBe(to);
    expect(lifecycle.enabled('in-progress', context).map((open) => open.to)).toEqual([
      'waiting',
      to,
      'closed',
    ]);
  });
});

test('without a context the machine’s initial one counts', () => {
  const ofAnyNames: Lifecycle = lifecycle;
  expect(guardsOf(ofAnyNames.explain('resolved', 'CLOSE'))).toEqual([
    'isLead',
    'hasAnswer',
    'hasNoTasks',
  ]);
});

describe('an event’s payload reaches the guards', () => {
  test('and decides', () => {
    expect(lifecycle.can('resolved', { type: 'REOPEN', reason: 'It is back.' }, lead)).toBe(true);
    expect(guardsOf(lifecycle.explain('resolved', { type: 'REOPEN', reason: '' }, lead))).toEqual([
      'hasReason',
    ]);
  });

  test('and the event is not asked again without it for the list of what is open', () => {
    const verdict = lifecycle.explain('resolved', { type: 'REOPEN', reason: 'no' }, lead);
    expect(verdict.allowed ? [] : verdict.enabled.map(({ event }) => event)).toEqual(['CLOSE']);
  });
});

test('an event whose guard does not hold is not listed as open beside another that is blocked', () => {
  const verdict = lifecycle.explain('in-progress', 'START', agent);
  expect(verdict.allowed ? [] : verdict.enabled.map(({ event }) => event)).toEqual([
    'WAIT',
    'DROP',
  ]);
});

test('an event that its payload blocks is not listed as open because it would be without', () => {
  const orders = defineLifecycle(
    machineOf(
      {
        initial: 'open',
        states: {
          open: { on: { PAY: { target: 'closed', guard: 'isSmall' }, DROP: 'closed' } },
          closed: { type: 'final' },
        },
      },
      { isSmall: ({ event }: { event: { amount?: number } }) => (event.amount ?? 0) < 100 },
    ),
  );
  const pay: EventObject & { amount: number } = { type: 'PAY', amount: 500 };
  const verdict = orders.explain('open', pay);
  expect(verdict.allowed ? [] : verdict.enabled.map(({ event }) => event)).toEqual(['DROP']);
});

test('a guard that needs a payload does not spoil the answer about another event', () => {
  const verdict = lifecycle.explain('resolved', 'CLOSE', agent);
  expect(verdict.allowed ? [] : verdict.enabled).toEqual([]);
  expect(guardsOf(verdict)).toHaveLength(3);
});

describe('a move inside one status', () => {
  test('has nothing to tell the API', () => {
    expect(lifecycle.explain('in-progress', 'WAIT', agent)).toEqual({
      allowed: true,
      from: 'in-progress',
      to: 'waiting',
      event: 'WAIT',
      status: 'in-progress',
      changesStatus: false,
    });
    expect(lifecycle.explain('waiting', 'ANSWER', agent)).toMatchObject({ changesStatus: false });
  });

  test('differs from one that leaves it', () => {
    expect(lifecycle.explain('in-progress', 'SOLVE', lead)).toMatchObject({
      status: 'closed',
      changesStatus: true,
    });
  });

  test('shares its status with other states', () => {
    expect(lifecycle.statesWith('in-progress')).toEqual(['in-progress', 'waiting']);
    expect(lifecycle.statusOf('waiting')).toBe('in-progress');
  });
});

describe('an event of the whole machine', () => {
  test.each(['open', 'in-progress', 'waiting', 'closed'] as const)('is open while %s', (state) => {
    expect(lifecycle.next(state, 'DROP', agent)).toBe('closed');
  });

  test('is blocked where a state forbids it', () => {
    const verdict = lifecycle.explain('resolved', 'DROP', lead);
    expect(codesOf(verdict)).toEqual(['no-such-transition']);
    expect(parameterOf(blockersOf(verdict)[0], 'possible')).toEqual(['CLOSE', 'REOPEN']);
  });

  test('comes after the state’s own ways', () => {
    const machine = support.createMachine({
      context: agent,
      initial: 'open',
      on: { CLOSE: '.closed', START: '.resolved' },
      states: {
        open: { on: { CLOSE: { target: 'resolved', guard: 'isLead' }, START: 'in-progress' } },
        'in-progress': {},
        resolved: {},
        closed: {},
      },
    });
    const own = defineLifecycle(machine);
    expect(own.next('open', 'CLOSE', lead)).toBe('resolved');
    expect(own.next('open', 'CLOSE', agent)).toBe('closed');
    expect(own.next('open', 'START', agent)).toBe('in-progress');
    expect(own.next('closed', 'START', agent)).toBe('resolved');
  });
});

test('a final state that nothing leaves says so', () => {
  const ended = defineLifecycle(
    setup({}).createMachine({
      initial: 'open',
      states: { open: { on: { CLOSE: 'closed' } }, closed: { type: 'final' } },
    }),
  );
  expect(blockersOf(ended.explain('closed', 'CLOSE'))[0]?.message).toBe(
    'CLOSE is not possible in state "closed". No event leaves this state.',
  );
  expect(ended.enabled('closed')).toEqual([]);
});

test('an event that leads back to its own state moves nothing', () => {
  const notes = defineLifecycle(
    setup({ actions: { note: () => {} } }).createMachine({
      initial: 'open',
      states: {
        open: { on: { NOTE: { actions: 'note' }, CLOSE: 'closed' } },
        closed: { type: 'final' },
      },
    }),
  );
  expect(notes.explain('open', 'NOTE')).toMatchObject({ to: 'open', changesStatus: false });
});

test('a message for a name that every object has is not mistaken for a guard’s', () => {
  const named = defineLifecycle(
    setup({ guards: { toString: () => false } }).createMachine({
      initial: 'open',
      states: {
        open: { on: { CLOSE: { target: 'closed', guard: 'toString' } } },
        closed: { type: 'final' },
      },
    }),
  );
  expect(blockersOf(named.explain('open', 'CLOSE'))[0]?.message).toBe(
    'The guard "toString" does not hold.',
  );
});
