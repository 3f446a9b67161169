import { setImmediate } from 'node:timers/promises';
import { NotSentError } from '@ticket-lifecycle/series';
import { expect, test } from 'vitest';
import type { Intent } from '../../src/journal/entries.ts';
import type { OpenLine } from '../../src/journal/read-journal.ts';
import { settleOpen } from '../../src/bulk/settle-open.ts';
import { createTally } from '../../src/bulk/tally.ts';

const intent = (line: number): Intent => ({
  type: 'intent',
  line,
  ticketId: `T-${line}`,
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
const ticket = { subject: undefined, createdAt: undefined, updatedAt: undefined, claimedBy: null };
const signal = new AbortController().signal;

test('more changes in doubt than may wait for the budget are read all the same', async () => {
  let underWay = 0;
  let most = 0;
  const client = {
    async getTicket(ticketId: string) {
      underWay += 1;
      most = Math.max(most, underWay);
      await setImmediate();
      underWay -= 1;
      const status = 'in-progress';
      return { ...ticket, ticketId, status, clockOffset: undefined };
    },
  };
  const lines = openLines(150_000);
  const { over, failure } = await settleOpen(lines, { client, settleMs: 1, signal });
  expect(failure).toBeUndefined();
  expect(over).toHaveLength(150_000);
  expect(most).toBe(100);
});

test('what can not be read is asked for no further, and says why in plain words', async () => {
  let reads = 0;
  const client = {
    async getTicket(): Promise<never> {
      reads += 1;
      const effort = { attempts: 0, waitedMs: 0 };
      throw new NotSentError('Could not read it.', { ...effort, reason: 'could-not-connect' });
    },
  };
  const { over, failure } = await settleOpen(openLines(1000), { client, settleMs: 1, signal });
  expect(over).toEqual([]);
  expect(reads).toBeLessThanOrEqual(100);
  const tally = createTally();
  const error = { name: 'NotSentError', message: String(failure?.message) };
  tally.add([{ type: 'outcome', line: 0, kind: 'not-sent', error }]);
  expect(tally.summary().reasons).toMatchObject([{ reason: 'Could not read it.' }]);
});
