import { execFileSync, spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { nobody, sandboxWith, serverThat } from './support/api.ts';
import { file, ndjson } from './support/cli.ts';
import { install, inTerminal, script } from './support/installed.ts';

let project: string;
let bin: string;

beforeAll(() => {
  ({ project, bin } = install());
});

afterAll(() => rmSync(project, { recursive: true, force: true }));

const hasScript = spawnSync(script, ['--version']).error === undefined;
const start7 = { ticketId: 'T-1', event: 'START', staffUserId: 7 };

/** Runs the installed program without waiting in between: the servers live in this process. */
async function installed(
  args: readonly string[],
  options: { input?: string | Uint8Array; env?: Record<string, string> } = {},
) {
  const { spawn } = await import('node:child_process');
  const child = spawn(bin, args, {
    cwd: project,
    env: { PATH: process.env['PATH'], ...options.env },
  });
  child.stdin.on('error', () => {});
  child.stdin.end(options.input ?? '');
  const said = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => {
      said[name] += text;
    });
  }
  const code = await new Promise((resolve) => child.once('close', resolve));
  return { code, ...said };
}

test('what is packed is all that it needs, and nothing else', () => {
  const packed = execFileSync('tar', ['-tzf', join(project, 'cli.tgz')], { encoding: 'utf8' });
  const top = new Set(
    packed
      .trim()
      .split('\n')
      .map((path) => path.split('/')[1]),
  );
  const expected = ['LICENSE', 'README.md', 'demo', 'dist', 'lifecycle.svg', 'package.json'];
  expect([...top].filter((name) => !expected.includes(name ?? ''))).toEqual([]);
  expect(top).toContain('dist');
});

test('every command runs, and ends with the code that the help names', async () => {
  const { url } = await sandboxWith({
    limit: 'none',
    tickets: [{ ticketId: 'T-1' }, { ticketId: 'T-2' }],
  });
  const closed = await sandboxWith({ subscription: 'none' });
  const doubtful = await serverThat(({ method, socket }, response) => {
    if (method === 'POST') socket.destroy();
    else response.end(JSON.stringify({ success: true, data: { Ticket: { Status: 'closed' } } }));
  });
  writeFileSync(
    join(project, 'stale.md'),
    '<!-- ticket-lifecycle diagram -->\nold\n<!-- /ticket-lifecycle diagram -->\n',
  );
  const input = ndjson(start7);
  const apply = ['apply', '-', '--base-url'];
  const expected: readonly (readonly [readonly string[], number, string?])[] = [
    [['--help'], 0],
    [['--version'], 0],
    [['help', 'exit-codes'], 0],
    [['completion', 'zsh'], 0],
    [['explain', '--from', 'open', '--event', 'START'], 0],
    [['explain', '--from', 'open', '--event', 'CLOSE'], 3],
    [['plan', '--from', 'open', '--to', 'closed'], 0],
    [['diagram'], 0],
    [['diagram', '--format', 'svg'], 0],
    [['observe', 'T-2', '--base-url', url], 0],
    [['doctor', '--base-url', url], 0],
    [['mcp'], 0],
    [['replay', '-', '--id', 'ticketId', '--state', 'event'], 0, input],
    [[...apply, url, '--dry-run'], 0, input],
    [[...apply, url], 0, input],
    [['diagram', '--check', 'stale.md'], 1],
    [['aply'], 2],
    [['replay', '-', '--id', 'id', '--state', 'state'], 65, 'a,b\n1,2\n'],
    [[...apply, url], 3, ndjson({ ...start7, ticketId: 'T-2', event: 'CLOSE' })],
    [[...apply, closed.url], 4, input],
    [[...apply, url], 5, ndjson({ ...start7, ticketId: 'T-9', from: 'open' })],
    [[...apply, doubtful], 6, ndjson({ ...start7, from: 'open' })],
    [[...apply, url], 65, '{"ticketId"\n'],
    [[...apply, await nobody()], 75, ndjson({ ...start7, from: 'open' })],
  ];
  for (const [args, code, given] of expected) {
    const ended = await installed(args, { input: given ?? '' });
    expect({ args, code: ended.code, stderr: ended.code === code ? '' : ended.stderr }).toEqual({
      args,
      code,
      stderr: '',
    });
  }
});

test('the license of everything that was taken in comes with it', () => {
  const dist = join(project, 'node_modules/@ticket-lifecycle/cli/dist');
  const maps = readdirSync(dist).filter((name) => name.endsWith('.map'));
  const sources = maps.flatMap((map) => {
    const { sources: read } = JSON.parse(readFileSync(join(dist, map), 'utf8')) as {
      sources: string[];
    };
    return read;
  });
  const taken = sources.flatMap(
    (source) => /.*node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(source)?.[1] ?? [],
  );
  const licenses = readFileSync(join(dist, 'THIRD-PARTY.txt'), 'utf8');
  expect(taken).toContain('commander');
  expect(taken.filter((name) => !licenses.includes(`${name} `))).toEqual([]);
});

test('a reader that takes the first line only is no error', () => {
  const rows = Array.from(
    { length: 20_000 },
    (_, index) => `A,${index % 2 === 0 ? 'open' : 'closed'}`,
  );
  const log = file('log.csv', `number,state\n${rows.join('\n')}\n`);
  const command = `'${bin}' replay '${log}' --id number --state state --json | head -1; echo "\${PIPESTATUS[0]}"`;
  const { stdout, stderr } = spawnSync('bash', ['-c', command], { encoding: 'utf8' });
  const [line = '', code] = stdout.trim().split('\n');
  expect([JSON.parse(line), code, stderr]).toMatchObject([{ type: 'change' }, '0', '']);
});

test('whatever a file holds, each line is named or applied', async () => {
  const { url, sandbox } = await sandboxWith({ limit: 'none', tickets: [{ ticketId: 'T-1' }] });
  const input = Buffer.concat([
    Buffer.from('\u{FEFF}'),
    Buffer.from(ndjson(start7).replace('\n', '\r\n')),
    Buffer.from([0x22, 0xff, 0x22, 0x0a]),
    Buffer.from('{"a":"\0"}\n'),
    Buffer.from(`{"a":"${'x'.repeat(1100 * 1024)}"}\n`),
    Buffer.from('{"ticketId":"T-1","event":"RESOLVE","staffUserId":7}'),
  ]);
  const { code, stdout } = await installed(['apply', '-', '--base-url', url], { input });
  expect(code).toBe(65);
  for (const [line, fault] of [
    [2, 'not valid UTF-8'],
    [3, 'NUL byte'],
    [4, 'longer than 1 MB'],
  ] as const) {
    expect(stdout).toMatch(new RegExp(`line ${line}: .*${fault}`));
  }
  expect(sandbox.tickets.get('T-1')?.status).toBe('resolved');
  const columns = await installed(['apply', '-', '--base-url', url], {
    input: 'id,event\nT-1,START\n',
  });
  expect([columns.code, columns.stderr]).toEqual([
    65,
    expect.stringContaining('has no column "ticketId"'),
  ]);
});

test('a terminal shows colours and a bar that fits it, and NO_COLOR is heeded', async ({
  skip,
}) => {
  if (!hasScript) skip('util-linux script is not installed here');
  const ids = Array.from({ length: 40 }, (_, index) => ({ ticketId: `T-${index}` }));
  const changes = file('changes.ndjson', ndjson(...ids.map((id) => ({ ...start7, ...id }))));
  const { url } = await sandboxWith({
    limit: 'none',
    tickets: ids,
    delayMs: { beforeAnswering: [5, 20] },
  });
  const command = `'${bin}' apply '${changes}' --no-journal --base-url ${url}`;
  const wide = await inTerminal(command, { cwd: project });
  expect(wide.code).toBe(0);
  expect(wide.output).toContain('\u{1B}[32mconfirmed');
  expect(wide.output).toMatch(/[█░]{24} \d+ of 40 lines · \d+ left/);
  // The line that is kept up to date is gone in the end.
  expect(wide.output.lastIndexOf('\u{1B}[2K')).toBeGreaterThan(wide.output.lastIndexOf('░'));

  const narrow = await inTerminal(command, { cwd: project, columns: 40, env: { NO_COLOR: '1' } });
  expect(narrow.output).not.toContain('\u{1B}[32m');
  const drawn = narrow.output.split('\u{1B}[2K').filter((text) => /[█░]/.test(text));
  expect(drawn.length).toBeGreaterThan(0);
  for (const text of drawn) expect((text.split(/[\r\n]/)[0] ?? '').length).toBeLessThan(40);
});

test('changes of real tickets are asked for once at a terminal, and a no sends nothing', async ({
  skip,
}) => {
  if (!hasScript) skip('util-linux script is not installed here');
  const changes = file('changes.ndjson', ndjson(start7));
  const env = { SERIES_API_KEY: 'sk-never-used-anywhere' };
  const command = `'${bin}' apply '${changes}'`;
  const no = await inTerminal(command, { cwd: project, env, answers: [[/\[y\/N\]/, 'n\r']] });
  expect([no.code, no.output]).toEqual([
    2,
    expect.stringContaining('Not confirmed: nothing was sent.'),
  ]);
  expect(no.output).toContain('Apply 1 change at https://api.series.hr');
  const interrupted = await inTerminal(command, {
    cwd: project,
    env,
    answers: [[/\[y\/N\]/, '\u{3}']],
  });
  expect(interrupted.code).toBe(130);
  expect(no.output + interrupted.output).not.toContain(env.SERIES_API_KEY);
  const unasked = await installed(['apply', changes], { env });
  expect([unasked.code, unasked.stderr]).toEqual([
    2,
    expect.stringContaining('Add --yes to go on without a question'),
  ]);
  expect(readdirSync(join(changes, '..'))).toEqual(['changes.ndjson']);
});

test('Ctrl-C at a terminal ends what is under way and gives the command that goes on', async ({
  skip,
}) => {
  if (!hasScript) skip('util-linux script is not installed here');
  const ids = Array.from({ length: 200 }, (_, index) => ({ ticketId: `T-${index}` }));
  const changes = file('changes.ndjson', ndjson(...ids.map((id) => ({ ...start7, ...id }))));
  const { url, sandbox } = await sandboxWith({ limit: 'none', tickets: ids });
  const command = `'${bin}' apply '${changes}' --base-url ${url}`;
  const { code, output } = await inTerminal(command, {
    cwd: project,
    answers: [[/ [1-9]\d* of 200 lines/, '\u{3}']],
  });
  expect(code).toBe(130);
  const [, resume = ''] = /ticket-lifecycle (apply .* --resume \S+)/.exec(output) ?? [];
  const again = await inTerminal(`'${bin}' ${resume} --requests-per-second 500`, {
    cwd: project,
  });
  expect(again.code).toBe(0);
  expect(sandbox.record()).toMatchObject({ statusWrites: 200, systemMessages: 200 });
});
