import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { defineLifecycle, type WorkingCalendarConfig } from '../../src/index.ts';
import { measureSla, type SlaReading } from '../../src/sla/measure-sla.ts';

// An oracle walks through time minute by minute and asks Intl, which core does not, what the clock
// on the wall shows. Windows of three weeks lie around a change of the clocks in each zone.
// LIFECYCLE_FUZZ_RUNS=50000 makes the run longer.
const runs = Number(process.env['LIFECYCLE_FUZZ_RUNS'] ?? 2000);
const minuteMs = 60_000;
const windowMinutes = 21 * 24 * 60;
const windows = [
  ['Europe/Berlin', '2026-03-20T00:00:00Z'],
  ['Europe/Berlin', '2026-10-16T00:00:00Z'],
  ['America/New_York', '2026-10-23T00:00:00Z'],
  // Half an hour, and the other way round in the year.
  ['Australia/Lord_Howe', '2026-03-27T00:00:00Z'],
  ['America/Santiago', '2026-08-28T00:00:00Z'],
  ['Asia/Kolkata', '2026-12-25T00:00:00Z'],
] as const;
const weekdays = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'];

/** For each minute of a window: the date, the weekday and the minute of the day, as on the wall. */
const tables = windows.map(([timeZone, start]) => {
  const from = Date.parse(start);
  const format = new Intl.DateTimeFormat('en-CA', {
    timeZone,
    hourCycle: 'h23',
    dateStyle: 'short',
    timeStyle: 'short',
  });
  const minutes = Array.from({ length: windowMinutes }, (_, minute) => {
    const text = format.format(from + minute * minuteMs);
    const [, date = '', hour, past] = /^(\S+), (\d\d):(\d\d)$/.exec(text) ?? [];
    return { date, minute: Number(hour) * 60 + Number(past) };
  });
  const dates = [...new Set(minutes.map(({ date }) => date))];
  const days = dates.map((date) => weekdays[new Date(date).getUTCDay()] ?? '');
  const dayOf = new Map(dates.map((date, index) => [date, index]));
  return {
    timeZone,
    from,
    dates,
    days,
    dayAt: Uint8Array.from(minutes, ({ date }) => dayOf.get(date) ?? 0),
    minuteAt: Uint16Array.from(minutes, ({ minute }) => minute),
  };
});
type Table = (typeof tables)[number];

test('the windows hold what makes time hard', () => {
  const jumps = tables.map(({ minuteAt }) =>
    minuteAt.findIndex(
      (minute, at) => at > 0 && (minute - (minuteAt[at - 1] ?? 0) + 1440) % 1440 !== 1,
    ),
  );
  expect(jumps.map((at) => at > 0)).toEqual([true, true, true, true, true, false]);
  expect(tables.every(({ dates }) => dates.length >= 21)).toBe(true);
});

const textOf = (minute: number): string =>
  [Math.floor(minute / 60), minute % 60].map((part) => String(part).padStart(2, '0')).join(':');

const hours = fc
  .uniqueArray(fc.nat({ max: 96 }), { maxLength: 6 })
  .map((ends) => ends.toSorted((a, b) => a - b).map((quarter) => quarter * 15))
  .map((ends) =>
    Array.from({ length: Math.floor(ends.length / 2) }, (_, index) => ({
      from: ends[index * 2] ?? 0,
      until: ends[index * 2 + 1] ?? 0,
    })),
  );
type Hours = { readonly from: number; readonly until: number }[];
const spansOf = (spans: Hours) =>
  spans.map(({ from, until }) => `${textOf(from)}-${textOf(until)}`);

const states = ['open', 'in-progress', 'hold', 'resolved', 'closed'] as const;
const role = fc.constantFrom('run', 'run', 'pause', 'stop', undefined);
const clock = fc
  .record({
    minutes: fc.oneof(fc.integer({ min: 1, max: 600 }), fc.integer({ min: 1, max: 9000 })),
    hasCalendar: fc.constantFrom(true, true, true, false),
    per: fc.constantFrom('ticket', 'ticket', 'stay'),
    afterStop: fc.constantFrom('ended', 'continues'),
    roles: fc.tuple(role, role, role, role, role),
  })
  .filter(({ roles }) => roles.includes('run'))
  .map((one) =>
    one.per === 'ticket'
      ? one
      : { ...one, roles: one.roles.map((its) => (its === 'stop' ? 'pause' : its)) },
  );
type Clock = typeof clock extends fc.Arbitrary<infer Value> ? Value : never;

const sample = fc.record({
  window: fc.nat({ max: windows.length - 1 }),
  week: fc
    .tuple(hours, hours, hours, hours, hours, hours, hours)
    .filter((days) => days.some((spans) => spans.length > 0)),
  special: fc.uniqueArray(fc.record({ day: fc.nat({ max: 20 }), spans: hours }), {
    maxLength: 5,
    selector: ({ day }) => day,
  }),
  clock,
  rows: fc.array(
    fc.record({
      state: fc.nat({ max: 4 }),
      after: fc.oneof(fc.nat({ max: 300 }), fc.nat({ max: 3000 })),
    }),
    { maxLength: 7 },
  ),
  start: fc.nat({ max: 4000 }),
  rest: fc.nat({ max: 3000 }),
});
type Sample = (typeof sample extends fc.Arbitrary<infer Value> ? Value : never) & {
  readonly table: Table;
};

/** When each row is, in minutes of the window, and now. */
function momentsOf({ rows, start, rest }: Sample) {
  let at = start;
  const history = rows.map(({ state, after }, index) => {
    if (index > 0) at += after;
    return { state: states[state] ?? 'open', at };
  });
  const now = at + rest;
  return { history, now };
}

function lifecycleOf({ table, week, special, clock: its }: Sample) {
  const { minutes, hasCalendar, per, afterStop, roles } = its;
  const calendar: WorkingCalendarConfig = {
    timeZone: table.timeZone,
    hours: Object.fromEntries(week.map((spans, day) => [weekdays[day], spansOf(spans)])),
    holidays: special
      .filter(({ spans }) => spans.length === 0)
      .map(({ day }) => dateOf(table, day)),
    days: Object.fromEntries(
      special
        .filter(({ spans }) => spans.length > 0)
        .map(({ day, spans }) => [dateOf(table, day), spansOf(spans)]),
    ),
  };
  return defineLifecycle({
    meta: {
      sla: {
        clocks: {
          it: {
            target: `PT${minutes}M`,
            per,
            afterStop,
            ...(hasCalendar && { calendar: 'office' }),
          },
        },
        calendars: { ...(hasCalendar && { office: calendar }) },
      },
    },
    initial: 'open',
    states: Object.fromEntries(
      states.map((state, index) => [
        state,
        {
          meta: {
            ...(state === 'hold' && { status: 'in-progress' }),
            sla: { ...(roles[index] && { it: roles[index] }) },
          },
          on: Object.fromEntries(states.map((to) => [`TO_${to}`, to])),
        },
      ]),
    ),
  });
}

const dateOf = ({ dates }: Table, day: number): string => dates[day] ?? '';

/** Whether a minute of the window is working time, as 1 or 0. */
function createWorking({ table, week, special, clock: its }: Sample): (at: number) => number {
  if (!its.hasCalendar) return () => 1;
  const hoursOf = table.days.map(
    (day, index) =>
      special.find((one) => one.day === index)?.spans ?? week[weekdays.indexOf(day)] ?? [],
  );
  return (at) => {
    const minute = table.minuteAt[at] ?? 0;
    for (const { from, until } of hoursOf[table.dayAt[at] ?? 0] ?? []) {
      if (from <= minute && minute < until) return 1;
    }
    return 0;
  };
}

/** A clock that goes on minute by minute. */
function walk(given: Sample, its: Clock, working: (at: number) => number) {
  const { history, now } = momentsOf(given);
  const consumedIn = new Map<string, number>();
  let [isOn, isOver, hasRun, isStopped] = [false, false, false, false];
  let [consumed, breaches] = [0, 0];
  let [startedAt, stoppedAt, breachAt] = [-1, -1, -1];
  let isBreached = false;
  let state = '';
  let next = 0;
  const enter = (to: string) => {
    if (to === state) return;
    const before = state;
    state = to;
    const does = its.roles[states.findIndex((one) => one === to)] ?? 'pause';
    const minute = history[next]?.at ?? 0;
    if (its.per === 'stay') {
      if (isOn) [isOn, isStopped, stoppedAt] = [false, true, minute];
      if (does !== 'run') return;
      consumedIn.clear();
      [isOn, isStopped, hasRun, isBreached] = [true, false, true, false];
      [consumed, startedAt, stoppedAt, breachAt] = [0, minute, -1, -1];
      return;
    }
    if (isOver) return;
    isOn = does === 'run';
    if (does === 'stop') {
      if (!isStopped) stoppedAt = minute;
      isStopped = true;
      isOver = its.afterStop === 'ended';
    } else if (does === 'run' || (hasRun && before !== '') || its.afterStop === 'continues') {
      isStopped = false;
      stoppedAt = -1;
    }
    if (isOn && !hasRun) [hasRun, startedAt] = [true, minute];
    if (isOn && !consumedIn.has(state)) consumedIn.set(state, 0);
  };
  for (let at = history[0]?.at ?? 0; at <= now; at += 1) {
    for (; history[next]?.at === at; next += 1) enter(history[next]?.state ?? '');
    if (at === now || !isOn) continue;
    if (consumed >= its.minutes && !isBreached) {
      isBreached = true;
      breaches += 1;
    }
    consumedIn.set(state, (consumedIn.get(state) ?? 0) + working(at));
    consumed += working(at);
    if (consumed === its.minutes && breachAt < 0) breachAt = at + 1;
  }
  let left = its.minutes - consumed;
  if (isOn && breachAt < 0) {
    let at = now;
    for (; left > 0 && at < windowMinutes; at += 1) left -= working(at);
    if (left === 0) breachAt = at;
  }
  const phase = isOn ? 'running' : isStopped ? 'stopped' : hasRun ? 'paused' : 'not-started';
  if (isOn && !consumedIn.has(state)) consumedIn.set(state, 0);
  return {
    phase,
    consumed,
    states: [...consumedIn],
    startedAt,
    stoppedAt,
    breachAt,
    isBreached,
    breaches,
  };
}

function measured(given: Sample): SlaReading {
  const { history, now } = momentsOf(given);
  const { from } = given.table;
  const rows = history.map(({ state, at }) => ({ state, at: from + at * minuteMs }));
  const [reading] = measureSla(lifecycleOf(given), rows, from + now * minuteMs);
  if (reading === undefined) throw new Error('There is a clock.');
  return reading;
}

test(`${runs} random clocks show what an oracle counts minute by minute`, () => {
  const seen = { breached: 0, predicted: 0, stopped: 0, paused: 0, beyond: 0 };
  fc.assert(
    fc.property(sample, (drawn) => {
      const table = tables[drawn.window];
      if (table === undefined) throw new Error('There is a table.');
      const given = { ...drawn, table };
      const reading = measured(given);
      const expected = walk(given, given.clock, createWorking(given));
      const minuteOf = (date: Date | undefined) =>
        date === undefined ? -1 : (date.getTime() - given.table.from) / minuteMs;
      const breachAt = minuteOf(reading.breachAt);
      // The oracle sees no further than its window.
      const isBeyond = breachAt > windowMinutes;
      expect({
        phase: reading.phase,
        consumed: reading.consumedMs / minuteMs,
        states: reading.states.map(({ state, consumedMs }) => [state, consumedMs / minuteMs]),
        startedAt: minuteOf(reading.startedAt),
        stoppedAt: minuteOf(reading.stoppedAt),
        breachAt: isBeyond ? -1 : breachAt,
        isBreached: reading.isBreached,
        breaches: reading.breaches,
      }).toEqual(expected);
      expect(reading.leftMs).toBe(reading.targetMs - reading.consumedMs);
      if (reading.isBreached) seen.breached += 1;
      else if (isBeyond) seen.beyond += 1;
      else if (breachAt > 0) seen.predicted += 1;
      if (reading.phase === 'stopped') seen.stopped += 1;
      if (reading.phase === 'paused') seen.paused += 1;
    }),
    { numRuns: runs, seed: 16 },
  );
  for (const often of Object.values(seen)) expect(often).toBeGreaterThan(runs / 50);
});
