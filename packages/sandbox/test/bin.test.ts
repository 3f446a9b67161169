import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { ArgumentError, readArguments } from '../src/arguments.ts';
import { faultKinds, startSandbox, type SandboxRecord } from '../src/index.ts';

const bin = fileURLToPath(new URL('../src/bin.ts', import.meta.url));
const NODE_COMPILE_CACHE = join(tmpdir(), 'ticket-lifecycle-compile-cache');

function start(...args: readonly string[]) {
  const child = spawn(process.execPath, ['--conditions=@ticket-lifecycle/source', bin, ...args], {
    env: { PATH: process.env['PATH'], NODE_COMPILE_CACHE },
  });
  const said = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (piece: string) => (said[name] += piece));
  }
  const ended = once(child, 'close').then(([code]) => ({ code: code as number, ...said }));
  const listening = async () => {
    await expect.poll(() => said.stderr).toContain('listens on');
    return /http:\S+(?=,)/.exec(said.stderr)?.[0] ?? '';
  };
  return { child, ended, listening };
}

const get = async (url: string) =>
  (await fetch(`${url}/tickets/get/T-1`, { headers: { apikey: 'any' } })).status;

test('runs until it is stopped, with the faults it was told, and prints its record', async () => {
  const args =
    '--port 0 --ticket T-1 --ticket T-2 --limit leaky-bucket --burst 3 --requests-per-second 1 --fault 503-before-applying --fault 401';
  const { child, ended, listening } = start(...args.split(' '));
  const url = await listening();
  expect([await get(url), await get(url)]).toEqual([503, 401]);
  // Together: how long a machine takes for each decides how many it takes.
  const answers = await Promise.all(Array.from({ length: 10 }, () => get(url)));
  expect(new Set(answers)).toEqual(new Set([200, 429]));
  child.kill('SIGINT');
  const { code, stdout } = await ended;
  expect(code).toBe(0);
  expect(JSON.parse(stdout) as SandboxRecord).toMatchObject({
    requests: 12,
    limited: answers.filter((status) => status === 429).length,
    faults: { '503-before-applying': 1, '401': 1 },
    ticketsByStatus: { open: 2 },
  });
});

test('lets a share of the requests meet one of the faults that it names', async () => {
  const { child, ended, listening } = start('--port', '0', '--fault-rate', '1', '--fault', '409');
  const url = await listening();
  expect([await get(url), await get(url)]).toEqual([409, 409]);
  child.kill('SIGTERM');
  expect((await ended).code).toBe(0);
});

test('lists the faults, and explains itself', async () => {
  const [faults, help, version] = await Promise.all(
    ['--faults', '--help', '--version'].map((flag) => start(flag).ended),
  );
  expect(faults?.stdout.trim().split('\n')).toHaveLength(faultKinds.length);
  expect(help?.stdout).toContain('--fault-rate <share>');
  expect(version?.stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
});

test.each([
  [['--fualt', '401'], "unknown option '--fualt'"],
  [['extra'], "unexpected argument 'extra'. A ticket is given by --ticket."],
  [['--port'], "option '--port <n>' argument missing"],
  [['--faults=401'], "option '--faults' takes no argument"],
  [
    ['--port', 'x'],
    "option '--port <n>' argument 'x' is invalid. It takes a whole number from 0 to 65535.",
  ],
  [['--port', ''], "option '--port <n>' is empty. Is a variable unset?"],
  [['--port', '0', '--port', '1'], "option '--port <n>' was given already. Give one of them."],
  [
    ['--ticket', 'A', '--ticket', 'A'],
    "option '--ticket <id>' argument 'A' is invalid. There is such a ticket already. Give each one once.",
  ],
  [
    ['--limit', 'fixed'],
    "option '--limit <algorithm>' argument 'fixed' is invalid. Allowed choices are sliding-log, fixed-window, token-bucket, leaky-bucket, one-at-a-time, none.",
  ],
  [
    ['--fault', '402'],
    "option '--fault <name>' argument '402' is invalid. There is no such fault; --faults lists them.",
  ],
  [
    ['--fault-rate', '5'],
    "option '--fault-rate <share>' argument '5' is invalid. It takes a number above 0 and at most 1, such as 0.5.",
  ],
  [
    ['--burst', '3'],
    '--burst has no effect with --limit sliding-log. Leave it out, or choose --limit leaky-bucket.',
  ],
  [['--seed', '3'], '--seed has no effect without --fault-rate. Leave it out, or add that.'],
])('refuses %j', (args, message) => {
  expect(() => readArguments(args)).toThrow(new ArgumentError(message));
});

test('says what is wrong, and how to see what is right', async () => {
  const { code, stdout, stderr } = await start('--port', 'x').ended;
  expect([code, stdout]).toEqual([2, '']);
  expect(stderr).toBe(
    "error: option '--port <n>' argument 'x' is invalid. It takes a whole number from 0 to 65535.\nAdd --help to see how it is used.\n",
  );
});

test('a port that is taken is named', async () => {
  const { port, close } = await startSandbox();
  const { code, stderr } = await start('--port', String(port)).ended;
  await close();
  expect([code, stderr]).toEqual([
    2,
    `error: port ${port} on 127.0.0.1 is already in use; choose another, or 0 for any free one.\n`,
  ]);
});
