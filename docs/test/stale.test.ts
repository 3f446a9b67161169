import { expect, test } from 'vitest';
import { readPages, staleDiagramsOf } from '../build/fresh-diagrams.ts';

test('the marked diagrams of the pages are what the lifecycle says', () => {
  const pages = readPages();
  expect(pages.some(({ text }) => text.includes('<!-- ticket-lifecycle diagram -->'))).toBe(true);
  expect(staleDiagramsOf(pages)).toEqual([]);
});

test('a stale one is named with its page and line', () => {
  const pages = readPages().map(({ path, text }) => ({
    path,
    text: text.replace('open --> in_progress: START', 'open --> closed: START'),
  }));
  expect(staleDiagramsOf(pages)).toEqual([
    expect.stringMatching(/^docs\/guides\/diagrams\.md:\d+$/),
  ]);
});
