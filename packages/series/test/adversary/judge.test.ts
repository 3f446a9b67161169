import { SeriesError, toOutcomeRecord, type Outcome } from '@ticket-lifecycle/series';
import { expect, test } from 'vitest';
import { cases } from './cases.ts';
import { judge } from './judge.ts';
import type { Applied } from './server.ts';
import { variants } from './variants.ts';
import type { Ending, Sighting } from './world.ts';

const named = <Named extends { readonly name: string }>(from: readonly Named[], name: string) => {
  const found = from.find((one) => one.name === name);
  if (found === undefined) throw new Error(`There is no ${name}.`);
  return found;
};
const usual = named(variants, 'default');
const two = named(
  cases,
  'START and RESOLVE are asked for at once, and START is applied, then reset',
);
const [start, resolve] = two.steps;

const base = { ticketId: 'T-1', attempts: 1, waitedMs: 0, event: 'START' };
const outcomes = {
  confirmed: { ...base, kind: 'confirmed', by: 'response', message: undefined },
  unchanged: { ...base, kind: 'unchanged' },
  blocked: { ...base, kind: 'blocked', from: 'closed', blockers: [], enabled: [] },
  refused: { ...base, kind: 'refused', error: new Error('No.') },
  unknown: { ...base, kind: 'unknown', error: new Error('Perhaps.'), observed: undefined },
} as unknown as Record<string, Outcome>;

const applied = (step = start, at = 5, more: Partial<Applied> = {}): Applied => ({
  by: 'us',
  ticketId: 'T-1',
  staffUserId: step?.staffUserId ?? 0,
  from: step?.from ?? 'open',
  to: step?.to ?? 'open',
  at,
  request: at,
  callId: `request ${at}`,
  ...more,
});

function judged(
  kinds: readonly string[],
  writes: readonly Applied[],
  more: Partial<Sighting> = {},
) {
  const endings = two.steps.map((step, index): Ending => ({
    step,
    askedAt: 0,
    endedAt: 100,
    outcome: outcomes[kinds[index] ?? 'confirmed'],
    error: undefined,
  }));
  const first = 'open' as const;
  const last = writes.at(-1)?.to ?? first;
  const sighting = { endings, events: [], requests: [], applied: writes, first, last, ...more };
  return judge(two, usual, sighting).map(({ kind, text }) => `${kind}: ${text}`);
}

const both = [applied(start, 5), applied(resolve, 6)];

test('the judge has nothing to say where all is well', () => {
  expect(judged(['confirmed', 'confirmed'], both)).toEqual([]);
});

test('the judge sees a change that was applied twice, unless one call was processed twice', () => {
  const again = applied(start, 7);
  expect(judged([], [applied(), again, applied(resolve, 9)])).toEqual([
    'duplicates: START set the ticket to in-progress 2 times.',
  ]);
  const same = { ...again, callId: 'request 5' };
  expect(judged([], [applied(), same, applied(resolve, 9)])).toEqual([]);
});

test.each([
  ['refused', 'START ended refused, and was applied.'],
  ['unchanged', 'START ended unchanged, and was applied.'],
  ['blocked', 'START was blocked, and was not closed.'],
  ['unknown', 'START ended unknown; right is confirmed.'],
])('the judge sees that %s is wrong', (kind, text) => {
  expect(judged([kind, 'confirmed'], both)).toContain(`wrongVerdicts: ${text}`);
});

test('the judge sees a confirmation of nothing, and a change that came behind a later one', () => {
  expect(judged([], [applied(resolve, 5)])).toContain(
    'wrongVerdicts: START ended confirmed by response, and was not applied.',
  );
  expect(judged([], [applied(resolve, 5), applied(start, 6)])).toEqual([
    'wrongVerdicts: RESOLVE is the last that was confirmed, and the ticket is in-progress.',
    'inversions: in-progress was applied behind resolved, and was asked for before.',
  ]);
});

test('the judge does not blame a client for a server that said "done" too early', () => {
  const late = applied(start, 200);
  expect(judged(['confirmed', 'confirmed'], [applied(resolve, 5), late])).toEqual([
    'wrongVerdicts: START ended confirmed by response, and was not applied.',
  ]);
  expect(judged(['unknown', 'confirmed'], [applied(resolve, 5), late])).toContain(
    'inversions: in-progress was applied behind resolved, and was asked for before.',
  );
});

test('the judge sees a call that never ends, and one that is rejected', () => {
  const [ending] = two.steps.map((step): Ending => {
    return { step, askedAt: 0, endedAt: 0, outcome: undefined, error: undefined };
  });
  if (ending === undefined) throw new Error('There is no step.');
  expect(judged([], [], { endings: [ending] })).toEqual(['wrongVerdicts: START never ended.']);
  const error = new Error('Broken.');
  const [text] = judged([], [], { endings: [{ ...ending, error }] });
  expect(text).toContain('START was rejected: Error: Broken.');
});

test('the judge sees the key wherever it stands', () => {
  const { apiKey } = usual;
  const details = { delivery: 'not-sent', attempts: 1, waitedMs: 0 } as const;
  const error = new SeriesError(`No: ${apiKey}`, details);
  const outcome = { ...base, kind: 'not-sent', error } as unknown as Outcome;
  const places = (more: Partial<Sighting>) =>
    judged([], both, more)
      .filter((text) => text.startsWith('keysShown'))
      .map((text) => text.slice('keysShown: '.length));
  const ending = { step: two.steps[0], askedAt: 0, endedAt: 100, error: undefined };
  expect(places({ endings: [{ ...ending, outcome } as Ending] })).toContain(
    'An error text shows it.',
  );
  const record = toOutcomeRecord(outcome);
  expect(places({ endings: [{ ...ending, outcome: record } as Ending] })).toContain(
    'The outcome as JSON shows it.',
  );
  expect(places({ events: [{ said: encodeURIComponent(apiKey) }] })).toContain(
    'An event shows it.',
  );
  const request = { number: 1, method: 'GET', body: '', at: 0, isReused: false, call: undefined };
  const headers = new Map([
    ['apikey', apiKey],
    ['cookie', apiKey],
  ]);
  const requests = [{ ...request, path: `/?${encodeURIComponent(apiKey)}`, headers }];
  expect(places({ requests })).toEqual(['A path shows it.', 'The header cookie shows it.']);
});
