import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { examplesOf } from '../../.ci/run-examples.ts';
import { commandsFor, installers, notOnNpm, withInstallTabs } from '../build/install-tabs.ts';
import { docsDir, handwrittenPages, rootDir } from '../build/places.ts';

const install = `npm install @ticket-lifecycle/core \\
  xstate zod
`;

test.each([
  ['pnpm', 'pnpm add @ticket-lifecycle/core'],
  ['yarn', 'yarn add @ticket-lifecycle/core'],
  ['bun', 'bun add @ticket-lifecycle/core'],
] as const)('with %s the packages are the same, and the command is its own', (name, begin) => {
  const command = commandsFor(name, install);
  expect(command.split('\n')).toEqual([`${begin} \\`, '  xstate zod', '']);
});

test('tools for development, global tools and one-off runs have their own words', () => {
  expect(commandsFor('pnpm', 'npm install --save-dev vitest')).toBe('pnpm add --save-dev vitest');
  expect(commandsFor('pnpm', 'npm install --global x')).toBe('pnpm add --global x');
  expect(commandsFor('yarn', 'npm install --global x')).toBe('npm install --global x');
  expect(commandsFor('bun', 'npx x demo')).toBe('bunx x demo');
  expect(commandsFor('yarn', 'npm init -y')).toBe('yarn init -y');
});

test('a block that installs nothing stays as it is, and each other one gets a tab for each tool', () => {
  const plain = '```sh\nticket-lifecycle demo\n```\n';
  const page = `# A\n\n${plain}\n\`\`\`sh\n${install}\`\`\`\n\n${plain}`;
  const tabbed = withInstallTabs(page);
  expect(withInstallTabs(plain)).toBe(plain);
  expect(tabbed.match(/^::: code-group$/gm)).toHaveLength(1);
  for (const name of installers) expect(tabbed).toContain(`\`\`\`sh [${name}]`);
  expect(tabbed.match(/ticket-lifecycle demo/g)).toHaveLength(2);
});

test('no one-off run has options of its own, which the tools call otherwise', () => {
  for (const page of handwrittenPages())
    expect(readFileSync(`${docsDir}${page}`, 'utf8')).not.toMatch(/^npx -/m);
});

test('files of the repository are installed with npm alone', () => {
  const page = '```sh\nnpm install ../ticket-lifecycle/packed/*.tgz xstate zod\n```\n';
  expect(withInstallTabs(page)).toBe(page);
});

test('where the packages come from before the first release has its place, and a command', () => {
  const [, page = '', place = ''] = /\(\/([^)#]+)#([^)]+)\)/.exec(notOnNpm) ?? [];
  const heading = place.replaceAll('-', ' ');
  const part = readFileSync(`${docsDir}${page}.md`, 'utf8')
    .split(/^## /m)
    .find((text) => text.toLowerCase().startsWith(`${heading}\n`));
  const { scripts } = JSON.parse(readFileSync(`${rootDir}package.json`, 'utf8')) as {
    scripts: Readonly<Record<string, string>>;
  };
  const commands = Array.from(part?.matchAll(/npm run ([a-z]+)/g) ?? [], ([, name]) => name);
  expect(commands).toContain('pack');
  expect(commands.filter((name) => scripts[name ?? ''] === undefined)).toEqual([]);
});

/** The packages that a code imports. */
const importedBy = (code: string): string[] =>
  [...code.matchAll(/from '(?<from>[^'.][^']*)'|^import '(?<bare>[^'.][^']*)'/gm)]
    .map(({ groups }) => groups?.['from'] ?? groups?.['bare'] ?? '')
    // Who configures a site has its generator.
    .filter((from) => !from.startsWith('node:') && from !== 'vitepress')
    .map((from) =>
      from
        .split('/')
        .slice(0, from.startsWith('@') ? 2 : 1)
        .join('/'),
    );

/** The packages that the commands of a page install. */
const installedBy = (page: string): string[] =>
  [...page.replaceAll('\\\n', ' ').matchAll(/^npm install (?<words>.+)$/gm)].flatMap(({ groups }) =>
    (groups?.['words'] ?? '').split(/\s+/).filter((word) => word !== '' && !word.startsWith('-')),
  );

// The home page shows no program to save, and decisions and background pages are read, not typed.
const pages = handwrittenPages().filter(
  (page) => page.startsWith('guides/') || page === 'get-started.md',
);

test.each(pages)('%s installs everything that its samples import', async (page) => {
  const samples = await examplesOf(`${docsDir}${page}`);
  const needed = new Set(samples.flatMap(({ code }) => importedBy(code)));
  // Their types are the database's own: a program that has a pool has `pg` already.
  const installed = new Set(installedBy(readFileSync(`${docsDir}${page}`, 'utf8')));
  expect([...needed].filter((name) => !installed.has(name))).toEqual([]);
  // A peer that is missing fails with pnpm, though no sample names it.
  if (needed.has('@ticket-lifecycle/core')) {
    expect([...installed]).toEqual(expect.arrayContaining(['xstate', 'zod']));
  }
});

test('each recipe installs everything that its files import', () => {
  const page = readFileSync(`${docsDir}recipes/index.md`, 'utf8');
  const recipes = page.split(/^## /m).filter((part) => part.includes('\n<<< '));
  const missing = recipes.flatMap((recipe) => {
    const files = [...recipe.matchAll(/^<<< \.\/(?<path>\S+)$/gm)].map(({ groups }) =>
      readFileSync(`${docsDir}recipes/${groups?.['path']}`, 'utf8'),
    );
    const blocks = [...recipe.matchAll(/^```[jt]s\n(?<code>[^]*?)^```$/gm)].map(
      ({ groups }) => groups?.['code'] ?? '',
    );
    const needed = [...files, ...blocks].flatMap(importedBy);
    const peers = needed.includes('@ticket-lifecycle/core') ? ['xstate', 'zod'] : [];
    const installed = new Set(installedBy(recipe));
    return [...new Set([...needed, ...peers])]
      .filter((name) => !installed.has(name))
      .map((name) => `${recipe.split('\n')[0]}: ${name}`);
  });
  expect(recipes.length).toBeGreaterThan(8);
  expect(missing).toEqual([]);
});
