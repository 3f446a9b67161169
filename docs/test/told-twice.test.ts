import { globSync, readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { rootDir } from '../build/places.ts';

/** The rows of the first table of a page whose head begins with a word. */
function tableOf(path: string, head: string): string[] {
  const lines = readFileSync(`${rootDir}${path}`, 'utf8').split('\n');
  const first = lines.findIndex((line) => line.startsWith(`| ${head} `));
  const length = lines.slice(first).findIndex((line) => !line.startsWith('|'));
  return lines.slice(first, first + length);
}

test('the README and the guide say the same of the six outcomes', () => {
  const rows = tableOf('README.md', 'outcome');
  expect(rows).toHaveLength(2 + 6);
  expect(tableOf('docs/guides/outcomes.md', 'outcome')).toEqual(rows);
});

test('a README asks for the Node.js that its package asks for', () => {
  const read = (path: string) => readFileSync(`${rootDir}packages/${path}`, 'utf8');
  const told = readdirSync(`${rootDir}packages`)
    .filter((name) => name !== 'benchmarks')
    .flatMap((name) => {
      const { engines } = JSON.parse(read(`${name}/package.json`)) as { engines: { node: string } };
      const versions = read(`${name}/README.md`).matchAll(/Node\.js ([\d.]+) or newer/g);
      return [...versions].map(([, version]) => [name, `>=${version}`, engines.node]);
    });
  expect(told.map(([, version]) => version)).toEqual(told.map(([, , needed]) => needed));
  expect(told.length).toBeGreaterThan(3);
});

// What is promised in one place holds under a condition that stands in another: readers see one page.
const conditions = [
  {
    promise: /sent again blindly|nothing is sent twice|request can no longer|sends once more/,
    condition: /made\W+twice|change twice/,
  },
  { promise: /\bnever lost\b|no change is lost/i, condition: /in memory|fsync|durable/i },
] as const;

/** The one list of the cases in which a change can be made twice. */
const cases = 'outcomes(?:\\.md)?#when-a-change-can-be-made-twice';

test('a page that names what a lost request may do links the one list of cases', () => {
  const pages = globSync(['README.md', 'packages/*/README.md', 'docs/*.md', 'docs/guides/*.md'], {
    cwd: rootDir,
    exclude: ['docs/command-line.md', 'docs/guides/outcomes.md'],
  });
  const naming = pages.flatMap((path) => {
    const text = readFileSync(rootDir + path, 'utf8');
    const parts = text.split(/\n\s*\n|\n(?=- |\|)/);
    return parts
      .filter((part) => part.includes('settleMs') && /\btwice\b/.test(part))
      .map((part) => ({ path, part, isLinked: new RegExp(cases).test(part) }));
  });
  expect(naming.filter(({ isLinked }) => !isLinked)).toEqual([]);
  expect(naming.length).toBeGreaterThan(3);
  expect(readFileSync(`${rootDir}docs/guides/outcomes.md`, 'utf8')).toContain(
    '\n## When a change can be made twice\n',
  );
});

test('a page that promises that nothing is lost or made twice names the condition', () => {
  const pages = globSync(['README.md', 'packages/*/README.md', 'docs/*.md', 'docs/guides/*.md'], {
    cwd: rootDir,
  });
  const promising = pages.flatMap((path) => {
    // A line break inside of a sentence says nothing.
    const text = readFileSync(rootDir + path, 'utf8').replaceAll(/\s+/g, ' ');
    return conditions
      .filter(({ promise }) => promise.test(text))
      .map(({ condition }) => ({ path, isNamed: condition.test(text) }));
  });
  expect(promising.filter(({ isNamed }) => !isNamed)).toEqual([]);
  expect(promising.length).toBeGreaterThan(5);
});
