import { expect, test } from 'vitest';
import { describeProgress } from '../../src/bulk/run-changes.ts';
import { duration } from '../../src/terminal/text.ts';

test('says how much is done and left, how fast, and for how long', () => {
  const run = { lines: 250, requests: 500, durationMs: 20_000 };
  expect(describeProgress(run, 1000)).toBe(
    '██████░░░░░░░░░░░░░░░░░░ 250 of 1,000 lines · 750 left · 25.0 requests/s · 60 s left',
  );
});

test('counts no time for lines that an earlier run has done', () => {
  const run = { lines: 900, requests: 100, durationMs: 4000 };
  expect(describeProgress(run, 1000, 800)).toContain(' · 100 left · 25.0 requests/s · 4 s left');
});

test('says what it can where the end is not known', () => {
  const run = { lines: 2500, requests: 500, durationMs: 20_000 };
  expect(describeProgress(run, undefined)).toBe('2,500 lines done · 25.0 requests/s');
});

test.each([
  [0, '0 s'],
  [98, '98 s'],
  [100, '2 min'],
  [7200, '2.0 h'],
])('%i seconds are %s', (seconds, said) => {
  expect(duration(seconds)).toBe(said);
});
