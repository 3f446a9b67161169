import { cpus } from 'node:os';
import { table } from '../table.ts';
import type { ContestantName } from './contestants.ts';
import type { Ran } from './make-runs.ts';
import { algorithms, workloads } from './runs.ts';

const paced = 'ticket-lifecycle, paced';
const burst = 'ticket-lifecycle, burst';

/** The same for programs. What is not said otherwise is of the default policy, paced. */
export function figuresOf(ran: readonly Ran[]): Record<string, number> {
  const ours = of(ran, paced);
  const backlogs = ours.filter(({ workload }) => workload === 'backlog');
  const stalls = ours.filter(({ workload }) => workload === 'stalls');
  const bursts = of(ran, burst);
  const strict = of(ran, 'client');
  return {
    runs: ours.length,
    total429: limited(ours),
    maxInAnySecond: most(ours),
    steady0: use(backlogs.filter(withDelay(0))),
    steady80: use(backlogs.filter(withDelay(80))),
    steady150: use(backlogs.filter(withDelay(150))),
    steadyStalls: use(stalls.filter(withDelay(0))),
    restart429: limited(ours.filter(({ workload }) => workload === 'restart')),
    first25Ms: mean(backlogs.filter(withDelay(0)).map(({ first25Ms }) => first25Ms)),
    burst429: limited(bursts),
    steadyBurstStalls: use(bursts.filter(({ workload }) => workload === 'stalls')),
    burstFirst25Ms: mean(
      bursts
        .filter(isBacklog)
        .filter(withDelay(0))
        .map(({ first25Ms }) => first25Ms),
    ),
    heldUpMs: Math.max(...ran.map(({ heldUpMs }) => heldUpMs)),
    strict429: Math.max(...strict.map((run) => run.limited)),
    strictLost: sum(strict.map(({ requests, applied }) => requests - applied)),
    strictSinceLimited: Math.min(...strict.map(({ sinceLimited }) => sinceLimited)),
  };
}

export function report(
  ran: readonly Ran[],
  peers: readonly ContestantName[],
  sideBySide: number,
): string {
  const names: readonly ContestantName[] = [paced, burst, ...peers];
  return `# 429s of limiters before servers that mean it

${ran.length} runs of 200 requests at 25 a second, ${sideBySide} side by side on ${cpus().length} processors, each in a process of its own; the servers are sandboxes over HTTP in another process, and what they recorded is what counts. A delay is random and passes before the server counts. Only one key, no retries. ${busyness(ran)}

## Runs, 429s and the worst second

${table(
  `limiter | runs | 429s, ${algorithms.join(' | 429s, ')} | most in a second`,
  names.map((name) => {
    const own = of(ran, name);
    return [
      name,
      own.length,
      ...algorithms.map((limit) => perRequests(own.filter((run) => run.limit === limit))),
      most(own),
    ];
  }),
)}

The leaky bucket holds 5, so the burst policy is not meant for it and not run before it.

## The same work for all: a backlog of 200

${table(
  'limiter | 429s | use, no delay | use, 0–80 ms | first 25, no delay',
  names.map((name) => {
    const own = of(ran, name)
      .filter(isBacklog)
      .filter(({ delayMs }) => delayMs[1] < 150);
    const quick = own.filter(withDelay(0));
    return [
      name,
      perRequests(own),
      use(quick).toFixed(3),
      use(own.filter(withDelay(80))).toFixed(3),
      `${mean(quick.map(({ first25Ms }) => first25Ms)).toFixed(0)} ms`,
    ];
  }),
)}

Use is the share of the budget after the first second, of admitted requests. The first 25 are timed at the server, from the first arrival to the 25th. The paced policy before a constant delay of 150 ms: ${use(of(ran, paced).filter(withDelay(150))).toFixed(3)}.

## Event loop stalled for 250 in every 700 ms, no delay

${table(
  'limiter | 429s | use, mean | use, least',
  names.map((name) => {
    const own = of(ran, name)
      .filter(({ workload }) => workload === 'stalls')
      .filter(withDelay(0));
    return [name, perRequests(own), use(own).toFixed(3), least(own).toFixed(3)];
  }),
)}

## The default policy by workload

${table(
  'workload | delay | runs | 429s | most in a second | use, mean | use, least',
  [0, 80, 150].flatMap((delay) =>
    workloads.flatMap((workload) => {
      const own = of(ran, paced)
        .filter((run) => run.workload === workload)
        .filter(withDelay(delay));
      const isBusy = workload === 'backlog' || workload === 'stalls';
      const uses = isBusy ? [use(own).toFixed(3), least(own).toFixed(3)] : ['–', '–'];
      const row = [workload, `${delay} ms`, own.length, perRequests(own), most(own), ...uses];
      return own.length === 0 ? [] : [row];
    }),
  ),
)}

A restart kills the process at work (SIGKILL) and starts the next at once, which knows nothing of the first.

## Servers that are stricter: the whole client, 120 changes

${table(
  'server | delay | stepped down to | 429s | requests after the last 429 | changes that arrived',
  of(ran, 'client').map((run) => [
    run.limit === 'leaky-bucket' ? `leaky bucket of ${run.burst}` : run.limit,
    `${run.delayMs[1]} ms`,
    run.steppedTo.join(', ') || '–',
    run.limited,
    run.limited === 0 ? '–' : run.sinceLimited,
    `${run.applied} of ${run.requests}`,
  ]),
)}
`;
}

/** A machine that has other work distorts what is measured; how much has to be said. */
function busyness(ran: readonly Ran[]): string {
  const times = ran.map(({ heldUpMs }) => heldUpMs).sort((a, b) => a - b);
  const middle = times[Math.floor(times.length / 2)] ?? 0;
  const worst = times.at(-1) ?? 0;
  return `The machine kept the servers from running for up to ${middle.toFixed(0)} ms in the middle run and ${worst.toFixed(0)} ms in the worst; beyond some 50 ms it was too busy to measure use.`;
}

const of = (ran: readonly Ran[], name: Ran['contestant']) =>
  ran.filter(({ contestant }) => contestant === name);
const withDelay =
  (mostMs: number) =>
  ({ delayMs }: Ran) =>
    delayMs[1] === mostMs;
const isBacklog = ({ workload }: Ran) => workload === 'backlog';
const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
const limited = (ran: readonly Ran[]) => sum(ran.map((run) => run.limited));
const most = (ran: readonly Ran[]) => Math.max(...ran.map((run) => run.mostInOneSecond));
const perRequests = (ran: readonly Ran[]) =>
  ran.length === 0 ? '–' : `${limited(ran)}/${sum(ran.map(({ seen }) => seen))}`;
const uses = (ran: readonly Ran[]) => ran.map(({ steadyUse }) => steadyUse);
const use = (ran: readonly Ran[]) => mean(uses(ran));
const least = (ran: readonly Ran[]) => Math.min(...known(uses(ran)));
const known = (values: readonly (number | undefined)[]) =>
  values.filter((value) => value !== undefined);

function mean(values: readonly (number | undefined)[]): number {
  const measured = known(values);
  return sum(measured) / measured.length;
}
