import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { topicText } from '../../src/commands/help/topic-text.ts';
import { nobody, sandboxWith, serverThat } from '../support/api.ts';
import { file, run, runHere } from '../support/cli.ts';

test('tickets are read, and what others did is named', async () => {
  const { url } = await sandboxWith({
    tickets: [
      { ticketId: 'T-1', status: 'in-progress' },
      { ticketId: 'T-2', status: 'closed' },
    ],
  });
  const args = ['observe', 'T-1', 'T-2', '--from', 'open', '--base-url', url];
  const { code, stdout } = await runHere(args);
  expect(code).toBe(0);
  expect(stdout).toMatch(
    /^T-1 {2}in-progress .*\n {2}possible: RESOLVE\n {2}since open: somebody did START$/m,
  );
  expect(stdout).toContain(
    'somebody did START, RESOLVE, CLOSE, as far as the lifecycle explains it',
  );
  const { objects } = await runHere([...args, '--json']);
  expect(objects()).toMatchObject([
    {
      type: 'observation',
      schema: 1,
      ticketId: 'T-1',
      change: { kind: 'edge', events: ['START'] },
    },
    { ticketId: 'T-2', change: { kind: 'path' } },
  ]);
});

test('a look that fails says why, by its exit code too', async () => {
  const { url } = await sandboxWith({});
  const unknown = await runHere(['observe', 'T-9', '--base-url', url]);
  expect([unknown.code, unknown.stderr]).toEqual([5, expect.stringContaining('T-9: ')]);
  const closed = await sandboxWith({ subscription: 'none' });
  expect((await runHere(['observe', 'T-9', '--base-url', closed.url])).code).toBe(4);
  expect((await runHere(['observe', 'T-9', '--base-url', await nobody()])).code).toBe(75);
  const half = await serverThat(({ url: path = '' }, response) => {
    if (path.endsWith('T-1')) return void response.destroy();
    response.writeHead(401, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ success: false, error: { message: 'Invalid API key' } }));
  });
  expect((await runHere(['observe', 'T-1', 'T-2', '--base-url', half])).code).toBe(4);
  const typo = await runHere(['observe', 'T-9', '--from', 'opne', '--base-url', url]);
  expect([typo.code, typo.stderr]).toEqual([2, expect.stringContaining('did you mean open?')]);
  expect((await runHere(['observe', '../x', '--base-url', url])).code).toBe(2);
});

test("a server's words drive no terminal", async () => {
  const url = await serverThat((_, response) => {
    response.writeHead(400, { 'content-type': 'application/json' });
    const message = 'no\u{1B}]0;title\u{7}\r\n\u{9B}2Jgo';
    response.end(JSON.stringify({ success: false, error: { message } }));
  });
  for (const args of [['observe', 'T-1'], ['doctor']]) {
    const { stdout, stderr } = await runHere([...args, '--base-url', url]);
    expect(stdout + stderr).toMatch(/no.*title.*go/);
    expect(stdout + stderr).not.toMatch(/[^\P{Cc}\n]/u);
  }
});

test('the doctor says what is there and what is missing, and never the key', async () => {
  const key = 'sk-planted-for-the-doctor';
  const env = { SERIES_API_KEY: key };
  const { url } = await sandboxWith({});
  const well = await runHere(['doctor', '--base-url', url, '--json'], { env });
  expect(well.code).toBe(0);
  expect(well.objects().map(({ name, ok }) => [name, ok])).toEqual([
    ['node', true],
    ['lifecycle', true],
    ['key', true],
    ['api', true],
    ['clock', true],
  ]);
  const keyless = await runHere(['doctor']);
  // A missing key is wrong usage, here as in all commands; 4 is for a key that the API refuses.
  expect([keyless.code, keyless.stdout]).toEqual([
    2,
    expect.stringMatching(/FAILED key .*SERIES_API_KEY/),
  ]);
  const closed = await sandboxWith({ subscription: 'none' });
  const refused = await runHere(['doctor', '--base-url', closed.url], { env });
  expect([refused.code, refused.stdout]).toEqual([4, expect.stringMatching(/FAILED api/)]);
  const wrong = await serverThat((_, response) => {
    response.writeHead(404, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ success: false, error: { code: 404, message: 'No route' } }));
  });
  const lost = await runHere(['doctor', '--base-url', wrong], { env });
  expect([lost.code, lost.stdout]).toEqual([5, expect.stringContaining('Check --base-url.')]);
  expect(lost.stdout).not.toContain('does not take the key');
  const gone = await runHere(['doctor', '--base-url', await nobody()], { env });
  expect([gone.code, gone.stdout]).toEqual([75, expect.stringMatching(/FAILED api/)]);
  for (const { stdout, stderr } of [well, refused, gone])
    expect(stdout + stderr).not.toContain(key);
});

test.each(['bash', 'zsh', 'fish'])(
  'the completion of %s knows every command, and is sound',
  async (shell) => {
    const { code, stdout } = await run(['completion', shell]);
    expect(code).toBe(0);
    for (const word of ['explain', 'doctor', 'resume', 'exit-codes'])
      expect(stdout).toContain(word);
    // Where the shell is not installed, nothing more can be said.
    const { status, error, stderr } = spawnSync(shell, ['-n', file('script', stdout)]);
    expect([error === undefined ? status : 0, String(stderr ?? '')]).toEqual([0, '']);
  },
);

test('the help names every variable that a command reads', async () => {
  const folder = new URL('../../src/', import.meta.url);
  const names = new Set<string>();
  for (const path of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    if (!path.endsWith('.ts')) continue;
    const source = readFileSync(new URL(path, folder), 'utf8');
    for (const [, name = ''] of source.matchAll(/process\.env\['(\w+)'\]/g)) names.add(name);
  }
  expect(names.size).toBeGreaterThan(3);
  for (const name of names) expect(topicText.environment).toMatch(new RegExp(`^  ${name} `, 'm'));
});

test.each(['exit-codes', 'environment', 'formats'])('there is help about %s', async (topic) => {
  const { code, stdout } = await runHere(['help', topic]);
  expect(code).toBe(0);
  expect(stdout.split('\n').length).toBeGreaterThan(8);
  expect(stdout.split('\n').every((line) => line.length <= 100)).toBe(true);
});

test('help of a command is its help, and a typo is named', async () => {
  expect((await runHere(['help', 'plan'])).stdout).toContain('Usage: ticket-lifecycle plan');
  const { code, stderr } = await runHere(['help', 'exit-code']);
  expect([code, stderr]).toEqual([2, expect.stringContaining('did you mean exit-codes?')]);
});

test('what is possible is asked with the context, and data may be needed for it', async () => {
  const definition = file(
    'desk.mjs',
    `export default {
      initial: 'open',
      states: {
        open: { on: { START: { target: 'closed', guard: 'isLead' }, MERGE: 'closed' } },
        closed: { on: { REOPEN: 'open' } },
      },
    };
    export const guards = { isLead: ({ context }) => context?.role === 'lead' };
    const standard = { version: 1, vendor: 'test', validate: (value) =>
      value.into ? { value } : { issues: [{ message: 'Into which?', path: ['into'] }] } };
    export const payloads = { MERGE: { '~standard': standard } };`,
  );
  const { url } = await sandboxWith({ tickets: [{ ticketId: 'T-1' }] });
  const args = ['observe', 'T-1', '--base-url', url, '--definition', definition, '--json'];
  const possible = async (...more: readonly string[]) =>
    (await run([...args, ...more])).objects()[0]?.['enabled'];
  expect(await possible()).toEqual(['MERGE']);
  expect(await possible('--context', '{"role":"lead"}')).toEqual(['START', 'MERGE']);
});

test('--from takes a state of an own lifecycle', async () => {
  const definition = file(
    'desk.json',
    JSON.stringify({
      initial: 'open',
      states: {
        open: { on: { START: 'in-progress' } },
        'in-progress': { on: { WAIT: 'waiting', RESOLVE: 'resolved' } },
        waiting: { meta: { status: 'in-progress' }, on: { CONTINUE: 'in-progress' } },
        resolved: { on: { CLOSE: 'closed' } },
        closed: { on: { REOPEN: 'open' } },
      },
    }),
  );
  const { url } = await sandboxWith({
    tickets: [
      { ticketId: 'T-1', status: 'in-progress' },
      { ticketId: 'T-2', status: 'resolved' },
      { ticketId: 'T-3', status: 'open' },
    ],
  });
  const args = ['observe', 'T-1', 'T-2', 'T-3', '--base-url', url, '--definition', definition];
  const { code, objects } = await runHere([...args, '--from', 'waiting', '--json']);
  expect(code).toBe(0);
  expect(objects().map(({ change }) => change)).toEqual([
    { kind: 'unchanged', states: ['in-progress', 'waiting'] },
    { kind: 'path', events: ['CONTINUE', 'RESOLVE'] },
    { kind: 'path', events: ['CONTINUE', 'RESOLVE', 'CLOSE', 'REOPEN'] },
  ]);
  const typo = await runHere([...args, '--from', 'waitnig']);
  expect([typo.code, typo.stderr]).toEqual([2, expect.stringContaining('did you mean waiting?')]);
});
