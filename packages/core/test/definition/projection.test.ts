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
  ['done', '"done"'],
  ['Closed', '"Closed"'],
  ['', '""'],
  [4, '"4"'],
  [Object.create(null), '"object"'],
])('a meta.status of %o is refused', (status, quoted) => {
  expect(faultsOf(machineWith('closed', { meta: { status } }))).toEqual([
    {
      code: 'unknown-status',
      path: 'states.closed.meta.status',
      message: `${quoted} is not a status of the API. Expected one of ${known}.`,
    },
  ]);
});
