import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { homeFigures } from '../build/figures.ts';
import { measuredIn } from '../build/measured.ts';
import { firstTable, tableUnder } from '../build/markdown-tables.ts';
import { docsDir } from '../build/places.ts';

const limiter = readFileSync(`${docsDir}data/limiter.md`, 'utf8');
const conformance = readFileSync(`${docsDir}data/conformance.md`, 'utf8');

test('the home page shows what the benchmarks wrote', () => {
  const [refused, used, twice] = homeFigures({ limiter, conformance });
  const [, ours = ''] = /^\| ticket-lifecycle, paced \|(.*)$/m.exec(limiter) ?? [];
  const wholes = [...ours.matchAll(/(\d+)\/(\d+)/g)].map(([, , whole]) => Number(whole));
  const sent = wholes.reduce((sum, whole) => sum + whole, 0);
  expect(refused?.value).toBe('0');
  expect(refused?.meaning).toContain(`of ${sent.toLocaleString('en')} requests`);
  expect(used?.value).toMatch(/^\d\d %$/);
  expect(twice?.meaning).toMatch(/in \d+ faults/);
  for (const figure of [refused, used, twice])
    expect(figure?.measured).toMatch(/at commit [0-9a-f]{7}/);
});

test('another report gives other figures', () => {
  const worse = limiter.replaceAll('0/9994', '7/9994').replaceAll('0.944', '0.901');
  const [refused, used] = homeFigures({ limiter: worse, conformance });
  expect([refused?.value, used?.value]).toEqual(['7', '90 %']);
  const twice = conformance.replace(
    /^(\| @ticket-lifecycle\/series .*?\|.*?\|.*?\|.*?\|)\s+0/m,
    '$1 3',
  );
  expect(homeFigures({ limiter, conformance: twice })[2]?.value).toBe('3');
});

test.each([
  ['our limiter', { limiter: limiter.replaceAll('ticket-lifecycle, paced', 'x'), conformance }],
  ['our client', { limiter, conformance: conformance.replaceAll('@ticket-lifecycle/series', 'x') }],
  ['its age', { limiter: limiter.replace('Measured on', 'Some day'), conformance }],
])('a report without %s is refused', (_, reports) => {
  expect(() => homeFigures(reports)).toThrow(/report/i);
});

test('the home page states no share of its own', () => {
  const home = readFileSync(`${docsDir}index.md`, 'utf8');
  expect(home).toContain('```figures');
  expect(home).not.toMatch(/\d+ %|\d\.\d+/);
});

const page = (name: string) => readFileSync(`${docsDir}${name}`, 'utf8');

describe('the guide about many keys shows what the benchmark wrote', () => {
  const report = page('data/scale.md');
  const guide = page('guides/scale.md');
  const figureOf = (start: string) => {
    const row = firstTable(report).find(({ what = '' }) => what.startsWith(start));
    return Number.parseFloat(row?.['figure'] ?? '');
  };
  const kilobytes = (start: string, digits = 1) => `${(figureOf(start) / 1000).toFixed(digits)} KB`;

  test('sizes and delays, with their age', () => {
    const cell = (name: string) => firstTable(guide).find(({ what }) => what === name)?.['figure'];
    expect(cell('an ended change, kept for a week')).toMatch(kilobytes('an ended change', 2));
    expect(cell('a ticket, remembered 400 days')).toBe(kilobytes('a ticket'));
    expect(cell('a key')).toBe(kilobytes('a key'));
    expect(cell('a slot that is used')).toMatch(kilobytes('a slot in use'));
    expect(guide).toContain(`gave ${figureOf('deliveries')} changes a second`);
    expect(guide).toContain(`a call took ${Math.round(figureOf('a claim beside'))} ms (median)`);
    const { date, commit } = measuredIn(report);
    expect(guide.replaceAll(/\s+/g, ' ')).toContain(`on ${date} at commit ${commit}`);
  });

  test('and what follows from them', () => {
    const changes = tableUnder(guide, 'Count your changes').length;
    expect(changes).toBeGreaterThan(0);
    const rows = guide.matchAll(
      /^\| (?<keys>[\d,]+) +\| one (?:in an hour|in ten minutes|a minute) +\| (?<rate>[\d,]+) +\| (?<databases>\d+) +\| (?<stored>[\d.]+) (?<unit>GB|TB)/gm,
    );
    const number = (text = '') => Number(text.replaceAll(',', ''));
    const seconds = { 'an hour': 3600, 'ten minutes': 600, 'a minute': 60 };
    let count = 0;
    for (const { 0: line, groups = {} } of rows) {
      count += 1;
      const [, span] = Object.entries(seconds).find(([name]) => line.includes(name)) ?? [];
      const rate = number(groups['keys']) / (span ?? 0);
      const bytes = rate * 7 * 24 * 3600 * figureOf('an ended change');
      const stored = bytes / (groups['unit'] === 'TB' ? 1e12 : 1e9);
      const digits = groups['stored']?.includes('.') === true ? 1 : 0;
      expect(groups).toMatchObject({
        rate: Math.round(rate).toLocaleString('en'),
        databases: String(Math.ceil(rate / 500)),
        stored: stored.toFixed(digits),
      });
    }
    expect(count).toBe(5);
  });
});

test('what the client weighs is what the benchmark wrote', () => {
  const rows = tableUnder(page('data/core.md'), 'Bundled');
  const weight = (start: string) =>
    Math.round(Number(rows.find(({ what = '' }) => what.startsWith(start))?.['KB']));
  const [client, workflow] = [weight('the client'), weight('the workflow')];
  expect(page('guides/client.md')).toContain(`: ${client} KB instead of ${workflow}, minified`);
  expect(page('../packages/series/README.md')).toContain(
    `: ${client} KB gzipped, not ${workflow} `,
  );
});

test('what is unused at 150 ms is what the benchmark wrote', () => {
  const [, use = ''] = /constant delay of 150 ms: ([\d.]+)\./.exec(limiter) ?? [];
  const unused = Math.round(100 * (1 - Number(use)));
  expect(page('guides/limit.md')).toContain(`150 ms away, ${unused} % of the budget`);
});
