import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { defineLifecycle } from '@ticket-lifecycle/core';
import { measureSla } from '@ticket-lifecycle/core/sla';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { file, folder, run, runHere } from '../support/cli.ts';

const hours = '09:00-17:00';
const week = { monday: hours, tuesday: hours, wednesday: hours, thursday: hours, friday: hours };
const desk = {
  meta: {
    sla: {
      clocks: {
        reply: { target: 'PT2H', calendar: 'office' },
        solve: { target: 'PT8H', calendar: 'office' },
        waits: { target: 'PT24H', per: 'stay' },
      },
      calendars: { office: { timeZone: 'Europe/Berlin', hours: week, holidays: ['2026-04-03'] } },
    },
  },
  initial: 'open',
  states: {
    open: { meta: { sla: { reply: 'run', solve: 'run' } }, on: { START: 'in-progress' } },
    'in-progress': {
      meta: { sla: { reply: 'stop', solve: 'run' } },
      on: { WAIT: 'waiting', RESOLVE: 'resolved' },
    },
    waiting: {
      meta: { status: 'in-progress', sla: { waits: 'run' } },
      on: { ANSWER: 'in-progress' },
    },
    resolved: { meta: { sla: { solve: 'stop' } }, on: { REOPEN: 'in-progress' } },
  },
} as const;
const states = ['open', 'in-progress', 'waiting', 'resolved'] as const;

interface Row {
  readonly ticket: string;
  readonly state: (typeof states)[number];
  readonly at: number;
}

interface Clock {
  readonly type: 'clock';
  readonly ticketId: string;
  readonly clock: string;
  readonly phase: string;
  readonly consumedMs: number;
  readonly leftMs: number;
  readonly isBreached: boolean;
  readonly breaches: number;
  readonly breachAt?: string;
}

const textOf = (rows: readonly Row[]) =>
  `ticket,state,at\n${rows
    .map(({ ticket, state, at }) => `${ticket},${state},${new Date(at).toISOString()}\n`)
    .join('')}`;

async function replayed(log: string, flags: readonly string[] = [], machine: object = desk) {
  const definition = file('desk.json', JSON.stringify(machine));
  const args = ['replay', '-', '--definition', definition, ...flags];
  const ended = await runHere([...args, '--time', 'at', '--json'], { input: log });
  const all = ended.objects() as unknown as readonly { readonly type: string }[];
  const clocks = all.filter(({ type }) => type === 'clock') as unknown as readonly Clock[];
  const summary = all.at(-1) as unknown as {
    readonly serviceLevels?: {
      readonly readAt: string;
      readonly clocks: readonly Record<string, number | string>[];
      readonly worst: readonly Clock[];
      readonly beginElsewhere: { readonly tickets: number; readonly first: readonly string[] };
      readonly unread: { readonly tickets: number; readonly first: readonly object[] };
    };
  };
  return { clocks, levels: summary.serviceLevels, ended };
}

const lifecycle = defineLifecycle(desk);
const minute = 60_000;
const begin = Date.UTC(2026, 2, 26, 6);
const rowsOfMany = fc
  .array(
    fc.record({
      ticket: fc.integer({ min: 1, max: 60 }).map((number) => `T-${number}`),
      state: fc.constantFrom(...states),
      at: fc.integer({ min: 0, max: 14 * 24 * 60 }).map((minutes) => begin + minutes * minute),
    }),
    { minLength: 400, maxLength: 400 },
  )
  .map((rows) => rows.toSorted((a, b) => a.at - b.at));

test('each clock of each ticket is what core measures, over a change of the clocks and a holiday', async () => {
  for (const rows of fc.sample(rowsOfMany, 3)) {
    const last = Math.max(...rows.map(({ at }) => at));
    const expected = [...Map.groupBy(rows, ({ ticket }) => ticket)].flatMap(([ticketId, own]) =>
      measureSla(lifecycle, own, last).map((reading) => ({ ticketId, ...reading })),
    );
    const { clocks, levels } = await replayed(textOf(rows));
    expect(clocks).toEqual(
      expected.map((reading) => ({ type: 'clock', ...JSON.parse(JSON.stringify(reading)) })),
    );
    expect(levels?.readAt).toBe(new Date(last).toISOString());
    const isBreached = (one: (typeof expected)[number]) => one.isBreached || one.breaches > 0;
    for (const sum of levels?.clocks ?? []) {
      const own = expected.filter(({ clock }) => clock === sum['clock']);
      const left = own.filter((one) => !isBreached(one));
      expect(sum).toMatchObject({
        tickets: own.length,
        breached: own.filter(isBreached).length,
        met: left.filter(({ phase }) => phase === 'stopped').length,
        open: left.filter(({ phase }) => phase === 'running' || phase === 'paused').length,
        notStarted: left.filter(({ phase }) => phase === 'not-started').length,
        consumedMs: own.reduce((total, { consumedMs }) => total + consumedMs, 0),
      });
    }
    const urgent = expected.toSorted(
      (a, b) => Number(isBreached(b)) - Number(isBreached(a)) || a.leftMs - b.leftMs,
    );
    expect(levels?.worst.map(({ leftMs }) => leftMs)).toEqual(
      urgent.slice(0, 20).map(({ leftMs }) => leftMs),
    );
  }
});

const log = `ticket,state,at
A,open,2026-03-02 09:00
A,in-progress,2026-03-02 12:00
A,resolved,2026-03-02 13:00
B,open,2026-03-02 12:30
`;

test('the report says what is met, breached and open, how much is used, and what needs a look', async () => {
  const definition = file('desk.json', JSON.stringify(desk));
  const args = ['replay', '-', '--definition', definition, '--time', 'at'];
  const { stdout } = await runHere([...args, '--time-zone', 'Europe/Berlin'], { input: log });
  const [title, ...lines] = stdout
    .slice(stdout.indexOf('Service levels'))
    .split('\n')
    .map((line) => line.trim().split(/ {2,}/));
  expect([title, ...lines.slice(0, 4)]).toEqual([
    ['Service levels, read at 2026-03-02 13:00 +01:00, the last row:'],
    ['target', 'met', 'breached', 'open', 'used (mean)'],
    ['reply', '2 h', '0', '1 (50.0 %)', '1', '1 h 45 min'],
    ['solve', '8 h', '1', '0 (0.0 %)', '1', '2 h 15 min'],
    ['waits', '24 h', '0', '0', '0'],
  ]);
  expect(stdout).toContain(
    'A, reply *, stopped: 3 h used, 1 h over, breached at 2026-03-02 11:00 +01:00',
  );
  expect(stdout).toContain(
    'B, reply, running: 30 min used, 1 h 30 min left, due at 2026-03-02 14:30',
  );
});

const textOfReport = async (input: string) => {
  const definition = file('desk.json', JSON.stringify(desk));
  const args = ['replay', '-', '--definition', definition, '--time', 'at'];
  return (await runHere([...args, '--time-zone', 'Europe/Berlin'], { input })).stdout;
};

// Of the 8 hours of a day 9 to 17, all are used at 17.
test.each([
  [
    'A,resolved,2026-03-03 05:37\n',
    'A, solve, stopped: 8 h used, 0 min left, breached at 2026-03-02 17:00 +01:00: ran on outside working hours, ended 12 h 37 min after the deadline',
  ],
  [
    'A,resolved,2026-03-02 17:00:30\n',
    'A, solve, stopped: 8 h used, 0 min left, breached at 2026-03-02 17:00 +01:00: ran on outside working hours, ended less than a minute after the deadline',
  ],
  [
    'A,waiting,2026-03-02 20:00\n',
    'A, solve, paused: 8 h used, 0 min left, breached at 2026-03-02 17:00 +01:00: ran on outside working hours',
  ],
  [
    'B,open,2026-03-02 20:00\n',
    'A, solve, running: 8 h used, 0 min left, breached at 2026-03-02 17:00 +01:00: ran on outside working hours',
  ],
  [
    'A,resolved,2026-03-03 09:00:30\n',
    'A, solve, stopped: 8 h used, less than a minute over, breached at 2026-03-02 17:00 +01:00',
  ],
  [
    'A,resolved,2026-03-03 10:00\n',
    'A, solve, stopped: 9 h used, 1 h over, breached at 2026-03-02 17:00 +01:00',
  ],
])('a breach says what went over the target: %j', async (rows, told) => {
  const all = await textOfReport(`ticket,state,at\nA,open,2026-03-02 09:00\n${rows}`);
  expect(all.split('\n').map((line) => line.trim())).toContain(told);
});

test('who stops a clock at the very end of its target is in time', async () => {
  const rows = 'A,open,2026-03-02 09:00\nA,resolved,2026-03-02 17:00\n';
  const { clocks } = await replayed(`ticket,state,at\n${rows}`, ['--time-zone', 'Europe/Berlin']);
  expect(clocks.find(({ clock }) => clock === 'solve')).toMatchObject({
    leftMs: 0,
    isBreached: false,
  });
});

test('tickets whose first rows are missing are counted, and said to start late', async () => {
  for (const rows of fc.sample(rowsOfMany, 2)) {
    const late = [...Map.groupBy(rows, ({ ticket }) => ticket)]
      .filter(([, [first]]) => first?.state !== 'open')
      .map(([ticket]) => ticket);
    const { levels, clocks } = await replayed(textOf(rows));
    expect(levels?.beginElsewhere).toEqual({ tickets: late.length, first: late.slice(0, 20) });
    expect(new Set(clocks.map(({ ticketId }) => ticketId))).toEqual(
      new Set(rows.map(({ ticket }) => ticket)),
    );
  }
});

const whole = (ticket: string) =>
  `${ticket},open,2026-03-02 09:00\n${ticket},in-progress,2026-03-02 10:00\n`;
const without = (ticket: string) => `${ticket},in-progress,2026-03-02 10:00\n`;
test.each([
  [whole('A') + whole('B'), undefined],
  [
    whole('A') + without('B'),
    '1 ticket begins elsewhere than the lifecycle (B): its clocks start late, and may show too little.',
  ],
  [
    ['A', 'B', 'C', 'D'].map(without).join(''),
    '4 tickets begin elsewhere than the lifecycle (A, B, C …): their clocks start late, and may show too little.',
  ],
])('the report and its page say whose clocks start late: %j', async (rows, told) => {
  const html = join(folder(), 'report.html');
  const definition = file('desk.json', JSON.stringify(desk));
  const args = ['replay', '-', '--definition', definition, '--time', 'at', '--html', html];
  const { stdout } = await runHere(args, { input: `ticket,state,at\n${rows}` });
  for (const text of [stdout, readFileSync(html, 'utf8')]) {
    if (told === undefined) expect(text).not.toContain('clocks start late');
    else expect(text).toContain(told);
  }
});

test('the hours of a zone count: the same rows in UTC are an hour later', async () => {
  const used = async (...flags: string[]) =>
    (
      await replayed(
        'ticket,state,at\nA,open,2026-03-02 08:30\nA,resolved,2026-03-02 10:00\n',
        flags,
      )
    ).clocks.find(({ clock }) => clock === 'solve')?.consumedMs;
  expect(await used()).toBe(90 * minute);
  expect(await used('--time-zone', 'Europe/Berlin')).toBe(60 * minute);
});

test.each([
  ['a row without a time', 'A,open,\nA,resolved,2026-03-02 10:00\n', 'row 1 has no time'],
  [
    'a word without a meaning',
    'A,open,2026-03-02 09:00\nA,odd,2026-03-02 10:00\n',
    '"odd" has no meaning',
  ],
])('a ticket with %s is told and counts nowhere', async (_, rows, reason) => {
  const others = 'B,open,2026-03-02 09:00\nB,resolved,2026-03-02 10:00\n';
  const { levels, clocks } = await replayed(`ticket,state,at\n${rows}${others}`);
  expect(levels?.unread).toEqual({ tickets: 1, first: [{ ticketId: 'A', reason }] });
  expect(new Set(clocks.map(({ ticketId }) => ticketId))).toEqual(new Set(['B']));
  expect(levels?.clocks.map(({ tickets }) => tickets)).toEqual([1, 1, 1]);
});

test('a log of statuses says that the state behind one was assumed', async () => {
  const rows = 'ticket,state,at\nA,open,2026-03-02 09:00\nA,in-progress,2026-03-02 10:00\n';
  const definition = file('desk.json', JSON.stringify(desk));
  const args = ['replay', '-', '--definition', definition, '--time', 'at'];
  const { stdout } = await runHere(args, { input: `${rows}A,resolved,2026-03-02 11:00\n` });
  expect(stdout).toContain('the state was assumed');
});

test('one row that names a status alone does not hide the states of the others', async () => {
  const role = (solve: string) => ({ sla: { solve } });
  const definition = {
    meta: { sla: { clocks: { solve: { target: 'PT8H' } } } },
    initial: 'open',
    states: {
      open: { meta: role('run'), on: { START: 'in-progress' } },
      'in-progress': { meta: role('run'), on: { WAIT: 'waiting', FIX: 'fixed', DENY: 'wontfix' } },
      waiting: { meta: { status: 'in-progress', ...role('pause') }, on: { FIX: 'fixed' } },
      fixed: { meta: { status: 'resolved', ...role('stop') }, on: { CLOSE: 'closed' } },
      wontfix: { meta: { status: 'resolved', ...role('stop') }, on: { CLOSE: 'closed' } },
      closed: { type: 'final' },
    },
  };
  const rows = [
    ['open', '2026-03-02 09:00'],
    ['in-progress', '2026-03-02 10:00'],
    ['Pending', '2026-03-02 11:00'],
    ['Solved', '2026-03-05 11:00'],
  ].map(([state, at]) => `A,${state},${at}\n`);
  const flags = ['--map', 'Pending=waiting,Solved=resolved'];
  const { clocks } = await replayed(`ticket,state,at\n${rows.join('')}`, flags, definition);
  expect(clocks).toMatchObject([
    { phase: 'stopped', consumedMs: 120 * minute, isBreached: false, assumed: false },
  ]);
});

test('without clocks or without --time nothing is measured', async () => {
  const { levels, clocks } = await replayed(log, [], { ...desk, meta: {}, states: plainStates() });
  expect([levels, clocks]).toEqual([undefined, []]);
  const definition = file('desk.json', JSON.stringify(desk));
  const { stdout } = await run(['replay', '-', '--definition', definition], { input: log });
  expect(stdout).not.toContain('Service levels');
});

const plainStates = () => ({
  open: { on: { START: 'in-progress' } },
  'in-progress': { on: { RESOLVE: 'resolved' } },
  resolved: { type: 'final' },
});

test.each([
  [['--time', 'at', '--fail-on', 'breached'], 1, 'breached: 1 of 6 (16.7 %)'],
  [['--time', 'at', '--fail-on', 'breached>1'], 0, ''],
  [['--time', 'at', '--fail-on', 'breached>10%'], 1, 'breached>10%: 1 of 6 (16.7 %)'],
  [['--fail-on', 'breached'], 2, 'clocks need times. Name the column of the time with --time.'],
])('a breach fails a check where somebody asks: %j', async (flags, code, said) => {
  const definition = file('desk.json', JSON.stringify(desk));
  const ended = await run(['replay', '-', '--definition', definition, ...flags], { input: log });
  expect([ended.code, ended.stderr]).toEqual([code, expect.stringContaining(said)]);
});

test('a check of clocks that the lifecycle does not have is refused', async () => {
  const flags = ['--time', 'at', '--fail-on', 'breached'];
  const { code, stderr } = await runHere(['replay', '-', ...flags], { input: log });
  expect(code).toBe(2);
  expect(stderr).toContain('--fail-on breached: the lifecycle has no clocks.');
});

test('the page of a report has the clocks too', async () => {
  const html = join(folder(), 'report.html');
  const definition = file('desk.json', JSON.stringify(desk));
  const args = ['replay', '-', '--definition', definition, '--time', 'at', '--html', html];
  await runHere(args, { input: log });
  const page = readFileSync(html, 'utf8');
  expect(page).toContain('Service levels at 2026-03-02 13:00 UTC, the last row');
  expect(page).toContain('breached at 2026-03-02 ');
});
