import { beforeEach, describe, expect, test } from 'vitest';
import { createMachine } from 'xstate';
import { defineLifecycle, ticketLifecycle, ticketStatuses } from '../../src/index.ts';

// What a change that somebody else made amounts to, for all sixteen pairs.
const table: [from: string, to: string, kind: string, events?: string[]][] = [
  ['open', 'open', 'unchanged'],
  ['open', 'in-progress', 'edge', ['START']],
  ['open', 'resolved', 'path', ['START', 'RESOLVE']],
  ['open', 'closed', 'path', ['START', 'RESOLVE', 'CLOSE']],
  ['in-progress', 'open', 'path', ['RESOLVE', 'REOPEN']],
  ['in-progress', 'in-progress', 'unchanged'],
  ['in-progress', 'resolved', 'edge', ['RESOLVE']],
  ['in-progress', 'closed', 'path', ['RESOLVE', 'CLOSE']],
  ['resolved', 'open', 'edge', ['REOPEN']],
  ['resolved', 'in-progress', 'path', ['REOPEN', 'START']],
  ['resolved', 'resolved', 'unchanged'],
  ['resolved', 'closed', 'edge', ['CLOSE']],
  ['closed', 'open', 'edge', ['REOPEN']],
  ['closed', 'in-progress', 'path', ['REOPEN', 'START']],
  ['closed', 'resolved', 'path', ['REOPEN', 'START', 'RESOLVE']],
  ['closed', 'closed', 'unchanged'],
];

test.each(table)('a ticket seen going from %s to %s is called %s', (from, to, kind, events) => {
  expect(ticketLifecycle.observe(from, to)).toEqual(
    events === undefined ? { kind } : { kind, events },
  );
});

test('the table covers all pairs', () => {
  const pairs = ticketStatuses.flatMap((from) => ticketStatuses.map((to) => `${from} ${to}`));
  expect(table.map(([from, to]) => `${from} ${to}`)).toEqual(pairs);
});

describe('a status that the API does not have is called unknown', () => {
  test.each([
    ['deleted', 'open'],
    ['open', 'deleted'],
    ['deleted', 'deleted'],
    ['__proto__', 'constructor'],
    ['', ''],
    ['Open', 'closed'],
  ])('%j to %j', (from, to) => {
    expect(ticketLifecycle.observe(from, to)).toEqual({ kind: 'unknown-status' });
  });
});

describe('in a lifecycle of one’s own', () => {
  const make = () =>
    defineLifecycle(
      createMachine({
        initial: 'triage',
        states: {
          triage: { meta: { status: 'open' }, on: { ASSIGN: 'open' } },
          open: { on: { START: 'working' } },
          working: {
            meta: { status: 'in-progress' },
            on: { WAIT: 'waiting', FINISH: { target: 'closed', guard: 'never' } },
          },
          waiting: { meta: { status: 'in-progress' }, on: { ANSWER: 'working' } },
          closed: { type: 'final' },
        },
      }).provide({ guards: { never: () => false } }),
    );
  let lifecycle: ReturnType<typeof make>;
  // Made anew for each test, so that a test also judges how it is made.
  beforeEach(() => {
    lifecycle = make();
  });

  test('the nearest of the states behind a status counts', () => {
    expect(lifecycle.observe('open', 'in-progress')).toEqual({
      kind: 'edge',
      events: ['START'],
      states: ['working', 'waiting'],
    });
  });

  test('guards do not bind other people', () => {
    expect(lifecycle.observe('in-progress', 'closed')).toEqual({
      kind: 'edge',
      events: ['FINISH'],
    });
  });

  test('a change against every way is a jump', () => {
    expect(lifecycle.observe('closed', 'open')).toEqual({
      kind: 'jump',
      states: ['triage', 'open'],
    });
    expect(lifecycle.observe('in-progress', 'open')).toEqual({
      kind: 'jump',
      states: ['triage', 'open'],
    });
  });

  test('a status that no state stands for can only be jumped to and from', () => {
    expect(lifecycle.observe('open', 'resolved')).toEqual({ kind: 'jump' });
    expect(lifecycle.observe('resolved', 'open').kind).toBe('jump');
    expect(lifecycle.observe('resolved', 'resolved')).toEqual({ kind: 'unchanged' });
  });
});

describe('with a state that is known', () => {
  const lifecycle = defineLifecycle({
    initial: 'open',
    states: {
      open: { on: { START: 'working' } },
      working: { meta: { status: 'in-progress' }, on: { WAIT: 'waiting', FINISH: 'closed' } },
      waiting: { meta: { status: 'in-progress' }, on: { ANSWER: 'working', DROP: 'dropped' } },
      dropped: { meta: { status: 'closed' }, type: 'final' },
      closed: { type: 'final' },
    },
  });

  test('the events begin there', () => {
    expect(lifecycle.observe('in-progress', 'closed', { previousState: 'waiting' })).toEqual({
      kind: 'edge',
      events: ['DROP'],
      states: ['dropped', 'closed'],
    });
    expect(lifecycle.observe('in-progress', 'open', { previousState: 'waiting' })).toEqual({
      kind: 'jump',
    });
  });

  test('or end there', () => {
    const known = { previousState: 'waiting', seenState: 'closed' } as const;
    expect(lifecycle.observe('in-progress', 'closed', known)).toEqual({
      kind: 'path',
      events: ['ANSWER', 'FINISH'],
    });
    expect(lifecycle.observe('open', 'in-progress', { seenState: 'waiting' })).toEqual({
      kind: 'path',
      events: ['START', 'WAIT'],
    });
  });

  test('a state of another status is refused', () => {
    expect(() => lifecycle.observe('open', 'closed', { previousState: 'waiting' })).toThrow(
      'observe, previousState: Expected a state with the status "open", received "waiting".',
    );
    expect(() => lifecycle.observe('open', 'closed', { state: 'open' } as never)).toThrow(
      'observe: there is no option "state". Expected one of previousState, seenState.',
    );
  });
});

describe('where several states share the seen status, the answer names those it can be', () => {
  const make = () =>
    defineLifecycle(
      createMachine({
        initial: 'open',
        states: {
          open: { on: { START: 'working', REJECT: 'rejected' } },
          working: { meta: { status: 'in-progress' }, on: { WAIT: 'waiting', FINISH: 'closed' } },
          waiting: { meta: { status: 'in-progress' }, on: { FINISH: 'closed' } },
          rejected: { meta: { status: 'closed' }, type: 'final' },
          closed: { type: 'final' },
        },
      }),
    );
  let lifecycle: ReturnType<typeof make>;
  // Made anew for each test, so that a test also judges how it is made.
  beforeEach(() => {
    lifecycle = make();
  });

  test('not only the nearest: more may have happened that the API does not show', () => {
    expect(lifecycle.observe('open', 'in-progress').states).toEqual(['working', 'waiting']);
  });

  test('but none that nothing leads to from where the ticket was', () => {
    expect(lifecycle.observe('open', 'closed').states).toEqual(['rejected', 'closed']);
    expect(lifecycle.observe('in-progress', 'closed').states).toEqual(['closed']);
  });

  test('also when the status stayed as it was', () => {
    expect(lifecycle.observe('in-progress', 'in-progress').states).toEqual(['working', 'waiting']);
  });

  test('and all of them after a change that nothing explains', () => {
    expect(lifecycle.observe('closed', 'in-progress').states).toEqual(['working', 'waiting']);
    expect(lifecycle.observe('deleted', 'in-progress')).toEqual({
      kind: 'unknown-status',
      states: ['working', 'waiting'],
    });
  });

  test('while a status of one state says nothing more', () => {
    expect(lifecycle.observe('closed', 'open')).toEqual({ kind: 'jump' });
  });

  test('in a history at each step', () => {
    const { steps } = lifecycle.replay(['open', 'in-progress', 'closed']);
    expect(steps.map(({ states }) => states)).toEqual([['working', 'waiting'], ['closed']]);
    // In a complete log the one edge was taken, and nothing else.
    const [edge] = lifecycle.replay(['open', 'closed'], { complete: true }).steps;
    expect(edge).toMatchObject({ kind: 'edge', states: ['rejected'] });
  });
});

test('of two equally short explanations the one that is defined first is given', () => {
  const lifecycle = defineLifecycle(
    createMachine({
      initial: 'open',
      states: { open: { on: { REJECT: 'closed', SOLVE: 'closed' } }, closed: { type: 'final' } },
    }),
  );
  expect(lifecycle.observe('open', 'closed')).toEqual({ kind: 'edge', events: ['REJECT'] });
});
