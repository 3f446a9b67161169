import { existsSync, globSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { rootDir } from '../build/places.ts';

const readmes = globSync('packages/*/README.md', { cwd: rootDir }).filter(
  (path) => !/packages\/(?:benchmarks|internal)\//.test(path),
);

/** The text that people read: tables, code and addresses left out. */
const proseOf = (text: string): string =>
  text
    .replaceAll(/^```.*?^```$/gms, '')
    .replaceAll(/^\|.*$/gm, '')
    .replaceAll(/\]\([^)]*\)/g, ']');

/** The anchors of a page, as VitePress and GitHub make them of its headings. */
const anchorsOf = (page: string): string[] =>
  [...page.replaceAll(/^ *(`{3,})[^\n]*\n.*?^ *\1$/gms, '').matchAll(/^#+ (.+)$/gm)].map(
    ([, heading = '']) =>
      heading
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
        .trim()
        .replaceAll(' ', '-'),
  );

test.each(readmes)(
  '%s is one page: what it is, how to install it, and where the rest is',
  (path) => {
    const text = readFileSync(rootDir + path, 'utf8');
    const headings = [...text.matchAll(/^## (.+)$/gm)].map(([, heading]) => heading);
    expect(headings.at(0)).toBe('Install');
    expect(headings).toContain(
      'What you can do'.replace('do', path.includes('core') ? 'ask' : 'do'),
    );
    expect(headings.at(-1)).toBe('What it does not do');
    expect(proseOf(text).split(/\s+/).length).toBeLessThan(420);
  },
);

test.each(readmes)(
  '%s says where its links lead, for readers who have the package alone',
  (path) => {
    const text = readFileSync(rootDir + path, 'utf8');
    expect(text).toContain('](../../docs/');
    expect(text).toContain('The links lead to the folder `docs` of the repository.');
  },
);

test.each(readmes)('every link of %s leads to a file, and to a place on it', (path) => {
  const text = readFileSync(rootDir + path, 'utf8');
  const links = [...text.matchAll(/\]\((?!https?:)([^)#]+)(?:#([^)]+))?\)/g)];
  expect(links.length).toBeGreaterThan(4);
  const broken = links
    .map(([, file = '', anchor]) => ({ file: new URL(file, `file://${rootDir}${path}`), anchor }))
    .filter(
      ({ file, anchor }) =>
        !existsSync(file) ||
        (anchor !== undefined && !anchorsOf(readFileSync(file, 'utf8')).includes(anchor)),
    );
  expect(broken.map(({ file, anchor }) => `${file.pathname}#${anchor}`)).toEqual([]);
});
