import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { file, folder, runHere } from '../support/cli.ts';

const winter = 'ticket,state,at\nA,open,2026-03-02 09:00\nA,closed,2026-03-02 10:00\n';

interface Summary {
  readonly order: { readonly first: string; readonly last: string; readonly zone?: object };
  readonly times: { readonly toLastClosing?: { readonly median: number } };
  readonly rework: { readonly periods: readonly { readonly period: string }[] };
  readonly open: { readonly asOf: string };
}

async function summaryOf(input: string, ...flags: string[]): Promise<Summary> {
  const { objects } = await runHere(['replay', '-', '--time', 'at', '--json', ...flags], { input });
  return objects().at(-1) as unknown as Summary;
}

test.each([
  ['a time of the year with one clock', ['2026-03-02 09:00', '2026-03-02 10:00'], 1, 0, 0],
  ['a night in which an hour is left out', ['2026-03-29 01:00', '2026-03-29 04:00'], 2, 0, 0],
  ['a night in which an hour comes twice', ['2026-10-25 01:00', '2026-10-25 04:00'], 4, 0, 0],
  ['a time that comes twice: the first', ['2026-10-25 01:30', '2026-10-25 02:30'], 1, 1, 0],
  ['a time that never comes: by the old clock', ['2026-03-29 01:30', '2026-03-29 02:30'], 1, 0, 1],
  ['times with a zone of their own', ['2026-03-02T09:00Z', '2026-03-02 12:00 +01:00'], 2, 0, 0],
  ['one with a zone and one without', ['2026-03-02T09:00Z', '2026-03-02 12:00'], 2, 0, 0],
  ['day and month told apart by a later row', ['02/03/2026 09:00', '13/03/2026 09:00'], 264, 0, 0],
  ['the month first', ['03/28/2026 09:00', '03/29/2026 09:00'], 23, 0, 0],
  ['a day alone, in which clocks change', ['2026-03-29', '2026-03-30'], 23, 0, 0],
])('in Berlin: %s', async (_, [from = '', to = ''], hours, shownTwice, neverShown) => {
  const log = `ticket,state,at\nA,open,${from}\nA,closed,${to}\n`;
  const { times, order } = await summaryOf(log, '--time-zone', 'Europe/Berlin');
  expect(times.toLastClosing?.median).toBe(hours * 3_600_000);
  const rows = [from, to].filter((at) => !/Z|\+/.test(at)).length;
  const zone = { timeZone: 'Europe/Berlin', rows, shownTwice, neverShown };
  expect(order.zone).toEqual(rows === 0 ? undefined : zone);
});

test.each([
  ['Europe/Berlin', '2026-03-02T09:00:00.000+01:00'],
  ['America/New_York', '2026-03-02T09:00:00.000-05:00'],
  ['Asia/Kolkata', '2026-03-02T09:00:00.000+05:30'],
  ['UTC', '2026-03-02T09:00:00.000+00:00'],
])('moments are shown as the clocks of %s show them', async (zone, first) => {
  const { order } = await summaryOf(winter, '--time-zone', zone);
  expect(order.first).toBe(first);
});

test('a reopening counts in the month that the team has on its wall', async () => {
  const log = `ticket,state,at\nA,closed,2026-03-31 23:00\nA,open,2026-04-01 00:30\n`;
  const { rework, open } = await summaryOf(log, '--time-zone', 'Europe/Berlin');
  expect(rework.periods.map(({ period }) => period)).toEqual(['2026-04']);
  expect(open.asOf).toBe('2026-04-01T00:30:00.000+02:00');
});

test.each([
  [[], winter, '2 times without a zone: taken as UTC'],
  [['--time-zone', 'Europe/Berlin'], winter, '2 times without a zone: taken as Europe/Berlin'],
  [
    ['--time-zone', 'Europe/Berlin'],
    'ticket,state,at\nA,open,2026-10-25 02:30\nA,closed,2027-03-28 02:30\n',
    '1 time that the clocks show twice (set back): the first was taken',
  ],
  [
    ['--time-zone', 'Europe/Berlin'],
    'ticket,state,at\nA,open,2026-10-25 02:30\nA,closed,2027-03-28 02:30\n',
    '1 time that the clocks never show (set forward): read by the clock before',
  ],
])('the report names the zone that was used: %j', async (flags, input, said) => {
  const { stdout } = await runHere(['replay', '-', '--time', 'at', ...flags], { input });
  expect(stdout).toContain(said);
});

test('the page of a report and the notes of diff name it too', async () => {
  const html = join(folder(), 'report.html');
  const log = file('log.csv', winter);
  const flags = ['--time', 'at', '--time-zone', 'Europe/Berlin'];
  await runHere(['replay', log, ...flags, '--html', html]);
  const said = '2 times without a zone: taken as Europe/Berlin.';
  expect(readFileSync(html, 'utf8')).toContain(said);
  const { stderr } = await runHere(['diff', 'default', 'default', '--log', log, ...flags]);
  expect(stderr).toContain(said);
});

test('a log whose times all have their zone names no other', async () => {
  const input = 'ticket,state,at\nA,open,2026-03-02T09:00Z\nA,closed,2026-03-02T10:00Z\n';
  const { stdout } = await runHere(['replay', '-', '--time', 'at'], { input });
  expect(stdout).not.toContain('without a zone');
});

test.each([
  ['Europe/Berln', ' Did you mean Europe/Berlin?'],
  ['berlin', ' Did you mean Europe/Berlin?'],
  ['Germany/Berlin', ' Did you mean Europe/Berlin?'],
  ['New York', ' Did you mean America/New_York?'],
  ['+01:00', ''],
  ['Mars/Olympus', ''],
])('what is not a zone is refused with an example: %j', async (name, meant) => {
  const flags = ['--time', 'at', '--time-zone', name];
  const { code, stderr } = await runHere(['replay', '-', ...flags], { input: winter });
  expect(code).toBe(2);
  const said = `${JSON.stringify(name)} is not a time zone. Write an IANA name, such as Europe/Berlin.`;
  expect(stderr).toContain(`--time-zone: ${said}${meant}\n`);
});

test.each([
  ['replay', (log: string) => ['replay', log]],
  ['diff', (log: string) => ['diff', 'default', 'default', '--log', log]],
])('%s refuses a zone where it reads no times, and an unknown one', async (_, command) => {
  const log = file('log.csv', winter);
  const without = await runHere([...command(log), '--time-zone', 'Europe/Berlin']);
  expect(without.code).toBe(2);
  expect(without.stderr).toContain('--time-zone needs --time: name the column with the time');
  const unknown = await runHere([...command(log), '--time', 'at', '--time-zone', 'Mars']);
  expect(unknown.stderr).toContain('--time-zone: "Mars" is not a time zone.');
});

test('diff sorts the rows of a log by the clocks of the zone', async () => {
  const rows = ['open,2026-03-02 09:00', 'closed,2026-03-02T10:30Z', 'resolved,2026-03-02 11:00'];
  const log = file('log.csv', `ticket,state,at\n${rows.map((row) => `A,${row}\n`).join('')}`);
  const states = {
    open: { on: { CLOSE: 'closed' } },
    closed: { on: { FIX: 'resolved' } },
    resolved: { type: 'final' },
  };
  const next = file('next.json', JSON.stringify({ initial: 'open', states }));
  const args = ['diff', 'default', next, '--log', log, '--time', 'at', '--fail-on', 'nothing'];
  const broken = async (...flags: string[]) => {
    const { objects } = await runHere([...args, '--json', ...flags]);
    return (objects()[0] as { broken: { statuses: string[] }[] }).broken.map(
      ({ statuses }) => statuses,
    );
  };
  expect(await broken()).toEqual([]);
  expect(await broken('--time-zone', 'Europe/Berlin')).toEqual([['open', 'resolved', 'closed']]);
});
