import { runConformance } from '@ticket-lifecycle/sandbox/conformance';
import { describe, expect, test } from 'vitest';
import { conformanceClients } from '../src/conformance/clients.ts';

// Each weakness that the report shows of a client, reproduced once.
const expected = {
  fetch: {
    'reset-after-applying': 'wrong',
    '500-after-applying': 'wrong',
    '503-before-applying': 'lost',
    '429-with-seconds': 'lost',
    'success-false': 'wrong',
    'empty-200': 'wrong',
    'redirect-elsewhere': 'key leaked',
  },
  ky: {
    'reset-after-applying': 'wrong',
    '500-after-applying': 'wrong',
    '503-before-applying': 'lost',
    '429-with-seconds': 'lost',
    'success-false': 'wrong',
    'empty-200': 'wrong',
    'redirect-elsewhere': 'key leaked',
  },
  'ky, post retried': {
    'reset-after-applying': 'duplicated',
    '500-after-applying': 'duplicated',
    'success-false': 'wrong',
    'empty-200': 'wrong',
    'lost-before-applying': 'lost',
    'lost-after-applying': 'wrong',
    'redirect-elsewhere': 'key leaked',
  },
  'axios + axios-retry': {
    'reset-after-applying': 'duplicated',
    '500-after-applying': 'wrong',
    '503-before-applying': 'lost',
    '429-with-seconds': 'lost',
    'success-false': 'wrong',
    'redirect-elsewhere': 'key leaked',
  },
  got: {
    'reset-after-applying': 'wrong',
    '500-after-applying': 'wrong',
    '503-before-applying': 'lost',
    '429-with-seconds': 'lost',
    'success-false': 'wrong',
    'redirect-elsewhere': 'key leaked',
  },
  'p-queue + fetch': { '500-after-applying': 'wrong', 'redirect-elsewhere': 'key leaked' },
  'bottleneck + fetch': { '500-after-applying': 'wrong', 'redirect-elsewhere': 'key leaked' },
  // What it cannot know, and what the others cannot do.
  '@ticket-lifecycle/series': {
    'changed-nothing': 'wrong',
    'reset-after-applying': 'survived',
    '500-after-applying': 'survived',
    '503-before-applying': 'survived',
    'success-false': 'survived',
    'empty-200': 'survived',
    'redirect-elsewhere': 'survived',
  },
} as const;

const clientOf = (name: string) => conformanceClients.filter((client) => client.name === name);

test('every client of the report is here', () => {
  expect(conformanceClients.map(({ name }) => name)).toEqual(Object.keys(expected));
});

// Ours waits 30 s before it sends a change again whose end it could not learn.
describe.concurrent('what the report shows of a client is real', () => {
  test.for(Object.entries(expected))('%s', async ([name, results], { expect: expectHere }) => {
    const faults = Object.keys(results) as (keyof typeof results)[];
    const { clients } = await runConformance(clientOf(name), {
      faults,
      changes: 0,
      // Of axios-retry it bounds all attempts together, which a busy machine must not cut short.
      timeoutMs: 10_000,
      watchMs: 200,
    });
    const seen = clients[0]?.faults.map(({ fault, result }) => [fault, result]) ?? [];
    expectHere(Object.fromEntries(seen)).toEqual(results);
  });
});

// A busy machine sends so slowly that a run may stay below the limit by chance.
const chance = { retry: 6 };

describe.concurrent('a limit counted when sending is broken at the server', chance, () => {
  test.for(['fetch', 'ky, post retried', 'p-queue + fetch', 'bottleneck + fetch'])(
    '%s',
    async (name, { expect: expectHere }) => {
      const { clients } = await runConformance(clientOf(name), {
        faults: [],
        changes: 60,
        timeoutMs: 10_000,
      });
      expectHere(clients[0]?.load?.limited).toBeGreaterThan(0);
    },
  );
});
