import { existsSync, readFileSync } from 'node:fs';
import { ticketLifecycle } from '@ticket-lifecycle/core';
import { expect, test } from 'vitest';
import incidents from '../data/incidents.json' with { type: 'json' };
import { rootDir } from '../build/places.ts';
import { readPaste } from '../playground/history.ts';
import { countsFor, judgePaste } from '../playground/judge-paste.ts';

const realLog = `${rootDir}../shared/data/servicenow-incidents.csv`;
const isHere = existsSync(realLog);
if (!isHere) console.log('Skipped: the log of incidents is not beside the repository.');

test.skipIf(!isHere)('the diagram of a real log shows what is in the log', () => {
  const map =
    'New=open, Active=in-progress, Awaiting *=in-progress, Resolved=resolved, Closed=closed';
  const paste = readPaste(readFileSync(realLog, 'utf8'), map, ticketLifecycle);
  const counted = countsFor(judgePaste(paste, ticketLifecycle, false).steps, ticketLifecycle);
  expect(incidents.changes).toEqual(counted.toSorted((one, other) => other.count - one.count));
});
