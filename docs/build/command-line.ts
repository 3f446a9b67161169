import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { docsDir, rootDir } from './places.ts';

const runFile = promisify(execFile);

/** What the command line prints. */
async function printed(...words: readonly string[]): Promise<string> {
  const { stdout } = await runFile(
    process.execPath,
    ['--conditions=@ticket-lifecycle/source', 'packages/cli/src/bin.ts', ...words],
    { cwd: rootDir, env: { ...process.env, COLUMNS: '80', NO_COLOR: '1' } },
  );
  return stdout.trimEnd();
}

/** The commands that a help lists. */
const commandsIn = (help: string): string[] =>
  Array.from(
    (/\nCommands:\n(.*?)(?:\n\n|$)/s.exec(help)?.[1] ?? '').matchAll(/^ {2}([a-z][a-z-]*)/gm),
    ([, name = '']) => name,
  ).filter((name) => name !== 'help');

/** The topics of `help`, which its summary lists. */
const topicsIn = (help: string): string[] =>
  (/or about ([a-z,\s-]+?)(?:\n\n|$)/.exec(help)?.[1] ?? '')
    .split(/,\s*/)
    .map((topic) => topic.trim())
    .filter((topic) => topic !== '');

interface Part {
  readonly heading: string;
  readonly text: string;
}

/** The help of a command, and of those below it. */
async function partsOf(words: readonly string[]): Promise<Part[]> {
  const text = await printed(...words, '--help');
  const below = await Promise.all(commandsIn(text).map(async (name) => partsOf([...words, name])));
  return [{ heading: words.join(' '), text }, ...below.flat()];
}

/** The page of the command line as Markdown: each command in the words of the program itself. */
export async function commandLinePage(): Promise<string> {
  const main = await printed('--help');
  const commands = await Promise.all(commandsIn(main).map(async (name) => partsOf([name])));
  const topics = await Promise.all(
    topicsIn(main).map(async (topic) => ({ heading: topic, text: await printed('help', topic) })),
  );
  const sections = [...commands.flat(), ...topics].map(
    ({ heading, text }) => `## ${heading}\n\n\`\`\`text\n${text}\n\`\`\`\n`,
  );
  return `---
aside: false
---

# Command line

\`\`\`sh
npm install --global @ticket-lifecycle/cli
\`\`\`

Each command explains itself: this page is what \`ticket-lifecycle COMMAND --help\` prints. [Change tickets in bulk](./guides/bulk), [See what others changed](./guides/observe), [Diagrams in your docs](./guides/diagrams) and [Run a fleet](./guides/fleet) show the commands at work.

${sections.join('\n')}`;
}

/** Writes the page for the site. */
export const writeCommandLine = async (): Promise<void> =>
  writeFile(`${docsDir}command-line.md`, await commandLinePage());
