import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';
import { docsDir, rootDir } from '../build/places.ts';

const page = await readFile(`${docsDir}guides/observe.md`, 'utf8');

/** The blocks of the page in one language, in their order. */
const blocks = (language: string): string[] =>
  [...page.matchAll(new RegExp(`^\`\`\`${language}\\n(?<text>[^]*?)^\`\`\``, 'gm'))].map(
    ({ groups }) => groups?.['text'] ?? '',
  );

/** The words of a command as a shell splits them, without the program's name. */
const wordsOf = (command: string): string[] =>
  [...command.replaceAll('\\\n', ' ').matchAll(/'(?<quoted>[^']*)'|(?<plain>[^\s']+)/g)]
    .map(({ groups }) => groups?.['quoted'] ?? groups?.['plain'] ?? '')
    .slice(1);

async function replay(words: readonly string[]): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'log-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  await writeFile(join(folder, 'jira.csv'), blocks('csv')[0] ?? '');
  const program = [`--conditions=@ticket-lifecycle/source`, `${rootDir}packages/cli/src/bin.ts`];
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [...program, ...words], {
    cwd: folder,
  });
  return stdout + stderr;
}

const commands = blocks('sh').filter((text) => text.includes('replay jira.csv'));

test('the report that the guide shows is the one that its file gives, and "…" stands for what is left out', async () => {
  const printed = await replay(wordsOf(commands[1] ?? ''));
  const shown = blocks('text')[0]?.trim() ?? '';
  expect(shown.split('\n\n').length).toBeGreaterThan(3);
  const plain = shown.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
  expect(printed.trim()).toMatch(new RegExp(`^${plain.replaceAll('…', '[^]+?')}$`));
});

test('the file alone gives a draft with the same meanings', async () => {
  const printed = await replay(['replay', 'jira.csv']);
  const meanings = wordsOf(commands[1] ?? '')
    .filter((word) => word.includes('='))
    .flatMap((word) => word.split(','));
  expect(meanings).toHaveLength(4);
  expect(meanings.filter((pair) => !printed.includes(pair))).toEqual([]);
  expect(printed).toContain('add --time Created');
});
