import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { file, run } from '../support/cli.ts';

type States = Record<string, object>;

const desk = (change: (states: States) => void = () => {}) => {
  const states: States = {
    open: { on: { START: 'in-progress' } },
    'in-progress': { on: { RESOLVE: 'resolved' } },
    resolved: { on: { CLOSE: 'closed', REOPEN: 'open' } },
    closed: { on: { REOPEN: 'open' } },
  };
  change(states);
  return file('desk.json', JSON.stringify({ initial: 'open', states }));
};
const withoutReopening = () =>
  desk((states) => {
    states['resolved'] = { on: { CLOSE: 'closed' } };
  });

test('the lifecycle of this tool and its copy are the same', async () => {
  const { code, stdout } = await run(['diff', 'default', desk()]);
  expect([code, stdout]).toEqual([
    0,
    expect.stringContaining('## Lifecycle: Nothing that tickets may do is different'),
  ]);
});

test('a lost edge is a change of behaviour, and Markdown for a pull request', async () => {
  const { code, stdout } = await run(['diff', desk(), withoutReopening()]);
  expect(code).toBe(1);
  expect(stdout).toContain('## Lifecycle: 1 change of behaviour');
  expect(stdout).toContain('| behaviour | Edge lost: `resolved` → `open` by `REOPEN` |');
});

const log = `id,state
A,open
A,in-progress
A,resolved
A,open
B,open
B,in-progress
B,resolved
B,closed
C,open
C,closed
`;

test('tickets that only the new lifecycle blocks are counted, with an example', async () => {
  const args = ['diff', desk(), withoutReopening(), '--log', file('log.csv', log), '--complete'];
  const { code, stdout } = await run(args);
  expect(code).toBe(1);
  // C skips steps under both.
  expect(stdout).toContain('1 of 3 tickets (33.3 %) would be blocked by the new lifecycle');
  expect(stdout).toMatch(
    /open → in-progress → resolved → open \| 1 \| resolved → open \((?:skipped|jump)\) \| A \|/,
  );
  const json = await run([...args, '--json']);
  expect(json.objects()).toMatchObject([
    { type: 'diff', isSame: false, tickets: 3, broken: [{ ticketId: 'A', tickets: 1 }] },
  ]);
});

test('a log that names states is judged by them, also where their status stays', async () => {
  const deskWith = (more: object) =>
    desk((states) => {
      states['in-progress'] = { on: { RESOLVE: 'resolved', ...more } };
      states['waiting'] = { meta: { status: 'in-progress' }, on: { ANSWER: 'in-progress' } };
      states['open'] = { on: { START: 'in-progress', PARK: 'waiting' } };
    });
  const input = file('log.csv', 'id,state\nA,open\nA,in-progress\nA,waiting\nB,open\nB,waiting\n');
  const args = ['diff', deskWith({ WAIT: 'waiting' }), deskWith({}), '--log', input, '--complete'];
  const { code, stdout } = await run([...args, '--fail-on', 'broken']);
  expect([code, stdout]).toEqual([1, expect.stringContaining('1 of 2 tickets (50.0 %)')]);
  expect(stdout).toMatch(/open → in-progress → waiting \| 1 \| in-progress → waiting \(\w+\) \| A/);
});

test('words of a log are code where Markdown could see a link, a person or HTML', async () => {
  const id = '@team|[x](http://example.org)<img>';
  const rows = ['open', 'in-progress', 'resolved', 'open', '#1'].map((state) => `${id},${state}\n`);
  const input = file('log.csv', `id,state\n${rows.join('')}`);
  const args = ['diff', desk(), withoutReopening(), '--log', input, '--complete'];
  const { stdout } = await run(args);
  expect(stdout).toContain(' → resolved → open → `#1` | 1 |');
  expect(stdout).toContain(`| \`${id.replace('|', String.raw`\|`)}\` |`);
});

test.each([
  [['--fail-on', 'broken'], '--fail-on broken needs'],
  [['--complete'], '--complete is about a log.'],
])('%j without anything that may break is refused', async (more, message) => {
  const { code, stdout, stderr } = await run(['diff', desk(), desk(), ...more]);
  expect([code, stdout, stderr]).toEqual([2, '', expect.stringContaining(message)]);
});

test.each([
  ['behaviour', 1],
  ['broken', 0],
  ['nothing', 0],
])('--fail-on %s ends with %i where no history breaks', async (what, expected) => {
  const calm = file('log.csv', 'id,state\nB,open\nB,in-progress\nB,resolved\n');
  const args = ['diff', desk(), withoutReopening(), '--log', calm, '--fail-on', what];
  expect((await run(args)).code).toBe(expected);
});

test('a log that runs backwards is refused, and options of a log need one', async () => {
  const [header, ...rows] = log.trim().split('\n');
  const backwards = file('log.csv', `${[header, ...rows.toReversed()].join('\n')}\n`);
  const args = ['diff', desk(), withoutReopening(), '--log', backwards];
  const { code, stdout, stderr } = await run(args);
  expect([code, stdout, stderr]).toEqual([65, '', expect.stringContaining('Wrong order')]);
  const stray = await run(['diff', desk(), desk(), '--id', 'id']);
  expect([stray.code, stray.stderr]).toEqual([2, expect.stringContaining('Give it with --log.')]);
});

const realLog = fileURLToPath(
  new URL('../../../../../shared/data/servicenow-incidents.csv', import.meta.url),
);

test('the log of a real service desk shows what an edit would break', async ({ skip }) => {
  if (!existsSync(realLog)) skip('../shared/data/servicenow-incidents.csv is not here');
  const map = 'New=open,Active=in-progress,Awaiting *=in-progress,Resolved=resolved,Closed=closed';
  const withoutClosing = desk((states) => {
    states['resolved'] = { on: { REOPEN: 'open' } };
    states['in-progress'] = { on: { RESOLVE: 'resolved', CLOSE: 'closed' } };
  });
  const args = ['diff', desk(), withoutClosing, '--log', realLog, '--map', map, '--complete'];
  const { stdout } = await run([...args, '--fail-on', 'nothing']);
  // Every one of its tickets goes from resolved to closed.
  expect(stdout).toContain('890 of 890 tickets (100.0 %) would be blocked');
});

const waits = (rows: readonly object[]) =>
  file('waiting.ndjson', rows.map((row) => `${JSON.stringify(row)}\n`).join(''));

test('waiting changes that only the new lifecycle blocks are counted, with an example', async () => {
  const row = { type: 'waiting', schema: 1, key: 'north', staffUserId: 7 };
  const rows = [
    { ...row, id: 'a', ticketId: 'T-1', event: 'REOPEN', from: 'resolved' },
    { ...row, id: 'b', ticketId: 'T-2', event: 'REOPEN', whileIn: 'resolved', from: 'open' },
    { ...row, id: 'c', ticketId: 'T-3', event: { type: 'REOPEN' }, from: 'closed' },
    { ...row, id: 'd', ticketId: 'T-4', event: 'REOPEN' },
    { ...row, id: 'e', ticketId: 'T-5', event: 'TRIAGE' },
  ];
  const args = ['diff', desk(), withoutReopening(), '--waiting', waits(rows)];
  const { code, stdout } = await run([...args, '--fail-on', 'broken']);
  expect(code).toBe(1);
  expect(stdout).toContain('3 of 5 changes would be blocked by the new lifecycle');
  expect(stdout).toMatch(/\| `REOPEN` \| `resolved` \| 2 \| Blocked: .*REOPEN.* \| T-1 a \|/);
  expect(stdout).toMatch(/\| `TRIAGE` \| any \| 1 \| Blocked, as by the old one: .* \| T-5 e \|/);
  const json = await run([...args, '--json']);
  expect(json.objects()).toMatchObject([
    {
      waiting: 5,
      lost: [
        { event: 'REOPEN', from: 'resolved', changes: 2, id: 'a', kind: 'blocked' },
        { event: 'TRIAGE', changes: 1, wasBlocked: true },
      ],
    },
  ]);
});

test.each([
  ['nothing waits', [], 0, '0 of 0 changes'],
  ['what waits is blocked anyway', [{ event: 'TRIAGE' }], 0, '1 of 1 change '],
  ['a line has no event', [{ ticketId: 'T-1' }], 65, 'line 1 of'],
  ['an event has no name', [{ event: 'START' }, { event: {} }], 65, 'line 2 of'],
])('waiting changes and --fail-on broken: %s', async (_, rows, expected, said) => {
  const args = ['diff', desk(), withoutReopening(), '--fail-on', 'broken'];
  const { code, stdout, stderr } = await run([...args, '--waiting', waits(rows)]);
  expect([code, stdout + stderr]).toEqual([expected, expect.stringContaining(said)]);
});
