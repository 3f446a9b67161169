import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { drawBars } from '../build/bar-plot.ts';
import { equalSamples, shareOf, tableUnder } from '../build/markdown-tables.ts';
import { measuredIn } from '../build/measured.ts';
import { docsDir } from '../build/places.ts';
import { drawPlots } from '../build/plots.ts';

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

test('only samples of one size are compared, and the others are named', () => {
  const rows = ['600', '600', '9994', '600'].map((size, at) => ({ name: `${at}`, size }));
  const { alike, others } = equalSamples(rows, ({ size }) => size ?? '');
  expect(alike.map(({ name }) => name)).toEqual(['0', '1', '3']);
  expect(others.map(({ name }) => name)).toEqual(['2']);
  expect(equalSamples([], () => '')).toEqual({ alike: [], others: [] });
});

test('no picture of the limiter benchmark has bars of unequal samples', () => {
  const plots = Object.entries(drawPlots(readFileSync(`${docsDir}data/limiter.md`, 'utf8')));
  expect(plots.length).toBeGreaterThan(3);
  for (const [name, { svg, note }] of plots) {
    const wholes = [...svg.matchAll(/\d+\/(\d+)/g)].map(([, whole]) => whole);
    if (name !== 'use-far-away')
      expect([name, new Set(wholes).size]).toEqual([name, Math.min(1, wholes.length)]);
    expect(note).toContain('Measured on ');
  }
});

test('every file of figures names its date and commit, and one that does not is refused', () => {
  const files = readdirSync(`${docsDir}data`);
  expect(files.length).toBeGreaterThan(2);
  for (const file of files) {
    const text = readFileSync(`${docsDir}data/${file}`, 'utf8');
    expect(measuredIn(text).commit).toMatch(/^[0-9a-f]{7}/);
  }
  expect(() => measuredIn('Measured yesterday.')).toThrow('Measured on DATE');
});
