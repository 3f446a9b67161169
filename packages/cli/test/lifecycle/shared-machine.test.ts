import { execFileSync, spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, inject, test } from 'vitest';
import { sandboxWith } from '../support/api.ts';
import { file, folder, ndjson, run } from '../support/cli.ts';

// Nobody: the other user of this machine.
const nobody = 65534;
const isRoot = process.getuid?.() === 0;
if (!isRoot) console.log('skipped: not root, so no file can be given to another user');

// Shows that it ran, and with which key. Its verdict is wrong, too.
const planted = `process.stderr.write('PLANTED ' + process.env.SERIES_API_KEY + '\\n');
export default { initial: 'open', states: { open: { on: { START: 'closed' } }, closed: { on: { REOPEN: 'open' } } } };`;
const env = { SERIES_API_KEY: 'sk-secret-0123456789' };
const name = 'ticket-lifecycle.config.mjs';
const own = 'START: open → in-progress';

/** A folder with a definition, both of ours and closed to others. */
function project(): { readonly top: string; readonly config: string; readonly below: string } {
  const top = folder();
  const config = join(top, name);
  writeFileSync(config, planted, { mode: 0o600 });
  const below = join(top, 'a', 'b');
  mkdirSync(below, { recursive: true });
  return { top, config, below };
}

const judge = ['explain', '--from', 'open', '--event', 'START'];

test('a file above the repository is not looked for', async () => {
  const { below } = project();
  mkdirSync(join(below, '..', '.git'));
  const { code, stdout, stderr } = await run(judge, { cwd: below, env });
  expect([code, stderr]).toEqual([0, '']);
  expect(stdout).toContain(own);
});

test('without a repository, a file above the project is not looked for', async () => {
  const { below } = project();
  for (const mark of [undefined, 'package.json']) {
    if (mark !== undefined) writeFileSync(join(below, mark), '{}');
    const { stdout, stderr } = await run(judge, { cwd: below, env });
    expect([stderr, stdout]).toEqual(['', expect.stringContaining(own)]);
  }
});

test('a file of the repository is found from below, and named before it runs', async () => {
  const { top, config, below } = project();
  mkdirSync(join(top, '.git'));
  const { stdout, stderr } = await run(judge, { cwd: below, env });
  expect(stdout).toContain('START: open → closed');
  expect(stderr).toMatch(/^The lifecycle comes from .*\n(.*\n)*PLANTED/);
  expect(stderr).toContain(config);
});

const commands = [
  judge,
  ['plan', '--from', 'open', '--to', 'closed'],
  ['apply', 'changes.ndjson', '--dry-run'],
  ['apply', 'changes.ndjson', '--base-url', 'http://127.0.0.1:9', '--no-journal'],
  ['replay', 'log.csv', '--id', 'k', '--state', 's'],
  ['observe', 'T-1', '--base-url', 'http://127.0.0.1:9'],
  ['diagram'],
  ['doctor', '--base-url', 'http://127.0.0.1:9'],
  ['mcp', '--base-url', 'http://127.0.0.1:9'],
];

test.each(commands.map((args) => [args]))(
  'the file that judges is named, and refused if others may write it: %j',
  async (args) => {
    const { top, config } = project();
    writeFileSync(join(top, 'changes.ndjson'), '');
    writeFileSync(join(top, 'log.csv'), 'k,s\n');
    chmodSync(config, 0o666);
    for (const definition of [[], ['--definition', config]]) {
      const { code, stdout, stderr } = await run([...args, ...definition], { cwd: top, env });
      const said = stdout + stderr;
      expect(said).toContain(`${config} is not used`);
      expect(said.replaceAll(/\s+/g, ' ')).toContain(`Others may write ${config}.`);
      expect(said).not.toContain('PLANTED');
      expect(code).not.toBe(0);
    }
  },
);

const unsafe: readonly (readonly [string, (at: ReturnType<typeof project>) => void])[] = [
  ['a file that its group may write', ({ config }) => chmodSync(config, 0o620)],
  ['a file that everybody may write', ({ config }) => chmodSync(config, 0o602)],
  ['a folder that its group may write', ({ top }) => chmodSync(top, 0o770)],
  ['a folder that everybody may write', ({ top }) => chmodSync(top, 0o777)],
  ['a folder like /tmp', ({ top }) => chmodSync(top, 0o1777)],
];

test.each(unsafe)('%s is refused', async (_, open) => {
  const at = project();
  open(at);
  for (const definition of [[], ['--definition', at.config]]) {
    const { code, stdout, stderr } = await run([...judge, ...definition], { cwd: at.top, env });
    expect([code, stdout]).toEqual([65, '']);
    expect(stderr).toMatch(/is not used, because it may hold the code of another user\..*chmod/s);
    expect(stderr).not.toContain('PLANTED');
  }
});

test('a link is judged by where it leads', async () => {
  const at = project();
  chmodSync(at.config, 0o666);
  const link = join(folder(), 'own.mjs');
  symlinkSync(at.config, link);
  const { code, stderr } = await run([...judge, '--definition', link], { env });
  expect([code, stderr]).toEqual([65, expect.stringContaining(at.config)]);
});

test('what a definition imports is judged as the definition is', async () => {
  const at = project();
  chmodSync(at.config, 0o666);
  const importing = file('own.mjs', `export { default } from ${JSON.stringify(at.config)};`);
  const { code, stdout, stderr } = await run([...judge, '--definition', importing], { env });
  expect([code, stdout]).toEqual([65, '']);
  expect(stderr).not.toContain('PLANTED');
});

// A guard is asked long after its definition was loaded.
const late: readonly (readonly [string, (strange: string) => string])[] = [
  [
    'requires in a guard',
    (strange) =>
      `import { createRequire } from 'node:module';
       const require = createRequire(import.meta.url);
       export const guards = { may: () => require(${strange}).default !== undefined };`,
  ],
  [
    'imports in a guard',
    (strange) => `export const guards = { may: () => { import(${strange}); return true; } };`,
  ],
  [
    'imports in a timer',
    (strange) =>
      `setTimeout(() => import(${strange}), 1); export const guards = { may: () => true };`,
  ],
  [
    'imports by way of a file of its own',
    (strange) => {
      const between = file('between.mjs', `export const late = () => import(${strange});`);
      return `import { late } from ${JSON.stringify(between)};
        export const guards = { may: () => { late(); return true; } };`;
    },
  ],
];

test.each(late)('what a definition %s is judged as the definition is', async (_, lines) => {
  const at = project();
  chmodSync(at.config, 0o666);
  const definition = file(
    'own.mjs',
    `${lines(JSON.stringify(at.config))}
     export const machine = { initial: 'open', states: {
       open: { on: { START: { target: 'closed', guard: 'may' } } }, closed: { type: 'final' } } };`,
  );
  const { code, stdout, stderr } = await run([...judge, '--definition', definition], { env });
  expect(code).not.toBe(0);
  expect((stdout + stderr).replaceAll(/\s+/g, ' ')).toContain(`Others may write ${at.config}.`);
  expect(stderr).not.toContain('PLANTED');
});

describe.skipIf(!isRoot)('what belongs to another user', () => {
  const theirs: readonly (readonly [string, (at: ReturnType<typeof project>) => void])[] = [
    ['the file', ({ config }) => chownSync(config, nobody, nobody)],
    ['its folder', ({ top }) => chownSync(top, nobody, nobody)],
    [
      'a link to our own file',
      ({ config, top }) => {
        execFileSync('mv', [config, join(top, 'real.mjs')]);
        symlinkSync('real.mjs', config);
        execFileSync('chown', ['-h', String(nobody), config]);
      },
    ],
  ];
  test.each(theirs)('%s is refused', async (_, give) => {
    const at = project();
    give(at);
    for (const definition of [[], ['--definition', at.config]]) {
      const { code, stdout, stderr } = await run([...judge, ...definition], { cwd: at.top, env });
      expect([code, stdout]).toEqual([65, '']);
      expect(stderr).toContain(`belongs to another user (${nobody})`);
      expect(stderr).not.toContain('PLANTED');
    }
  });

  test('a file that another user puts into a shared folder above is never executed', async () => {
    const shared = folder();
    chmodSync(shared, 0o1777);
    const job = join(shared, 'job');
    mkdirSync(job);
    const plant = `printf '%s' "$PLANTED" > ${name}; mkdir .git`;
    execFileSync('setpriv', ['--reuid', String(nobody), '--clear-groups', 'sh', '-c', plant], {
      cwd: shared,
      env: { PATH: process.env['PATH'], PLANTED: planted },
    });
    const { code, stdout, stderr } = await run(judge, { cwd: job, env });
    expect([code, stdout]).toEqual([65, '']);
    expect(stderr).not.toContain('PLANTED');
    expect((await run(judge, { cwd: job, env })).stderr).toContain('another user');
  });
});

describe.skipIf(!isRoot)('a package that is found in a folder above this tool', () => {
  /** This tool, installed below a shared folder in which another user has put packages. */
  function installed(): { readonly bin: string; readonly packages: string } {
    const shared = folder();
    chmodSync(shared, 0o1777);
    const home = join(shared, 'job/node_modules/@ticket-lifecycle/cli');
    cpSync(dirname(inject('bin')), join(home, 'bin'), { recursive: true });
    const packages = join(shared, 'node_modules');
    for (const one of ['@ticket-lifecycle/outbox', 'pg', '@resvg/resvg-js']) {
      mkdirSync(join(packages, one), { recursive: true });
      const says = `process.stderr.write('PLANTED ${one} ' + process.env.DATABASE_URL + '\\n');`;
      writeFileSync(join(packages, one, 'index.js'), says);
    }
    return { bin: join(home, 'bin/bin.mjs'), packages };
  }

  function runInstalled(bin: string, args: readonly string[]) {
    const database = { DATABASE_URL: 'postgres://desk:secret@127.0.0.1:9/desk' };
    const { status, stderr } = spawnSync(process.execPath, [bin, ...args], {
      env: database,
      cwd: dirname(bin),
    });
    return { code: status, stderr: String(stderr) };
  }

  const needing = [
    ['outbox', 'status'],
    ['diagram', '--write', 'drawn.png'],
  ];
  test.each(needing.map((args) => [args]))('is not executed if it is theirs: %j', (args) => {
    const { bin, packages } = installed();
    execFileSync('chown', ['-R', String(nobody), packages]);
    const { code, stderr } = runInstalled(bin, args);
    expect(stderr).not.toContain('PLANTED');
    expect(stderr.replaceAll(/\s+/g, ' ')).toContain(`belongs to another user (${nobody})`);
    expect(code).toBe(65);
  });

  test.each(needing.map((args) => [args]))(
    'is executed if it belongs to who installed this tool: %j',
    (args) => {
      const { bin, packages } = installed();
      for (const one of [dirname(bin), packages])
        execFileSync('chown', ['-R', String(nobody), one]);
      expect(runInstalled(bin, args).stderr).toContain('PLANTED');
    },
  );
});

const head = (baseUrl: string) => ({
  type: 'journal',
  version: 1,
  startedAt: '2026-01-01T00:00:00.000Z',
  input: { file: '/nowhere', bytes: 0, sha256: '' },
  definition: { fingerprint: '' },
  baseUrl,
  options: { plan: false, only: [], where: [] },
});

test.each([
  ['that others may write', (path: string) => chmodSync(path, 0o666)],
  ...(isRoot
    ? [['of another user', (path: string) => chownSync(path, nobody, nobody)] as const]
    : []),
] as const)('a journal %s gives nobody the key', async (_, give) => {
  const journal = file('j.journal', ndjson(head('https://evil.example')));
  give(journal);
  const { code, stderr } = await run(['apply', '--resume', journal, '--yes'], { env });
  expect([code, stderr]).toEqual([65, expect.stringContaining('another user may have written it')]);
});

// What Node.js has compiled is executed unseen, so where it lies matters as much as the code.
const cacheOf = (home: string) => join(home, '.cache/ticket-lifecycle/compiled');
const version = (home: string, more: Record<string, string> = {}) =>
  run(['--version'], { env: { NODE_COMPILE_CACHE: '', HOME: home, ...more } });

test('what was compiled is kept in a folder of the user, closed to others', async () => {
  const [home, temporary] = [folder(), folder()];
  expect((await version(home, { TMPDIR: temporary })).code).toBe(0);
  expect(statSync(cacheOf(home)).mode & 0o777).toBe(0o700);
  expect(readdirSync(cacheOf(home))).not.toEqual([]);
  expect(readdirSync(temporary)).toEqual([]);
});

const openCaches: readonly (readonly [string, (home: string) => void])[] = [
  ['may be written by others', (home: string) => chmodSync(cacheOf(home), 0o777)],
  ['may be read by others', (home: string) => chmodSync(cacheOf(home), 0o755)],
  ['lies below a folder that others may write', (home: string) => chmodSync(home, 0o777)],
  ...(isRoot
    ? ([
        ['belongs to another user', (home: string) => chownSync(cacheOf(home), nobody, nobody)],
        [
          'lies below a folder of another user',
          (home: string) => chownSync(join(home, '.cache'), nobody, nobody),
        ],
        [
          'is reached by the link of another user',
          (home: string) => {
            execFileSync('mv', [join(home, '.cache'), join(home, 'real')]);
            symlinkSync('real', join(home, '.cache'));
            execFileSync('chown', ['-h', String(nobody), join(home, '.cache')]);
          },
        ],
      ] as const)
    : []),
];

test.each(openCaches)('a folder that %s holds nothing of ours', async (_, open) => {
  const home = folder();
  mkdirSync(cacheOf(home), { recursive: true, mode: 0o700 });
  open(home);
  expect((await version(home)).code).toBe(0);
  expect(readdirSync(cacheOf(home))).toEqual([]);
});

test.each(['/proc/self', '/dev/null', 'relative', '', '/proc/self/fd/0'])(
  'where nothing can be kept, as in %j, it goes without',
  async (place) => {
    for (const more of [{ XDG_CACHE_HOME: place }, { HOME: place }]) {
      const home = folder();
      const { code, stderr } = await version(home, more);
      expect([more, code, stderr]).toEqual([more, 0, '']);
    }
  },
);

test('a home that is not there is not made', async () => {
  const home = join(folder(), 'none');
  expect((await version(home)).code).toBe(0);
  expect(existsSync(home)).toBe(false);
});

test('without a home, nothing is kept and nothing is lost', async () => {
  const temporary = folder();
  const { code } = await version('', { TMPDIR: temporary });
  expect([code, readdirSync(temporary)]).toEqual([0, []]);
  expect(existsSync('.cache')).toBe(false);
});

const noisy = `console.log('noise'); console.info('noise'); process.stdout.write('noise\\n');
const GO = { target: 'closed', guard: 'ok' };
export const guards = { ok() { console.log('noise of a guard'); return true; } };
export default { initial: 'open', states: { open: { on: { GO } }, closed: { type: 'final' } } };`;

test('a definition that prints does not come between what --json prints', async () => {
  const definition = ['--definition', file('own.mjs', noisy)];
  const verdict = await run(['explain', '--from', 'open', '--json', ...definition]);
  expect(verdict.objects()).toMatchObject([{ type: 'verdict', allowed: true }]);
  expect(verdict.stderr).toContain('noise of a guard');
  const input = ndjson({ ticketId: 'T-1', event: 'GO', from: 'open', staffUserId: 7 });
  const dry = await run(['apply', '-', '--dry-run', '--json', ...definition], { input });
  expect(dry.objects().map(({ type }) => type)).toEqual(['forecast', 'summary']);
});

test('a definition that prints does not come between the messages of mcp', async () => {
  const request = (id: number, method: string, params: object) => ({
    jsonrpc: '2.0',
    id,
    method,
    params,
  });
  const input = ndjson(
    request(1, 'initialize', {
      protocolVersion: '2025-06-18',
      capabilities: {},
      clientInfo: { name: 'test', version: '1' },
    }),
    { jsonrpc: '2.0', method: 'notifications/initialized' },
    request(2, 'tools/call', { name: 'explain', arguments: { from: 'open', event: 'GO' } }),
  );
  const args = ['mcp', '--base-url', 'http://127.0.0.1:9', '--definition', file('own.mjs', noisy)];
  const { objects, stderr } = await run(args, { input });
  expect(objects().map(({ id }) => id)).toEqual([1, 2]);
  expect(stderr).toContain('noise of a guard');
});

const exits = 'process.exit(0);';
test.each([
  ['when it is loaded', `${exits}\nexport default {};`],
  [
    'in a guard',
    `export const guards = { ok() { ${exits} } };
     export default { initial: 'open', states: { open: { on: { GO: { target: 'closed', guard: 'ok' } } }, closed: { type: 'final' } } };`,
  ],
  [
    'later',
    `setTimeout(() => { ${exits} }); await new Promise((go) => setTimeout(go, 50)); export default {};`,
  ],
])('a definition that exits %s ends nothing with 0', async (_, content) => {
  const args = ['explain', '--from', 'open', '--event', 'GO', '--definition'];
  const { code, stdout, stderr } = await run([...args, file('own.mjs', content)]);
  expect(code).not.toBe(0);
  expect([stdout, stderr]).toEqual(['', expect.stringMatching(/process\.exit|threw/)]);
});

test.each([
  ['at once', 'process.exitCode = 0;'],
  ['in a timer', 'setTimeout(() => { process.exitCode = 0; });'],
  ['in a longer one', 'setTimeout(() => { process.exitCode = 0; }, 200);'],
  ['at the end', "process.on('exit', () => { process.exitCode = 0; });"],
  ['by what exit itself calls', 'setTimeout(() => { try { process.reallyExit(0); } catch {} });'],
])(
  'a definition that sets the exit code %s does not change what a verdict ends with',
  async (_, sets) => {
    const closed =
      "{ initial: 'closed', states: { closed: { on: { GO: 'open' } }, open: { on: { SHUT: 'closed' } } } }";
    const definition = file('own.mjs', `${sets}\nexport default ${closed};`);
    const args = ['explain', '--from', 'closed', '--definition', definition, '--json', '--event'];
    expect((await run([...args, 'SHUT'])).code).toBe(3);
    expect((await run([...args, 'GO'])).code).toBe(0);
  },
);

test('a definition that fails after the verdict does not end with 0', async () => {
  const fails = "setTimeout(() => { throw new Error('late'); }, 100);";
  const states = "{ open: { on: { GO: 'closed' } }, closed: { on: { BACK: 'open' } } }";
  const content = `${fails}\nexport default { initial: 'open', states: ${states} };`;
  const definition = file('own.mjs', content);
  const args = ['explain', '--from', 'open', '--event', 'GO', '--definition', definition];
  expect((await run(args)).code).toBe(1);
});

test.each([
  ['as it is loaded', 'setInterval(() => {}, 1000);', ''],
  ['in a guard', '', 'setInterval(() => {}, 1000);'],
  ['as a server', "(await import('node:net')).createServer().listen(0, '127.0.0.1');", ''],
  ['as a port that is listened to', "new MessageChannel().port1.on('message', () => {});", ''],
])(
  'a definition that keeps something running %s does not keep the command',
  async (_, top, inGuard) => {
    const definition = file(
      'busy.mjs',
      `${top}
export const machine = { initial: 'open', states: {
  open: { on: { GO: { target: 'closed', guard: 'may' } } }, closed: { type: 'final' } } };
export const guards = { may: () => { ${inGuard} return true; } };`,
    );
    const args = [
      'explain',
      '--from',
      'open',
      '--event',
      'GO',
      '--json',
      '--definition',
      definition,
    ];
    const { code, objects } = await run(args);
    expect([code, objects()]).toMatchObject([0, [{ allowed: true }]]);
    const changes = file(
      'changes.ndjson',
      ndjson({ ticketId: 'T-1', event: 'GO', staffUserId: 7 }),
    );
    const { url } = await sandboxWith({ tickets: [{ ticketId: 'T-1' }] });
    const apply = ['apply', changes, '--base-url', url, '--json', '--definition', definition];
    const ended = await run(apply);
    expect([ended.code, ended.objects().length]).toEqual([0, 2]);
  },
);
