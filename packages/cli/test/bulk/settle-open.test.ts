import { setImmediate } from 'node:timers/promises';
import {
  NotSentError,
  OutcomeUnknownError,
  SeriesApiError,
  type Outcome,
  type SeriesError,
} from '@ticket-lifecycle/series';
import { expect, test } from 'vitest';
import type { Intent } from '../../src/journal/entries.ts';
import type { OpenLine } from '../../src/journal/read-journal.ts';
import { describeDoubts, settleOpen } from '../../src/bulk/settle-open.ts';
import { createTally } from '../../src/bulk/tally.ts';

const intent = (line: number): Intent => ({
  type: 'intent',
  line,
  ticketId: `T-${line}`,
  event: 'START',
  from: 'open',
  to: 'in-progress',
  fromStatus: 'open',
  toStatus: 'in-progress',
  last: true,
  at: 0,
});
const openLines = (count: number): Map<number, OpenLine> =>
  new Map(
    Array.from({ length: count }, (_, index): [number, OpenLine] => [
      index + 1,
      { intents: [intent(index + 1)], steps: [], from: undefined },
    ]),
  );
const base = { from: 'open', to: 'in-progress', event: 'START', attempts: 0, waitedMs: 0 };
const effort = { attempts: 0, waitedMs: 0 };
const unreadable = (ticketId: string, readError: SeriesError): Outcome => {
  const details = { ...effort, reason: 'connection-lost', readError } as const;
  const error = new OutcomeUnknownError('Unknown.', details);
  return { kind: 'unknown', ticketId, ...base, error, observed: undefined };
};
const signal = new AbortController().signal;

test('more changes in doubt than may wait for the budget are read all the same', async () => {
  let underWay = 0;
  let most = 0;
  const workflow = {
    async settle(ticketId: string): Promise<Outcome> {
      underWay += 1;
      most = Math.max(most, underWay);
      await setImmediate();
      underWay -= 1;
      const details = { status: 'in-progress', by: 'observation', message: undefined } as const;
      return { kind: 'confirmed', ticketId, ...base, ...details };
    },
  };
  const lines = openLines(150_000);
  const { over, failure } = await settleOpen(lines, { workflow, signal });
  expect(failure).toBeUndefined();
  expect(over).toHaveLength(150_000);
  expect(most).toBe(100);
});

test('what can not be read is asked for no further, and says why in plain words', async () => {
  let reads = 0;
  const workflow = {
    async settle(ticketId: string): Promise<Outcome> {
      reads += 1;
      await setImmediate();
      const details = { ...effort, reason: 'could-not-connect' } as const;
      return unreadable(ticketId, new NotSentError('Could not read it.', details));
    },
  };
  const { over, failure } = await settleOpen(openLines(1000), { workflow, signal });
  expect(over).toEqual([]);
  expect(reads).toBeLessThanOrEqual(100);
  const tally = createTally();
  const error = { name: 'NotSentError', message: String(failure?.message) };
  tally.add([{ type: 'outcome', line: 0, kind: 'not-sent', error }]);
  expect(tally.summary().reasons).toMatchObject([{ reason: 'Could not read it.' }]);
});

test('the workflow is asked with what was written down, the oldest first', async () => {
  const lines = openLines(2);
  lines.set(1, { intents: [{ ...intent(1), at: 9 }], steps: [], from: undefined });
  const asked: unknown[] = [];
  await settleOpen(lines, {
    signal,
    workflow: {
      async settle(ticketId, event, { from, to, sentAt }) {
        asked.push([ticketId, event, from, to, sentAt]);
        const details = { ...effort, reason: 'not-processed' } as const;
        const error = new NotSentError('It is as it was.', details);
        return { kind: 'not-sent', ticketId, ...base, error };
      },
    },
  });
  expect(asked).toEqual([
    ['T-2', { type: 'START' }, 'open', 'in-progress', 0],
    ['T-1', { type: 'START' }, 'open', 'in-progress', 9],
  ]);
  expect([...lines.values()]).toMatchObject([
    { intents: [], from: 'open' },
    { intents: [], from: 'open' },
  ]);
});

test.each([
  ['ticket-not-found', 404, false],
  ['unauthorized', 401, true],
  ['forbidden', 403, true],
] as const)('a read refused as %s ends the run: %s', async (code, status, isFailure) => {
  const details = { ...effort, code, httpStatus: status, serverMessage: undefined };
  const readError = new SeriesApiError('No.', details);
  const settle = async (ticketId: string) => unreadable(ticketId, readError);
  const { failure, unknown } = await settleOpen(openLines(1), { workflow: { settle }, signal });
  expect([failure === readError, unknown.length]).toEqual([isFailure, isFailure ? 0 : 1]);
});

test('what is cut short says nothing, whatever it seems to say', async () => {
  const stop = new AbortController();
  const lines = openLines(3);
  const settled = await settleOpen(lines, {
    signal: stop.signal,
    workflow: {
      async settle(ticketId) {
        stop.abort();
        const error = new NotSentError('Aborted.', { ...effort, reason: 'aborted' });
        return { kind: 'not-sent', ticketId, ...base, error };
      },
    },
  });
  expect(settled).toEqual({ over: [], begun: [], takenBack: [], unknown: [], failure: undefined });
  expect([...lines.values()].every(({ intents }) => intents.length === 1)).toBe(true);
});

test('how long it takes is bounded, also where the clock was set back', () => {
  const limits = { timeoutMs: 10_000, settleMs: 30_000 };
  const at = Date.now() + 86_400_000;
  const lines = new Map([[1, { intents: [{ ...intent(1), at }], steps: [], from: undefined }]]);
  expect(describeDoubts(lines, limits)).toEqual({ count: 1, quietInMs: 30_000 });
  expect(describeDoubts(openLines(2), limits)).toEqual({ count: 2, quietInMs: 0 });
});
