import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { sandboxWith } from './api.ts';
import { folder, ndjson, runHere } from './cli.ts';

/** The journal of a run that was killed before it sent anything; then what is given follows. */
export async function begunJournal(
  changes: string,
  url: string,
  {
    args = [],
    journal = join(folder(), 'j'),
    entries = [],
  }: {
    readonly args?: readonly string[];
    readonly journal?: string;
    readonly entries?: readonly object[];
  } = {},
): Promise<string> {
  // A server that knows no tickets gives us a head to begin with.
  const { url: other } = await sandboxWith({});
  const apply = ['apply', changes, '--journal', journal, '--base-url', other, '--again'];
  await runHere([...apply, ...args]);
  const [head = ''] = readFileSync(journal, 'utf8').split('\n');
  writeFileSync(journal, `${head.replace(other, url)}\n`);
  if (entries.length > 0) appendFileSync(journal, ndjson(...entries));
  return journal;
}

const statusOf = (state: string) => (state === 'new' || state === 'triaged' ? 'open' : state);

/** An intent of a step of T-1, sent now. */
export const intentOf = (event: string, from: string, to: string, more: object = {}) => ({
  type: 'intent',
  line: 1,
  ticketId: 'T-1',
  event,
  staffUserId: 7,
  from,
  to,
  fromStatus: statusOf(from),
  toStatus: statusOf(to),
  last: false,
  at: Date.now(),
  ...more,
});

/** The outcome of a step of T-1. */
export const outcomeOf = (kind: string, event: string, from: string, to: string, more = {}) => ({
  type: 'outcome',
  line: 1,
  kind,
  ticketId: 'T-1',
  event,
  from,
  to,
  last: false,
  at: Date.now(),
  ...more,
});

/** A lifecycle whose first step the API does not see. */
export const triage = JSON.stringify({
  initial: 'new',
  states: {
    new: { meta: { status: 'open', default: true }, on: { TRIAGE: 'triaged' } },
    triaged: { meta: { status: 'open' }, on: { START: 'in-progress' } },
    'in-progress': { on: { RESOLVE: 'resolved' } },
    resolved: { on: { CLOSE: 'closed' } },
    closed: { type: 'final' },
  },
});
