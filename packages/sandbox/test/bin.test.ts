import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { faultKinds, type SandboxRecord } from '../src/index.ts';

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
  [['--fualt', '401'], "Unknown option '--fualt'"],
  [['extra'], "Unexpected argument 'extra'"],
  [['--port', 'x'], 'option "port" must be an integer from 0 to 65535; received NaN'],
  [['--port', ''], 'option "port" must be an integer'],
  [['--port', '0', '--limit', 'fixed'], 'option "limit" must be "sliding-log", "fixed-window"'],
  [['--port', '0', '--fault', '402'], 'faults.next: "fault" must be one of connection-refused'],
  [['--port', '0', '--fault-rate', '5'], 'faults.rate: "share" must be from 0 to 1; received 5'],
])('refuses %j', async (args, message) => {
  const { code, stdout, stderr } = await start(...args).ended;
  expect([code, stdout, stderr]).toEqual([2, '', expect.stringContaining(message)]);
});
