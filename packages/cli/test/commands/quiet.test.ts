import { readdirSync, renameSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { createTerminal, heard } from '../../src/terminal/terminal.ts';
import { sandboxWith } from '../support/api.ts';
import { file, folder, ndjson, run, runHere } from '../support/cli.ts';

const change = { ticketId: 'T-1', event: 'START', staffUserId: 7 };
const nowhere = ['--base-url', 'http://127.0.0.1:9'];
const definition = () =>
  file(
    'own.json',
    JSON.stringify({
      initial: 'open',
      states: { open: { on: { START: 'closed' } }, closed: { on: { REOPEN: 'open' } } },
    }),
  );
const log = () =>
  file('log.csv', 'id,state,at\nA,open,2026-03-01\nA,odd,2026-03-02\nA,closed,2026-03-03\n');

test('with --quiet a command that works prints its results, and nothing on stderr', async () => {
  const { url } = await sandboxWith({ tickets: [{ ticketId: 'T-1' }] });
  const changes = () => file('c.ndjson', ndjson(change));
  const commands = (): string[][] => [
    ['apply', changes(), '--base-url', url],
    ['apply', changes(), '--dry-run', '--definition', definition()],
    ['apply', changes(), '--base-url', url, '--json', '--failed', join(folder(), 'failed')],
    ['replay', log(), '--id', 'id', '--state', 'state', '--map', 'never=open'],
    ['replay', log(), '--id', 'id', '--state', 'state', '--json', '--definition', definition()],
  ];
  const loud = await Promise.all(commands().map((args) => runHere(args)));
  expect(loud.map(({ stderr }) => stderr)).not.toContain('');
  for (const args of commands()) {
    const { stdout, stderr } = await runHere([...args, '--quiet']);
    expect([args[0], stdout === '', stderr]).toEqual([args[0], false, '']);
  }
});

test('with --quiet no progress is drawn, at a terminal either', () => {
  const drawn = [false, true].map((quiet) => {
    const stream = Object.assign(new PassThrough(), { isTTY: true, columns: 80 });
    const terminal = heard(createTerminal(new PassThrough(), stream), { quiet });
    terminal.messages.follow(() => 'progress')();
    terminal.messages.note('a note');
    terminal.messages.show('an error');
    return String(stream.read());
  });
  expect(drawn[0]).toMatch(/progress[^]*a note\nan error/);
  expect(drawn[1]).toBe('an error\n');
});

test('a lifecycle that nobody has named is named before it judges, with --quiet too', async () => {
  const changes = file('c.ndjson', ndjson(change));
  const cwd = dirname(definition());
  renameSync(join(cwd, 'own.json'), join(cwd, 'ticket-lifecycle.config.json'));
  const { stderr } = await run(['apply', changes, '--dry-run', '--quiet'], { cwd });
  expect(stderr).toMatch(/^The lifecycle comes from .*ticket-lifecycle\.config\.json\.\n$/);
});

test('with --quiet everything that went wrong is still said', async () => {
  const changes = file('c.ndjson', ndjson(change, { ...change, ticketId: 'T-2' }));
  const dead = await runHere(['apply', changes, ...nowhere, '--max-errors', '1', '--quiet']);
  expect(dead.code).toBe(75);
  expect(dead.stderr).toMatch(/Stopped\..*\n[^]*ticket-lifecycle apply .* --resume .* --quiet/);
  const journal = readdirSync(dirname(changes)).find((name) => name.endsWith('.journal'));
  const again = await runHere([
    'apply',
    '--resume',
    join(dirname(changes), journal ?? ''),
    '--quiet',
  ]);
  expect(again.stderr).toContain('To go on where this has ended:');
  const failing = ['--id', 'id', '--state', 'state', '--fail-on', 'unknown', '--quiet'];
  const failed = await runHere(['replay', log(), ...failing]);
  expect([failed.code, failed.stderr]).toEqual([1, expect.stringMatching(/^Failed: .*\n$/)]);
  const missing = await runHere(['replay', 'nosuch.csv', '--quiet']);
  expect([missing.code, missing.stderr]).toEqual([2, expect.stringMatching(/^error: nosuch/)]);
});
