import { chmodSync, chownSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { sandboxWith, serverThat } from '../support/api.ts';
import { file, folder, ndjson, runHere } from '../support/cli.ts';

const key = 'sk-planted-1a2b3c4d5e6f';
const env = { SERIES_API_KEY: key };
const start = { ticketId: 'T-1', event: 'START' };

/** A project with profiles, and files beside them that nobody else can read. */
function project(profiles: unknown, files: Readonly<Record<string, string>> = {}): string {
  const cwd = folder();
  const text = typeof profiles === 'string' ? profiles : JSON.stringify(profiles);
  const all = { 'package.json': '{}', 'ticket-lifecycle.profiles.json': text, ...files };
  for (const [name, content] of Object.entries(all)) {
    writeFileSync(join(cwd, name), content, { mode: 0o600 });
  }
  return cwd;
}

/** A server that notes the keys it is given. */
async function watched() {
  const keys: unknown[] = [];
  const url = await serverThat((request, response) => {
    keys.push(request.headers['apikey']);
    response.writeHead(404).end();
  });
  return { url, keys };
}

test('a profile gives URL, key file, staff id and share to every command that sends', async () => {
  const { url, keys } = await watched();
  const profile = { baseUrl: url, apiKeyFile: 'the.key', staffUserId: 7, rateShare: 0.5 };
  const cwd = project({ desk: profile }, { 'the.key': 'key-of-the-profile\n' });
  const input = ndjson(start);
  const asked = [['apply', '-'], ['observe', 'T-1'], ['tickets'], ['doctor']];
  for (const args of asked) {
    const before = keys.length;
    const { stderr } = await runHere([...args, '--profile', 'desk'], { cwd, env, input });
    expect(stderr).toContain('The profile "desk" comes from ');
    expect([args[0], keys.length > before]).toEqual([args[0], true]);
  }
  expect(new Set(keys)).toEqual(new Set(['key-of-the-profile']));
  const forecast = await runHere(['apply', '-', '--dry-run', '--profile', 'desk', '--json'], {
    cwd,
    input: ndjson(...Array.from({ length: 24 }, () => ({ ...start, from: 'open' }))),
  });
  // Half of 25 a second is 12.
  expect(forecast.objects().at(-1)).toMatchObject({ unreadable: 0, seconds: { least: 2 } });
});

test('what is given on the command line goes before the profile', async () => {
  const [one, other] = [await watched(), await watched()];
  const cwd = project(
    { desk: { baseUrl: one.url, apiKeyFile: 'the.key' } },
    { 'the.key': 'key-of-the-profile' },
  );
  const given = file('given', 'key-that-is-given');
  const more = ['--profile', 'desk', '--base-url', other.url, '--api-key-file', given];
  await runHere(['observe', 'T-1', ...more], { cwd });
  expect([one.keys, new Set(other.keys)]).toEqual([[], new Set(['key-that-is-given'])]);
});

test('profiles are found from the folders of a project, and no higher than its root', async () => {
  const cwd = project({ desk: { baseUrl: 'http://127.0.0.1:9' } });
  mkdirSync(join(cwd, 'deep'));
  mkdirSync(join(cwd, 'other'));
  writeFileSync(join(cwd, 'other', 'package.json'), '{}');
  const deep = await runHere(['observe', 'T-1', '--profile', 'desk'], { cwd: join(cwd, 'deep') });
  expect(deep.stderr).toContain('The profile "desk" comes from ');
  const other = await runHere(['observe', 'T-1', '--profile', 'desk'], { cwd: join(cwd, 'other') });
  expect([other.code, other.stderr]).toEqual([
    2,
    expect.stringContaining('--profile: There is no ticket-lifecycle.profiles.json'),
  ]);
});

test.each([
  [
    'a name that it does not have',
    { desk: {} },
    2,
    'Unknown profile "dest". Expected one of desk (did you mean desk?)',
  ],
  ['an unknown field', { dest: { baseURL: 'x' } }, 65, 'profile "dest": Unknown field "baseURL"'],
  ['a field of another profile', { desk: { x: 1 }, dest: {} }, 65, 'profile "desk": Unknown field'],
  ['the key itself', { dest: { apiKey: key } }, 65, 'A key does not belong here.'],
  [
    'the key itself, in another profile',
    { desk: { SERIES_API_KEY: key }, dest: {} },
    65,
    'chmod 600',
  ],
  [
    'a key in place of its file',
    { dest: { apiKeyFile: key } },
    2,
    'profile "dest": "apiKeyFile": ',
  ],
  ['no text', { dest: { apiKeyFile: 7 } }, 65, '"apiKeyFile" must be the path of a file'],
  ['an empty text', { dest: { baseUrl: ' ' } }, 65, '"baseUrl" must be a URL'],
  ['a URL that is none', { dest: { baseUrl: 'nowhere' } }, 2, 'profile "dest": "baseUrl"'],
  [
    'a staff id as text',
    { dest: { staffUserId: '7' } },
    65,
    '"staffUserId" must be a whole number',
  ],
  ['a share of nothing', { dest: { rateShare: 0 } }, 65, '"rateShare" must be a number above 0'],
  [
    'a share that is too small',
    { dest: { rateShare: 0.001 } },
    2,
    'profile "dest": "rateShare": 0.001 of 25',
  ],
  ['a list', [], 65, 'must hold an object'],
  ['a profile that is a text', { dest: key }, 65, 'profile "dest" must be an object'],
  ['no JSON', `{"dest": ${key}`, 65, 'is not valid JSON'],
  ['a name twice', `{"dest": {}, "dest": {"apiKeyFile": "${key}"}}`, 65, '"dest"'],
])('%s is refused with its place, and no value is repeated', async (_, profiles, code, message) => {
  const cwd = project(profiles);
  for (const args of [['observe', 'T-1'], ['apply', '-'], ['tickets'], ['mcp', '--allow-apply']]) {
    const ended = await runHere([...args, '--profile', 'dest'], { cwd, env, input: ndjson(start) });
    expect([ended.code, ended.stderr]).toEqual([code, expect.stringContaining(message)]);
    expect(ended.stderr).toMatch(/ticket-lifecycle\.profiles\.json/);
    expect(ended.stdout + ended.stderr).not.toContain(key);
  }
});

test.skipIf(process.platform === 'win32')(
  'a key file that others can read is refused',
  async () => {
    const cwd = project({ desk: { apiKeyFile: 'the.key' } }, { 'the.key': key });
    chmodSync(join(cwd, 'the.key'), 0o644);
    const { code, stdout, stderr } = await runHere(['observe', 'T-1', '--profile', 'desk'], {
      cwd,
    });
    expect(code).toBe(2);
    expect(stderr).toMatch(/profiles\.json: profile "desk": "apiKeyFile": Others .* chmod 600/);
    expect(stdout + stderr).not.toContain(key);
  },
);

test.skipIf(process.platform === 'win32')(
  'profiles that others may write are refused',
  async () => {
    const { url, keys } = await watched();
    const cwd = project({ desk: { baseUrl: url } });
    const profiles = join(cwd, 'ticket-lifecycle.profiles.json');
    chmodSync(profiles, 0o666);
    const open = await runHere(['observe', 'T-1', '--profile', 'desk'], { cwd, env });
    expect([open.code, open.stderr]).toEqual([65, expect.stringContaining('chmod go-w')]);
    chmodSync(profiles, 0o600);
    if (process.getuid?.() === 0) {
      chownSync(profiles, 65_534, 65_534);
      const strange = await runHere(['observe', 'T-1', '--profile', 'desk'], { cwd, env });
      expect([strange.code, strange.stderr]).toEqual([65, expect.stringContaining('another user')]);
    }
    expect(keys).toEqual([]);
  },
);

test('a profile does not take SERIES_API_KEY to a server of its own choice', async () => {
  const cwd = project({ desk: { baseUrl: 'https://series.example.com' } });
  const { code, stderr } = await runHere(['observe', 'T-1', '--profile', 'desk'], { cwd, env });
  expect(code).toBe(2);
  expect(stderr).toContain('"baseUrl" is neither Series nor this machine');
  const { url, keys } = await watched();
  const local = project({ desk: { baseUrl: url } });
  await runHere(['observe', 'T-1', '--profile', 'desk'], { cwd: local, env });
  expect(new Set(keys)).toEqual(new Set([key]));
});

test('a run goes on by the command it prints, and at no other server', async () => {
  const { url } = await sandboxWith({ tickets: [{ ticketId: 'T-1' }] });
  const cwd = project(
    {
      dead: {
        baseUrl: 'http://127.0.0.1:9',
        apiKeyFile: 'the.key',
        staffUserId: 7,
        rateShare: 0.5,
      },
      desk: { baseUrl: url, staffUserId: 8 },
      staff: { staffUserId: 8 },
    },
    { 'the.key': 'key-of-the-profile', 'c.ndjson': ndjson(start) },
  );
  const first = await runHere(['apply', 'c.ndjson', '--profile', 'dead', '--max-errors', '1'], {
    cwd,
  });
  expect([first.code, first.stderr]).toEqual([
    75,
    expect.stringMatching(/--resume \S+ --api-key-file \S+the\.key --rate-share 0\.5/),
  ]);
  const journal = readdirSync(cwd).find((name) => name.endsWith('.journal')) ?? '';
  const elsewhere = await runHere(['apply', '--resume', journal, '--profile', 'desk'], { cwd });
  expect([elsewhere.code, elsewhere.stderr]).toEqual([
    2,
    expect.stringContaining('its changes went to http://127.0.0.1:9'),
  ]);
  // Who changes is written in the journal.
  const again = await runHere(['apply', '--resume', journal, '--profile', 'staff'], { cwd });
  expect([again.code, again.stderr]).toEqual([75, expect.stringContaining('To go on where')]);
});
