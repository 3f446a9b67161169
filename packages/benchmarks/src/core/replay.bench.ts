import {
  createReplayLog,
  defineLifecycle,
  ticketLifecycle,
  ticketStatuses,
  type Lifecycle,
} from '@ticket-lifecycle/core';
import type { Benchmark } from '../benchmark.ts';
import { median } from '../median.ts';
import { seededRandom } from '../seeded-random.ts';
import { table } from '../table.ts';

const events = 1_000_000;
const tickets = 100_000;
const rounds = 5;

// Three of the four statuses stand for two states each.
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
  readonly ticketId: string;
  readonly status: string;
  readonly at: number;
}

/** Replays a million rows of a hundred thousand tickets that alternate, from memory. */
export const run: Benchmark = async ({ progress }) => {
  const results = {
    'default lifecycle': measure(ticketLifecycle, progress),
    'shared statuses': measure(desk, progress),
  };
  const worst = (figure: (one: ReturnType<typeof measure>) => number) =>
    Math.max(...Object.values(results).map(figure));

  return {
    markdown: `# The replay of a log

${events.toLocaleString('en')} rows of ${tickets.toLocaleString('en')} tickets, in random order, from memory; the median of ${rounds} rounds. "Pairwise" compares each row with the one before it, and forgets where the ticket can be.

${table(
  'lifecycle | replay, ms | with times, ms | pairwise, ms | times pairwise | bytes a ticket',
  Object.entries(results).map(([name, { ms, timedMs, pairwiseMs, bytes }]) => [
    name,
    ms.toFixed(0),
    timedMs.toFixed(0),
    pairwiseMs.toFixed(0),
    (ms / pairwiseMs).toFixed(2),
    bytes.toFixed(0),
  ]),
)}
`,
    figures: {
      eventsPerSecond: Math.round(events / (worst(({ ms }) => ms) / 1000)),
      timedEventsPerSecond: Math.round(events / (worst(({ timedMs }) => timedMs) / 1000)),
      bytesPerTicket: worst(({ bytes }) => bytes),
      vsPairwise: worst(({ ms, pairwiseMs }) => ms / pairwiseMs),
    },
  };
};

function measure(lifecycle: Lifecycle, progress: (text: string) => void) {
  progress('Replaying …');
  const rows = makeLog(lifecycle);
  const samples = { ms: [] as number[], timedMs: [] as number[], pairwiseMs: [] as number[] };
  for (let round = 0; round <= rounds; round += 1) {
    const pairwiseMs = timed(() => pairwise(lifecycle, rows));
    const ms = timed(() => replay(lifecycle, rows));
    const timedMs = timed(() => replay(lifecycle, rows, true));
    // The first round only warms.
    if (round === 0) continue;
    samples.ms.push(ms);
    samples.timedMs.push(timedMs);
    samples.pairwiseMs.push(pairwiseMs);
  }
  return {
    ms: median(samples.ms),
    timedMs: median(samples.timedMs),
    pairwiseMs: median(samples.pairwiseMs),
    bytes: bytesPerTicket(lifecycle, rows),
  };
}

/** Tickets that mostly keep to the lifecycle. In one row of fifty somebody did something else. */
function makeLog(lifecycle: Lifecycle): LogRow[] {
  const random = seededRandom(1);
  const below = (limit: number) => Math.floor(random() * limit);
  const ids = Array.from({ length: tickets }, (_, index) => `TICKET-${index}`);
  const out = Map.groupBy(lifecycle.edges, ({ from }) => from);
  const at = new Map<string, string>();
  return Array.from({ length: events }, (_, index) => {
    const ticketId = ids[below(tickets)] ?? '';
    const before = at.get(ticketId);
    const onward = before === undefined ? undefined : out.get(before);
    const state = onward?.[below(onward.length)]?.to ?? before ?? lifecycle.initial;
    at.set(ticketId, state);
    const status = random() < 0.02 ? ticketStatuses[below(4)] : lifecycle.statusOf(state);
    return { ticketId, status: status ?? '', at: index * 1000 };
  });
}

function replay(lifecycle: Lifecycle, rows: readonly LogRow[], withTimes = false) {
  const log = createReplayLog(lifecycle);
  let edges = 0;
  for (const { ticketId, status, at } of rows) {
    const step = withTimes ? log.add(ticketId, status, at) : log.add(ticketId, status);
    if (step?.kind === 'edge') edges += 1;
  }
  return { log, edges };
}

/** A step is what `observe` says of its two statuses. */
function pairwise(lifecycle: Lifecycle, rows: readonly LogRow[]) {
  const verdicts = new Map(
    ticketStatuses.map((from) => [
      from as string,
      new Map(ticketStatuses.map((to) => [to as string, lifecycle.observe(from, to)])),
    ]),
  );
  const last = new Map<string, { status: string; index: number }>();
  const counts = { unchanged: 0, edge: 0, path: 0, jump: 0, 'unknown-status': 0 };
  let edges = 0;
  for (const { ticketId, status } of rows) {
    const ticket = last.get(ticketId);
    if (ticket === undefined) {
      last.set(ticketId, { status, index: 0 });
      continue;
    }
    const verdict = verdicts.get(ticket.status)?.get(status) ?? { kind: 'unknown-status' as const };
    counts[verdict.kind] += 1;
    ticket.index += 1;
    const step = { ...verdict, index: ticket.index, from: ticket.status, to: status };
    ticket.status = status;
    if (step.kind === 'edge') edges += 1;
  }
  return { counts, edges };
}

function timed(act: () => unknown): number {
  const started = performance.now();
  act();
  return performance.now() - started;
}

function bytesPerTicket(lifecycle: Lifecycle, rows: readonly LogRow[]): number {
  const collect = globalThis.gc;
  if (collect === undefined) throw new Error('run node with --expose-gc');
  const used = () => {
    collect();
    const { heapUsed, arrayBuffers } = process.memoryUsage();
    return heapUsed + arrayBuffers;
  };
  const before = used();
  const { log } = replay(lifecycle, rows);
  const after = used();
  return (after - before) / log.summary().tickets;
}
