import { expect, test } from 'vitest';
import { defineLifecycle } from '../../src/index.ts';
import { faultsOf, machineOf } from '../support/machine-of.ts';

const machineWith = (name: string, state: object) =>
  machineOf({
    initial: 'open',
    states: { open: { on: { GO: name } }, [name]: { type: 'final', ...state } },
  });

const known = 'open, in-progress, resolved, closed';

test('a state stands for the status of its own name', () => {
  expect(defineLifecycle(machineWith('resolved', {})).statusOf('resolved')).toBe('resolved');
});

test('a state stands for the status that its meta names, whatever its own name', () => {
  const lifecycle = defineLifecycle(machineWith('resolved', { meta: { status: 'closed' } }));
  expect(lifecycle.statusOf('resolved')).toBe('closed');
  expect(lifecycle.statesWith('resolved')).toEqual([]);
});

test('a meta without a status leaves the name to count', () => {
  const lifecycle = defineLifecycle(machineWith('closed', { meta: { label: 'Done' } }));
  expect(lifecycle.statusOf('closed')).toBe('closed');
});

test('a state whose name is no status needs one', () => {
  expect(faultsOf(machineWith('waiting', {}))).toEqual([
    {
      code: 'no-status',
      path: 'states.waiting',
      message: `The API has no status "waiting". Add meta: { status } with one of ${known}.`,
    },
  ]);
});

test.each([
  ['done', '"done".'],
  ['Closed', '"Closed". Did you mean closed?'],
  ['colsed', '"colsed". Did you mean closed?'],
  ['', '"".'],
  [4, 'the number 4.'],
  [true, 'true.'],
  [Object.create(null), 'an object.'],
])('a meta.status of %o is refused', (status, received) => {
  expect(faultsOf(machineWith('closed', { meta: { status } }))).toEqual([
    {
      code: 'unknown-status',
      path: 'states.closed.meta.status',
      message: `Expected one of ${known}, received ${received}`,
    },
  ]);
});

const shared = (marks: Readonly<Record<string, unknown>>, own = 'in-progress') =>
  machineOf({
    initial: 'open',
    states: {
      open: { on: { START: own } },
      [own]: {
        meta: { status: 'in-progress', default: marks[own] },
        on: { ASK: 'waiting', CLOSE: 'closed' },
      },
      waiting: {
        meta: { status: 'in-progress', default: marks['waiting'] },
        on: { ANSWER: own },
      },
      closed: { type: 'final' },
    },
  });

test('a status of one state stands for that state, and nothing is assumed', () => {
  const lifecycle = defineLifecycle(shared({}));
  const open = { state: 'open', assumed: false, candidates: ['open'] };
  expect(lifecycle.stateFor('open')).toEqual(open);
  expect(lifecycle.stateFor('open', 'waiting')).toEqual(open);
});

test.each([
  ['the remembered state, where it fits', {}, 'in-progress', 'waiting', 'waiting', false],
  ['not a remembered state of another status', {}, 'in-progress', 'open', 'in-progress', true],
  ['the marked state', { waiting: true }, 'in-progress', undefined, 'waiting', true],
  [
    'the remembered one before the marked one',
    { waiting: true },
    'working',
    'working',
    'working',
    false,
  ],
  ["the state of the status's own name", {}, 'in-progress', undefined, 'in-progress', true],
  ['none, where nothing decides', {}, 'working', undefined, undefined, false],
] as const)(
  'a status of several states stands for %s',
  (_, marks, own, remembered, state, assumed) => {
    const candidates = [own, 'waiting'];
    expect(defineLifecycle(shared(marks, own)).stateFor('in-progress', remembered)).toEqual({
      state,
      assumed,
      candidates,
    });
  },
);

test('a status that no state has stands for none', () => {
  const none = { state: undefined, assumed: false, candidates: [] };
  expect(defineLifecycle(shared({})).stateFor('resolved')).toEqual(none);
  expect(defineLifecycle(shared({})).stateFor('on-hold', 'open')).toEqual(none);
});

test('two default states of one status are a fault', () => {
  expect(faultsOf(shared({ 'in-progress': true, waiting: true }))).toEqual([
    {
      code: 'two-defaults',
      path: 'states.waiting.meta.default',
      message:
        '"in-progress" is the default state of "in-progress" already. Mark only one of them.',
    },
  ]);
});

test('a default is true or false', () => {
  expect(faultsOf(shared({ waiting: 'yes' }))).toEqual([
    {
      code: 'invalid-default',
      path: 'states.waiting.meta.default',
      message: 'Expected true or false, received "yes".',
    },
  ]);
});
