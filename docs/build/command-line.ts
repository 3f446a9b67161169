import { writeFile } from 'node:fs/promises';
import { Writable } from 'node:stream';
import { createProgram } from '../../packages/cli/src/program.ts';
import { createTerminal } from '../../packages/cli/src/terminal/terminal.ts';
import { docsDir } from './places.ts';

const width = 80;

/** What the command line prints: in this process, since it has forty helps to print. */
async function printed(...words: readonly string[]): Promise<string> {
  let text = '';
  const writeOut = (piece: string) => {
    text += piece;
  };
  const stream = new Writable({
    write(piece, _, done) {
      writeOut(String(piece));
      done();
    },
  });
  const program = createProgram(createTerminal(stream, stream), () => {});
  const commands = [program as Speaker];
  for (const command of commands) {
    command.configureOutput({ writeOut, getOutHelpWidth: () => width });
    commands.push(...command.commands);
  }
  await program.parseAsync([...words], { from: 'user' }).catch((error: { exitCode?: unknown }) => {
    // Commander ends a program that has shown its help in this way.
    if (error.exitCode !== 0) throw error;
  });
  return text.trimEnd();
}

/** A command, as far as it speaks. */
interface Speaker {
  readonly commands: readonly Speaker[];
  configureOutput(output: {
    writeOut: (text: string) => void;
    getOutHelpWidth: () => number;
  }): unknown;
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

This page is what the command line prints: for each command \`ticket-lifecycle COMMAND --help\`, and for the last sections, such as \`exit-codes\`, \`ticket-lifecycle help TOPIC\`. [Change tickets in bulk](./guides/bulk), [See what others changed](./guides/observe), [Diagrams in your docs](./guides/diagrams) and [Run a fleet](./guides/fleet) show the commands at work.

${sections.join('\n')}`;
}

/** Writes the page for the site. */
export const writeCommandLine = async (): Promise<void> =>
  writeFile(`${docsDir}command-line.md`, await commandLinePage());
