import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import axe from 'axe-core';
import { chromium } from 'playwright-core';
import { expect, onTestFinished, test } from 'vitest';
import { chromiumFlags, chromiumPath } from '../../../../.ci/chromium.ts';
import { file, folder, run, runHere } from '../support/cli.ts';

const hours = (rows: readonly (readonly [string, string, number])[]) =>
  `ticket,state,at\n${rows
    .map(([id, state, hour]) => `${id},${state},${new Date(hour * 3_600_000).toISOString()}\n`)
    .join('')}`;

const log = hours([
  ['A', 'open', 0],
  ['B', 'open', 1],
  ['A', 'in-progress', 10],
  ['A', 'resolved', 12],
  ['B', 'closed', 13],
  ['C', 'resolved', 14],
  ['A', 'closed', 15],
  ['B', 'open', 20],
  ['D', 'open', 21],
]);

test('tickets are judged from their first row, and the odd ones are named with their lines', async () => {
  const list = join(folder(), 'odd.csv');
  const { code, stdout } = await runHere(['replay', '-', '--complete', '--list', list], {
    input: log,
  });
  expect(code).toBe(0);
  expect(stdout).toMatch(/2 {2}follow the lifecycle from start to end \(50\.0 %\)/);
  expect(stdout).toMatch(/1 {2}skip steps \(25\.0 %\): B/);
  expect(stdout).toMatch(/1 {2}begin elsewhere, and follow it then \(25\.0 %\): C/);
  expect(readFileSync(list, 'utf8')).toBe(`ticketId,problem,line,from,to,kind,events
B,missed,3,,open,first row,
B,missed,6,open,closed,skipped,START RESOLVE CLOSE
C,begins-elsewhere,7,,resolved,first row,
`);
});

test.each([
  ['an export of issues, a row each', 'Issue key,Status\nS-1,open\nS-2,closed\nS-3,open\n', true],
  ['the same as JSON', '[{"id":1,"state":"open"},{"id":2,"state":"closed"}]', true],
  ['a ticket with a second row', 'id,state\n1,open\n2,closed\n1,closed\n', false],
  ['a ticket that was seen twice alike', 'id,state\n1,open\n2,closed\n1,open\n', false],
  ['one ticket alone, seen once', 'id,state\n1,open\n', false],
  ['rows that name a change', 'id,from,to\n1,open,closed\n2,open,in-progress\n', false],
])('a file without histories is named as that: %s', async (_, input, isNamed) => {
  const { code, stderr } = await runHere(['replay', '-'], { input });
  expect(code).toBe(0);
  expect(stderr.includes('No ticket has a second row')).toBe(isNamed);
});

test('a list does not take the place of the log', async () => {
  const path = file('log.csv', log);
  const { code, stderr } = await runHere(['replay', path, '--list', path]);
  expect([code, stderr]).toEqual([2, expect.stringContaining('is ' + path + ' itself')]);
});

test('a state that a spreadsheet would take for a formula stays a text in a list', async () => {
  const list = join(folder(), 'odd.csv');
  await runHere(['replay', '-', '--list', list], { input: 'ticket,state\nA,=1+1\nA,open\n' });
  expect(readFileSync(list, 'utf8')).toContain("A,unknown-status,3,'=1+1,open,");
});

test.each(['=1+1', '-7', '+49', '@kim', '"q"', "'x", 'a,b', 'ä', '1e400', '007'])(
  'the id %s is read back from a list as it was in the log',
  async (id) => {
    const list = join(folder(), 'odd.csv');
    const input = `${JSON.stringify({ ticket: id, state: 'closed' })}\n`;
    await runHere(['replay', '-', '--list', list], { input });
    const again = ['replay', list, '--id', 'ticketId', '--state', 'to', '--json'];
    const { objects } = await runHere([...again, '--list', join(folder(), 'again.ndjson')]);
    expect(objects().at(-1)).toMatchObject({ misfits: [{ ticketId: id }] });
  },
);

test('times, promises and open ends are measured', async () => {
  const args = ['replay', '-', '--time', 'at', '--sla', 'open=8h', '--sla', 'in-progress=1d'];
  const { objects } = await runHere([...args, '--json'], { input: log });
  expect(objects().at(-1)).toMatchObject({
    times: { statuses: { open: { count: 2, median: 11 * 3_600_000, p90: 12 * 3_600_000 } } },
    sla: [
      {
        name: 'open',
        limitMs: 28_800_000,
        visits: 2,
        over: 2,
        overAndOpen: 0,
        tickets: ['A', 'B'],
      },
      { name: 'in-progress', visits: 1, over: 0 },
    ],
    open: {
      tickets: 3,
      statuses: [
        { name: 'open', tickets: 2, longest: { ticketId: 'B', since: '1970-01-01T20:00:00.000Z' } },
        { name: 'resolved', tickets: 1 },
      ],
    },
  });
});

test.each([
  { lengths: [8, 16, 30, 37], median: 23 },
  { lengths: [1, 2], median: 1.5 },
  { lengths: [1, 4, 9], median: 4 },
])(
  'of $lengths hours the median is $median, in all and in a group',
  async ({ lengths, median }) => {
    const rows = lengths.flatMap((end, ticket) => [
      `${ticket},open,Blue,${new Date(0).toISOString()}`,
      `${ticket},closed,Blue,${new Date(end * 3_600_000).toISOString()}`,
    ]);
    const input = `ticket,state,team,at\n${rows.join('\n')}\n`;
    const args = ['replay', '-', '--time', 'at', '--by', 'team', '--json'];
    const { objects } = await runHere(args, { input });
    const middle = { median: median * 3_600_000 };
    expect(objects().at(-1)).toMatchObject({
      times: { statuses: { open: middle }, toFirstClosing: middle, toLastClosing: middle },
      groups: [{ name: 'Blue', toClosed: { tickets: lengths.length, ...middle } }],
    });
  },
);

test('a group counts the tickets whose visits were too long, or are by now', async () => {
  const rows = ['A,open,Blue,02T09', 'B,open,Red,02T09', 'B,closed,Red,02T20', 'C,open,Red,02T20'];
  const input = `ticket,state,team,at\n${rows.map((row) => row.replace(/(?=02T)/, '2026-03-')).join(':00Z\n')}:00Z\n`;
  const args = ['replay', '-', '--time', 'at', '--by', 'team', '--sla', 'open=8h', '--json'];
  const { objects } = await runHere(args, { input });
  expect(objects().at(-1)).toMatchObject({
    sla: [{ over: 1, overAndOpen: 1, tickets: ['B', 'A'] }],
    groups: [
      { name: 'Red', late: 1 },
      { name: 'Blue', late: 1 },
    ],
  });
});

test.each([
  // The row of the report with that name: what is waiting is a row of its own.
  ['in-progress', 'in-progress', { visits: 2, over: 0 }],
  ['waiting', 'in-progress', { visits: 1, over: 1 }],
  // No row has the name of the status, so all its states together are one visit.
  ['in-progress', 'working', { visits: 1, over: 1 }],
  ['working', 'working', { visits: 2, over: 0 }],
])('a promise about %s, in a log that tells %s and waiting apart', async (name, state, found) => {
  const states = {
    open: { on: { START: state } },
    [state]: { meta: { status: 'in-progress' }, on: { WAIT: 'waiting', CLOSE: 'closed' } },
    waiting: { meta: { status: 'in-progress' }, on: { ANSWER: state } },
    closed: { type: 'final' },
  };
  const definition = file('desk.json', JSON.stringify({ initial: 'open', states }));
  const input = ['open', state, 'waiting', state, 'closed']
    .map(
      (one, hour) =>
        `A,${one},2026-03-02T${String(hour * 4 + (hour > 2 ? 4 : 0)).padStart(2, '0')}:00Z`,
    )
    .join('\n');
  const args = ['replay', '-', '--definition', definition, '--time', 'at', '--sla', `${name}=5h`];
  const { objects } = await runHere([...args, '--json'], { input: `ticket,state,at\n${input}\n` });
  const summary = objects().at(-1) as { times: { statuses: Record<string, { count: number }> } };
  expect(summary).toMatchObject({ sla: [{ name, ...found }] });
  // Promises and times count the same visits.
  const row = summary.times.statuses[name];
  if (row !== undefined) expect(row.count).toBe(found.visits);
});

test.each([
  ['unknown', 0],
  ['jump', 0],
  ['skipped', 1],
  ['skipped>1', 0],
  ['skipped>20%', 0],
  ['skipped > 19.9 %', 1],
  ['misfit', 1],
  ['misfit>50%', 0],
  ['begins-elsewhere', 1],
  ['reopened', 1],
  ['unmapped', 0],
  ['unreadable', 0],
])('--fail-on %s ends with %i', async (condition, expected) => {
  const args = ['replay', '-', '--complete', '--fail-on', condition];
  const { code, stderr } = await runHere(args, { input: log });
  expect([code, stderr.includes(`Failed: ${condition.trim()}: `)]).toEqual([
    expected,
    expected === 1,
  ]);
});

test.each([
  [['--fail-on', 'skiped'], 'did you mean skipped?'],
  [['--fail-on', 'skipped<1'], 'is not a condition'],
  [['--sla', 'open'], 'Write NAME=DURATION'],
  [['--sla', 'opne=1h', '--time', 'at'], 'did you mean open?'],
  [['--sla', 'open=1h'], 'name the column of the time with --time'],
  [['--time', 'at', '--order', 'newest-first'], 'Give one of them'],
  [['--to', 'a', '--state', 'b'], 'Give one of them'],
  [['--map', '@no-such-file'], 'no-such-file does not exist'],
  [['--sla', 'open=8', '--time', 'at'], 'A number needs its unit.'],
  [['--sla', 'open=8h,opne=1h', '--time', 'at'], 'did you mean open?'],
  [['--fail-on', 'late', '--time', 'at'], 'give the promises that it checks with --sla'],
  [['--map', '@.'], '. is a directory. Give the path of a file.'],
  [['--list', '.'], `--list: . can't be written: it is a directory.`],
  [['--list', 'no-folder/x.csv'], `can't be written: its folder does not exist.`],
  [['--where', 'team'], 'error: --where: "team" is not a condition'],
])('a mistake in %j is named', async (args, message) => {
  const { code, stdout, stderr } = await runHere(['replay', '-', ...args], { input: log });
  expect([code, stdout]).toEqual([2, '']);
  expect(stderr).toContain(message);
});

test('a mistake in a file of a map is named with the file and the line', async () => {
  const map = file('desk.map', 'New=open\nBroken\n');
  const { code, stderr } = await runHere(['replay', '-', '--map', `@${map}`], { input: log });
  expect([code, stderr]).toEqual([
    2,
    expect.stringContaining(`error: --map: ${map}: line 2: "Broken" is not a pair.`),
  ]);
});

test('promises may be given with commas, and say which of their visits have not ended', async () => {
  const input = 'id,state,at\nA,open,0000000000\nB,open,0000000000\nB,closed,0000036000\n';
  const args = ['replay', '-', '--time', 'at', '--sla', 'open=1h,resolved=2d'];
  const { code, stdout } = await runHere(args, { input });
  expect(code).toBe(0);
  expect(stdout).toContain(
    'open longer than 1 h: 1 of 1 visit (100.0 %), and 1 visit that has not ended. Tickets: B, A',
  );
  expect(stdout).toContain('resolved longer than 2 d: 0 of 0 visits');
});

test('a log may name states that share a status', async () => {
  const states = {
    open: { on: { START: 'in-progress' } },
    'in-progress': { on: { WAIT: 'waiting', RESOLVE: 'closed' } },
    waiting: { meta: { status: 'in-progress' }, on: { ANSWER: 'in-progress' } },
    closed: { type: 'final' },
  };
  const definition = file('desk.json', JSON.stringify({ initial: 'open', states }));
  const input = 'id,state\nA,open\nA,in-progress\nA,waiting\nA,in-progress\nB,open\nB,On hold\n';
  const args = ['replay', '-', '--definition', definition, '--complete', '--json'];
  const { code, objects } = await runHere([...args, '--map', 'On hold=waiting'], { input });
  expect(code).toBe(0);
  expect(objects()).toMatchObject([
    { ticketId: 'A', kind: 'edge', events: ['START'] },
    { ticketId: 'A', kind: 'edge', events: ['WAIT'] },
    { ticketId: 'A', kind: 'edge', events: ['ANSWER'] },
    { ticketId: 'B', kind: 'skipped', events: ['START', 'WAIT'] },
    { conformance: { following: 1 } },
  ]);
});

test('a map comes from a file, adds up, and its unused entries are named', async () => {
  const path = file(
    'desk.map',
    '# our desk\nNew=open\n"On hold, vendor"=in-progress\nclosed=closed\n',
  );
  const input = 'k,s\nA,New\nA,"On hold, vendor"\nA,Closed\n';
  const args = ['replay', '-', '--id', 'k', '--state', 's', '--map', `@${path}`];
  const { stdout, stderr } = await runHere([...args, '--map', 'Gone=closed'], { input });
  expect(stdout).toContain('2 of 3 values have a meaning; 2 entries of the map fit none');
  expect(stderr).toContain('--map: "closed" fits no value (did you mean Closed?).');
  expect(stderr).toContain('--map: "Gone" fits no value.');
  expect(stderr).toContain('A first draft: --map Closed=closed');
});

test('a desk with new and open hears that work on an open ticket has begun', async () => {
  const rows = ['new', 'open', 'pending', 'solved', 'closed'].map((state) => `A,${state}`);
  const input = `k,s\n${rows.join('\n')}\n`;
  const columns = ['replay', '-', '--id', 'k', '--state', 's'];
  const drafted = await runHere(columns, { input });
  expect(drafted.stderr).toContain(
    "A first draft: --map 'new=open,open=in-progress,pending=in-progress,solved=resolved,closed=closed'",
  );
  const halfMapped = ['--map', 'new=open,pending=in-progress,solved=resolved'];
  const { stderr } = await runHere([...columns, ...halfMapped], { input });
  expect(stderr).toContain('Both "new" and "open" mean open here');
  const mapped = [...halfMapped, '--map', 'open=in-progress'];
  expect((await runHere([...columns, ...mapped], { input })).stderr).not.toContain('Both');
});

test('a share that is just reached is still fine', async () => {
  const rows = Array.from(
    { length: 1000 },
    (_, at) => `${at},open\n${at},${at < 7 ? 'closed' : 'in-progress'}\n`,
  );
  const input = `id,state\n${rows.join('')}`;
  for (const [most, expected] of [
    ['0.7', 0],
    ['0.69', 1],
  ] as const) {
    const { code } = await runHere(['replay', '-', '--fail-on', `skipped>${most}%`], { input });
    expect(code).toBe(expected);
  }
});

test('a row that names a change into a value that is ignored still says where the ticket was', async () => {
  const input = 'key,from,to\nA,open,waiting\nA,waiting,closed\nB,open,closed\n';
  const { objects } = await runHere(['replay', '-', '--ignore', 'waiting', '--json'], { input });
  expect(objects()).toMatchObject([
    { ticketId: 'A', from: 'open', to: 'closed', line: 3 },
    { ticketId: 'B', from: 'open', to: 'closed' },
    {
      ignored: 1,
      map: [
        { value: 'open', rows: 2 },
        { value: 'closed', rows: 2 },
      ],
    },
  ]);
});

test('what changes were is told of whole histories, as tickets are', async () => {
  const states = {
    open: { on: { TAKE: 'working', CLOSE: 'closed' } },
    working: { meta: { status: 'in-progress', default: true }, on: { RESOLVE: 'resolved' } },
    recalled: { meta: { status: 'in-progress' }, on: { CLOSE: 'closed' } },
    resolved: { type: 'final' },
    closed: { on: { RECALL: 'recalled' } },
  };
  const definition = file('desk.json', JSON.stringify({ initial: 'open', states }));
  const args = ['replay', '-', '--definition', definition, '--complete', '--by', 'id', '--json'];
  // At the second row it could be working, and at the third it was not.
  const input = 'id,state\nA,open\nA,in-progress\nA,closed\n';
  const { code, objects } = await runHere([...args, '--fail-on', 'skipped'], { input });
  expect([code, objects().at(-1)]).toMatchObject([
    1,
    {
      kinds: { edge: 1, skipped: 1 },
      conformance: { misfits: { missed: 1 } },
      groups: [{ steps: 1 }],
    },
  ]);
});

test('a status without a state has no place in the picture of a page, and is counted beside it', async () => {
  const states = { open: { on: { START: 'in-progress' } }, 'in-progress': { type: 'final' } };
  const definition = file('desk.json', JSON.stringify({ initial: 'open', states }));
  const html = join(folder(), 'page.html');
  const input = 'id,state\nA,open\nA,closed\nB,open\nB,in-progress\n';
  const args = ['replay', '-', '--definition', definition, '--html', html];
  expect((await runHere(args, { input })).code).toBe(0);
  expect(readFileSync(html, 'utf8')).toContain('lacks one of their states: 1 change.');
});

test('each kind of misfit is named, however many come before, and long lists say that they go on', async () => {
  const html = join(folder(), 'page.html');
  const rows = Array.from({ length: 60 }, (_, at) => `T-${at},open\nT-${at},resolved\n`);
  const odd = Array.from({ length: 60 }, (_, at) => `T-${at},word ${at}\n`);
  const input = `id,state\n${rows.join('')}BAD,open\nBAD,weird\n${odd.slice(0, 55).join('')}`;
  const { stdout } = await runHere(['replay', '-', '--by', 'id', '--html', html], { input });
  expect(stdout).toMatch(/56 {2}have a value without a meaning .*: T-0, T-1, T-2 …/);
  expect(stdout).toMatch(/5 {2}take several steps at once .*: T-55, T-56, T-57 …/);
  const page = readFileSync(html, 'utf8');
  const after = (title: string) => page.slice(page.indexOf(`<h2>${title}`));
  for (const title of ['Changes', 'Not closed at the end', 'Groups', 'What the values mean'])
    expect(after(title).slice(0, after(title).indexOf('</section>'))).toMatch(/… and \d+ others/);
});

test('a key in a log is not in its list', async () => {
  const list = join(folder(), 'list.csv');
  const env = { SERIES_API_KEY: 'sk-planted-in-a-log' };
  const input = 'id,state\nA,open\nA,sk-planted-in-a-log\n';
  await runHere(['replay', '-', '--list', list], { input, env });
  expect(readFileSync(list, 'utf8')).toContain('A,unknown-status,3,open,[redacted],');
});

test('rows are chosen by a column, and values passed over', async () => {
  const input = 'id,team,state\nA,x,open\nA,y,closed\nA,x,spam\nA,x,in-progress\n';
  const args = ['replay', '-', '--where', 'team=x', '--ignore', 'sp*', '--json'];
  const { objects } = await runHere(args, { input });
  expect(objects()).toMatchObject([
    { from: 'open', to: 'in-progress', kind: 'edge' },
    { unselected: 1, ignored: 1, unmapped: [] },
  ]);
});

test('every value is counted, however many there are', async () => {
  const rows = Array.from({ length: 70_001 }, (_, index) => `A,v${index}\n`);
  const args = ['replay', '-', '--id', 'id', '--state', 's', '--json'];
  const { objects } = await runHere(args, { input: `id,s\n${rows.join('')}` });
  expect(objects().at(-1)).toMatchObject({ changes: 70_000, kinds: { 'unknown-status': 70_000 } });
});

test('an unclosed quote before very many empty lines does not fill the memory', async () => {
  const input = `id,s\n"${'\n'.repeat(5_000_000)}`;
  const { code, stdout } = await run(['replay', '-', '--id', 'id', '--state', 's'], {
    input,
    env: { NODE_OPTIONS: '--max-old-space-size=100' },
  });
  expect([code, stdout]).toEqual([65, expect.stringContaining('Not readable: 1 line')]);
});

test('ids that apply cannot use are counted', async () => {
  const input = 'id,state\nA/1,open\nA/1,closed\nA-2,open\n';
  const { stderr } = await runHere(['replay', '-', '--json'], { input });
  expect(stderr).toContain('1 ticket id can\'t be used by apply, such as "A/1"');
});

test('the page is for everybody, in light and in dark, on a screen and on a phone', async ({
  skip,
}) => {
  if (chromiumPath === undefined) return skip('there is no /usr/bin/chromium here');
  const page = join(folder(), 'report.html');
  const args = ['replay', '-', '--time', 'at', '--sla', 'open=8h', '--by', 'state', '--html', page];
  await runHere(args, { input: `${log}E,<script>alert(1)</script>,1970-01-02T00:00:00Z\n` });
  const html = readFileSync(page, 'utf8');
  expect(html).not.toMatch(/<script|src=|href="http|@import|url\(/);
  expect(html).toContain('&lt;script&gt;');
  const browser = await chromium.launch({ executablePath: chromiumPath, args: chromiumFlags });
  onTestFinished(() => browser.close());
  for (const colorScheme of ['light', 'dark'] as const) {
    for (const width of [390, 1280]) {
      const context = await browser.newContext({
        viewport: { width, height: 900 },
        colorScheme,
        bypassCSP: true,
      });
      const opened = await context.newPage();
      opened.setDefaultTimeout(120_000);
      await opened.goto(`file://${page}`);
      await opened.addScriptTag({ content: axe.source });
      const [violations, scrollWidth] = await opened.evaluate(async () => {
        const found = await (
          globalThis as unknown as { axe: { run(): Promise<{ violations: { id: string }[] }> } }
        ).axe.run();
        const { scrollWidth: wide } = (
          globalThis as unknown as { document: { documentElement: { scrollWidth: number } } }
        ).document.documentElement;
        return [found.violations.map(({ id }) => id), wide] as const;
      });
      expect(violations).toEqual([]);
      expect(scrollWidth).toBeLessThanOrEqual(width);
      await context.close();
    }
  }
});

test('a first draft of a map leaves the states of the lifecycle as they are', async () => {
  const states = {
    open: { on: { WAIT: 'waiting' } },
    waiting: { meta: { status: 'in-progress' }, on: { END: 'closed' } },
    closed: { type: 'final' },
  };
  const definition = file('desk.json', JSON.stringify({ initial: 'open', states }));
  const input = 'id,state\nA,new\nA,waiting\nA,done\n';
  const { stderr } = await run(['replay', '-', '--definition', definition], { input });
  expect(stderr).toContain("A first draft: --map 'new=open,done=closed'");
});
