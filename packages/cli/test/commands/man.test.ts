import { spawnSync } from 'node:child_process';
import { PassThrough } from 'node:stream';
import type { Command } from 'commander';
import { expect, test } from 'vitest';
import { createProgram } from '../../src/program.ts';
import { createTerminal } from '../../src/terminal/terminal.ts';
import { run } from '../support/cli.ts';

const program = createProgram(
  createTerminal(new PassThrough(), new PassThrough()),
  () => {},
) as unknown as Command;

const allOf = (command: Command): Command[] => [command, ...command.commands.flatMap(allOf)];

/** What a reader sees, as far as the page uses roff. */
const shown = (page: string): string =>
  page
    .replaceAll(/^\.(?:B|SS|SH) /gm, '')
    .replaceAll(String.raw`\&`, '')
    .replaceAll(String.raw`\-`, '-')
    .replaceAll(String.raw`\e`, '\\');

test('the manual page names every command and every option', async () => {
  const { code, stdout } = await run(['man']);
  expect(code).toBe(0);
  const page = shown(stdout);
  for (const command of allOf(program).slice(1)) {
    expect(page).toContain(`\n${command.name()} `.slice(command.parent === program ? 0 : 1));
    for (const option of command.options) expect(page).toContain(`\n${option.flags}\n`);
  }
});

test('no line of it is taken for a request that roff does not know', async () => {
  const { stdout } = await run(['man']);
  const requests = stdout.match(/^[.'].*/gm) ?? [];
  expect(requests.filter((line) => !/^\.(?:TH|SH|SS|TP|B|nf|fi)(?: |$)/.test(line))).toEqual([]);
  expect(stdout.match(/^(?!\.TH).*(?<!\\)-/gm)).toBeNull();
});

test.skipIf(spawnSync('groff', ['--version']).error !== undefined)(
  'groff finds nothing wrong with it',
  async () => {
    const { stdout } = await run(['man']);
    const { stderr } = spawnSync('groff', ['-man', '-Tutf8', '-ww', '-z'], { input: stdout });
    expect(stderr.toString()).toBe('');
  },
);
