import { expect, test } from 'vitest';

// Loaded inside the test: what breaks while it loads must fail a test, not only the file.
const entries: [name: string, load: () => Promise<object>, names: string[]][] = [
  [
    'core',
    () => import('../src/index.ts'),
    [
      'LifecycleDefinitionError',
      'TransitionBlockedError',
      'compareLifecycles',
      'createReplayLog',
      'createReplayStepper',
      'defineLifecycle',
      'defineMigration',
      'messages',
      'problemSchema',
      'ticketLifecycle',
      'ticketMachine',
      'ticketStatusSchema',
      'ticketStatuses',
      'toProblem',
      'translate',
    ],
  ],
  [
    'core/journal',
    () => import('../src/lifecycle/journal.ts'),
    ['journalEntry', 'journalEntrySchema', 'jsonValue'],
  ],
  [
    'core/lean',
    () => import('../src/lifecycle/lean.ts'),
    ['defineLeanLifecycle', 'leanTicketLifecycle'],
  ],
  ['core/sla', () => import('../src/sla/measure-sla.ts'), ['measureSla']],
  ['core/testing', () => import('../src/testing/index.ts'), ['edgeWalks', 'lifecycleMatchers']],
  ['core/time-zone', () => import('../src/queries/time-zone.ts'), ['inTimeZone', 'localTimeIn']],
];

test.each(entries)('%s loads, and gives its names and no others', async (_, load, names) => {
  const anything: unknown = expect.anything();
  expect({ ...(await load()) }).toEqual(Object.fromEntries(names.map((name) => [name, anything])));
});
