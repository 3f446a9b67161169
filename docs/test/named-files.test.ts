import { existsSync, globSync, readFileSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { expect, test } from 'vitest';
import { rootDir } from '../build/places.ts';

const inRepository = (pattern: string) =>
  globSync(pattern, { cwd: rootDir, exclude: (path) => /node_modules|dist|api/.test(path) });

const pages = [
  'CONTRIBUTING.md',
  'RELEASING.md',
  'SECURITY.md',
  ...inRepository('.github/**/*.md'),
  ...inRepository('docs/contributing/**/*.md'),
  ...globSync('packages/*/src/README.md', { cwd: rootDir }),
];
const fileNames = new Set(
  globSync(
    ['packages/*/*.*', 'packages/*/{src,test,example,examples}/**/*.*', 'docs/**/*.*', '.ci/*'],
    {
      cwd: rootDir,
      exclude: (path) => path.includes('node_modules'),
    },
  ).map((path) => basename(path)),
);

/** The files and folders that a page names in code font. A name with <…>, * or {…} stands for many. */
function namedIn(text: string): string[] {
  const names = [...text.matchAll(/`([^`\n]+)`/g)].map(([, name = '']) => name);
  const isFile = (name: string) => /^[\w./-]+\.(ts|sql|mjs|json|md|yml|yaml|vue)$/.test(name);
  const isFolder = (name: string) => /^[\w.-]+\/([\w.-]+\/)*$/.test(name);
  return names.filter((name) => isFile(name) || isFolder(name));
}

/** Whether a name of a page is a file: from the root, from a package's sources, or beside the page. */
function exists(name: string, page: string): boolean {
  if (!name.includes('/')) return fileNames.has(name) || existsSync(rootDir + name);
  const [owner = '', ...rest] = name.split('/');
  const besidePage = dirname(page);
  const places = [name, `packages/${name}`, `packages/${owner}/src/${rest.join('/')}`];
  const nearby = [name, `../${name}`, `../test/${name}`].map((path) => `${besidePage}/${path}`);
  const isThere = [...places, ...nearby].some((path) => existsSync(rootDir + path));
  // Such as `src/README.md`, which every package has.
  return isThere || globSync(`packages/*/${name}`, { cwd: rootDir }).length > 0;
}

test.each(pages)('every file that %s names exists', (page) => {
  const named = namedIn(readFileSync(rootDir + page, 'utf8'));
  expect(named.filter((name) => !exists(name, page))).toEqual([]);
});

test('a file that is gone is found', () => {
  const named = namedIn('See `series/workflow/turn.ts`, `series/gone.ts` and `packages/<x>/a.ts`.');
  const page = 'docs/contributing/architecture.md';
  expect(named.filter((name) => !exists(name, page))).toEqual(['series/gone.ts']);
});

/** Compares the map of a package with its sources: each file is named under the heading of its room. */
function mapFaults(map: string, files: readonly string[]): string[] {
  const roomOf = (file: string) => (file.includes('/') ? file.slice(0, file.indexOf('/')) : 'root');
  const sections = Map.groupBy(map.split(/^#+ /m), (part) => /^`(.+)\/`/.exec(part)?.[1] ?? 'root');
  const namesOf = (room: string) => namedIn(sections.get(room)?.join('\n') ?? '');
  // `flags.ts` stands for the one in each folder of the room.
  const isNamed = (file: string) =>
    namesOf(roomOf(file)).some((name) => `/${file}`.endsWith(`/${name}`));
  const elsewhere = [...sections.keys()].flatMap((room) =>
    namesOf(room)
      .filter((name) => room !== 'root' && !name.includes('/'))
      .filter((name) => !files.some((file) => roomOf(file) === room && basename(file) === name))
      .map((name) => `${name} is not in ${room}/.`),
  );
  const unnamed = files.filter((file) => !isNamed(file));
  return [...unnamed.map((file) => `${file} is not in the map.`), ...elsewhere];
}

test.each(globSync('packages/*/src/README.md', { cwd: rootDir }))('%s names every file', (page) => {
  const cwd = rootDir + dirname(page);
  const files = globSync('**/*.{ts,sql}', { cwd });
  expect(mapFaults(readFileSync(rootDir + page, 'utf8'), files)).toEqual([]);
});

test('a source file that no map names is found, and one that has moved', () => {
  const map = '`index.ts`\n\n### `limiter/`\n\n- `slots.ts`: the slots\n- `queue.ts`: who waits\n';
  const files = ['index.ts', 'limiter/slots.ts', 'limiter/pacing.ts', 'request/queue.ts'];
  expect(mapFaults(map, files)).toEqual([
    'limiter/pacing.ts is not in the map.',
    'request/queue.ts is not in the map.',
    'queue.ts is not in limiter/.',
  ]);
});

test('the list of decisions has every decision', () => {
  const folder = 'docs/contributing/decisions';
  const list = readFileSync(`${rootDir}${folder}/index.md`, 'utf8');
  const decisions = globSync(`${folder}/*.md`, { cwd: rootDir }).map((path) =>
    basename(path, '.md'),
  );
  expect(decisions.filter((name) => name !== 'index' && !list.includes(`(./${name})`))).toEqual([]);
});

test('the glossary is in order, and has each term once', () => {
  const text = readFileSync(`${rootDir}docs/contributing/glossary.md`, 'utf8');
  const terms = [...text.matchAll(/^\*\*(.+?)\*\*\./gm)].map(([, term = '']) => term.toLowerCase());
  expect(terms).toEqual([...new Set(terms)].toSorted());
  expect(terms.length).toBeGreaterThan(40);
});
