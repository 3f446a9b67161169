/** A row of a log: its line, ticket, word, group and time. */
export interface SlowRow {
  readonly line: number;
  readonly id: string;
  readonly word: string;
  readonly group: string;
  readonly at: number;
}

// The default lifecycle, written down once more: an oracle shares nothing with what it judges.
const edges: Readonly<Record<string, readonly string[]>> = {
  open: ['in-progress'],
  'in-progress': ['resolved'],
  resolved: ['closed', 'open'],
  closed: ['open'],
};

/** How many edges lead from one status to another: 1 is a step, 0 is no way. */
function distance(from: string, to: string): number {
  let here = [from];
  for (let steps = 1; steps <= 5; steps += 1) {
    here = here.flatMap((status) => edges[status] ?? []);
    if (here.includes(to)) return steps;
  }
  return 0;
}

const at = (values: readonly number[], share: number) =>
  values.toSorted((a, b) => a - b)[Math.max(0, Math.ceil(share * values.length) - 1)];
/** Of an even number the mean of the two in the middle. */
const medianOf = (values: readonly number[]) => {
  const [low, high] = [
    at(values, 0.5),
    at(
      values.map((value) => -value),
      0.5,
    ),
  ];
  return low === undefined || high === undefined ? undefined : (low - high) / 2;
};
const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);
const spread = (lengths: readonly number[]) => ({
  count: lengths.length,
  total: sum(lengths),
  median: medianOf(lengths),
  p90: at(lengths, 0.9),
  p99: at(lengths, 0.99),
});
const near = (value: number) => Number(value.toPrecision(12));

/** Computes the figures of a report in the plainest way: all in memory, a pass for each. */
export function slowFigures(
  given: readonly SlowRow[],
  meaningOf: (word: string) => string | undefined,
  sla: { readonly status: string; readonly promiseMs: number },
) {
  // In order of time; a stable sort keeps rows of one time as they stand.
  const rows = given.toSorted((a, b) => a.at - b.at);
  const tickets = new Map<string, (SlowRow & { readonly name: string })[]>();
  for (const row of given) tickets.set(row.id, []);
  for (const row of rows) {
    tickets.get(row.id)?.push({ ...row, name: meaningOf(row.word) ?? row.word });
  }
  const known = (name: string) => name in edges;
  const histories = [...tickets].map(([id, own]) => {
    const visits = own.filter((row, index) => row.name !== own[index - 1]?.name);
    const steps = visits.slice(1).map((row, index) => {
      const from = visits[index]?.name ?? '';
      const length = distance(from, row.name);
      const isKnown = known(from) && known(row.name);
      const kind = isKnown ? (length === 1 ? 'edge' : 'path') : 'unknown-status';
      return { line: row.line, from, to: row.name, kind, at: row.at };
    });
    const kind = visits.some(({ name }) => !known(name))
      ? 'unknown-status'
      : steps.some((step) => step.kind === 'path')
        ? 'missed'
        : visits[0]?.name === 'open'
          ? undefined
          : 'begins-elsewhere';
    return { id, own, visits, steps, kind };
  });
  const all = histories.flatMap(({ steps }) => steps);
  const isBack = ({ from, to }: { from: string; to: string }) =>
    ['resolved', 'closed'].includes(from) && ['open', 'in-progress'].includes(to);

  const stays = histories.flatMap(({ visits }) =>
    visits.slice(0, -1).flatMap((visit, index) => {
      const next = visits[index + 1];
      return next === undefined || !known(visit.name)
        ? []
        : [{ name: visit.name, length: next.at - visit.at }];
    }),
  );
  const measured = sum(stays.map(({ length }) => length));
  const lengthsOf = (name: string) =>
    stays.filter((stay) => stay.name === name).map(({ length }) => length);
  const spentIn = Object.fromEntries(
    [...new Set(stays.map(({ name }) => name))].map((name) => [name, spread(lengthsOf(name))]),
  );
  const lives = (pick: 'first' | 'last') =>
    histories.flatMap(({ visits }) => {
      const closings = visits.filter(({ name }) => name === 'closed');
      const closing = pick === 'first' ? closings[0] : closings.at(-1);
      const isClosed = pick === 'first' || visits.at(-1)?.name === 'closed';
      return closing === undefined || !isClosed ? [] : [closing.at - (visits[0]?.at ?? 0)];
    });

  const last = Math.max(...rows.map((row) => row.at));
  const promised = stays.filter(({ name }) => name === sla.status);
  const unended = histories.filter(({ visits }) => {
    const end = visits.at(-1);
    return end?.name === sla.status && last - end.at > sla.promiseMs;
  });

  const ways = new Map<string, number>();
  for (const { visits } of histories) {
    const way = visits.map(({ name }) => name).join(' > ');
    ways.set(way, (ways.get(way) ?? 0) + 1);
  }
  const backs = histories.map(({ steps }) => steps.filter(isBack).length);
  const months = [...new Set(all.map((step) => new Date(step.at).toISOString().slice(0, 7)))];
  const count = (list: readonly unknown[], value: unknown) =>
    list.filter((one) => one === value).length;
  const kinds = all.map((step) => step.kind);
  const open = histories.filter(({ visits }) => visits.at(-1)?.name !== 'closed');

  const summary = {
    rows: given.length,
    tickets: histories.length,
    changes: all.length,
    conformance: {
      following: histories.filter(({ kind }) => kind === undefined).length,
      misfits: {
        'unknown-status': count(
          histories.map(({ kind }) => kind),
          'unknown-status',
        ),
        missed: count(
          histories.map(({ kind }) => kind),
          'missed',
        ),
        'begins-elsewhere': count(
          histories.map(({ kind }) => kind),
          'begins-elsewhere',
        ),
        jump: 0,
      },
      beginElsewhere: histories.filter(({ visits }) => visits[0]?.name !== 'open').length,
    },
    times: {
      statuses: spentIn,
      toFirstClosing: spread(lives('first')),
      toLastClosing: spread(lives('last')),
    },
    rework: {
      reopens: sum(backs),
      tickets: [...new Set(backs)]
        .filter((times) => times > 0)
        .toSorted((a, b) => a - b)
        .map((reopens) => ({ reopens, tickets: count(backs, reopens) })),
      periods: months.toSorted().map((period) => {
        const steps = all.filter((step) => new Date(step.at).toISOString().startsWith(period));
        return { period, changes: steps.length, reopens: steps.filter(isBack).length };
      }),
      mostOften: histories
        .map(({ id, steps }) => ({ ticketId: id, reopens: steps.filter(isBack).length }))
        .filter(({ reopens }) => reopens > 0)
        .toSorted((a, b) => b.reopens - a.reopens)
        .slice(0, 20),
    },
    open: { tickets: open.length },
    sla: [
      {
        visits: promised.length,
        over: promised.filter(({ length }) => length > sla.promiseMs).length,
        overAndOpen: unended.length,
      },
    ],
    otherTickets: 0,
  };
  const shares = Object.fromEntries(
    Object.keys(spentIn).map((name) => [name, near(sum(lengthsOf(name)) / measured)]),
  );
  const lineOrder = new Map(rows.map((row, index) => [row.line, index]));
  const changes = histories
    .flatMap(({ id, steps }) => steps.map(({ line, from, to }) => [line, id, from, to] as const))
    .toSorted((a, b) => (lineOrder.get(a[0]) ?? 0) - (lineOrder.get(b[0]) ?? 0));
  const groups = [...new Set(given.map(({ group }) => group))].map((name) => {
    const own = histories.filter(({ id }) => given.find((row) => row.id === id)?.group === name);
    return {
      name,
      tickets: own.length,
      following: own.filter(({ kind }) => kind === undefined).length,
      changes: own.flatMap(({ steps }) => steps).length,
      reopens: own.flatMap(({ steps }) => steps.filter(isBack)).length,
    };
  });
  return {
    summary,
    changes,
    shares,
    groups,
    ways,
    kinds: {
      edge: count(kinds, 'edge'),
      unknown: count(kinds, 'unknown-status'),
      path: count(kinds, 'path'),
    },
  };
}
