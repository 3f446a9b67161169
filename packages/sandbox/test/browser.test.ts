import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';

// Types vanish and dynamic imports are only loaded when called: what is left, a page must load.
const staticImport = /^(?:import|export) (?!type )(?:[\w\s,{}*]+ from )?'([^']+)';/gm;

async function reach(file: URL, seen = new Map<string, string[]>()) {
  if (seen.has(file.href)) return seen;
  const source = await readFile(file, 'utf8');
  const specifiers = [...source.matchAll(staticImport)].map(([, specifier = '']) => specifier);
  seen.set(file.href, specifiers);
  const local = specifiers.filter((specifier) => specifier.startsWith('.'));
  for (const specifier of local) await reach(new URL(specifier, file), seen);
  return seen;
}

test('a page that imports the package loads nothing but zod', async () => {
  const graph = await reach(new URL('../src/index.ts', import.meta.url));
  const packages = new Set(
    [...graph.values()].flat().filter((specifier) => !specifier.startsWith('.')),
  );
  expect([...graph.keys()].some((file) => file.endsWith('/change-status.ts'))).toBe(true);
  expect([...packages]).toEqual(['zod']);
});
