import { readFileSync } from 'node:fs';
import { dirname, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const src = fileURLToPath(new URL('../../src/', import.meta.url));

/** Everything that a file loads when it runs, its own imports and those of its imports. */
function loadedBy(file: string, seen = new Set<string>()): Set<string> {
  if (seen.has(file)) return seen;
  seen.add(file);
  const code = readFileSync(file, 'utf8');
  for (const [, names = '', from = ''] of code.matchAll(
    /^(?:import|export)\s+((?!type\b)[^;]*?)\s*from\s+'([^']+)'/gms,
  )) {
    const isTypesOnly = /^\{(?:\s*type [^,}]+,?)*\s*\}$/.test(names);
    if (isTypesOnly) continue;
    if (from.startsWith('.') && from.endsWith('.ts')) loadedBy(resolve(dirname(file), from), seen);
    else seen.add(from);
  }
  return seen;
}

const namesOf = (entry: string) =>
  [...loadedBy(`${src}${entry}`)].map((name) =>
    name.startsWith(src) ? relative(src, name) : name,
  );

test('the client alone loads neither core nor XState, nor the rooms above it', () => {
  const names = namesOf('client.ts');
  expect(names).toEqual(expect.arrayContaining(['ky', 'zod/mini', 'client/client.ts']));
  const others = /^(xstate|@ticket-lifecycle\/core|workflow\/|tickets\/|integrations\/|stores\/)/;
  expect(names.filter((name) => others.test(name))).toEqual([]);
});

test('what loads core is noticed', () => {
  expect(namesOf('index.ts')).toEqual(expect.arrayContaining(['@ticket-lifecycle/core']));
});
