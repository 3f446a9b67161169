import { describe, expect, test } from 'vitest';
import { createMachine } from 'xstate';
import { defineLifecycle, ticketLifecycle, ticketStatuses } from '../src/index.ts';

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
  const lifecycle = defineLifecycle(
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

  test('the nearest of the states behind a status counts', () => {
    expect(lifecycle.observe('open', 'in-progress')).toEqual({ kind: 'edge', events: ['START'] });
  });

  test('guards do not bind other people', () => {
    expect(lifecycle.observe('in-progress', 'closed')).toEqual({
      kind: 'edge',
      events: ['FINISH'],
    });
  });

  test('a change against every way is a jump', () => {
    expect(lifecycle.observe('closed', 'open')).toEqual({ kind: 'jump' });
    expect(lifecycle.observe('in-progress', 'open')).toEqual({ kind: 'jump' });
  });

  test('a status that no state stands for can only be jumped to and from', () => {
    expect(lifecycle.observe('open', 'resolved')).toEqual({ kind: 'jump' });
    expect(lifecycle.observe('resolved', 'open')).toEqual({ kind: 'jump' });
    expect(lifecycle.observe('resolved', 'resolved')).toEqual({ kind: 'unchanged' });
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
