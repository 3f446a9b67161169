import { expect, test } from 'vitest';
import { didYouMean, nearest } from '../../src/terminal/did-you-mean.ts';

test.each([
  ['opne', 'open'],
  ['In Progress', 'in-progress'],
  ['in_progress', 'in-progress'],
  ['resolve', 'resolved'],
  ['clsoed', 'closed'],
  ['done', undefined],
  ['no', undefined],
  ['', undefined],
  ['x'.repeat(100_000), undefined],
])('%s is taken for %s', (given, meant) => {
  expect(nearest(given, ['open', 'in-progress', 'resolved', 'closed', 'to'])).toBe(meant);
});

test('says nothing where nothing is near', () => {
  expect([didYouMean('done', ['open']), didYouMean(7, ['open'])]).toEqual(['', '']);
});
