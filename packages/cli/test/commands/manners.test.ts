import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { createMessages } from '../../src/terminal/messages.ts';
import { createSecrets } from '../../src/terminal/secrets.ts';
import { sandboxWith } from '../support/api.ts';
import { file, folder, ndjson, run, runHere } from '../support/cli.ts';

const change = { ticketId: 'T-1', event: 'START', staffUserId: 7 };
const nowhere = ['--base-url', 'http://127.0.0.1:9'];
const changes = () => file('changes.ndjson', ndjson(change));
const stranger = () => file('own.mjs', 'export const other = 1;');

// By cause, and not by command: each row is a cause, with all commands that can meet it.
const causes: readonly (readonly [string, number, () => readonly (readonly string[])[]])[] = [
  [
    'a file that is not there',
    2,
    () => [
      ['apply', 'nosuch', ...nowhere],
      ['apply', 'nosuch', '--dry-run'],
      ['apply', '--resume', 'nosuch'],
      ['replay', 'nosuch', '--id', 'a', '--state', 'b'],
      ['sandbox', '--tickets', 'nosuch', '--port', '0'],
      ['journal', 'show', 'nosuch'],
      ['journal', 'why', 'T-1', 'nosuch'],
      ['explain', '--from', 'open', '--definition', 'nosuch.json'],
      ['diagram', '--definition', 'nosuch.json'],
      ['doctor', '--definition', 'nosuch.json', ...nowhere],
      ['diagram', '--check', 'nosuch.md'],
      ['doctor', '--api-key-file', 'nosuch'],
      ['observe', 'T-1', '--api-key-file', 'nosuch'],
      ['outbox', 'status', '--directory', 'nosuch'],
    ],
  ],
  [
    'no key',
    2,
    () => [['apply', changes(), '--yes'], ['observe', 'T-1'], ['doctor'], ['mcp', '--allow-apply']],
  ],
  [
    'a name that the lifecycle does not have',
    2,
    () => [
      ['explain', '--from', 'opne'],
      ['plan', '--from', 'open', '--to', 'colsed'],
      ['observe', 'T-1', '--from', 'opne', ...nowhere],
      ['diagram', '--at', 'opne'],
    ],
  ],
  [
    'a definition that is none',
    65,
    () => [
      ['explain', '--from', 'open', '--definition', stranger()],
      ['plan', '--from', 'open', '--to', 'closed', '--definition', stranger()],
      ['apply', changes(), '--dry-run', '--definition', stranger()],
      ['apply', changes(), '--definition', stranger(), ...nowhere],
      ['replay', changes(), '--id', 'a', '--state', 'b', '--definition', stranger()],
      ['observe', 'T-1', '--definition', stranger(), ...nowhere],
      ['diagram', '--definition', stranger()],
      ['mcp', '--definition', stranger(), ...nowhere],
      ['doctor', '--definition', stranger(), ...nowhere],
    ],
  ],
  [
    'what the lifecycle forbids',
    3,
    () => [
      ['explain', '--from', 'open', '--event', 'CLOSE'],
      ['apply', file('c.ndjson', ndjson({ ...change, event: 'CLOSE', from: 'open' })), '--dry-run'],
      ['apply', file('c.ndjson', ndjson({ ...change, event: 'CLOSE', from: 'open' })), ...nowhere],
    ],
  ],
  ['a server that nobody reaches', 75, () => [['doctor', ...nowhere]]],
];

test.each(causes)('%s ends with %i, in every command', async (_, code, commands) => {
  for (const args of commands()) {
    const ended = await runHere(args);
    expect([args, ended.code]).toEqual([args, code]);
  }
});

test('a doctor without a key says at a sandbox that none is needed', async () => {
  const { url } = await sandboxWith({});
  const without = await runHere(['doctor', '--base-url', url]);
  expect(without.stdout).toContain('none is needed on this machine');
  const env = { SERIES_API_KEY: 'sk-of-somebody-0123' };
  expect((await runHere(['doctor', '--base-url', url], { env })).stdout).toContain(
    'a key is there',
  );
});

test.each([
  [['nosuch', '--help'], 2, "unknown command 'nosuch'"],
  [['outbox', 'nosuch', '--help'], 2, "unknown command 'nosuch'"],
  [['plan', '--json=1', '--from', 'open', '--to', 'closed'], 2, "option '--json' takes no value"],
  [['help', 'foo'], 2, 'Commands and topics: demo, explain'],
  [['help', 'outbox', 'nosuch'], 2, 'There is no help about "outbox nosuch"'],
])('%j names the mistake', async (args, code, said) => {
  const ended = await runHere(args);
  expect([ended.code, ended.stdout, ended.stderr]).toEqual([
    code,
    '',
    expect.stringContaining(said),
  ]);
});

test('help knows the commands of commands', async () => {
  const { code, stdout } = await run(['help', 'outbox', 'status']);
  expect([code, stdout]).toEqual([
    0,
    expect.stringContaining('Usage: ticket-lifecycle outbox status'),
  ]);
});

test('lines that can not be read for one reason are counted, and not repeated', async () => {
  const bad = Array.from({ length: 30 }, (_, index) => ({ ...change, ticketId: `A/${index}` }));
  const input = ndjson(...bad.map((one) => ({ ...one, ticketId: 'A/1' })), {
    ...change,
    event: 'X',
  });
  for (const more of [['--dry-run'], nowhere]) {
    const { code, stdout } = await runHere(['apply', '-', ...more], { input });
    expect(code).toBe(65);
    expect(stdout).toMatch(/30 × ticketId: .* \(lines 1, 2, 3, 4, 5, …\)\n/);
    expect(stdout).toMatch(/line 31: event: Unknown event "X"/);
    expect(stdout.match(/ticketId: /g)).toHaveLength(1);
  }
});

test('who looks at an outbox makes none, and is told which option is wrong', async () => {
  const empty = folder();
  const plain = file('plain', 'x');
  for (const view of ['status', 'blocked', 'dead']) {
    const none = await runHere(['outbox', view, '--directory', empty]);
    expect([none.code, none.stderr]).toEqual([2, expect.stringContaining('There is no outbox in')]);
    const other = await runHere(['outbox', view, '--directory', plain]);
    expect([other.code, other.stderr]).toEqual([2, expect.stringContaining('is not a directory')]);
    for (const url of ['notaurl', 'http://base']) {
      const wrong = await runHere(['outbox', view], { env: { DATABASE_URL: url } });
      expect([wrong.code, wrong.stderr]).toEqual([
        2,
        expect.stringContaining('DATABASE_URL is not'),
      ]);
    }
  }
  expect(readdirSync(empty)).toEqual([]);
});

test('a sandbox does not listen where fetch can not reach it', async () => {
  for (const port of [1, 6000, 6667, 10_080]) {
    const { code, stderr } = await runHere(['sandbox', '--port', String(port)]);
    expect([code, stderr]).toEqual([2, expect.stringContaining(`port ${port}`)]);
    await expect(fetch(`http://127.0.0.1:${port}`)).rejects.toHaveProperty(
      'cause.message',
      'bad port',
    );
  }
});

test.each([0, 20, 40, 60, 80, 200])(
  'at %i columns no part of the progress is cut in two',
  (columns) => {
    const stream = Object.assign(new PassThrough(), { isTTY: true, columns });
    const parts = ['██████ 5 of 12', '7 left', '23.6 requests/s', '2 s left'];
    createMessages(stream, createSecrets()).follow(() => parts.join(' · '))();
    const [, drawn = ''] = String(stream.read()).split('\u{1B}[2K');
    expect(drawn.replace('\r', '').length).toBeLessThan(columns || 80);
    const shown = drawn.replace('\r', '').split(' · ');
    expect(shown).toEqual(parts.slice(0, shown.length));
  },
);

test('a journal that is written to be shown has a type of its own', async () => {
  const { url } = await sandboxWith({ tickets: [{ ticketId: 'T-1' }] });
  const input = join(folder(), 'c.ndjson');
  writeFileSync(input, ndjson(change));
  await runHere(['apply', input, '--base-url', url, '--journal', `${input}.journal`]);
  const { objects } = await runHere(['journal', 'show', `${input}.journal`, '--json']);
  expect(objects()).toMatchObject([{ type: 'line', line: 1, kind: 'confirmed', ticketId: 'T-1' }]);
});

test.each([
  [{ NO_COLOR: '1', FORCE_COLOR: '1' }, false],
  [{ NO_COLOR: '1', FORCE_COLOR: '3' }, false],
  [{ NO_COLOR: '0' }, false],
  [{ NO_COLOR: '', FORCE_COLOR: '1' }, true],
  [{ NO_COLOR: '', FORCE_COLOR: '0' }, false],
])('with %j nothing is said of it, and colours are there: %s', async (env, hasColours) => {
  const args = ['explain', '--from', 'open', '--event', 'START'];
  const { code, stdout, stderr } = await run(args, { env });
  expect([code, stdout.includes('\u{1B}['), stderr]).toEqual([0, hasColours, '']);
  const wrong = await run(['explain', '--from', 'open', '--evnet', 'START'], { env });
  expect(wrong.stderr).not.toContain('Warning');
});
