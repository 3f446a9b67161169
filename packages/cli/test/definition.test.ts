import { writeFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { sandboxWith } from './api.ts';
import { file, folder, ndjson, run } from './cli.ts';

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
    expect.stringContaining('--from: "open" is none of new, working, waiting, done'),
  ]);
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
  expect(nearer.stderr).toContain('"new" is none of open');
  const named = await run(['explain', '--from', 'new', '--definition', definition()], {
    cwd: below,
  });
  expect(named.code).toBe(0);
});

test.each([
  ['own.json', '{"initial":', 65, 'own.json is not valid JSON'],
  ['own.json', '[]', 65, 'own.json holds a list. It takes what defineLifecycle gives'],
  ['own.json', '{"initial":"a","states":{"a":{}}}', 65, 'own.json is no lifecycle:\n  states.a: '],
  ['own.yaml', 'a: b', 2, 'own.yaml is no definition by its name. It ends in .ts'],
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
    '2 ASK unchanged',
    '3 ANSWER unchanged',
    '3 FINISH confirmed',
    '4 ASK unchanged',
    '4 TAKE confirmed',
  ]);
  expect(sandbox.record().ticketsByStatus).toMatchObject({ 'in-progress': 2, closed: 1 });
});
