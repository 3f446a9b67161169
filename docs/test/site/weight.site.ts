import { existsSync, readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { docsDir, handwrittenPages } from '../../build/places.ts';

const dist = `${docsDir}.vitepress/dist`;
const read = (path: string) => readFileSync(`${dist}${path}`, 'utf8');

/** The scripts that a page's HTML names, and all that they import before anything runs. */
function scriptsOf(page: string): Set<string> {
  const html = read(`/${page}`);
  const named = [...html.matchAll(/(?:src|href)="(?<path>\/assets\/[^"]+\.js)"/g)];
  return withImports(new Set(named.map(({ groups }) => groups?.['path'] ?? '')));
}

function withImports(paths: Set<string>): Set<string> {
  // A Set may grow while it is walked.
  for (const path of paths) {
    for (const { groups } of read(path).matchAll(
      /(?:from|import)\s*["'](?<to>\.[^"']+\.js)["']/g,
    )) {
      paths.add(new URL(groups?.['to'] ?? '', `http://site${path}`).pathname);
    }
  }
  return paths;
}

// A name that only the sandbox has, and so only what runs one.
const isOfPlayground = (path: string) => read(path).includes('sandbox.invalid');

/** The part that is loaded when the page asks for it. */
function playgroundChunk(): string {
  const [name] = /chunks\/PlaygroundApp\.[\w-]+\.js/.exec(read(themePath())) ?? [];
  if (name === undefined) throw new Error('The theme knows no playground.');
  return `/assets/${name}`;
}

const themePath = (): string =>
  [...scriptsOf('playground.html')].find((path) => path.includes('/theme.')) ?? '';

test('the playground page weighs at most 250 KB of script, zipped', () => {
  const scripts = withImports(new Set([...scriptsOf('playground.html'), playgroundChunk()]));
  const bytes = [...scripts].reduce((sum, path) => sum + gzipSync(read(path)).length, 0);
  console.log(
    `The playground page: ${(bytes / 1000).toFixed(1)} KB of script in ${scripts.size} files.`,
  );
  expect(bytes).toBeLessThanOrEqual(250_000);
  // The measure must have found the packages, or it would measure nothing.
  expect(bytes).toBeGreaterThan(100_000);
});

test('no other page carries the playground', () => {
  const others = handwrittenPages().map((page) => page.replace(/\.md$/, '.html'));
  const carriers = others.flatMap((page) =>
    [...scriptsOf(page)].filter(isOfPlayground).map((path) => `${page}: ${path}`),
  );
  expect(carriers).toEqual([]);
  expect(isOfPlayground(playgroundChunk())).toBe(true);
});

test('programs find what they look for: a sitemap, the texts, and a picture to share', () => {
  const map = read('/sitemap.xml');
  const missing = handwrittenPages()
    .map((page) => `/${page.replace(/(?:index)?\.md$/, '')}`)
    .filter((path) => !map.includes(`${path.replace(/(?<=[^/])$/, '.html')}</loc>`));
  expect(missing).toEqual([]);
  expect(read('/llms.txt')).toMatch(/^# ticket-lifecycle\n/);
  expect(read('/llms-full.txt').length).toBeGreaterThan(100_000);
  const [, image = ''] = /property="og:image" content="([^"]+)"/.exec(read('/index.html')) ?? [];
  expect(existsSync(`${dist}${new URL(image).pathname}`)).toBe(true);
});
