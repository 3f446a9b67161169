import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import benchmarks from '../../packages/benchmarks/package.json' with { type: 'json' };
import { docsDir } from '../build/places.ts';

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
