import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { sandboxWith } from '../support/api.ts';
import { file, folder, ndjson, run } from '../support/cli.ts';

const ownMachine = {
  initial: 'new',
  states: {
    new: { meta: { status: 'open' }, on: { TAKE: 'working' } },
    working: { meta: { status: 'in-progress' }, on: { ASK: 'waiting', FINISH: 'done' } },
    waiting: { meta: { status: 'in-progress' }, on: { ANSWER: 'working' } },
    done: { meta: { status: 'closed' }, type: 'final' },
  },
};
const definition = () => file('own.json', JSON.stringify(ownMachine));

test('a lifecycle in JSON judges instead of the default one', async () => {
  const args = ['--definition', definition()];
  const allowed = await run(['explain', '--from', 'working', '--event', 'ASK', ...args, '--json']);
  expect([allowed.code, allowed.objects()]).toEqual([
    0,
    [
      {
        type: 'verdict',
        schema: 1,
        allowed: true,
        from: 'working',
        to: 'waiting',
        event: 'ASK',
        status: 'in-progress',
        changesStatus: false,
      },
    ],
  ]);
  const way = await run(['plan', '--from', 'new', '--to', 'closed', ...args]);
  expect(way.stdout).toContain('2 steps from new to done, 2 requests');
  const unknown = await run(['explain', '--from', 'open', '--event', 'TAKE', ...args]);
  expect([unknown.code, unknown.stderr]).toEqual([
    2,
    expect.stringContaining(
      '--from: Unknown state "open". Expected one of new, working, waiting, done',
    ),
  ]);
});

const sound = `{ initial: 'open', states: { open: { on: { GO: 'closed' } }, closed: { type: 'final' } } }`;

test.each([
  ['a promise', 'own.mjs', `export default Promise.resolve(${sound})`],
  ['an await', 'own.mjs', `await null; export const machine = ${sound}`],
  [
    'what TypeScript makes for CommonJS',
    'own.cjs',
    `exports.__esModule = true; exports.default = ${sound}`,
  ],
  ['names in CommonJS', 'own.cjs', `exports.machine = ${sound}; exports.guards = {}`],
  ['CommonJS', 'own.cjs', `module.exports = ${sound}`],
  [
    'JSON with a byte order mark and CRLF',
    'own.json',
    `\u{FEFF}{"initial":"open",\r\n"states":{"open":{"on":{"GO":"closed"}},"closed":{"type":"final"}}}`,
  ],
])('a lifecycle may come as %s', async (_, name, content) => {
  const args = ['explain', '--from', 'open', '--event', 'GO', '--definition', file(name, content)];
  const { code, stdout, stderr } = await run(args);
  expect([code, stdout.slice(0, 11)]).toEqual([0, 'allowed  GO']);
  expect(stderr).toBe(`The lifecycle comes from ${args[6]}.\n`);
});

const ctrl = String.raw`o\u001b[2Jpen`;
test.each([
  [
    'a getter that throws',
    'own.mjs',
    `export default { get fingerprint() { throw new Error('boom') } }`,
    "can't be loaded: boom",
  ],
  [
    'a getter that throws nothing',
    'own.mjs',
    `export default { get states() { throw null } }`,
    "(machine): It can't be read: null.",
  ],
  [
    'a proxy that answers nothing',
    'own.mjs',
    `export default new Proxy({}, { get() { throw new Error('boom') }, has() { throw 1 } })`,
    "can't be loaded: boom",
  ],
  ['a throw of nothing', 'own.mjs', 'throw undefined', "can't be loaded: undefined"],
  [
    'a throw of what can not be shown',
    'own.mjs',
    'throw { get message() { throw 1; } }',
    "can't be loaded: a value of type object",
  ],
  [
    'a promise that fails',
    'own.mjs',
    `export default Promise.reject(new Error('boom'))`,
    "can't be loaded: boom",
  ],
  [
    'a promise that never ends',
    'own.mjs',
    'export default new Promise(() => {})',
    'it waits for what never comes',
  ],
  [
    'an await that never ends',
    'own.mjs',
    'await new Promise(() => {})',
    'it waits for what never comes',
  ],
  [
    'a module that is a promise itself',
    'own.mjs',
    `export function then() {}`,
    'it waits for what never comes',
  ],
  [
    'what only looks like a lifecycle',
    'own.mjs',
    `const no = () => {}; export default { fingerprint: '', explain: no, plan: no, observe: no, replay: no, statesWith: no, eventsBetween: no }`,
    'received a lifecycle. Pass lifecycle.machine.',
  ],
  [
    'names that drive a terminal',
    'own.json',
    `{"initial":"${ctrl}","states":{"${ctrl}":{"type":"final","meta":{"status":"open"}}}}`,
    'has control characters',
  ],
  [
    'a key twice',
    'own.json',
    '{"initial":"open","states":{"open":{"on":{"GO":"closed","G\\u004f":"open"}},"closed":{"type":"final"}}}',
    'has the key "GO" twice',
  ],
  [
    'UTF-16',
    'own.json',
    Buffer.from('{}', 'utf16le').toString('latin1') + '\u{FF}',
    'is not valid',
  ],
  [
    'a guard that throws',
    'own.mjs',
    `export default { initial: 'open', states: { open: { on: { GO: { target: 'closed', guard: 'no' } } }, closed: { type: 'final' } } }; export const guards = { no() { throw new Error('boom') } }`,
    'The guard "no" threw',
  ],
])('%s is named, and ends no process', async (_, name, content, message) => {
  const args = ['explain', '--from', 'open', '--definition', file(name, content)];
  const { code, stdout, stderr } = await run(args);
  expect([code, stdout]).toEqual([65, '']);
  expect(stderr).toMatch(/^error: /m);
  expect(stderr).toContain(message);
});

test('a definition is a file, and nothing to wait for', async () => {
  const pipe = join(folder(), 'own.json');
  const tool = 'mkfifo';
  execFileSync(tool, [pipe]);
  const directory = join(folder(), 'own.json');
  mkdirSync(directory);
  for (const path of [pipe, directory]) {
    const { code, stderr } = await run(['explain', '--from', 'open', '--definition', path]);
    expect([code, stderr]).toEqual([2, `error: ${path} is not a file.\n`]);
  }
});

test('a lifecycle in TypeScript brings its guards and what they say', async () => {
  const module = file(
    'own.ts',
    `type Role = { role: string };
     export const guardMessages: Record<string, string> = { isLead: 'Only a lead closes.' };
     const isLead = ({ context }: { context: Role }): boolean => context.role === 'lead';
     export default {
       ...${JSON.stringify({ initial: 'open', context: { role: 'agent' } })},
       states: {
         open: { on: { CLOSE: { target: 'closed', guard: isLead } } },
         closed: { type: 'final' },
       },
     };`,
  );
  const unnamed = await run(['explain', '--from', 'open', '--definition', module]);
  // A guard is named, so that a blocked change can say which one it was.
  expect([unnamed.code, unnamed.stderr]).toEqual([
    65,
    expect.stringContaining('states.open.on.CLOSE'),
  ]);
});

test('the config file nearest above is found, and the one that is named goes before it', async () => {
  const top = folder();
  const below = join(top, 'a', 'b');
  mkdirSync(below, { recursive: true });
  mkdirSync(join(top, '.git'));
  writeFileSync(
    join(top, 'ticket-lifecycle.config.mjs'),
    `export default ${JSON.stringify(ownMachine)};`,
  );
  const found = await run(['explain', '--from', 'new', '--event', 'TAKE'], { cwd: below });
  expect([found.code, found.stdout]).toEqual([
    0,
    expect.stringContaining('TAKE: new → working (sets the status in-progress)'),
  ]);
  writeFileSync(
    join(top, 'a', 'ticket-lifecycle.config.json'),
    JSON.stringify({ initial: 'open', states: { open: { type: 'final' } } }),
  );
  const nearer = await run(['explain', '--from', 'new'], { cwd: below });
  expect(nearer.stderr).toContain('Unknown state "new". Expected one of open');
  const named = await run(['explain', '--from', 'new', '--definition', definition()], {
    cwd: below,
  });
  expect(named.code).toBe(0);
});

test.each([
  ['own.json', '{"initial":', 65, 'own.json is not valid JSON'],
  ['own.json', '[]', 65, 'own.json holds a list. It takes what defineLifecycle gives'],
  [
    'own.json',
    '{"initial":"a","states":{"a":{}}}',
    65,
    'own.json is not a valid lifecycle:\n  states.a: ',
  ],
  [
    'own.yaml',
    'a: b',
    2,
    'own.yaml is not a lifecycle file by its name. Expected a name that ends in .ts',
  ],
  ['own.mjs', 'export const other = 1;', 65, 'own.mjs exports only other. It takes'],
  ['own.mjs', 'throw new Error("no luck");', 65, "own.mjs can't be loaded: no luck"],
  ['own.mjs', 'export default 7;', 65, 'own.mjs exports a number.'],
  ['own.ts', 'enum A { B }\nexport default A;', 65, 'that is more than types (such as enum)'],
  ['own.mjs', 'import "not-installed-here";', 65, "Cannot find package 'not-installed-here'"],
])('a definition that cannot be used is named, with what is wrong: %s %j', async (...row) => {
  const [name, content, exitCode, message] = row;
  const args = ['explain', '--from', 'open', '--definition', file(name, content)];
  const { code, stderr } = await run(args);
  expect([code, stderr]).toEqual([exitCode, expect.stringContaining(message)]);
});

test('a definition that is not there is named', async () => {
  const { code, stderr } = await run(['explain', '--from', 'open', '--definition', 'none.json']);
  expect([code, stderr]).toEqual([2, expect.stringContaining('none.json does not exist.')]);
});

test('changes of tickets with states of their own are applied, and walked with --plan', async () => {
  const { url, sandbox } = await sandboxWith({
    tickets: [{ ticketId: 'T-1' }, { ticketId: 'T-2', status: 'in-progress' }, { ticketId: 'T-3' }],
  });
  const input = ndjson(
    { ticketId: 'T-1', event: 'TAKE', staffUserId: 7 },
    { ticketId: 'T-1', to: 'waiting', staffUserId: 7 },
    { ticketId: 'T-2', to: 'closed', from: 'waiting', staffUserId: 7 },
    { ticketId: 'T-3', to: 'waiting', from: 'new', staffUserId: 7 },
  );
  const args = ['apply', '-', '--base-url', url, '--definition', definition(), '--plan', '--json'];
  const { code, objects } = await run(args, { input });
  expect(code).toBe(0);
  const steps = objects()
    .filter(({ type }) => type === 'outcome')
    .map(({ line, event, kind }) => `${String(line)} ${String(event)} ${String(kind)}`);
  expect(steps.sort((a, b) => a.localeCompare(b))).toEqual([
    '1 TAKE confirmed',
    '2 ASK confirmed',
    '3 ANSWER confirmed',
    '3 FINISH confirmed',
    '4 ASK confirmed',
    '4 TAKE confirmed',
  ]);
  expect(sandbox.record().ticketsByStatus).toMatchObject({ 'in-progress': 2, closed: 1 });
});
