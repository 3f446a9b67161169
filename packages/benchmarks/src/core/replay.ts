import { ticketLifecycle, ticketStatuses } from '@ticket-lifecycle/core';
import { median } from '../median.ts';

/** What a long history costs. */
export interface ReplayFigures {
  readonly parseMs: number;
  readonly replayMs: number;
  readonly parseAndReplayMs: number;
  /** How much more is on the heap in the middle and at the end of a walk, in megabytes. */
  readonly heapGrowthMb: number;
}

export const historySteps = 1_000_000;
const rounds = 5;

/** Times the replay of a history beside `JSON.parse` of the same history as NDJSON. */
export function measureReplay(): ReplayFigures {
  const statuses = Array.from({ length: historySteps + 1 }, (_, index) => statusAt(index));
  const lines = statuses.map((status) => JSON.stringify({ status }));
  const parse = () => {
    let sum = 0;
    for (const status of parsed(lines)) sum += status.length;
    return sum;
  };
  const replay = () => countEdges(statuses);
  const parseAndReplay = () => countEdges(parsed(lines));

  const samples = { parse: [] as number[], replay: [] as number[], both: [] as number[] };
  let edges = 0;
  for (let round = 0; round <= rounds; round += 1) {
    const parseMs = timed(parse);
    const replayMs = timed(() => (edges = replay()));
    const bothMs = timed(() => {
      if (parseAndReplay() !== edges) throw new Error('the replay of what was parsed differs');
    });
    // The first round only warms.
    if (round === 0) continue;
    samples.parse.push(parseMs);
    samples.replay.push(replayMs);
    samples.both.push(bothMs);
  }
  return {
    parseMs: median(samples.parse),
    replayMs: median(samples.replay),
    parseAndReplayMs: median(samples.both),
    heapGrowthMb: heapGrowth(),
  };
}

// Round the four statuses, with a jump back and a repetition now and then.
const statusAt = (index: number): string =>
  ticketStatuses[(index % 11 === 0 ? index >> 1 : index) % ticketStatuses.length] ?? 'open';

function* parsed(lines: readonly string[]): Generator<string> {
  for (const line of lines) yield (JSON.parse(line) as { status: string }).status;
}

function countEdges(statuses: Iterable<string>): number {
  const walk = ticketLifecycle.replaySteps(statuses);
  let paths = 0;
  for (const step of walk) if (step.kind === 'path') paths += step.events.length;
  return walk.counts.edge + paths;
}

function timed(act: () => unknown): number {
  const started = performance.now();
  act();
  return performance.now() - started;
}

function heapGrowth(): number {
  const collect = globalThis.gc;
  if (collect === undefined) throw new Error('run node with --expose-gc');
  function* history(): Generator<string> {
    for (let index = 0; index <= historySteps; index += 1) yield statusAt(index);
  }
  const walk = ticketLifecycle.replaySteps(history());
  const seen: number[] = [];
  for (const { index } of walk) {
    if (index !== 1000 && index !== historySteps / 2 && index !== historySteps) continue;
    collect();
    seen.push(process.memoryUsage().heapUsed);
  }
  const [start = Number.NaN, ...later] = seen;
  return (Math.max(...later) - start) / 1e6;
}
