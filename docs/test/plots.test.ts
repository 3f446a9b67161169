import { expect, test } from 'vitest';
import { drawBars } from '../build/bar-plot.ts';
import { shareOf, tableUnder } from '../build/markdown-tables.ts';

const report = `# Title

## First table

Some words.

| limiter | 429s |
| --- | ---: |
| ours | 0/400 |
| theirs | 40/400 |

## Second table

| a |
| --- |
| 1 |
`;

test('a table of a report is found by its heading and read by its columns', () => {
  expect(tableUnder(report, 'First')).toEqual([
    { limiter: 'ours', '429s': '0/400' },
    { limiter: 'theirs', '429s': '40/400' },
  ]);
  expect(tableUnder(report, 'Second')).toEqual([{ a: '1' }]);
  expect(() => tableUnder(report, 'Third')).toThrow('no table under "Third"');
});

test('a share is read, and what was not run has none', () => {
  expect(shareOf('40/400')).toBe(0.1);
  expect(shareOf('0/400')).toBe(0);
  expect(shareOf('–')).toBeUndefined();
});

test('a plot says in words what it shows, and escapes them', () => {
  const svg = drawBars({
    title: '<429s>',
    most: 1,
    bars: [{ label: 'a & b', value: 0.5, text: '50 %', isOurs: true }],
  });
  expect(svg).toContain('aria-label="&lt;429s&gt;. a &amp; b: 50 %."');
});
