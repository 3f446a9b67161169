import { expect, test } from 'vitest';
import { readJournal } from '../../src/journal/read-journal.ts';
import { file, ndjson } from '../support/cli.ts';
import { intentOf, outcomeOf } from '../support/journals.ts';

const head = {
  type: 'journal',
  version: 1,
  startedAt: '2026-01-01T00:00:00.000Z',
  input: { file: 'changes.ndjson', bytes: 51, sha256: '0' },
  definition: { fingerprint: '0' },
  baseUrl: 'http://127.0.0.1:9/',
  options: { plan: true, only: [], where: [] },
};
const read = (...entries: readonly object[]) =>
  readJournal(file('j', ndjson(head, ...entries)), () => {});

const start = intentOf('START', 'triaged', 'in-progress', { last: true });
const own = outcomeOf('confirmed', 'TRIAGE', 'new', 'triaged', { by: 'lifecycle' });
const unknown = outcomeOf('unknown', 'START', 'triaged', 'in-progress', { last: true });

test.each([
  ['to its end', [start, own, unknown]],
  ['until the process was killed', [start, own]],
])(
  'a step of the lifecycle does not end the doubt of the step behind it, written %s',
  async (_, entries) => {
    const { open } = await read(...entries);
    expect(open.get(1)).toMatchObject({
      intents: [{ event: 'START' }],
      steps: [{ event: 'TRIAGE' }],
      from: 'triaged',
    });
  },
);

test('a step that was sent ends its own doubt, and not that of the next', async () => {
  const resolve = intentOf('RESOLVE', 'in-progress', 'resolved');
  const started = outcomeOf('confirmed', 'START', 'triaged', 'in-progress', { by: 'response' });
  const { open } = await read(start, resolve, started);
  expect(open.get(1)?.intents).toMatchObject([{ event: 'RESOLVE' }]);
});

test('of the lines that are done, those that did not arrive are known', async () => {
  const kinds = ['blocked', 'refused', 'unreadable', 'confirmed', 'unchanged'];
  const outcomes = kinds.map((kind, at) =>
    outcomeOf(kind, 'START', 'open', 'in-progress', { line: at + 1, last: true }),
  );
  const { done, failed } = await read(...outcomes);
  expect(kinds.map((_, at) => [done.has(at + 1), failed.has(at + 1)])).toEqual([
    [true, true],
    [true, true],
    [true, true],
    [true, false],
    [true, false],
  ]);
});
