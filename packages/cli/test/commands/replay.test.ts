import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { file, runHere, start } from '../support/cli.ts';

const log = `number,state
A,New
A,New
B,New
A,Active
A,Awaiting Vendor
B,Resolved
A,Resolved
B,Closed
A,Active
B,New
`;
const map = 'New=open,Active=in-progress,Awaiting *=in-progress,Resolved=resolved,Closed=closed';
const columns = ['--id', 'number', '--state', 'state'];

test('counts the changes of each ticket and judges them', async () => {
  const { code, stdout } = await runHere([
    'replay',
    file('log.csv', log),
    ...columns,
    '--map',
    map,
  ]);
  expect(code).toBe(0);
  expect(stdout).toBe(`6 changes of 2 tickets in 10 rows

Read    CSV, commas
        ticket "number", state "state"
Map     5 of 5 values have a meaning

Tickets:
        0  follow the lifecycle from start to end (0.0 %)
        2  take several steps at once (100.0 %): A, B

Changes:
        4  steps of the lifecycle (66.7 %)
        2  legal paths of several steps (33.3 %)
        0  jumps that nothing explains (0.0 %)
        0  from or to an unknown status (0.0 %)

Most frequent:
  open → in-progress           1  edge (START)
  open → resolved              1  path (START, RESOLVE)
  in-progress → resolved       1  edge (RESOLVE)
  resolved → closed            1  edge (CLOSE)
  resolved → in-progress       1  path (REOPEN, START)
  closed → open                1  edge (REOPEN)

Reopened: 2 tickets (100.0 %), 2 times
  2 tickets once: A, B
  from resolved 1, closed 1

Not closed at the end: 2 tickets
        1  in-progress
        1  open

Ways: 2
        1   50.0 %  open → in-progress → resolved → in-progress
        1   50.0 %  open → resolved → closed → open
`);
});

test('names the tickets that came back most often, and how often each', async () => {
  const once = ['New', 'Active', 'Resolved', 'Active'];
  const histories = {
    A: once,
    B: [...once, 'Resolved', 'New', 'Active', 'Resolved', 'Closed', 'New'],
    C: [...once, 'Resolved', 'Active'],
    D: once,
    E: ['New', 'Active'],
  };
  const rows = Object.entries(histories).flatMap(([id, states]) =>
    states.map((state) => `${id},${state}`),
  );
  const input = ['number,state', ...rows].join('\n');
  const { stdout } = await runHere(['replay', '-', ...columns, '--map', map], { input });
  expect(stdout).toContain('2 tickets once, 1 ticket 2 times, 1 ticket 3 times: B, C, A …\n');
  const json = await runHere(['replay', '-', ...columns, '--map', map, '--json'], { input });
  expect(json.objects().at(-1)).toMatchObject({
    rework: {
      mostOften: [
        { ticketId: 'B', reopens: 3 },
        { ticketId: 'C', reopens: 2 },
        { ticketId: 'A', reopens: 1 },
        { ticketId: 'D', reopens: 1 },
      ],
    },
  });
  const page = file('report.html', '');
  await runHere(['replay', '-', ...columns, '--map', map, '--html', page], { input });
  expect(readFileSync(page, 'utf8')).toMatch(/most often.*<td[^>]*>B<\/td><td[^>]*>3<\/td>/s);
});

test('in a complete log, a way of several steps has skipped some', async () => {
  const args = ['replay', '-', ...columns, '--map', map, '--complete'];
  const { stdout } = await runHere(args, { input: log });
  expect(stdout).toContain('2  with steps skipped');
  expect(stdout).toMatch(/open → resolved +1 {2}skipped \(START, RESOLVE\)/);
  const json = await runHere([...args, '--json'], { input: log });
  expect(json.objects()[1]).toEqual({
    type: 'change',
    line: 7,
    ticketId: 'B',
    from: 'open',
    to: 'resolved',
    kind: 'skipped',
    events: ['START', 'RESOLVE'],
    skipped: ['START'],
  });
});

test('a ticket’s rows are judged as one run, also between those of others', async () => {
  const states = {
    open: { on: { START: 'in-progress' } },
    'in-progress': { on: { RESOLVE: 'resolved', APPROVE: 'closed' } },
    resolved: { on: { DISPUTE: 'disputed' } },
    disputed: { meta: { status: 'in-progress' }, on: { UPHOLD: 'resolved' } },
    closed: { type: 'final' },
  };
  const definition = file('disputes.json', JSON.stringify({ initial: 'open', states }));
  const input = `number,state
A,open
B,open
A,in-progress
A,resolved
B,in-progress
A,in-progress
B,closed
A,closed
`;
  const args = ['replay', '-', ...columns, '--definition', definition, '--json'];
  const { objects } = await runHere(args, { input });
  expect(objects().slice(-3)).toMatchObject([
    { ticketId: 'B', to: 'closed', kind: 'edge', events: ['APPROVE'] },
    { ticketId: 'A', to: 'closed', kind: 'jump' },
    { kinds: { edge: 5, jump: 1 } },
  ]);
});

test('values without a meaning are counted and named', async () => {
  const { code, stdout, stderr } = await runHere(['replay', '-', ...columns, '--map', 'New=open'], {
    input: 'number,state\nA,New\nA,On hold\nA,closed\nA,On hold\n',
  });
  expect(code).toBe(0);
  expect(stdout).toContain('3  from or to an unknown status');
  expect(stdout).toMatch(/Without a meaning here:\n {2}On hold +2$/m);
  expect(stderr).toContain('--map');
});

test('rows that cannot be read are named and passed over', async () => {
  const { code, stdout } = await runHere(['replay', '-', ...columns], {
    input: 'number,state\nA,open\nA\nA,"in-progress\nA,\nnumber, state\nA,in-progress\n',
  });
  expect(code).toBe(65);
  expect(stdout).toContain('1 change of 1 ticket');
  expect(stdout).toContain('line 3: the line has 1 fields, and the header 2');
  expect(stdout).toContain('line 4: a quote is opened and never closed');
  expect(stdout).toContain('line 5: there is no value for "state"');
  expect(stdout).toContain('line 6: the line is the header once more');
});

test.each([
  [['--map', 'New'], '"New" is not a pair. Write VALUE=STATUS'],
  [
    ['--map', 'New=opne'],
    'Unknown status "opne". Expected one of open, in-progress, resolved, closed (did you mean open?)',
  ],
  [['--map', 'New=open,New=closed'], '"New" is mapped twice'],
])('a map that makes no sense is named: %j', async (args, message) => {
  const { code, stderr } = await runHere(['replay', '-', ...columns, ...args], { input: log });
  expect([code, stderr]).toEqual([2, expect.stringContaining(message)]);
});

test('a column that is not there is named, with those that are', async () => {
  const { code, stderr } = await runHere(['replay', '-', '--id', 'nubmer', '--state', 'state'], {
    input: log,
  });
  expect(code).toBe(65);
  expect(stderr).toContain('standard input has no column "nubmer" (did you mean number?)');
  expect(stderr).toContain('the columns number, state');
});

test('a reader that goes away ends it quietly', async () => {
  const rows = Array.from(
    { length: 20_000 },
    (_, index) => `A,${index % 2 === 0 ? 'open' : 'closed'}\n`,
  );
  const args = ['replay', '-', ...columns, '--json'];
  const { child, untilSaid } = start(args, { input: `number,state\n${rows.join('')}` });
  let stderr = '';
  child.stderr?.on('data', (chunk) => {
    stderr += String(chunk);
  });
  await untilSaid(/change/);
  child.stdout?.destroy();
  const code = await new Promise((resolve) => child.once('exit', resolve));
  expect([code, stderr]).toEqual([0, '']);
});

test('what it prints as JSON seeds a sandbox and can be applied to it', async () => {
  const judged = await runHere(['replay', '-', ...columns, '--map', map, '--json'], { input: log });
  const changes = file('changes.ndjson', judged.stdout);
  const sandbox = start(['sandbox', '--port', '0', '--tickets', changes, '--json']);
  const url = await sandbox.untilSaid(/listens on (\S+),/);
  const args = ['apply', changes, '--plan', '--staff-user-id', '1', '--base-url', url];
  expect((await runHere(args)).code).toBe(0);
  sandbox.child.kill('SIGTERM');
  const { code, objects } = await sandbox.ended;
  expect(code).toBe(0);
  expect(objects()).toMatchObject([
    {
      // Each of the two tickets is read once: a log may be old.
      requests: 10,
      limited: 0,
      statusWrites: 8,
      systemMessages: 8,
      ticketsByStatus: { open: 1, 'in-progress': 1, resolved: 0, closed: 0 },
    },
  ]);
});

const realLog = fileURLToPath(
  new URL('../../../../../shared/data/servicenow-incidents.csv', import.meta.url),
);

test('the log of a real service desk has the changes that were counted in it by hand', async ({
  skip,
}) => {
  if (!existsSync(realLog)) skip('../shared/data/servicenow-incidents.csv is not here');
  const args = ['replay', realLog, '--id', 'number', '--state', 'incident_state', '--map', map];
  const { code, stdout } = await runHere(args);
  expect(code).toBe(0);
  expect(stdout).toContain('2,183 changes of 890 tickets in 5,998 rows');
  expect(stdout).toMatch(/resolved → closed +890 {2}edge \(CLOSE\)/);
  expect(stdout).toMatch(/in-progress → resolved +650 {2}edge \(RESOLVE\)/);
  expect(stdout).toMatch(/open → in-progress +410 {2}edge \(START\)/);
  expect(stdout).toMatch(/open → resolved +222 {2}path \(START, RESOLVE\)/);
  expect(stdout).toMatch(/resolved → in-progress +11 {2}path \(REOPEN, START\)/);
});

test('a ticket may be numbered in NDJSON', async () => {
  const input = '{"number":1,"state":"open"}\n{"number":1,"state":"in-progress"}\n{"number":{}}\n';
  const { code, stdout } = await runHere(['replay', '-', ...columns], { input });
  expect([code, stdout]).toEqual([65, expect.stringContaining('1 change of 1 ticket')]);
});
