import { expect, test } from 'vitest';
import type { LineOutcome } from '../../src/journal/line-outcome.ts';
import { createTally } from '../../src/bulk/tally.ts';

const notSent = (line: number, message: string, ticketId?: string): LineOutcome => ({
  type: 'outcome',
  line,
  kind: 'not-sent',
  ...(ticketId === undefined ? {} : { ticketId }),
  error: { name: 'NotSentError', reason: 'aborted', message },
});

test('equal reasons of many tickets are one, in the words that they came in', () => {
  const tally = createTally();
  tally.add([notSent(1, 'T-1 could not be sent.', 'T-1')]);
  tally.add([notSent(2, 'T-2 could not be sent.', 'T-2')]);
  tally.add([notSent(0, 'The API could not be reached.')]);
  expect(tally.summary().reasons).toEqual([
    {
      kind: 'not-sent',
      reason: '<ticket> could not be sent.',
      count: 2,
      lines: [1, 2],
      tickets: ['T-1', 'T-2'],
    },
    {
      kind: 'not-sent',
      reason: 'The API could not be reached.',
      count: 1,
      lines: [0],
      tickets: [],
    },
  ]);
});

test('a short id is replaced where it is a word, and not inside of others', () => {
  const tally = createTally();
  tally.add([notSent(1, 'Could not set 1 to open (127.0.0.1:4010): 1 is 1.', '1')]);
  expect(tally.summary().reasons[0]?.reason).toBe(
    'Could not set <ticket> to open (127.0.0.1:4010): <ticket> is <ticket>.',
  );
});

test('of very many reasons the latest are counted together, and none is left out', () => {
  const tally = createTally();
  for (let line = 1; line <= 3000; line += 1) tally.add([notSent(line, `Fault ${line}.`)]);
  tally.add([notSent(3001, 'Fault 1.')]);
  const { reasons } = tally.summary();
  expect(reasons[0]).toMatchObject({ reason: 'other reasons', count: 2000 });
  expect(reasons[1]).toMatchObject({ reason: 'Fault 1.', count: 2 });
  expect(reasons.reduce((sum, { count }) => sum + count, 0)).toBe(3001);
});
