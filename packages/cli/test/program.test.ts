import type { CommandUnknownOpts } from '@commander-js/extra-typings';
import { expect, test } from 'vitest';
import { cures } from '../src/commands/missing-argument.ts';
import { createProgram } from '../src/program.ts';
import { createTerminal } from '../src/terminal/terminal.ts';
import { runHere } from './support/cli.ts';

const commands = [
  'demo',
  'explain',
  'plan',
  'apply',
  'journal',
  'replay',
  'observe',
  'diagram',
  'diff',
  'sandbox',
  'mcp',
  'doctor',
  'completion',
  'help',
];

test('the help names every command and where to start', async () => {
  const { code, stdout } = await runHere(['--help']);
  expect(code).toBe(0);
  for (const name of commands) expect(stdout).toContain(`  ${name} `);
  expect(stdout).toContain('$ ticket-lifecycle demo');
});

test.each(commands)('the help of %s has an example', async (name) => {
  const { code, stdout } = await runHere([name, '--help']);
  // A line too long for a terminal is broken once more, and leaves a word or two on their own.
  expect(stdout).not.toMatch(/^[a-z]+\n(?=.)/im);
  expect(code).toBe(0);
  expect(stdout).toMatch(new RegExp(`Examples?:\n  \\$ ticket-lifecycle ${name}`));
  expect(stdout.split('\n').every((line) => line.length <= 100)).toBe(true);
});

test('apply explains its exit codes', async () => {
  const { stdout } = await runHere(['apply', '--help']);
  for (const code of [0, 1, 2, 3, 4, 5, 6, 65, 75, 129, 130, 143]) {
    expect(stdout).toMatch(new RegExp(`^ {2}${code} `, 'm'));
  }
  expect(stdout).toContain('the first of 6, 4, 5, 75, 65, 3 counts');
});

test('without a command the help is shown, as an error', async () => {
  const { code, stdout, stderr } = await runHere([]);
  expect([code, stdout]).toEqual([2, '']);
  expect(stderr).toContain('Usage: ticket-lifecycle');
});

test.each([
  [['aply', 'x'], "unknown command 'aply'\n(Did you mean apply?)"],
  [['apply', 'x', '--plann'], "unknown option '--plann'\n(Did you mean --plan?)"],
  [['replay', 'x', '--id', 'a', '--state', 'b', '--complet'], '(Did you mean --complete?)'],
  [['apply'], "missing required argument 'file'. Give the path of a file, or - for"],
  [['apply', '--dry-run'], "missing required argument 'file'. Give the path of a file, or - for"],
  [['observe'], "missing required argument 'ticket'. Name a ticket"],
  [['outbox', 'why'], "missing required argument 'id'. Give the id of a change"],
  [['replay', 'x', '--from', 'old'], '--from needs --to.'],
  [['demo', 'now'], 'too many arguments'],
  [['sandbox', '--port', '4010x'], 'It takes a whole number from 0 to 65535.'],
  [['apply', 'x', '--staff-user-id', '0'], 'It takes a whole number of at least 1.'],
  [['apply', 'x', '--format', 'xml'], 'Allowed choices are csv, ndjson.'],
])('a mistake in %j is named, and nothing is done', async (args, message) => {
  const { code, stdout, stderr } = await runHere(args);
  expect([code, stdout]).toEqual([2, '']);
  expect(stderr).toContain(message);
});

test('every argument that a command needs has a cure where it is missing', () => {
  const program = createProgram(createTerminal(process.stdout, process.stderr), () => {});
  const needed = (command: CommandUnknownOpts): string[] => [
    ...command.registeredArguments.filter(({ required }) => required).map((one) => one.name()),
    ...command.commands.flatMap(needed),
  ];
  const names = new Set([...needed(program), 'file']);
  expect([...names].toSorted()).toEqual(Object.keys(cures).toSorted());
});

test('a key that was passed as an argument is not repeated', async () => {
  const key = 'sk-planted-0123456789';
  for (const args of [[`--api-key=${key}`], ['--api-key', key], [key], ['--api-key-file', key]]) {
    const { code, stdout, stderr } = await runHere(['apply', 'changes.csv', ...args]);
    expect(code).toBe(2);
    expect(stdout + stderr).not.toContain(key);
  }
  expect((await runHere(['apply', 'changes.csv', `--api-key=${key}`])).stderr).toContain(
    'The key comes from SERIES_API_KEY or --api-key-file',
  );
});
