import { readdirSync, readFileSync } from 'node:fs';
import { faultKinds } from '@ticket-lifecycle/sandbox';
import { expect, test } from 'vitest';
import benchmarks from '../../packages/benchmarks/package.json' with { type: 'json' };
import { docsDir, rootDir } from '../build/places.ts';

const page = readFileSync(`${docsDir}comparison.md`, 'utf8');

/** The versions that the page gives a library, such as `5.33` in `XState 5.33`. */
const versionsOf = (name: string): string[] =>
  [...page.matchAll(new RegExp(`(?<![\\w-])${name} (\\d+(?:\\.\\d+)*)`, 'gi'))].map(
    ([, version = '']) => version,
  );

test('the versions that the comparison names are those that the benchmarks measure', () => {
  const named = Object.entries(benchmarks.dependencies)
    .map(([dependency, range]) => ({
      name: dependency.replace(/^@\w+\//, ''),
      measured: range.replace(/^[~^]/, ''),
    }))
    .flatMap(({ name, measured }) =>
      versionsOf(name).map((version) => ({ name, measured, version })),
    );
  expect(
    named.filter(({ measured, version }) => !`${measured}.`.startsWith(`${version}.`)),
  ).toEqual([]);
  expect(named.length).toBeGreaterThan(8);
});

/** The cells of the rows of a report that begin with one of the names. */
function rowsOf(report: string, name: string): string[][] {
  const rows = report.split('\n').map((line) => line.split('|').map((cell) => cell.trim()));
  return rows.filter(([, first = '']) => first === name || first.startsWith(`${name}, `));
}

test('each limiter that the comparison says got 429s got some in the report', () => {
  const [, section = ''] = page.split('## Rate limiters\n');
  const [, sentence = ''] = /^(.*) count when they send\./m.exec(section) ?? [];
  const limiters = [...sentence.matchAll(/([a-z-]+) \d/g)].map(([, name = '']) => name);
  expect(limiters.length).toBeGreaterThan(4);
  const report = readFileSync(`${docsDir}data/limiter.md`, 'utf8');
  const withNone = limiters.filter((limiter) => {
    // The fourth column: what a server refused that counts by a sliding log.
    const refused = rowsOf(report, limiter).map(
      (cells) => /^(\d+)\/\d+$/.exec(cells[3] ?? '')?.[1],
    );
    return !refused.some((count) => Number(count) > 0);
  });
  expect(withNone).toEqual([]);
});

test('which retrying clients write twice is what the report shows', () => {
  const report = readFileSync(`${docsDir}data/conformance.md`, 'utf8');
  const [faults = ''] = report.split('Then it is asked');
  const twice = (client: string) => Number(rowsOf(faults, client)[0]?.[5]);
  expect(page).toMatch(/^\|[^|]*axios-retry 4 *\| send it again/m);
  expect(page).toMatch(/^\| ky 2, got 16 *\| do not repeat a POST; if you allow it, they repeat/m);
  expect(twice('axios + axios-retry')).toBeGreaterThan(0);
  expect([twice('ky'), twice('got')]).toEqual([0, 0]);
  expect(twice('ky, post retried')).toBeGreaterThan(0);
  expect(twice('@ticket-lifecycle/series')).toBe(0);
});

test('the decision for plain SQL counts the tables and lines that there are', () => {
  const folder = `${rootDir}packages/outbox/src/sql/functions/`;
  const sql = readdirSync(folder)
    .filter((name) => name.endsWith('.sql'))
    .map((name) => readFileSync(`${folder}${name}`, 'utf8'))
    .join('');
  const decision = readFileSync(`${docsDir}contributing/decisions/plain-sql.md`, 'utf8');
  const words = ['nine', 'ten', 'eleven', 'twelve', 'thirteen', 'fourteen'];
  const tables = [...sql.matchAll(/^create table /gm)].length;
  expect(decision).toContain(`in ${words[tables - 9]} tables of its own`);
  const [, lines = ''] = /own: ([\d,]+) lines with comments today/.exec(decision) ?? [];
  expect(Math.abs(Number(lines.replace(',', '')) - sql.split('\n').length)).toBeLessThan(100);
});

test('each section about another library tells what you gain and what you lose', () => {
  const sections = readFileSync(`${docsDir}coming-from.md`, 'utf8').split(/^## /m).slice(1);
  const libraries = sections.filter((section) => /^\|.*\| here +\|$/m.test(section));
  expect(libraries.length).toBeGreaterThan(3);
  const silent = libraries.filter((section) => !/\*\*You gain\*\*.*\*\*You lose\*\*/.test(section));
  expect(silent.map((section) => section.split('\n')[0])).toEqual([]);
});

test('the page about conformance counts the clients and our mistakes as its report does', () => {
  const told = readFileSync(`${docsDir}conformance.md`, 'utf8');
  const report = readFileSync(`${docsDir}data/conformance.md`, 'utf8');
  const [summary = ''] = report.split('Then it is asked');
  const rows = summary.split('\n').filter((line) => /^\|.*\|\s*\d+\s*\|/.test(line));
  const words = ['six', 'seven', 'eight', 'nine', 'ten'];
  const times = ['never', 'once', 'twice'];
  expect(told).toContain(`## The report of ${words[rows.length - 6]} clients`);
  expect(page).toContain(`the report of ${words[rows.length - 6]} clients`);
  const wrong = Number(rowsOf(summary, '@ticket-lifecycle/series')[0]?.[6]);
  expect(told).toContain(`Our client is wrong ${times[wrong]}:`);
});

test('the number of faults that pages name is that of the sandbox', () => {
  const readme = `${rootDir}packages/sandbox/README.md`;
  const pages = [`${docsDir}guides/sandbox.md`, `${docsDir}data/conformance.md`, readme].map(
    (path) => readFileSync(path, 'utf8'),
  );
  const named = pages.flatMap((text) =>
    [...text.matchAll(/\b(\d+) faults\b/g)].map(([, count]) => Number(count)),
  );
  expect(named.length).toBeGreaterThan(2);
  expect(new Set(named)).toEqual(new Set([faultKinds.length]));
});
