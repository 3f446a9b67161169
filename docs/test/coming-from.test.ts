import { readFileSync } from 'node:fs';
import { defineLifecycle, LifecycleDefinitionError } from '@ticket-lifecycle/core';
import { expect, test } from 'vitest';
import {
  type AnyStateMachine,
  createMachine,
  enqueueActions,
  log,
  not,
  raise,
  sendTo,
  spawnChild,
  stateIn,
} from 'xstate';
import { docsDir } from '../build/places.ts';

const page = readFileSync(`${docsDir}coming-from.md`, 'utf8');
const closed = { on: { REOPEN: 'open' } };
const machineWith = (open: object): AnyStateMachine =>
  createMachine({
    initial: 'open',
    states: { open: { on: { CLOSE: 'closed' }, ...open }, closed },
  });

const guardedBy = (guard: object) => machineWith({ on: { CLOSE: { target: 'closed', guard } } });
const isFine = () => true;

// What XState has and a lifecycle refuses, by the words of the page.
const refused: Readonly<Record<string, readonly AnyStateMachine[]>> = {
  '`raise`, `sendTo`, `spawnChild`, `enqueueActions`': [
    raise({ type: 'CLOSE' }),
    sendTo('other', { type: 'CLOSE' }),
    spawnChild('other'),
    enqueueActions(() => {}),
  ].map((entry) => machineWith({ entry })),
  'inline guards': [guardedBy(isFine), guardedBy(not(isFine))],
  '`stateIn`': [guardedBy(stateIn('open'))],
  '`after`': [machineWith({ after: { 1000: 'closed' } })],
  '`always`': [machineWith({ always: { target: 'closed' } })],
  '`invoke`': [machineWith({ invoke: { src: 'anything' } })],
  'nested and parallel states': [
    machineWith({ initial: 'new', states: { new: {} } }),
    createMachine({ type: 'parallel', states: { open: {}, closed: {} } }),
  ],
  '`context` from `input`': [
    createMachine({
      context: ({ input }: { input: unknown }) => ({ input }),
      initial: 'open',
      states: { open: { on: { CLOSE: 'closed' } }, closed },
    }),
  ],
  'wildcard events': [machineWith({ on: { CLOSE: 'closed', '*': 'closed' } })],
};

const pairs = Object.entries(refused).flatMap(([word, machines]) =>
  machines.map((machine, index) => [word, index, machine] as const),
);

test.each(pairs)('%s of XState (%i): refused, as the page says', (word, _, machine) => {
  expect(page.split('\n').find((line) => line.startsWith(`| ${word} `))).toContain('| refused;');
  expect(() => defineLifecycle(machine)).toThrow(LifecycleDefinitionError);
});

test('the page refuses nothing else', () => {
  const [, section = ''] = page.split('\n## XState\n');
  const [table = ''] = section.split('\n## ');
  const rows = table.split('\n').filter((line) => /\| refused\b/.test(line));
  expect(rows.map((line) => line.split('|')[1]?.trim() ?? '').toSorted()).toEqual(
    Object.keys(refused).toSorted(),
  );
});

test('actions are not refused: they are not run', () => {
  const lifecycle = defineLifecycle(
    machineWith({
      entry: () => {
        throw new Error('It ran.');
      },
    }),
  );
  expect(lifecycle.next('closed', 'REOPEN')).toBe('open');
});

test.each([{ entry: log('opened') }, { on: { CLOSE: { target: 'closed', actions: 'notify' } } }])(
  'an action that only does something is taken: %o',
  (open) => {
    expect(defineLifecycle(machineWith(open)).next('open', 'CLOSE')).toBe('closed');
  },
);
