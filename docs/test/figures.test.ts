import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { homeFigures } from '../build/figures.ts';
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
