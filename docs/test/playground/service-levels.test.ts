import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { defineLifecycle, type LifecycleConfig } from '@ticket-lifecycle/core';
import { byUrgency, hoursText } from '@ticket-lifecycle/internal/service-levels';
import { expect, onTestFinished, test } from 'vitest';
import { rootDir } from '../../build/places.ts';
import { readPaste } from '../../playground/history.ts';
import { presets } from '../../playground/presets.ts';
import { readServiceLevels } from '../../playground/service-levels.ts';

const desk = {
  meta: { sla: { clocks: { reply: { target: 'PT1H' }, solve: { target: 'PT8H' } } } },
  initial: 'open',
  states: {
    open: { meta: { sla: { reply: 'run', solve: 'run' } }, on: { START: 'in-progress' } },
    'in-progress': {
      meta: { sla: { reply: 'stop', solve: 'run' } },
      on: { WAIT: 'waiting', RESOLVE: 'resolved' },
    },
    waiting: { meta: { status: 'in-progress' }, on: { ANSWER: 'in-progress' } },
    resolved: { meta: { sla: { solve: 'stop' } }, on: { REOPEN: 'in-progress' } },
  },
};

const hour = 3_600_000;

/** The clocks of a paste, a line each, as the page shows them. */
function clocksOf(text: string, machine: LifecycleConfig = desk, map = '') {
  const lifecycle = defineLifecycle(machine);
  const { tickets } = readPaste(text, map, lifecycle);
  const { clocks, unread, readAt } = readServiceLevels(lifecycle, tickets);
  const lines = clocks.map(
    ({ ticket, clock, phase, consumedMs, leftMs, isBreached, breachAt, assumed }) =>
      `${ticket} ${clock} ${phase}: ${consumedMs / hour} h, left ${leftMs / hour} h` +
      (breachAt === undefined ? '' : `, ${isBreached ? 'missed' : 'due'} ${breachAt.toJSON()}`) +
      (assumed ? ', assumed' : ''),
  );
  return { lines, unread, readAt: readAt?.toJSON() };
}

test.each([
  ['', '2 times without a zone: taken as UTC.', 'A solve stopped: 1 h, left 7 h'],
  [
    'Europe/Berlin',
    '2 times without a zone: taken as Europe/Berlin.',
    'A solve stopped: 2 h, left 6 h',
  ],
])('hours count by the clocks of the zone of the log: %j', (zone, note, solve) => {
  const office = { timeZone: 'Europe/Berlin', hours: { monday: '09:00-11:00' } };
  const clocks = { solve: { target: 'PT8H', calendar: 'office' }, reply: { target: 'PT1H' } };
  const lifecycle = defineLifecycle({ ...desk, meta: { sla: { clocks, calendars: { office } } } });
  const log = 'ticket,time,state\nA,2026-03-02 09:00,open\nA,2026-03-02 11:00,resolved\n';
  const { tickets, notes } = readPaste(log, '', lifecycle, { timeZone: zone });
  expect(notes).toContain(note);
  const { clocks: read } = readServiceLevels(lifecycle, tickets);
  expect(
    read.map(
      ({ ticket, clock, phase, consumedMs, leftMs }) =>
        `${ticket} ${clock} ${phase}: ${consumedMs / hour} h, left ${leftMs / hour} h`,
    ),
  ).toContain(solve);
});

test('what is not a zone is named, and nothing is read by another one', () => {
  const lifecycle = defineLifecycle(desk);
  const { tickets, problem } = readPaste('A,2026-03-02 09:00,open', '', lifecycle, {
    timeZone: 'Berlin',
  });
  expect(tickets).toEqual([]);
  expect(problem).toBe(
    'The time zone: "Berlin" is not a time zone. Write an IANA name, such as Europe/Berlin. Did you mean Europe/Berlin?',
  );
});

test.each([
  ['states', '', 'A,open,9\nA,in-progress,10\nA,waiting,11\nA,resolved,20\nB,waiting,12\n'],
  ['statuses', '', 'A,open,9\nA,in-progress,10\nA,resolved,20\nB,in-progress,12\n'],
  ['words', 'New=open,Hold=waiting,Done=resolved', 'A,New,9\nA,Hold,11\nA,Done,20\nB,New,12\n'],
  [
    'states that a map takes for their status',
    'waiting=in-progress',
    'A,open,9\nA,waiting,11\nA,resolved,20\n',
  ],
  [
    'states that a pattern takes for their status',
    'wait*=in-progress',
    'A,open,9\nA,waiting,11\nA,resolved,20\n',
  ],
  [
    'tickets whose first rows are missing',
    '',
    'A,open,9\nB,waiting,9\nA,resolved,20\nC,resolved,21\n',
  ],
  ['a word without a meaning', '', 'A,open,9\nA,odd,10\nB,open,12\nB,resolved,14\n'],
  ['a ticket that comes back', '', 'A,open,9\nA,resolved,10\nA,in-progress,11\nA,resolved,23\n'],
])('the command line shows the same clocks, for a log of %s', async (_, map, hours) => {
  const rows = hours.replaceAll(
    /,(\d+)$/gm,
    (__, at: string) => `,2026-03-29 ${at.padStart(2, '0')}:00`,
  );
  const log = `ticket,state,at\n${rows}`;
  const lifecycle = defineLifecycle(desk);
  const { tickets } = readPaste(log, map, lifecycle, { timeZone: 'America/New_York' });
  const page = readServiceLevels(lifecycle, tickets);
  const shown = page.clocks.map(({ ticket, ...reading }) => ({ ticketId: ticket, ...reading }));

  const folder = await mkdtemp(join(tmpdir(), 'clocks-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  await writeFile(join(folder, 'desk.json'), JSON.stringify(desk));
  await writeFile(join(folder, 'log.csv'), log);
  const program = ['--conditions=@ticket-lifecycle/source', `${rootDir}packages/cli/src/bin.ts`];
  const flags = ['--definition', 'desk.json', '--time', 'at', '--time-zone', 'America/New_York'];
  const mapped = map === '' ? [] : ['--map', map];
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [...program, 'replay', 'log.csv', ...flags, ...mapped, '--json'],
    { cwd: folder },
  );
  const lines = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  const moments = (key: string, value: unknown) =>
    key.endsWith('At') ? new Date(value as string).toISOString() : value;
  const clocks = lines
    .filter(({ type }) => type === 'clock')
    .map(({ type: _type, ...clock }) => JSON.parse(JSON.stringify(clock), moments));
  expect(clocks.toSorted(byUrgency)).toEqual(JSON.parse(JSON.stringify(shown)));
  const { serviceLevels } = lines.at(-1);
  expect(serviceLevels.clocks).toEqual(page.sums);
  expect(serviceLevels.beginElsewhere.first).toEqual(page.beginElsewhere);
  expect(serviceLevels.unread.first).toEqual(
    page.unread.map(({ ticket, reason }) => ({ ticketId: ticket, reason })),
  );
});

test('a log with times shows what each clock has used, and when its target is missed', () => {
  const { lines, readAt, unread } = clocksOf(
    `ticket,time,state
A,2026-03-02 09:00Z,open
A,2026-03-02 11:00Z,in-progress
A,2026-03-02 12:00Z,waiting
A,2026-03-03 12:00Z,in-progress
A,2026-03-03 13:00Z,resolved
B,2026-03-03 12:30Z,open`,
  );
  expect(readAt).toBe('2026-03-03T13:00:00.000Z');
  expect(unread).toEqual([]);
  expect(lines).toEqual([
    'A reply stopped: 2 h, left -1 h, missed 2026-03-02T10:00:00.000Z',
    'B reply running: 0.5 h, left 0.5 h, due 2026-03-03T13:30:00.000Z',
    'A solve stopped: 4 h, left 4 h',
    'B solve running: 0.5 h, left 7.5 h, due 2026-03-03T20:30:00.000Z',
  ]);
});

test('a log of statuses that states share says that the clock rests on an assumption', () => {
  const { lines } = clocksOf(
    `ticket,time,state
A,2026-03-02 09:00Z,open
A,2026-03-02 09:30Z,in-progress
A,2026-03-02 15:30Z,resolved`,
  );
  expect(lines).toEqual([
    'A reply stopped: 0.5 h, left 0.5 h, assumed',
    'A solve stopped: 6.5 h, left 1.5 h, assumed',
  ]);
});

test('a word that names a state counts as that state, unless a map says otherwise', () => {
  const log = `ticket,time,state
A,2026-03-02 09:00Z,open
A,2026-03-02 09:30Z,waiting
A,2026-03-02 15:30Z,resolved`;
  const paused = 'A solve stopped: 0.5 h, left 7.5 h';
  expect(clocksOf(log).lines).toContain(paused);
  const { suggested } = readPaste(`${log}\nB,2026-03-02 09:00Z,done`, '', defineLifecycle(desk));
  expect(suggested).toBe('done=closed');
  expect(clocksOf(log, desk, suggested).lines).toContain(paused);
  expect(clocksOf(log, desk, 'waiting=in-progress').lines).not.toContain(paused);
});

test.each([
  ['A,,open\nA,2026-03-02 09:00Z,resolved', 'row 1 has no time'],
  ['A,2026-03-02 09:00Z,open\nA,2026-03-02 10:00Z,Huh', '"Huh" has no meaning'],
])('a ticket whose clocks cannot be read is named with the reason: %j', (rows, reason) => {
  const log = `ticket,time,state\nB,2026-03-02 09:00Z,open\nB,2026-03-02 10:00Z,resolved\n${rows}`;
  const { lines, unread } = clocksOf(log);
  expect(unread).toEqual([{ ticket: 'A', reason }]);
  expect(lines.map((line) => line[0])).toEqual(['B', 'B']);
});

test.each([
  ['a log without times', 'ticket,state\nA,open\nA,resolved', desk],
  ['a lifecycle without clocks', 'ticket,time,state\nA,2026-03-02 09:00Z,open', presets.ticket],
])('%s has no clocks to read', (_, log, machine) => {
  const config = 'machine' in machine ? machine.machine : machine;
  expect(clocksOf(log, config)).toEqual({ lines: [], unread: [], readAt: undefined });
});

test.each([
  [0, '0 min'],
  [59_999, '0 min'],
  [45 * 60_000, '45 min'],
  [16 * hour, '16 h'],
  [-(40 * hour + 5 * 60_000), '40 h 5 min'],
])('%d ms of working time are %s', (ms, text) => expect(hoursText(ms)).toBe(text));
