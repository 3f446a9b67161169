import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  createReplayLog,
  createReplayStepper,
  defineLifecycle,
  ticketLifecycle,
  type Moment,
} from '../../src/index.ts';
import { createSample } from '../../src/quantiles.ts';

const hour = 3_600_000;
const desk = defineLifecycle({
  initial: 'triage',
  states: {
    triage: { meta: { status: 'open' }, on: { START: 'in-progress', REJECT: 'rejected' } },
    'in-progress': { on: { WAIT: 'waiting', RESOLVE: 'resolved' } },
    waiting: { meta: { status: 'in-progress' }, on: { ANSWER: 'in-progress' } },
    resolved: { on: { CLOSE: 'closed', REOPEN: 'reopened' } },
    reopened: { meta: { status: 'open' }, on: { START: 'in-progress' } },
    closed: { on: { REOPEN: 'reopened' } },
    rejected: { meta: { status: 'closed' }, type: 'final' },
  },
});

interface LogRow {
  readonly id: string;
  readonly status: string;
  readonly at: number;
}

/** Rows of many tickets, mixed, with ties, reversals, repeats and unknown statuses. */
function randomLog(seed: number, size: number): LogRow[] {
  let state = seed;
  const below = (limit: number) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * limit);
  };
  const clocks = new Map<string, number>();
  const statuses = ['open', 'in-progress', 'resolved', 'closed', 'open', 'closed', 'gone'];
  const moves = [0, 1, 5, 50, 900, -3];
  return Array.from({ length: size }, () => {
    const id = `T-${below(size / 6)}`;
    const last = clocks.get(id) ?? Date.UTC(2026, 0, 1) + below(1e9);
    const at = last + (moves[below(6)] ?? 0) * hour;
    clocks.set(id, at);
    return { id, status: statuses[below(7)] ?? '', at: below(20) === 0 ? Number.NaN : at };
  });
}

const quantile = (values: readonly number[], share: number) =>
  values.toSorted((a, b) => a - b)[Math.max(0, Math.ceil(share * values.length) - 1)];

/** As a spreadsheet has it: of an even number the mean of the two in the middle. */
function medianOf(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  while (sorted.length > 2) {
    sorted.shift();
    sorted.pop();
  }
  return sorted.reduce((sum, value) => sum + value, 0) / sorted.length;
}

const spread = (values: readonly number[]) =>
  values.length === 0
    ? undefined
    : {
        count: values.length,
        total: values.reduce((sum, value) => sum + value, 0),
        median: medianOf(values),
        p90: quantile(values, 0.9),
        p99: quantile(values, 0.99),
        isExact: true,
      };

/** The same figures, ticket by ticket, from whole histories. */
function slowly(rows: readonly LogRow[], complete: boolean) {
  const stays: { status: string; state: string | undefined; for: number }[] = [];
  const firsts: number[] = [];
  const lasts: number[] = [];
  const changes: { month: string; isReopened: boolean }[] = [];
  const seen = { ties: 0, reversals: 0, reopens: 0 };
  const isTimed = ({ at }: LogRow) => !Number.isNaN(at);
  for (const history of Map.groupBy(rows, ({ id }) => id).values()) {
    const timed = history.filter(isTimed);
    seen.reversals += timed.filter(({ at }, place) => at < (timed[place - 1]?.at ?? at)).length;
    const created = history[0]?.at ?? Number.NaN;
    const entries = [...history.keys()].filter(
      (place) => history[place]?.status !== history[place - 1]?.status,
    );
    const closings: number[] = [];
    for (const [number, place] of entries.entries()) {
      const { status = '', at = 0 } = history[place] ?? {};
      // A closing whose age nobody knows is one all the same: the next one is not the first.
      if (status === 'closed') closings.push(at >= created ? at - created : Number.NaN);
      const entered = entries[number - 1];
      if (entered === undefined) continue;
      const { status: from = '', at: began = 0 } = history[entered] ?? {};
      const isReopened = /resolved|closed/.test(from) && /open|in-progress/.test(status);
      if (isReopened) seen.reopens += 1;
      if (Number.isNaN(at)) continue;
      changes.push({ month: new Date(at).toISOString().slice(0, 7), isReopened });
      const before = history.slice(0, place).findLast(isTimed)?.at ?? Number.NaN;
      if (at === before) seen.ties += 1;
      if (!(at >= before && at >= began) || from === 'gone') continue;
      const upToEntry = history.slice(0, entered + 1).map((row) => row.status);
      const { states } = desk.replay(upToEntry, { complete });
      const state = states.length === 1 ? states[0] : undefined;
      stays.push({ status: from, state, for: at - began });
    }
    const [first] = closings;
    if (first !== undefined && first >= 0) firsts.push(first);
    const last = closings.at(-1);
    if (last !== undefined && last >= 0 && history.at(-1)?.status === 'closed') lasts.push(last);
  }
  const total = stays.reduce((sum, stay) => sum + stay.for, 0);
  const by = (name: 'status' | 'state') =>
    Object.fromEntries(
      [...Map.groupBy(stays, (stay) => stay[name])].flatMap(([key, group]) => {
        const found = spread(group.map((stay) => stay.for));
        return key === undefined ? [] : [[key, { ...found, share: (found?.total ?? 0) / total }]];
      }),
    );
  return {
    times: {
      rows: rows.filter(isTimed).length,
      unreadable: rows.filter((row) => !isTimed(row)).length,
      ties: seen.ties,
      reversals: seen.reversals,
      statuses: by('status'),
      states: by('state'),
      toFirstClosing: spread(firsts),
      toLastClosing: spread(lasts),
    },
    reopens: seen.reopens,
    periods: [...Map.groupBy(changes, ({ month }) => month)]
      .map(([period, all]) => ({
        period,
        changes: all.length,
        reopens: all.filter(({ isReopened }) => isReopened).length,
      }))
      .toSorted((a, b) => a.period.localeCompare(b.period)),
  };
}

test.each([true, false])('times and rework equal a slow computation (complete: %s)', (complete) => {
  for (let seed = 1; seed <= 20; seed += 1) {
    const rows = randomLog(seed, 600);
    const log = createReplayLog(desk, { complete });
    // A row without a time may have one that is none, or no time at all.
    for (const [place, { id, status, at }] of rows.entries()) {
      if (Number.isNaN(at) && place % 2 === 0) log.add(id, status);
      else log.add(id, status, at);
    }
    const { times, rework } = log.summary();
    const slow = slowly(rows, complete);
    expect(times).toEqual(slow.times);
    expect([rework.reopens, rework.periods]).toEqual([slow.reopens, slow.periods]);
    const reopened = rework.tickets.reduce((sum, one) => sum + one.reopens * one.tickets, 0);
    expect(reopened).toBe(rework.reopens);
  }
});

test.each([true, false])(
  'tickets and steps are those of replays one by one (complete: %s)',
  (complete) => {
    const rows = randomLog(99, 3000);
    const log = createReplayLog(desk, { complete });
    const steps = new Map<string, object[]>();
    for (const { id, status } of rows) {
      const step = log.add(id, status);
      const known = steps.get(id) ?? [];
      steps.set(id, known);
      if (step !== undefined) known.push({ ...step, index: known.length + 1 });
    }
    const histories = Map.groupBy(rows, ({ id }) => id);
    const sums = { fitness: 0, fitting: 0, missed: 0, edge: 0, elsewhere: 0 };
    const ways = new Map<string, number>();
    for (const [id, history] of histories) {
      const statuses = history.map(({ status }) => status);
      const { steps: _, explanation: _run, ...fit } = desk.replay(statuses, { complete });
      expect(log.ticket(id)).toEqual({
        ...fit,
        rows: statuses.length,
        reopens: expect.any(Number) as number,
      });
      expect(steps.get(id)).toEqual([...desk.replaySteps(statuses, { complete })]);
      sums.fitness += fit.fitness;
      sums.fitting += fit.fitness === 1 ? 1 : 0;
      sums.missed += fit.missed;
      sums.edge += fit.counts.edge;
      sums.elsewhere += fit.start?.isInitial === true ? 0 : 1;
      const way = statuses.filter((status, place) => status !== statuses[place - 1]).join(' ');
      ways.set(way, (ways.get(way) ?? 0) + 1);
    }
    const found = log.summary();
    expect(found.fitness.mean).toBeCloseTo(sums.fitness / histories.size, 12);
    expect(found).toMatchObject({
      rows: 3000,
      tickets: histories.size,
      fitness: { fitting: sums.fitting },
      missed: sums.missed,
      counts: { edge: sums.edge },
      startedElsewhere: sums.elsewhere,
      otherTickets: 0,
      times: undefined,
    });
    const counted = found.variants.map((way) => [way.statuses.join(' '), way.tickets]);
    expect(Object.fromEntries(counted)).toEqual(Object.fromEntries(ways));
    expect(counted.map(([, count]) => count)).toEqual([...ways.values()].toSorted((a, b) => b - a));
    const shares = found.variants.reduce((sum, { share }) => sum + share, 0);
    expect(shares).toBeCloseTo(1, 12);
  },
);

describe('the log of one ticket', () => {
  const rows: [status: string, at: Moment][] = [
    ['open', '2026-03-30T10:00:00Z'],
    ['open', '2026-03-30T11:00:00Z'],
    ['in-progress', new Date('2026-03-30T12:00:00Z')],
    ['resolved', Date.UTC(2026, 2, 30, 13)],
    ['closed', '2026-03-30T15:00:00+01:00'],
    ['open', '2026-04-01T14:00:00Z'],
    ['closed', '2026-04-01T15:00:00Z'],
  ];

  test('has stays, closings, and rework by period', () => {
    const log = createReplayLog(ticketLifecycle);
    for (const [status, at] of rows) log.add('A', status, at);
    const { times, rework, variants } = log.summary();
    expect(times?.statuses['open']).toEqual({
      count: 2,
      total: 3 * hour,
      median: 1.5 * hour,
      p90: 2 * hour,
      p99: 2 * hour,
      isExact: true,
      share: 3 / 53,
    });
    expect(times?.toFirstClosing?.median).toBe(4 * hour);
    expect(times?.toLastClosing?.median).toBe(53 * hour);
    expect(rework).toEqual({
      reopens: 1,
      tickets: [{ reopens: 1, tickets: 1 }],
      periods: [
        { period: '2026-03', changes: 3, reopens: 0 },
        { period: '2026-04', changes: 2, reopens: 1 },
      ],
    });
    const [way] = variants;
    expect(way?.statuses.join()).toBe('open,in-progress,resolved,closed,open,closed');
  });

  test('may be counted by other periods', () => {
    const log = createReplayLog(ticketLifecycle, { periodOf: (at) => `Q${at > 0 ? 1 : 2}` });
    for (const [status, at] of rows) log.add('A', status, at);
    expect(log.summary().rework.periods).toEqual([{ period: 'Q1', changes: 5, reopens: 1 }]);
  });

  test.each<[Moment]>([['2026-03-30 10:00'], ['yesterday'], [Number.NaN], [null as never]])(
    '%o is no moment, which is counted and not thrown',
    (at) => {
      const log = createReplayLog(ticketLifecycle);
      log.add('A', 'open', at);
      log.add('A', 'closed', Date.UTC(2026, 0, 1));
      const { times } = log.summary();
      expect(times).toMatchObject({ rows: 1, unreadable: 1, statuses: {} });
      expect(times?.toFirstClosing).toBeUndefined();
    },
  );
});

test.each([
  ['without one', undefined],
  ['with one that is none', 'yesterday'],
])('a row %s ends no stay that others then seem to have', (_, at) => {
  const log = createReplayLog(ticketLifecycle);
  log.add('A', 'open');
  log.add('B', 'open', 0);
  log.add('B', 'in-progress', hour);
  log.add('B', 'resolved', at);
  log.add('B', 'closed', 168 * hour);
  const { times } = log.summary();
  expect(times).toMatchObject({ rows: 3, unreadable: 2 });
  expect(Object.keys(times?.statuses ?? {})).toEqual(['open']);
});

test.each([
  ['has no time', undefined],
  ['has a time that is none', Number.NaN],
  ['is earlier than the first row', -hour],
])('a closing that %s is the first and the last all the same', (_, at) => {
  const log = createReplayLog(ticketLifecycle);
  log.add('A', 'open', 0);
  log.add('A', 'closed', at);
  expect(log.summary().times).toMatchObject({ toLastClosing: undefined });
  log.add('A', 'open', hour);
  log.add('A', 'closed', 2 * hour);
  const { times } = log.summary();
  expect(times?.toFirstClosing).toBeUndefined();
  expect(times?.toLastClosing).toMatchObject({ count: 1, total: 2 * hour });
  log.add('A', 'open', 3 * hour);
  log.add('A', 'closed', at);
  expect(log.summary().times?.toLastClosing).toBeUndefined();
});

test('rows may name states that share a status', () => {
  const states = ['triage', 'waiting', 'reopened', 'rejected'];
  const log = createReplayLog(desk, { complete: true, states });
  const rows = ['triage', 'in-progress', 'waiting', 'in-progress', 'resolved', 'reopened'];
  const kinds = rows.map((name, hours) => log.add('A', name, hours * hour)?.kind);
  expect(kinds).toEqual([undefined, 'edge', 'edge', 'edge', 'edge', 'edge']);
  expect(log.ticket('A')).toMatchObject({ fitness: 1, reopens: 1, states: ['reopened'] });
  // From triage nothing leads to waiting at once.
  expect([log.add('B', 'triage', 0), log.add('B', 'waiting', hour)]).toEqual([
    undefined,
    {
      from: 'triage',
      to: 'waiting',
      kind: 'skipped',
      events: ['START', 'WAIT'],
      skipped: ['START'],
    },
  ]);
  log.add('C', 'triage', 0);
  log.add('C', 'rejected', 3 * hour);
  expect(log.summary()).toMatchObject({
    startedElsewhere: 0,
    rework: { reopens: 1 },
    times: { statuses: { waiting: { count: 1 } }, toFirstClosing: { count: 1, median: 3 * hour } },
  });
  expect(() => createReplayLog(desk, { states: ['wating'] })).toThrow(/states: .*wating/);
});

test('states that rows name are judged as a lifecycle in which each is a status', () => {
  const states = desk.states.filter((state) => desk.statusOf(state) !== state);
  const pairs = desk.states.flatMap((from) => desk.states.map((to) => [from, to] as const));
  for (const [from, to] of pairs.filter(([one, other]) => one !== other)) {
    const log = createReplayLog(desk, { complete: true, states });
    log.add('A', from);
    const step = log.add('A', to);
    const edges = desk.edges.filter((edge) => edge.from === from && edge.to === to);
    expect(step?.kind === 'edge', `${from} to ${to}`).toBe(edges.length > 0);
  }
});

test('tickets may have numbers for ids, in the order in which they come', () => {
  const [byText, byNumber] = [createReplayLog(desk), createReplayLog(desk)];
  const numbers = new Map<string, number>();
  for (const { id, status, at } of randomLog(7, 600)) {
    const number = numbers.get(id) ?? numbers.size;
    numbers.set(id, number);
    expect(byNumber.add(number, status, at)).toEqual(byText.add(id, status, at));
  }
  expect(byNumber.summary()).toEqual(byText.summary());
  for (const [id, number] of numbers) expect(byNumber.ticket(number)).toEqual(byText.ticket(id));
  expect(byNumber.ticket(numbers.size)).toBeUndefined();
  for (const wrong of [numbers.size + 1, -1, 0.25, 1.5, 1 / 12, Number.NaN, Infinity]) {
    expect(byNumber.ticket(wrong)).toBeUndefined();
    expect(() => byNumber.add(wrong, 'open')).toThrow(RangeError);
  }
});

test('a log is taken for complete only where that is said', () => {
  const kindIn = (options?: { readonly complete?: boolean }) => {
    const log = createReplayLog(ticketLifecycle, options);
    log.add('A', 'open');
    return log.add('A', 'closed')?.kind;
  };
  expect([kindIn(), kindIn({}), kindIn({ complete: false })]).toEqual(['path', 'path', 'path']);
  expect(kindIn({ complete: true })).toBe('skipped');
});

test('tickets are listed by how often they were reopened, the fewest first', () => {
  const log = createReplayLog(ticketLifecycle);
  for (const [ticket, [reopens, end]] of [
    [3, 'resolved'],
    [1, 'closed'],
    [1, 'closed'],
    [0, 'closed'],
  ].entries() as Iterable<[number, [number, string]]>) {
    const rows = Array.from({ length: reopens + 1 }, () => ['open', 'in-progress', end]).flat();
    for (const status of rows) log.add(ticket, status);
  }
  expect(log.summary().rework.reopens).toBe(5);
  expect(log.summary().rework.tickets).toEqual([
    { reopens: 1, tickets: 2 },
    { reopens: 3, tickets: 1 },
  ]);
});

test('the times of a log are kept for as many tickets as it has', () => {
  const log = createReplayLog(ticketLifecycle);
  const size = 2 ** 14 + 3;
  for (const [status, at] of [
    ['open', 0],
    ['closed', hour],
  ] as const) {
    for (let ticket = 0; ticket < size; ticket += 1) log.add(ticket, status, at + ticket);
  }
  expect(log.summary().times).toMatchObject({
    rows: 2 * size,
    reversals: 0,
    statuses: { open: { count: size, total: size * hour } },
    toLastClosing: { count: size },
  });
});

test('a state or a number that a log cannot take is refused with what it can', () => {
  expect(() => createReplayLog(ticketLifecycle, { states: ['opne'] })).toThrow(
    new RangeError(
      'states: Expected states of the lifecycle (open, in-progress, resolved, closed), received "opne".',
    ),
  );
  expect(() => createReplayLog(ticketLifecycle).add(3, 'open')).toThrow(
    new RangeError('ticketId: Expected the next number, 0, or a text, received 3.'),
  );
});

test('a log without rows', () => {
  const log = createReplayLog(ticketLifecycle);
  expect(log.ticket('A')).toBeUndefined();
  expect(log.summary()).toMatchObject({
    rows: 0,
    tickets: 0,
    variants: [],
    missed: 0,
    startedElsewhere: 0,
    fitness: { mean: 1, fitting: 0 },
  });
});

describe('ways through life that are too many to keep', () => {
  test('are counted together', () => {
    const log = createReplayLog(ticketLifecycle);
    for (let ticket = 0; ticket < 50_010; ticket += 1) {
      log.add(`T-${ticket}`, `no status ${ticket}`);
    }
    log.add('T-50009', 'open');
    const { variants, otherTickets } = log.summary();
    expect([variants.length, otherTickets]).toEqual([50_000, 10]);
  });

  // Of tickets in the tree of ways, of one that leaves it half-way, and of those outside.
  test.each([true, false])('are judged like all others (complete: %s)', (complete) => {
    const log = createReplayLog(desk, { complete });
    const others = 49_500;
    for (let ticket = 0; ticket < others; ticket += 1) log.add(ticket, `no status ${ticket}`);
    const rows = randomLog(5, 3000);
    const histories = Map.groupBy(rows, ({ id }) => id);
    const steps = new Map<string, object[]>();
    for (const { id, status, at } of rows) {
      const step = log.add(id, status, at);
      const known = steps.get(id) ?? [];
      steps.set(id, known);
      if (step !== undefined) known.push({ ...step, index: known.length + 1 });
    }
    const counts = { unchanged: 0, edge: 0, path: 0, jump: 0, 'unknown-status': 0, skipped: 0 };
    let [fitness, missed] = [0, 0];
    for (const [id, history] of histories) {
      const statuses = history.map(({ status }) => status);
      const { steps: _, explanation: _run, ...fit } = desk.replay(statuses, { complete });
      const found = log.ticket(id);
      expect(found).toEqual({ ...fit, rows: statuses.length, reopens: found?.reopens });
      expect(steps.get(id)).toEqual([...desk.replaySteps(statuses, { complete })]);
      for (const kind of Object.keys(counts) as (keyof typeof counts)[]) {
        counts[kind] += fit.counts[kind];
      }
      fitness += fit.fitness;
      missed += fit.missed;
    }
    const found = log.summary();
    const slow = slowly(rows, complete);
    expect(found.otherTickets).toBeGreaterThan(100);
    expect(found).toMatchObject({ counts, missed, tickets: others + histories.size });
    expect(found.rework).toMatchObject({ reopens: slow.reopens, periods: slow.periods });
    const unreadable = slow.times.unreadable + others;
    expect(found.times).toEqual({ ...slow.times, unreadable });
    expect(found.fitness.mean).toBeCloseTo(fitness / found.tickets, 12);
  });
});

test('of very many durations the quantiles are within 1 %, in bounded memory', () => {
  // From a millisecond to the longest time that a Date can span.
  for (const power of [1, 2, 2.9]) {
    const sample = createSample();
    const values = Array.from(
      { length: 60_000 },
      (_, index) => 1 + ((index * 7919) % 60_000) ** power * (power > 2.5 ? 217 : 1),
    );
    for (const value of values) sample.add(value);
    const found = sample.summary();
    expect([found?.count, found?.isExact]).toEqual([60_000, false]);
    expect(found?.total).toBe(values.reduce((sum, value) => sum + value, 0));
    const right = {
      median: medianOf(values),
      p90: quantile(values, 0.9),
      p99: quantile(values, 0.99),
    };
    for (const name of ['median', 'p90', 'p99'] as const) {
      const off = Math.abs((found?.[name] ?? Number.NaN) / (right[name] ?? Number.NaN) - 1);
      expect(off, `${name}, ${power}`).toBeLessThan(0.01);
    }
  }
});

test.each([1, 2, 3, 63.9, 64, 3_600_000, 86_400_000, 1.728e16])(
  'very many durations of %d ms have a median that is near it',
  (duration) => {
    const sample = createSample();
    for (let index = 0; index <= 50_000; index += 1) sample.add(duration);
    const { median, p99, isExact } = sample.summary() ?? {};
    expect(isExact).toBe(false);
    expect(p99).toBe(median);
    expect(Math.abs((median ?? 0) - duration) / duration).toBeLessThan(0.01);
  },
);

test.each([
  { hours: [8, 15.7, 30.2, 36.9], median: 22.95 },
  { hours: [36.9, 8, 30.2, 15.7], median: 22.95 },
  { hours: [1, 2], median: 1.5 },
  { hours: [0, 1], median: 0.5 },
  { hours: [5], median: 5 },
  { hours: [9, 1, 4], median: 4 },
])('the median of $hours is $median, as a spreadsheet has it', ({ hours, median }) => {
  const sample = createSample();
  for (const one of hours) sample.add(one * hour);
  expect(sample.summary()?.median).toBeCloseTo(median * hour, 3);
});

test('the median of any durations is the mean of the middle; 90 and 99 are of them', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(1e9), { minLength: 1, maxLength: 300 }), (values) => {
      const sample = createSample();
      for (const value of values) sample.add(value);
      expect(sample.summary()).toEqual(spread(values));
    }),
  );
});

test.each([
  [29_999, 3_600_000],
  [30_000, 1_800_500],
  [30_001, 1000],
])('the median of 60,000 durations of which %i are a second', (seconds, median) => {
  const sample = createSample();
  for (let count = 0; count < 60_000; count += 1) sample.add(count < seconds ? 1000 : 3_600_000);
  const found = sample.summary()?.median ?? 0;
  expect(Math.abs(found / median - 1)).toBeLessThan(0.01);
});

test('durations below a millisecond stay so', () => {
  const sample = createSample();
  for (let index = 0; index < 50_001; index += 1) sample.add(0);
  expect(sample.summary()).toMatchObject({ median: 0, p99: 0, total: 0, isExact: false });
  expect(createSample().summary()).toBeUndefined();
});

test('a stepper keeps nothing of the tickets', () => {
  const stepper = createReplayStepper(desk);
  const place = stepper.first('open');
  expect([place.status, place.states]).toEqual(['open', ['triage', 'reopened']]);
  const once = stepper.follow(place, 'in-progress');
  expect(stepper.follow(place, 'in-progress')).toBe(once);
  expect(once.step).toEqual({
    from: 'open',
    to: 'in-progress',
    kind: 'edge',
    events: ['START'],
    states: ['in-progress', 'waiting'],
  });
  expect(createReplayStepper(desk, { complete: true }).first('open').states).toEqual(['triage']);
});
