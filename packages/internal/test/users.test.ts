import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const packages = fileURLToPath(new URL('../../', import.meta.url));
const sourcesOf = (name: string) =>
  readdirSync(`${packages}${name}/src`, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => readFileSync(`${packages}${name}/src/${file}`, 'utf8'))
    .join('');

const playground = `${packages}../docs/playground/`;
const sources = new Map([
  ...readdirSync(packages)
    .filter((name) => name !== 'internal')
    .map((name) => [name, sourcesOf(name)] as const),
  [
    'docs',
    readdirSync(playground)
      .map((file) => readFileSync(`${playground}${file}`, 'utf8'))
      .join(''),
  ],
]);
/** A folder is used where one of its files is. */
const usersOf = (entry: string) =>
  [...sources].flatMap(([name, text]) =>
    new RegExp(`'@ticket-lifecycle/internal/${entry}['/]`).test(text) ? [name] : [],
  );
// All but the map of the sources.
const files = readdirSync(`${packages}internal/src`)
  .filter((file) => file !== 'README.md')
  .map((file) => file.replace(/\.ts$/, ''));

test('nothing is here that two packages do not use today', () => {
  expect(files.filter((file) => usersOf(file).length < 2)).toEqual([]);
});

test('the README names each file and its users', () => {
  const readme = readFileSync(`${packages}internal/README.md`, 'utf8');
  const rows = [...readme.matchAll(/^\| `([\w-]+)` .*\| ([^|]+?) +\|$/gm)];
  const told = rows.map(([, file, users = '']) => [
    file,
    new Set([...users.matchAll(/`([\w-]+)`/g)].map(([, user]) => user)),
  ]);
  expect(new Map(told as [string, Set<string>][])).toEqual(
    new Map(files.map((file) => [file, new Set(usersOf(file))])),
  );
});

test('core and sandbox import nothing from here', () => {
  for (const name of ['core', 'sandbox']) {
    expect(sources.get(name)).not.toContain('@ticket-lifecycle/internal');
  }
});
