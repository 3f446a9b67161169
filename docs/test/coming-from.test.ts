import { readFileSync } from 'node:fs';
import { defineLifecycle, LifecycleDefinitionError } from '@ticket-lifecycle/core';
import { expect, test } from 'vitest';
import { createMachine } from 'xstate';
import { docsDir } from '../build/places.ts';

const page = readFileSync(`${docsDir}coming-from.md`, 'utf8');
const closed = { on: { REOPEN: 'open' } };
const machineWith = (open: object, rest: object = {}) =>
  createMachine({
    initial: 'open',
    states: { open: { on: { CLOSE: 'closed' }, ...open }, closed },
    ...rest,
  });

// What XState has and a lifecycle refuses, by the words of the page.
const refused = {
  '`after`': machineWith({ after: { 1000: 'closed' } }),
  '`always`': machineWith({ always: { target: 'closed' } }),
  '`invoke`': machineWith({ invoke: { src: 'anything' } }),
  'nested and parallel states': machineWith({ initial: 'new', states: { new: {} } }),
  'wildcard events': machineWith({ on: { CLOSE: 'closed', '*': 'closed' } }),
};

test.each(Object.entries(refused))('%s of XState: refused, as the page says', (word, machine) => {
  expect(page.split('\n').find((line) => line.startsWith(`| ${word} `))).toContain('| refused');
  expect(() => defineLifecycle(machine)).toThrow(LifecycleDefinitionError);
});

test('the page names each thing that it calls refused', () => {
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
