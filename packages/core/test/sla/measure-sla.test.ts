import { describe, expect, test } from 'vitest';
import {
  defineLifecycle,
  LifecycleDefinitionError,
  type LifecycleConfig,
} from '../../src/index.ts';
import { leanTicketLifecycle } from '../../src/lifecycle/lean.ts';
import { measureSla, type SlaOptions, type SlaReading } from '../../src/sla/measure-sla.ts';

const office = {
  timeZone: 'Europe/Berlin',
  hours: {
    monday: ['09:00-12:00', '13:00-18:00'],
    tuesday: ['09:00-12:00', '13:00-18:00'],
    wednesday: ['09:00-12:00', '13:00-18:00'],
    thursday: ['09:00-12:00', '13:00-18:00'],
    friday: '09:00-12:00',
  },
  holidays: ['2026-04-03', '2026-04-06'],
  days: { '2026-04-01': '10:00-12:00' },
};

const closed = { type: 'final' } as const;
const clocks = {
  response: { target: 'PT4H', calendar: 'office' },
  resolution: { target: 'PT8H', calendar: 'office', afterStop: 'continues' },
  approval: { target: 'PT24H', per: 'stay' },
};

/** A desk with a clock of each kind. */
const desk = defineLifecycle({
  meta: { sla: { clocks, calendars: { office } } },
  initial: 'open',
  states: {
    open: {
      meta: { sla: { response: 'run', resolution: 'run' } },
      on: { START: 'in-progress', CLOSE: 'closed' },
    },
    'in-progress': {
      meta: { sla: { response: 'stop', resolution: 'run' } },
      on: { WAIT: 'waiting', ASK: 'approval', RESOLVE: 'resolved' },
    },
    waiting: {
      meta: { status: 'in-progress', sla: { resolution: 'pause' } },
      on: { ANSWER: 'in-progress', RESOLVE: 'resolved' },
    },
    approval: {
      meta: { status: 'in-progress', sla: { approval: 'run' } },
      on: { APPROVE: 'in-progress' },
    },
    resolved: {
      meta: { sla: { response: 'stop', resolution: 'stop' } },
      on: { REOPEN: 'open', CLOSE: 'closed' },
    },
    closed: {
      meta: { sla: { response: 'stop', resolution: 'stop' } },
      on: { REOPEN: 'open' },
    },
  },
});
type State = (typeof desk)['states'][number];
type Clock = keyof typeof clocks;

/** Rows as `[state, time in Berlin]`; in 2026 summer time begins on 29 March. */
const rowsOf = (rows: readonly (readonly [State, string])[]) =>
  rows.map(([state, at]) => ({ state, at: berlin(at) }));
const berlin = (text: string) =>
  `2026-${text.replace(' ', 'T')}:00${text < '03-29 03:00' ? '+01:00' : '+02:00'}`;

function read(
  name: Clock,
  rows: readonly (readonly [State, string])[],
  now: string,
  options?: SlaOptions,
): SlaReading {
  const readings = measureSla(desk, rowsOf(rows), berlin(now), options);
  const found = readings.find(({ clock }) => clock === name);
  if (found === undefined) throw new Error('There is a clock.');
  return found;
}

const hoursOf = ({ consumedMs }: SlaReading) => consumedMs / 3_600_000;
const breachOf = ({ breachAt }: SlaReading) => breachAt?.toISOString();

test('a clock says what was consumed, what is left and when it breaches', () => {
  // A Monday.
  expect(read('resolution', [['open', '03-02 10:00']], '03-02 14:00')).toEqual({
    clock: 'resolution',
    phase: 'running',
    targetMs: 8 * 3_600_000,
    consumedMs: 3 * 3_600_000,
    leftMs: 5 * 3_600_000,
    states: [{ state: 'open', consumedMs: 3 * 3_600_000 }],
    startedAt: new Date('2026-03-02T09:00:00Z'),
    stoppedAt: undefined,
    breachAt: new Date('2026-03-03T09:00:00Z'),
    isBreached: false,
    breaches: 0,
    assumed: false,
  });
});

test('the part of each state is told', () => {
  const { states } = read(
    'resolution',
    [
      ['open', '03-02 09:00'],
      ['in-progress', '03-02 10:00'],
      ['waiting', '03-02 12:00'],
      ['in-progress', '03-02 13:00'],
    ],
    '03-02 14:00',
  );
  expect(states).toEqual([
    { state: 'open', consumedMs: 3_600_000 },
    { state: 'in-progress', consumedMs: 3 * 3_600_000 },
  ]);
});

describe('the mistakes of help desks', () => {
  test('a weekend and the lunch break do not count, on hold or not', () => {
    // From Friday to Tuesday: 1 h on Friday, 8 h on Monday, 1 h on Tuesday.
    const rows = [['open', '03-06 11:00']] as const;
    expect(hoursOf(read('resolution', rows, '03-10 10:00'))).toBe(10);
    const held = [...rows, ['in-progress', '03-06 11:30'], ['waiting', '03-06 11:30']] as const;
    expect(hoursOf(read('resolution', held, '03-10 10:00'))).toBe(0.5);
    const answered = [...held, ['in-progress', '03-09 12:30']] as const;
    expect(hoursOf(read('resolution', answered, '03-09 14:00'))).toBe(1.5);
  });

  test('a deadline is read in the zone of the calendar, whatever the zone of the text is', () => {
    // Midnight in Tokyo is 16:00 in Berlin: two hours are left of the day there.
    const history = [{ state: 'open', at: '2026-03-03T00:00:00+09:00' }] as const;
    const [response] = measureSla(desk, history, '2026-03-02T10:30:00-05:00');
    expect(response?.consumedMs).toBe(1_800_000);
    expect(response?.breachAt?.toISOString()).toBe('2026-03-03T10:00:00.000Z');
  });

  test('a ticket that is resolved while it waits has not consumed the wait', () => {
    const reading = read(
      'resolution',
      [
        ['open', '03-02 09:00'],
        ['in-progress', '03-02 10:00'],
        ['waiting', '03-02 11:00'],
        ['resolved', '03-05 11:00'],
      ],
      '03-09 09:00',
    );
    expect(hoursOf(reading)).toBe(2);
    expect(reading).toMatchObject({ phase: 'stopped', isBreached: false, breachAt: undefined });
    expect(reading.stoppedAt).toEqual(new Date('2026-03-05T10:00:00Z'));
  });

  test('a clock that goes on has not started where its ticket has only stopped and paused', () => {
    const rows = [
      ['resolved', '03-02 09:00'],
      ['waiting', '03-02 10:00'],
    ] as const;
    expect(read('resolution', rows.slice(0, 1), '03-02 12:00')).toMatchObject({
      phase: 'stopped',
      isBreached: false,
      breaches: 0,
    });
    expect(read('resolution', rows, '03-02 12:00')).toMatchObject({
      phase: 'not-started',
      startedAt: undefined,
      stoppedAt: undefined,
      consumedMs: 0,
      isBreached: false,
    });
  });

  test('a reopened ticket goes on where it was, and its response stays given', () => {
    const rows = [
      ['open', '03-02 09:00'],
      ['in-progress', '03-02 10:00'],
      ['resolved', '03-02 12:00'],
      ['open', '03-03 09:00'],
    ] as const;
    const resolution = read('resolution', rows, '03-03 10:00');
    expect(hoursOf(resolution)).toBe(4);
    expect(resolution).toMatchObject({ phase: 'running', stoppedAt: undefined });
    expect(breachOf(resolution)).toBe('2026-03-03T14:00:00.000Z');
    const response = read('response', rows, '03-03 10:00');
    expect(hoursOf(response)).toBe(1);
    expect(response).toMatchObject({ phase: 'stopped', isBreached: false });
    expect(response.stoppedAt).toEqual(new Date('2026-03-02T09:00:00Z'));
  });

  test('a clock that was on hold before a reopening is on hold, and not stopped', () => {
    const rows = [
      ['open', '03-02 09:00'],
      ['in-progress', '03-02 10:00'],
      ['resolved', '03-02 11:00'],
      ['waiting', '03-02 12:00'],
    ] as const;
    expect(read('resolution', rows, '03-03 10:00')).toMatchObject({
      phase: 'paused',
      stoppedAt: undefined,
    });
  });

  test('a holiday does not count, and a day with hours of its own counts those', () => {
    // Wednesday 10 to 12, Thursday 8 hours, then Good Friday, a weekend and Easter Monday.
    expect(hoursOf(read('resolution', [['open', '04-01 09:00']], '04-07 10:00'))).toBe(11);
    expect(breachOf(read('resolution', [['open', '04-02 13:00']], '04-02 13:00'))).toBe(
      '2026-04-07T10:00:00.000Z',
    );
  });

  test('the evening counts in the west, where it is tomorrow in UTC already', () => {
    const evening = { timeZone: 'America/New_York', hours: { monday: '20:00-24:00' } };
    const options = { calendars: { office: evening } };
    // From 21:00 on Monday in New York until 9:00 on Tuesday.
    const [, resolution] = measureSla(
      desk,
      [{ state: 'open', at: '2026-03-03T02:00:00Z' }],
      '2026-03-03T14:00:00Z',
      options,
    );
    expect(resolution?.consumedMs).toBe(3 * 3_600_000);
  });

  test('a day on which the clocks change is as long as they make it', () => {
    const night = { timeZone: 'Europe/Berlin', hours: { sunday: '00:00-06:00' } };
    const options = { calendars: { office: night } };
    const spring = read('resolution', [['open', '03-28 12:00']], '03-30 12:00', options);
    expect(hoursOf(spring)).toBe(5);
    const autumn = measureSla(
      desk,
      [{ state: 'open', at: '2026-10-24T12:00:00Z' }],
      '2026-10-26T12:00:00Z',
      options,
    ).find(({ clock }) => clock === 'resolution');
    expect(autumn?.consumedMs).toBe(7 * 3_600_000);
  });
});

describe('a target', () => {
  const monday = [['open', '03-02 09:00']] as const;

  test('that ends with the working day is used up then, and not the next morning', () => {
    expect(breachOf(read('resolution', monday, '03-02 10:00'))).toBe('2026-03-02T17:00:00.000Z');
  });

  test('is kept by whoever stops at the very moment, and missed a minute later', () => {
    const until = (at: string) => read('response', [...monday, ['in-progress', at]], '03-09 09:00');
    expect(until('03-02 14:00')).toMatchObject({ isBreached: false, breaches: 0, leftMs: 0 });
    expect(until('03-02 14:01')).toMatchObject({ isBreached: true, breaches: 1, leftMs: -60_000 });
    expect(until('03-02 14:01').breachAt).toEqual(until('03-02 14:00').breachAt);
  });

  test('that is used up at closing time is missed in the night', () => {
    const reading = read('resolution', monday, '03-02 18:01');
    expect(reading).toMatchObject({ leftMs: 0, isBreached: true });
  });

  test('of a clock that waits has no moment', () => {
    const rows = [...monday, ['in-progress', '03-02 10:00'], ['waiting', '03-02 11:00']] as const;
    expect(read('resolution', rows, '03-02 14:00')).toMatchObject({
      phase: 'paused',
      breachAt: undefined,
    });
  });

  test('of each stay is counted from zero', () => {
    const rows = [
      ['open', '03-02 09:00'],
      ['in-progress', '03-02 10:00'],
      ['approval', '03-02 11:00'],
      ['in-progress', '03-04 11:00'],
      ['approval', '03-05 11:00'],
    ] as const;
    expect(read('approval', rows.slice(0, 2), '03-02 11:00').phase).toBe('not-started');
    expect(read('approval', rows.slice(0, 3), '03-04 11:00')).toMatchObject({
      isBreached: true,
      breaches: 1,
    });
    const second = read('approval', rows, '03-05 12:00');
    expect(second).toMatchObject({ phase: 'running', isBreached: false, breaches: 1 });
    expect(hoursOf(second)).toBe(1);
    expect(breachOf(second)).toBe('2026-03-06T10:00:00.000Z');
    const left = read('approval', rows.slice(0, 4), '03-05 09:00');
    expect(left).toMatchObject({ phase: 'stopped', isBreached: true });
    expect(left.stoppedAt).toEqual(new Date('2026-03-04T10:00:00Z'));
  });

  test('of each stay ends with its stay, whatever a stop would do', () => {
    const lifecycle = defineLifecycle({
      meta: { sla: { clocks: { it: { target: 'PT1H', per: 'stay', afterStop: 'continues' } } } },
      initial: 'open',
      states: {
        open: { meta: { sla: { it: 'run' } }, on: { START: 'in-progress' } },
        'in-progress': { on: { RESOLVE: 'resolved' } },
        resolved: { on: { CLOSE: 'closed' } },
        closed,
      },
    });
    const rows = lifecycle.states.map((state, index) => ({ state, at: index * 1000 }));
    for (const length of [2, 3, 4]) {
      const [reading] = measureSla(lifecycle, rows.slice(0, length), 9000);
      expect(reading).toMatchObject({ phase: 'stopped', stoppedAt: new Date(1000) });
    }
  });

  test('that was missed stays missed at that moment, however the ticket goes on', () => {
    const rows = [
      ['open', '03-02 10:00'],
      ['in-progress', '03-02 16:00'],
      ['waiting', '03-03 11:00'],
      ['in-progress', '03-04 09:00'],
      ['resolved', '03-04 12:00'],
    ] as const;
    for (const length of [3, 4, 5]) {
      const reading = read('resolution', rows.slice(0, length), '03-05 09:00');
      expect(reading).toMatchObject({ isBreached: true, breaches: 1 });
      expect(breachOf(reading)).toBe('2026-03-03T09:00:00.000Z');
    }
  });

  test('that has ended does not go on in a state that would pause it', () => {
    const rows = [...monday, ['in-progress', '03-02 10:00'], ['waiting', '03-02 11:00']] as const;
    const reading = read('response', rows, '03-02 14:00');
    expect(reading).toMatchObject({ phase: 'stopped' });
    expect(reading.stoppedAt).toEqual(new Date('2026-03-02T09:00:00Z'));
  });

  test('that takes more than a hundred years has no moment', () => {
    const lifecycle = defineLifecycle({
      meta: {
        sla: {
          clocks: { it: { target: 'PT100000H', calendar: 'short' } },
          calendars: { short: { timeZone: 'UTC', hours: { monday: '00:00-00:01' } } },
        },
      },
      initial: 'open',
      states: { open: { meta: { sla: { it: 'run' } }, on: { CLOSE: 'closed' } }, closed },
    });
    const [reading] = measureSla(lifecycle, [{ state: 'open', at: 0 }], 0);
    expect(reading).toMatchObject({ phase: 'running', breachAt: undefined });
  });
});

describe('a history', () => {
  test('of statuses is explained as a whole, and what a status hides is said', () => {
    const at = (hour: string) => `2026-03-02T${hour}:00+01:00`;
    const rows = [
      { status: 'open', at: at('09:00') },
      { status: 'in-progress', at: at('10:00') },
      { status: 'in-progress', at: at('11:00') },
      { status: 'resolved', at: at('12:00') },
    ];
    const [response, resolution] = measureSla(desk, rows, at('18:00'));
    expect(resolution).toMatchObject({
      phase: 'stopped',
      consumedMs: 3 * 3_600_000,
      assumed: true,
    });
    expect(response).toMatchObject({ phase: 'stopped', assumed: true });
    const [, opened] = measureSla(desk, rows.slice(0, 1), at('18:00'));
    expect(opened?.assumed).toBe(false);
  });

  test('of statuses is read from the run that the replay of a complete log names', () => {
    const lifecycle = defineLifecycle({
      meta: { sla: { clocks: { work: { target: 'PT8H' } } } },
      initial: 'desk',
      states: {
        desk: {
          meta: { status: 'in-progress', sla: { work: 'run' } },
          on: { RESOLVE: 'resolved' },
        },
        resolved: { on: { CLOSE: 'closed', REOPEN: 'open' } },
        open: { on: { FORWARD: 'vendor' } },
        vendor: { meta: { status: 'in-progress' }, on: { CLOSE: 'closed' } },
        closed: { on: { REOPEN: 'open' } },
      },
    });
    const rows = [
      { status: 'in-progress', at: '2026-03-02T09:00:00Z' },
      { status: 'closed', at: '2026-03-02T20:00:00Z' },
    ];
    const statuses = rows.map(({ status }) => status);
    const { explanation } = lifecycle.replay(statuses, { complete: true });
    expect(explanation.map(({ state }) => state)).toEqual(['desk', 'closed']);
    const [clock] = measureSla(lifecycle, rows, '2026-03-02T21:00:00Z');
    expect([clock?.states, clock?.isBreached]).toEqual([
      [{ state: 'desk', consumedMs: 11 * 3_600_000 }],
      true,
    ]);
  });

  test('goes by the states of its rows, also where they name a status besides', () => {
    const rows = [
      { state: 'open', at: '03-02 09:00' },
      { state: 'in-progress', at: '03-02 10:00' },
      { state: 'waiting', at: '03-02 11:00' },
    ] as const;
    const now = berlin('03-02 18:00');
    const measure = (statusOf: (state: State) => string | undefined) =>
      measureSla(
        desk,
        rows.map(({ state, at }) => ({ state, status: statusOf(state), at: berlin(at) })),
        now,
      );
    const [, resolution] = measure((state) => desk.statusOf(state));
    expect(resolution).toMatchObject({ phase: 'paused', consumedMs: 2 * 3_600_000 });
    expect(measure(() => undefined)).toEqual(measure((state) => desk.statusOf(state)));
    // A field that says nothing is as good as none.
    for (const none of [undefined, null]) {
      const byStatus = [{ state: none, status: 'open', at: berlin('03-02 09:00') }];
      const measured = measureSla(desk, byStatus as never, now);
      expect(measured).toMatchObject([{ phase: 'running' }, {}, {}]);
    }
  });

  test('may name states in some rows and statuses in others', () => {
    const rows = [
      { state: 'open', at: '03-02 09:00' },
      { state: 'waiting', at: '03-02 10:00' },
      // Seen again: it is still waiting.
      { status: 'in-progress', at: '03-02 11:00' },
      { status: 'resolved', at: '03-02 14:00' },
    ] as const;
    const measure = (given: readonly object[], now: string) =>
      measureSla(
        desk,
        given.map((row) => ({ ...row, at: berlin((row as { at: string }).at) }) as never),
        berlin(now),
      );
    const [, paused] = measure(rows.slice(0, 3), '03-02 18:00');
    expect(paused).toMatchObject({ phase: 'paused', consumedMs: 3_600_000, assumed: false });
    const [, resolution] = measure(rows, '03-02 18:00');
    expect(resolution).toMatchObject({ phase: 'stopped', consumedMs: 3_600_000, assumed: false });
    // Behind another status nobody knows which state of it was meant.
    const [, assumed] = measure(
      [rows[0], { status: 'in-progress', at: '03-02 10:00' }, rows[1]],
      '03-02 18:00',
    );
    expect(assumed).toMatchObject({ phase: 'paused', assumed: true });
  });

  test('that names a state is explained through it, before and after', () => {
    const counts = (role: string) => ({ sla: { work: role } });
    const resolved = { status: 'resolved' } as const;
    const two = defineLifecycle({
      meta: { sla: { clocks: { work: { target: 'PT8H' } } } },
      initial: 'open',
      states: {
        open: { on: { CALL: 'phone', WRITE: 'mail' } },
        phone: { meta: { status: 'in-progress' }, on: { DONE: 'called', WRITE: 'mail' } },
        mail: { meta: { status: 'in-progress' }, on: { DONE: 'written' } },
        called: { meta: { ...resolved, ...counts('run') }, on: { CLOSE: 'closed' } },
        written: { meta: { ...resolved, ...counts('stop') }, on: { CLOSE: 'closed' } },
        closed: { on: { REOPEN: 'open' } },
      },
    });
    const phaseOf = (...names: readonly string[]) => {
      const rows = names.map((name, hour) => ({
        ...(two.isState(name) && name !== 'open' ? { state: name } : { status: name }),
        at: Date.UTC(2026, 2, 2, hour),
      }));
      const [clock] = measureSla(two, rows as never, Date.UTC(2026, 2, 2, 20));
      return [clock?.phase, (clock?.consumedMs ?? 0) / 3_600_000];
    };
    expect(phaseOf('open', 'phone', 'resolved')).toEqual(['running', 18]);
    expect(phaseOf('open', 'mail', 'resolved')).toEqual(['stopped', 0]);
    expect(phaseOf('open', 'mail', 'in-progress', 'resolved')).toEqual(['stopped', 0]);
    // Nothing leads from one to the other, so it was there before.
    expect(phaseOf('open', 'in-progress', 'resolved', 'written')).toEqual(['stopped', 0]);
    // Here an edge leads there.
    expect(phaseOf('open', 'in-progress', 'mail', 'resolved')).toEqual(['stopped', 0]);
    expect(phaseOf('open', 'in-progress', 'resolved')).toEqual(['running', 18]);
  });

  test.each([
    { WAIT: 'open', ANSWER: 'working' },
    { ANSWER: 'working', WAIT: 'open' },
  ])('that names a state costs nothing for moves within its status: %o', (on) => {
    const inProgress = { status: 'in-progress' };
    const done = (clock: string) => ({ status: 'resolved', sla: { [clock]: 'run' } });
    const lifecycle = defineLifecycle({
      meta: { sla: { clocks: { solved: { target: 'PT1H' }, given: { target: 'PT1H' } } } },
      initial: 'waiting',
      states: {
        waiting: { meta: inProgress, on },
        working: { meta: inProgress, on: { SOLVE: 'solved' } },
        open: { on: { GIVE_UP: 'given-up' } },
        'given-up': { meta: done('given'), on: { RETRY: 'open' } },
        solved: { meta: done('solved'), on: { ASK: 'waiting' } },
      },
    } as LifecycleConfig);
    const history = [
      { state: 'waiting', at: 0 },
      { status: 'resolved', at: 1000 },
    ];
    const consumed = measureSla(lifecycle, history, 3000).map(({ consumedMs }) => consumedMs);
    // Another run passes the status open, which no row shows.
    expect(consumed).toEqual([2000, 0]);
  });

  test('without rows has started no clock', () => {
    for (const reading of measureSla(desk, [], 0)) {
      expect(reading).toMatchObject({ phase: 'not-started', consumedMs: 0, states: [] });
      expect(reading.leftMs).toBe(reading.targetMs);
    }
  });

  test('that ends before it begins a stop still stops', () => {
    const rows = [
      ['open', '03-02 09:00'],
      ['in-progress', '03-02 10:00'],
      ['open', '03-02 10:00'],
    ] as const;
    expect(read('response', rows, '03-02 11:00')).toMatchObject({ phase: 'stopped' });
  });

  const at = '2026-03-02T09:00:00Z';
  test.each<[title: string, history: unknown[], now: unknown, message: string]>([
    [
      'an unknown state',
      [{ state: 'opne', at }],
      at,
      'history[0].state: Expected one of the states open, in-progress, waiting, approval, resolved, closed, received "opne".',
    ],
    ['a row that is none', [null], at, 'history[0].state: Expected one of the states'],
    [
      'an unknown status',
      [
        { status: 'open', at },
        { status: 'on-hold', at },
      ],
      at,
      'history[1].status: Expected a status that a state stands for, received "on-hold".',
    ],
    [
      'a moment that is none',
      [{ state: 'open', at: '2026-02-30T00:00:00Z' }],
      at,
      'history[0].at: Expected a Date, milliseconds, or an ISO 8601 text with its zone',
    ],
    [
      'rows out of order',
      [
        { state: 'open', at },
        { state: 'closed', at: '2026-03-01T00:00:00Z' },
      ],
      at,
      'history[1].at is before the row above. Sort the rows by time.',
    ],
    [
      'a row after now',
      [{ state: 'open', at }],
      '2026-03-01T00:00:00Z',
      'now is before the last row of the history.',
    ],
    ['no now', [{ state: 'open', at }], undefined, 'now: Expected a Date'],
  ])('is refused for %s', (_, history, now, message) => {
    const measure = () => measureSla(desk, history as never, now as never);
    expect(measure).toThrow(RangeError);
    expect(measure).toThrow(message);
  });
});

test('a clock without a calendar counts day and night, also beside one without a name', () => {
  const lifecycle = defineLifecycle({
    meta: {
      sla: {
        clocks: { named: { target: 'PT8H', calendar: '' }, bare: { target: 'PT8H' } },
        calendars: { '': office },
      },
    },
    initial: 'open',
    states: {
      open: { meta: { sla: { named: 'run', bare: 'run' } }, on: { CLOSE: 'closed' } },
      closed,
    },
  });
  const history = [{ state: 'open', at: '2026-03-07T09:00:00Z' }] as const;
  const readings = measureSla(lifecycle, history, '2026-03-07T10:00:00Z');
  expect(readings.map(({ consumedMs }) => consumedMs)).toEqual([0, 3_600_000]);
});

describe('calendars of the caller', () => {
  test("take the place of the lifecycle's", () => {
    const tokyo = { timeZone: 'Asia/Tokyo', hours: { monday: '09:00-17:00' } };
    // 10:00 in Berlin is 18:00 in Tokyo.
    const reading = read('resolution', [['open', '03-02 08:00']], '03-02 10:00', {
      calendars: { office: tokyo },
    });
    expect(hoursOf(reading)).toBe(1);
  });

  test('are refused with all their faults', () => {
    const calendars = { ofice: { timeZone: 'Mars', hours: { monday: '9-17' } } };
    const measure = () => read('resolution', [], '03-02 10:00', { calendars });
    expect(measure).toThrow(LifecycleDefinitionError);
    expect(measure).toThrow(/^measureSla: the calendars are not right/);
    expect(measure).toThrow(
      expect.objectContaining({
        faults: [
          expect.objectContaining({ path: 'calendars.ofice.timeZone' }),
          expect.objectContaining({ path: 'calendars.ofice.hours.monday' }),
          expect.objectContaining({
            code: 'unknown-calendar',
            path: 'calendars.ofice',
            message: '"ofice" is not a calendar of this lifecycle. Expected one of office.',
          }),
        ],
      }),
    );
  });

  test('are told what calendars there are', () => {
    const config = {
      meta: {
        sla: {
          clocks: { it: { target: 'PT1H', calendar: 'day' } },
          calendars: { day: office, night: office },
        },
      },
      initial: 'open',
      states: { open: { meta: { sla: { it: 'run' } }, on: { CLOSE: 'closed' } }, closed },
    };
    expect(() =>
      measureSla(defineLifecycle(config), [], 0, { calendars: { noon: office } }),
    ).toThrow('"noon" is not a calendar of this lifecycle. Expected one of day, night.');
  });
});

test.each<[title: string, given: unknown[], message: string]>([
  ['no lifecycle', [{}, [], 0], 'lifecycle: Expected a lifecycle of defineLifecycle'],
  [
    'a lean one',
    [leanTicketLifecycle, [], 0],
    'lifecycle: Expected a lifecycle of defineLifecycle',
  ],
  ['nothing', [undefined, [], 0], 'lifecycle: Expected a lifecycle of defineLifecycle'],
  ['a text', [desk, 'open', 0], 'history: Expected a list of rows, received "open".'],
  ['no history', [desk, undefined, 0], 'history: Expected a list of rows, received nothing.'],
  ['null', [desk, null, 0], 'history: Expected a list of rows, received null.'],
  ['one row', [desk, { state: 'open', at: 0 }, 0], 'history: Expected a list of rows'],
])('%s is refused by the name of the argument', (_, given, message) => {
  const measure = () => measureSla(...(given as Parameters<typeof measureSla>));
  expect(measure).toThrow(TypeError);
  expect(measure).toThrow(`measureSla: ${message}`);
});
