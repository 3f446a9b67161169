import { describe, expect, test } from 'vitest';
import { defineLifecycle, LifecycleDefinitionError, ticketLifecycle } from '../../src/index.ts';
import { machineOf } from '../support/machine-of.ts';

const office = { timeZone: 'Europe/Berlin', hours: { monday: '09:00-17:00' } };
const clocks = { resolution: { target: 'PT8H', calendar: 'office' } };

const configWith = (sla: unknown, open: unknown = { resolution: 'run' }) => ({
  initial: 'open',
  meta: { sla },
  states: {
    open: { meta: { sla: open }, on: { CLOSE: 'closed' } },
    closed: { type: 'final', meta: { sla: { resolution: 'stop' } } },
  },
});

/** Which code a fault has, by its place and by what it says. */
function codeOf(path: string, message: string): string {
  if (message.includes('is not known here')) return 'unknown-key';
  if (message.includes('is not a clock')) return 'unknown-clock';
  if (message.includes('runs in no state')) return 'idle-clock';
  if (path.endsWith('.calendar')) return 'unknown-calendar';
  return path.startsWith('meta.sla.calendars.') ? 'bad-calendar' : 'bad-sla';
}

/** The faults as `path: message`; a machine has the same as its config. */
function faultsIn(sla: unknown, open?: unknown): string[] {
  const config = configWith(sla, open);
  const [fromConfig, fromMachine] = [config, machineOf(config)].map((definition) => {
    try {
      defineLifecycle(definition as never);
      return [];
    } catch (error) {
      if (!LifecycleDefinitionError.is(error)) throw error;
      return error.faults.map(({ code, path, message }) => {
        expect([path, code]).toEqual([path, codeOf(path, message)]);
        return `${path}: ${message}`;
      });
    }
  });
  expect(fromMachine).toEqual(fromConfig);
  return fromConfig ?? [];
}

test('what is declared is read as data', () => {
  const { sla } = defineLifecycle(configWith({ clocks, calendars: { office } }));
  expect(sla.clocks).toEqual([
    {
      name: 'resolution',
      target: 'PT8H',
      targetMs: 28_800_000,
      calendar: 'office',
      per: 'ticket',
      afterStop: 'ended',
      runsIn: ['open'],
      stopsIn: ['closed'],
    },
  ]);
  expect([...sla.calendars.keys()]).toEqual(['office']);
  const special = {
    holidays: ['1970-01-02'],
    days: { '1970-01-03': ['13:00-14:30', '09:00-12:00'] },
  };
  const calendars = { office: { ...office, ...special } };
  expect(defineLifecycle(configWith({ clocks, calendars })).sla.calendars.get('office')).toEqual({
    timeZone: 'Europe/Berlin',
    week: [[{ from: 540, until: 1020 }], [], [], [], [], [], []],
    days: new Map([
      [86_400_000, []],
      [
        172_800_000,
        [
          { from: 540, until: 720 },
          { from: 780, until: 870 },
        ],
      ],
    ]),
  });
});

test.each([
  ['PT1.5S', 1500],
  ['PT2H3M4S', 7_384_000],
  ['PT0.25H', 900_000],
])('a target of %s is %i milliseconds', (target, targetMs) => {
  const { sla } = defineLifecycle(configWith({ clocks: { resolution: { target } } }));
  expect(sla.clocks[0]?.targetMs).toBe(targetMs);
});

test('without a declaration there are no clocks', () => {
  const { sla } = ticketLifecycle;
  expect(sla).toEqual({ clocks: [], calendars: new Map() });
});

test('clocks are no behaviour: the fingerprint stays when a holiday is added', () => {
  const plain = defineLifecycle(configWith({ clocks, calendars: { office } }));
  const holidays = ['2026-12-25'];
  const other = configWith({ clocks, calendars: { office: { ...office, holidays } } });
  expect(defineLifecycle(other).fingerprint).toBe(plain.fingerprint);
});

test('all faults come at once, with those of the states', () => {
  expect(
    faultsIn(
      { clocks: { resolution: { target: 'P2D', calendar: 'offce' } }, calendars: { office: 5 } },
      { resolution: 'runs', respnse: 'run' },
    ),
  ).toEqual([
    'meta.sla.calendars.office: Expected { timeZone, hours }, received 5.',
    'states.open.meta.sla.resolution: Expected "run", "pause" or "stop", received "runs".',
    'states.open.meta.sla.respnse: "respnse" is not a clock of the machine\'s meta.sla.clocks. Expected one of resolution.',
    'meta.sla.clocks.resolution.target: Expected hours, minutes and seconds of working time, such as "PT8H", received "P2D".',
    'meta.sla.clocks.resolution.calendar: Expected one of office, received "offce".',
    'meta.sla.clocks.resolution: It runs in no state. Say "run" in the meta.sla of a state.',
  ]);
});

describe('a clock that is wrong is a fault of the definition', () => {
  const path = 'meta.sla.clocks.resolution';
  const target = 'Expected hours, minutes and seconds of working time, such as "PT8H", received';
  test.each<[title: string, clock: unknown, faults: string[]]>([
    ['no object', 'PT8H', [`${path}: Expected an object with a target, received "PT8H".`]],
    ['no target', {}, [`${path}.target: ${target} nothing.`]],
    ['no time', { target: 'PT0S' }, [`${path}.target: ${target} "PT0S".`]],
    ['days', { target: 'P1DT1H' }, [`${path}.target: ${target} "P1DT1H".`]],
    ...['P1Y1MT1H', 'P1M1WT1H', 'P1W1DT1H'].map((text): [string, unknown, string[]] => [
      `any date: ${text}`,
      { target: text },
      [`${path}.target: ${target} "${text}".`],
    ]),
    [
      'no calendar of that name',
      { target: 'PT1H', calendar: 'home' },
      [`${path}.calendar: Expected one of office, received "home".`],
    ],
    [
      'another kind',
      { target: 'PT1H', per: 'state', afterStop: 'restarts' },
      [
        `${path}.per: Expected "ticket" or "stay", received "state".`,
        `${path}.afterStop: Expected "ended" or "continues", received "restarts".`,
      ],
    ],
    [
      'a key that nothing reads',
      { target: 'PT1H', timezone: 'UTC' },
      [
        `${path}.timezone: "timezone" is not known here. Expected one of target, calendar, per, afterStop.`,
      ],
    ],
    [
      'a stay with a stop',
      { target: 'PT1H', per: 'stay' },
      [`${path}: A clock per stay ends with its stay. Drop the "stop" of closed.`],
    ],
  ])('%s', (_, clock, faults) => {
    expect(faultsIn({ clocks: { resolution: clock }, calendars: { office } })).toEqual(faults);
  });
});

describe('a calendar that is wrong is a fault of the definition', () => {
  const path = 'meta.sla.calendars.office';
  test.each<[title: string, change: object, faults: string[]]>([
    ['a zone', { timeZone: 'Mars' }, ['timeZone: Expected an IANA time zone, received "Mars".']],
    [
      'a zone left out',
      { timeZone: undefined },
      ['timeZone: Expected an IANA time zone, received nothing.'],
    ],
    ['no zone', { timeZone: 5 }, ['timeZone: Expected an IANA time zone, received 5.']],
    [
      'no hours',
      { hours: {} },
      ['hours: No working hours. Give the hours of a weekday, such as monday: "09:00-17:00".'],
    ],
    [
      'hours that are a text',
      { hours: '09:00-17:00' },
      ['hours: Expected an object of weekdays, received "09:00-17:00".'],
    ],
    [
      'a weekday',
      { hours: { monday: '09:00-17:00', Tue: '09:00-17:00' } },
      [
        'hours.Tue: "Tue" is not known here. Expected one of monday, tuesday, wednesday, thursday, friday, saturday, sunday.',
      ],
    ],
    ...[
      '9-17',
      '09:00',
      '09:00-17:60',
      '25:00-26:00',
      '09:00-24:01',
      '09:00–17:00',
      '109:00-17:00',
      '09:00-17:000',
    ].map((text): [string, object, string[]] => [
      text,
      { hours: { monday: text } },
      [`hours.monday: Expected hours such as "09:00-17:00", received "${text}".`],
    ]),
    [
      'hours in a list too many',
      { hours: { monday: [['09:00-17:00']] } },
      ['hours.monday: Expected hours such as "09:00-17:00", received an array.'],
    ],
    [
      'hours on no day',
      { hours: { monday: [], sunday: [] } },
      ['hours: No working hours. Give the hours of a weekday, such as monday: "09:00-17:00".'],
    ],
    [
      'hours of no time',
      { hours: { monday: '09:00-09:00' } },
      [
        'hours.monday: "09:00-09:00" ends before it begins. Over midnight: end with 24:00, and begin the next day with 00:00.',
      ],
    ],
    [
      'a key that nothing reads',
      { timezone: 'UTC' },
      ['timezone: "timezone" is not known here. Expected one of timeZone, hours, holidays, days.'],
    ],
    [
      'hours over midnight',
      { hours: { monday: '22:00-06:00' } },
      [
        'hours.monday: "22:00-06:00" ends before it begins. Over midnight: end with 24:00, and begin the next day with 00:00.',
      ],
    ],
    [
      'hours that overlap',
      { hours: { monday: ['13:00-17:00', '09:00-13:01'] } },
      ['hours.monday: These hours overlap. Join them.'],
    ],
    [
      'a holiday that is none',
      { holidays: ['2026-02-30', 'Easter', '25.12.2026', '12026-12-25', '2026-12-250'] },
      [
        'holidays.0: Expected a date such as "2026-12-25", received "2026-02-30".',
        'holidays.1: Expected a date such as "2026-12-25", received "Easter".',
        'holidays.2: Expected a date such as "2026-12-25", received "25.12.2026".',
        'holidays.3: Expected a date such as "2026-12-25", received "12026-12-25".',
        'holidays.4: Expected a date such as "2026-12-25", received "2026-12-250".',
      ],
    ],
    [
      'a single holiday',
      { holidays: '2026-12-25' },
      ['holidays: Expected a list of dates such as "2026-12-25", received "2026-12-25".'],
    ],
    [
      'a day that is also a holiday',
      { holidays: ['2026-12-24'], days: { '2026-12-24': '09:00-12:00' } },
      ['days.2026-12-24: 2026-12-24 is a holiday, and has hours too. Drop one.'],
    ],
    [
      'hours of a special day',
      { days: { '2026-12-24': '9-12' } },
      ['days.2026-12-24: Expected hours such as "09:00-17:00", received "9-12".'],
    ],
    [
      'a holiday in a list too many',
      { holidays: [['2026-12-25']] },
      ['holidays.0: Expected a date such as "2026-12-25", received an array.'],
    ],
    [
      'days that are a list',
      { days: ['2026-12-24'] },
      ['days: Expected an object of dates, received an array.'],
    ],
    [
      'a day that is none',
      { days: { '2026-02-29': '09:00-12:00' } },
      ['days.2026-02-29: Expected a date such as "2026-12-25", received "2026-02-29".'],
    ],
  ])('%s', (_, change, faults) => {
    const sla = { clocks, calendars: { office: { ...office, ...change } } };
    expect(faultsIn(sla)).toEqual(faults.map((fault) => `${path}.${fault}`));
  });

  test('hours to 24:00 and hours that touch are right', () => {
    const hours = { monday: ['12:00-24:00', '00:00-12:00'], tuesday: [] };
    expect(faultsIn({ clocks, calendars: { office: { ...office, hours } } })).toEqual([]);
  });
});

test.each<[title: string, sla: unknown, fault: string]>([
  ['a text', 'PT8H', 'meta.sla: Expected { clocks, calendars }, received "PT8H".'],
  [
    'a clock that stands too high',
    { ...clocks, clocks, calendars: { office } },
    'meta.sla.resolution: "resolution" is not known here. Expected one of clocks, calendars.',
  ],
  [
    'a list of calendars',
    { clocks: { resolution: { target: 'PT8H' } }, calendars: [] },
    'meta.sla.calendars: Expected an object of calendars, received an array.',
  ],
  [
    'a list of clocks',
    { clocks: [], calendars: {} },
    'meta.sla.clocks: Expected an object of clocks, received an array.',
  ],
])('meta.sla of the machine is checked: %s', (_, sla, fault) => {
  expect(faultsIn(sla).filter((one) => one.startsWith('meta.sla'))).toEqual([fault]);
});

test('meta.sla of a state is checked', () => {
  const sla = { clocks, calendars: { office } };
  expect(faultsIn(sla, 'run')[0]).toBe(
    'states.open.meta.sla: Expected an object such as { resolution: "run" }, received "run".',
  );
  expect(faultsIn(undefined)[0]).toBe(
    'states.open.meta.sla.resolution: "resolution" is not a clock of the machine\'s meta.sla.clocks. There are none.',
  );
});

test('a clock per stay names every state that would stop it', () => {
  const sla = { clocks: { resolution: { target: 'PT8H', per: 'stay' } } };
  expect(faultsIn(sla, { resolution: 'stop' })).toContain(
    'meta.sla.clocks.resolution: A clock per stay ends with its stay. Drop the "stop" of open, closed.',
  );
});

test('what there is instead is listed, or where to declare it', () => {
  const two = { a: { target: 'PT1H', calendar: 'home' }, b: { target: 'PT1H' } };
  const roles = { a: 'run', b: 'run', c: 'run' };
  expect(faultsIn({ clocks: two, calendars: { office, night: office } }, roles)).toEqual([
    'states.open.meta.sla.c: "c" is not a clock of the machine\'s meta.sla.clocks. Expected one of a, b.',
    'states.closed.meta.sla.resolution: "resolution" is not a clock of the machine\'s meta.sla.clocks. Expected one of a, b.',
    'meta.sla.clocks.a.calendar: Expected one of office, night, received "home".',
  ]);
  expect(faultsIn({ clocks })).toEqual([
    'meta.sla.clocks.resolution.calendar: Expected a calendar of meta.sla.calendars, received "office".',
  ]);
});
