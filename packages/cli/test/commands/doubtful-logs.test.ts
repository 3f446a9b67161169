import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { file, folder, runHere } from '../support/cli.ts';

const csv = (...rows: readonly string[]) =>
  file('log.csv', `id,status,at\n${rows.map((row) => `${row}\n`).join('')}`);

/** All commands that read a log. */
const readers = [
  ['replay', (log: string) => ['replay', log, '--json']],
  ['diff --log', (log: string) => ['diff', 'default', 'default', '--log', log]],
  ['diagram --counts', (log: string) => ['diagram', '--counts', log]],
] as const;

const day = (row: string, number: number) => `${row},2026-11-0${number}T09:00:00Z`;
const steps = ['T-1,open', 'T-1,in-progress', 'T-1,resolved', 'T-1,closed'];
const forwards = steps.map((row, index) => day(row, index + 1));

describe.each(readers)('%s', (_, command) => {
  test('refuses a log whose newest rows come first, and sorts it with --time', async () => {
    const log = csv(...forwards.toReversed());
    const refused = await runHere(command(log));
    expect([refused.code, refused.stdout]).toEqual([65, '']);
    expect(refused.stderr).toContain('Wrong order: the newest rows come first');
    expect((await runHere([...command(log), '--time', 'at'])).code).toBe(0);
    expect((await runHere([...command(log), '--order', 'newest-first'])).code).toBe(0);
  });

  test('refuses a log without rows', async () => {
    const { code, stderr } = await runHere(command(csv()));
    expect([code, stderr]).toEqual([65, expect.stringContaining('--allow-empty')]);
    expect((await runHere([...command(csv()), '--allow-empty'])).code).toBe(0);
  });

  test('refuses a choice of rows that leaves none', async () => {
    for (const choice of [
      ['--where', 'status=Open'],
      ['--ignore', '*'],
      ['--ignore=open', '--where=id!=T-2'],
    ]) {
      const chosen = [...command(csv(...forwards.slice(0, 1), day('T-2,closed', 1))), ...choice];
      const { code, stdout, stderr } = await runHere(chosen);
      expect([code, stdout]).toEqual([65, '']);
      expect(stderr).toContain('has 2 rows, and --where and --ignore leave none of them.');
      expect((await runHere([...chosen, '--allow-empty'])).code).toBe(0);
    }
  });

  test('refuses a log in which no time can be read', async () => {
    const log = csv('T-1,open,soon', 'T-1,closed,later');
    const { code, stderr } = await runHere([...command(log), '--time', 'at']);
    expect([code, stderr]).toEqual([65, expect.stringContaining('No time in ')]);
  });

  test('names values without a meaning, and a map to begin with', async () => {
    const { stderr } = await runHere(command(csv(...forwards, day('T-1,Neu', 5))));
    expect(stderr).toContain('Values without a meaning here were found: "Neu" (1 row).');
    expect(stderr).toContain('--map Neu=open');
  });

  test('takes the same options of rows and columns', async () => {
    const log = file('log.csv', '1;open;x\n1;closed;x\n');
    const options = ['--no-header', '--delimiter', 'semicolon', '--id', '1', '--state', '2'];
    const { code, stderr } = await runHere([...command(log), ...options, '--where', '3=x']);
    expect([code, stderr]).toEqual([0, '']);
  });
});

test.each(readers.slice(1))('%s says which columns it has guessed', async (_, command) => {
  const log = csv(...forwards);
  const { stderr } = await runHere(command(log));
  expect(stderr).toContain('Read: ticket "id" (guessed), state "status" (guessed)');
  const named = ['--id', 'id', '--state', 'status', '--time', 'at'];
  expect((await runHere([...command(log), ...named])).stderr).not.toContain('Read:');
});

test.each(readers.slice(1))(
  '%s names rows and times that it could not read',
  async (_, command) => {
    const log = csv(...forwards, 'T-1,,2026-11-06T09:00:00Z', 'T-2,open,31.02.2026');
    const { stderr } = await runHere([...command(log), '--time', 'at']);
    expect(stderr).toContain('line 6: there is no value for "status"');
    expect(stderr).toContain('1 time not readable');
    expect(stderr).toContain('line 7 "31.02.2026" (T-2)');
  },
);

describe('a comparison is no good verdict on rows that neither lifecycle can judge', () => {
  const diff = (log: string, ...options: readonly string[]) =>
    runHere(['diff', 'default', 'default', '--log', log, ...options]);

  test('it names their values, and ends with 65', async () => {
    const log = csv(...forwards, day('T-2,Neu', 1), day('T-2,Zu', 2));
    const { code, stdout } = await diff(log, '--fail-on', 'broken');
    expect([code, stdout]).toEqual([
      65,
      expect.stringContaining('**2 rows could not be judged:**'),
    ]);
    const json = await diff(log, '--json');
    expect(json.objects()).toMatchObject([
      { log: { rows: 6, unreadable: 0, unmapped: [{ value: 'Neu', rows: 1 }, { value: 'Zu' }] } },
    ]);
  });

  test('so it does where rows can’t be read', async () => {
    const { code, stdout } = await diff(csv(...forwards, 'T-1,,'));
    expect([code, stdout]).toEqual([65, expect.stringContaining('1 row could not be read')]);
  });

  test('rows that were passed over by name are none of them', async () => {
    const log = csv(...forwards, day('T-2,Neu', 1));
    expect((await diff(log, '--ignore', 'Neu')).code).toBe(0);
    expect((await diff(log, '--map', 'Neu=open')).code).toBe(0);
    expect((await diff(log, '--fail-on', 'nothing')).code).toBe(0);
  });
});

describe('times that can’t be read', () => {
  const log = () =>
    csv(
      'T-1,closed,05.11.2026 09:00',
      'T-1,resolved,31.02.2026 10:00',
      'T-1,open,02.11.2026 09:00',
    );
  const replay = (...options: readonly string[]) =>
    runHere(['replay', log(), '--time', 'at', ...options]);

  test('are named with their line, value and ticket', async () => {
    const { stdout } = await replay();
    expect(stdout).toMatch(/Time .* 1 time not readable.*: line 3 "31\.02\.2026 10:00" \(T-1\)/);
    const summary = (await replay('--json')).objects().at(-1);
    expect(summary).toMatchObject({
      order: { unreadable: 1, unreadableTimes: [{ line: 3, ticketId: 'T-1' }] },
    });
  });

  test('are in the list, with their value', async () => {
    const list = join(folder(), 'list.csv');
    await replay('--list', list);
    const row = 'T-1,unreadable-time,3,,31.02.2026 10:00,time,\n';
    expect(readFileSync(list, 'utf8').endsWith(`\n${row}`)).toBe(true);
    const other = join(folder(), 'list.ndjson');
    await replay('--list', other);
    const last = readFileSync(other, 'utf8').trimEnd().split('\n').at(-1) ?? '';
    expect(JSON.parse(last)).toEqual({
      ticketId: 'T-1',
      kind: 'unreadable-time',
      line: 3,
      value: '31.02.2026 10:00',
    });
  });

  test('count for --fail-on unreadable, and a check of times is not green without them', async () => {
    const { code, stderr } = await replay('--fail-on', 'unreadable');
    expect([code, stderr]).toEqual([1, expect.stringContaining('Failed: unreadable: 1 of 3')]);
    expect((await replay('--sla', 'open=90d', '--fail-on', 'late')).code).toBe(65);
    expect((await replay('--sla', 'open=90d', '--fail-on', 'jump')).code).toBe(0);
  });
});

test.each(['jump', 'skipped', 'misfit>50%', 'reopened'])(
  '--fail-on %s is neither red nor green on a log in the wrong order',
  async (condition) => {
    const log = csv(...forwards.toReversed());
    const args = ['replay', log, '--complete', '--fail-on', condition];
    const { code, stdout, stderr } = await runHere(args);
    expect([code, stdout]).toEqual([65, '']);
    expect(stderr).toContain('Sort them with --time at. No condition was checked.');
    expect((await runHere([...args, '--time', 'at'])).code).toBe(0);
  },
);

test('a column of times is advised only where it holds times, and where it may be given', async () => {
  const note = /To measure times, add --time/;
  const said = async (rows: readonly string[], ...options: readonly string[]) =>
    (await runHere(['replay', csv(...rows), ...options])).stderr;
  expect(await said(forwards)).toMatch(note);
  expect(await said(forwards, '--order', 'oldest-first')).not.toMatch(note);
  expect(await said(['T-1,open,09:00', 'T-1,closed,10:00'])).not.toMatch(note);
});

test.each(['9.0072E+15', '1,23457E+11'])('the id %s was rounded: no ticket has it', async (id) => {
  const { code, stdout } = await runHere(['replay', csv(`"${id}",open,`, `"${id}",closed,`)]);
  expect([code, stdout]).toEqual([65, expect.stringContaining('was rounded by a spreadsheet')]);
});

test.each([1000, 5000, 100_000])('a line that is nested %i deep ends nothing', async (depth) => {
  const input = `{"id":"A","state":"open","x":${'['.repeat(depth)}${']'.repeat(depth)}}\n{"id":"A","state":"closed"}\n`;
  const { code, stderr } = await runHere(['replay', '-'], { input });
  expect([0, 65]).toContain(code);
  expect(stderr).not.toContain('unexpected');
});

test('rows of one ticket at one time are told where they differ', async () => {
  const at = '2026-11-02T09:00:00Z';
  const log = csv(`T-1,open,${at}`, `T-1,open,${at}`, `T-2,open,${at}`, `T-2,closed,${at}`);
  const { objects } = await runHere(['replay', log, '--time', 'at', '--json']);
  expect(objects().at(-1)).toMatchObject({
    order: { ties: 1, tiedTickets: ['T-2'], repeated: 0 },
    times: { ties: 1 },
  });
});

test('rows at the same time are told also where the file has other rows between them', async () => {
  const at = (hour: number) => `2026-11-02T${String(hour).padStart(2, '0')}:00:00Z`;
  const rows = [`in-progress,${at(9)}`, `closed,${at(17)}`, `open,${at(9)}`, `resolved,${at(10)}`];
  const log = csv(...rows.map((row) => `T-1,${row}`));
  const { stdout } = await runHere(['replay', log, '--time', 'at']);
  expect(stdout).toMatch(/1 row at the same time as the row before, .* guess.*: T-1/);
  const json = await runHere(['replay', log, '--time', 'at', '--json']);
  expect(json.objects().at(-1)).toMatchObject({ order: { ties: 1, tiedTickets: ['T-1'] } });
});

test('a page says at its head all that the terminal says about the log', async () => {
  const page = join(folder(), 'page.html');
  const html = async (log: string, ...options: readonly string[]) => {
    await runHere(['replay', log, '--html', page, ...options]);
    return readFileSync(page, 'utf8');
  };
  expect(await html(csv(...forwards.toReversed()))).toContain('Wrong order: the newest rows');
  const doubtful = await html(
    csv('T-1,open,2026-11-02', 'T-1,Neu,2026-11-02', 'T-1,closed,soon', 'T-1,,'),
    '--time',
    'at',
  );
  const head = doubtful.slice(0, doubtful.indexOf('Do tickets follow'));
  const read = ['ticket &quot;id&quot; (guessed)', '2 of 3 values have a meaning'];
  const notes = ['Neu', 'at the same time', 'line 4', 'soon', 'Not readable: 1 line'];
  for (const said of [...read, ...notes]) {
    expect(head).toContain(said);
  }
});
