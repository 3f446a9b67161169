import { PassThrough } from 'node:stream';
import type { Command } from 'commander';
import { expect, test } from 'vitest';
import { topicText } from '../../src/commands/help/topic-text.ts';
import { createProgram } from '../../src/program.ts';
import { createTerminal } from '../../src/terminal/terminal.ts';
import { wrapText } from '../../src/terminal/wrap-text.ts';

const allOf = (command: Command): Command[] => [command, ...command.commands.flatMap(allOf)];

/** The help of every command, as a terminal of so many columns gets it. */
function helpAt(columns: number): readonly (readonly [name: string, help: string])[] {
  const program = createProgram(
    createTerminal(new PassThrough(), new PassThrough()),
    () => {},
  ) as unknown as Command;
  return allOf(program).map((command) => {
    let shown = '';
    command.configureOutput({
      getOutHelpWidth: () => columns,
      writeOut: (text) => (shown += text),
    });
    command.outputHelp();
    return [command.name(), shown];
  });
}

const topicsAt = (columns: number) =>
  Object.entries(topicText).map(([name, text]) => [name, wrapText(text, columns)] as const);

// A word that is longer than a line can't be broken, nor an option apart from its value, nor JSON.
const isUnbreakable = (line: string) => {
  const [first = '', ...others] = line.replace(/ \\$/, '').match(/'[^']*'|[^\s']+/g) ?? [];
  return (
    first.startsWith('{') || others.length === 0 || (first.startsWith('--') && others.length < 3)
  );
};

test.each([40, 60, 80, 132, 200])('at %i columns no line of help is wider', (columns) => {
  for (const [name, help] of [...helpAt(columns), ...topicsAt(columns)]) {
    const wide = help.split('\n').filter((line) => line.length > columns);
    expect([name, wide.filter((line) => !isUnbreakable(line))]).toEqual([name, []]);
  }
});

test('a terminal of 0 columns is taken for a usual one', () => {
  expect(helpAt(0)).toEqual(helpAt(80));
});

// The words of a text, whatever its lines are.
const words = (text: string) => text.replaceAll(/ \\\n/g, ' ').split(/\s+/).join(' ');

test('a description that was laid out for 80 columns fills a wide terminal, and a narrow one', () => {
  const firstLine = (columns: number) => {
    const [, help = ''] = helpAt(columns).find(([name]) => name === 'mcp') ?? [];
    return help.split('\n\n')[1]?.split('\n')[0];
  };
  const whole =
    'Serves an assistant over the Model Context Protocol, on standard input and output:';
  expect(firstLine(200)?.startsWith(`${whole} tools to explain, plan, observe and list`)).toBe(
    true,
  );
  expect(firstLine(40)).toBe('Serves an assistant over the Model');
});

test.each([40, 60, 132, 200])('at %i columns help says the same as at 80', (columns) => {
  const other = [...helpAt(columns), ...topicsAt(columns)];
  for (const [index, [name, help]] of [...helpAt(80), ...topicsAt(80)].entries()) {
    expect([name, words(other[index]?.[1] ?? '')]).toEqual([name, words(help)]);
  }
});

test.each([40, 80, 200])('at %i columns a line is as full as it can be', (columns) => {
  const text = 'one two three\nfour five six seven eight\nnine';
  const [first = '', second = ''] = wrapText(`${text}\n${text}\n${text}`, columns).split('\n');
  const next = second.split(' ')[0] ?? '';
  expect(first.length + 1 + next.length > columns || second === '').toBe(true);
});

test.each([
  [
    'two columns',
    '  a     one two three four five six seven eight nine\n        ten\n  b     two',
    40,
    '  a     one two three four five six\n        seven eight nine ten\n  b     two',
  ],
  [
    'a column without room',
    '  A_LONG_NAME_OF_IT   one two three four five six seven',
    40,
    '  A_LONG_NAME_OF_IT\n      one two three four five six seven',
  ],
  [
    'a command',
    "  $ tool run --first 'a b' --second two --third 3",
    40,
    "  $ tool run --first 'a b' \\\n      --second two --third 3",
  ],
  [
    'a command that has room again',
    '  $ tool run \\\n      --first 1',
    40,
    '  $ tool run --first 1',
  ],
  [
    'JSON',
    '  {"a": 1, "b": "one two three four five six seven"}',
    20,
    '  {"a": 1, "b": "one two three four five six seven"}',
  ],
  ['what follows a colon', 'Files:\nfirst', 40, 'Files:\nfirst'],
  ['a word that is too long', 'aa bbbbbbbbbbbb cc', 5, 'aa\nbbbbbbbbbbbb\ncc'],
])('%s', (_, text, width, wrapped) => {
  expect(wrapText(text, width)).toBe(wrapped);
});
