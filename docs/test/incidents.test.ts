import { existsSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import incidents from '../data/incidents.json' with { type: 'json' };
import { countChanges } from '../build/incident-counts.ts';
import { rootDir } from '../build/places.ts';

const log = `${rootDir}../shared/data/servicenow-incidents.csv`;
const isHere = existsSync(log);
if (!isHere) console.log('Skipped: the log of incidents is not beside the repository.');

test.skipIf(!isHere)('the diagram of a real log shows what is in the log', () => {
  expect(incidents.changes).toEqual(countChanges(readFileSync(log, 'utf8')));
});

test('a log is counted by ticket, repeated states left out', () => {
  const log = 'number,incident_state\nA,New\nB,New\nA,New\nA,Awaiting Vendor\nB,Active\nA,Closed\n';
  expect(countChanges(log)).toEqual([
    { from: 'open', to: 'in-progress', count: 2 },
    { from: 'in-progress', to: 'closed', count: 1 },
  ]);
});
