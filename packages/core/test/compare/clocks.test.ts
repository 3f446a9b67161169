import { describe, expect, test } from 'vitest';
import { compareLifecycles, defineLifecycle, type Lifecycle } from '../../src/index.ts';

const office = {
  timeZone: 'Europe/Berlin',
  hours: { monday: '09:00-17:00', tuesday: '09:00-17:00' },
  holidays: ['2026-12-25', '2026-12-26'],
  days: { '2026-12-24': '09:00-12:00', '2026-12-31': '09:00-12:00' },
};
const night = { timeZone: 'UTC', hours: { sunday: '22:00-24:00' } };
const reply = { target: 'PT1H', calendar: 'office' };
const whole = { target: 'PT8H', calendar: 'night' };
const roles = {
  open: { reply: 'run', whole: 'run' },
  'in-progress': { whole: 'run' },
  closed: { reply: 'stop', whole: 'stop' },
};

interface Parts {
  readonly clocks?: object;
  readonly calendars?: object;
  readonly states?: Readonly<Record<string, object>>;
}

function deskWith({
  clocks = { reply, whole },
  calendars = { office, night },
  states = roles,
}: Parts = {}): Lifecycle {
  const on: Readonly<Record<string, object>> = {
    open: { START: 'in-progress' },
    'in-progress': { CLOSE: 'closed' },
    closed: { REOPEN: 'open' },
  };
  return defineLifecycle({
    meta: { sla: { clocks, calendars } },
    initial: 'open',
    states: Object.fromEntries(
      Object.entries(states).map(([state, sla]) => [state, { meta: { sla }, on: on[state] }]),
    ),
  } as never);
}

const changesTo = (parts: Parts) =>
  compareLifecycles(deskWith(), deskWith(parts)).changes.map((change) =>
    `${change.kind} ${change.effect} ${'state' in change ? change.state : ''}`.trim(),
  );

describe('clocks that are written otherwise and count the same are no change of a clock', () => {
  test.each<[title: string, parts: Parts]>([
    ['states in another order', { states: Object.fromEntries(Object.entries(roles).toReversed()) }],
    ['clocks in another order', { clocks: { whole, reply } }],
    ['calendars in another order', { calendars: { night, office } }],
    ['holidays in another order', withOffice({ holidays: ['2026-12-26', '2026-12-25'] })],
    [
      'days in another order',
      withOffice({ days: { '2026-12-31': '09:00-12:00', '2026-12-24': '09:00-12:00' } }),
    ],
    [
      'hours in two pieces',
      withOffice({ hours: { monday: ['12:00-17:00', '09:00-12:00'], tuesday: '09:00-17:00' } }),
    ],
    ['a target in minutes', { clocks: { reply: { ...reply, target: 'PT60M' }, whole } }],
    [
      'what is the default',
      { clocks: { reply: { ...reply, per: 'ticket', afterStop: 'ended' }, whole } },
    ],
  ])('%s', (_, parts) => {
    expect(changesTo(parts)).toEqual([]);
  });

  test('a pause that is said is a label', () => {
    const states = { ...roles, 'in-progress': { whole: 'run', reply: 'pause' } };
    expect(changesTo({ states })).toEqual(['state-label label in-progress']);
  });
});

describe('what clocks count otherwise is a change of a clock', () => {
  test.each<[title: string, parts: Parts]>([
    ['another target', { clocks: { reply: { ...reply, target: 'PT2H' }, whole } }],
    ['another calendar', { clocks: { reply: { ...reply, calendar: 'night' }, whole } }],
    ['each stay', { clocks: { reply, whole: { ...whole, afterStop: 'continues' } } }],
    ['a zone', withOffice({ timeZone: 'Europe/London' })],
    ['a holiday', withOffice({ holidays: ['2026-12-25'] })],
    ['a day', withOffice({ days: { '2026-12-24': '09:00-12:00', '2026-12-31': '09:00-13:00' } })],
    ['a gap', withOffice({ hours: { monday: ['09:00-12:00', '13:00-17:00'] } })],
  ])('%s', (_, parts) => {
    expect(changesTo(parts)).toEqual(['sla clock']);
  });

  test('a state in which a clock runs no more is one of that state alone', () => {
    const states = { ...roles, 'in-progress': {} };
    expect(changesTo({ states })).toEqual(['clocks clock in-progress']);
  });
});

function withOffice(change: object): Parts {
  return { calendars: { office: { ...office, ...change }, night } };
}
