import { setTimeout as sleep } from 'node:timers/promises';
import { startChild, type Child } from '../child.ts';
import { table } from '../table.ts';
import type { DistantAnswer, DistantQuestion } from './distant-client.process.ts';
import type { PathAnswer, PathQuestion } from './path.process.ts';
import type { ServerAnswer, ServerQuestion } from './server.process.ts';

/** A run under the policy `measured`, and what came of it. */
interface DistantRun extends ServerAnswer, DistantAnswer {
  readonly tripMs: number;
  readonly isShortened: boolean;
}

const trips = [20, 90, 150] as const;
const requestsPerRun = 1200;
const shortenedRequests = 500;
const shortened = { fromMs: 90, tripMs: 20, afterMs: 8000 };

export const mostMeasuredRequests = 50_400;

/** Sends so many requests to distant servers that keep a strict sliding log, some runs side by side. */
export async function measurePath(requests: number, sideBySide: number) {
  const paths: Child<PathQuestion, PathAnswer> = child('path.process.ts');
  const servers: Child<ServerQuestion, ServerAnswer> = child('server.process.ts');
  const count = Math.max(trips.length, Math.round(requests / requestsPerRun));
  const each = Math.ceil(requests / count);
  const left = Array.from({ length: count }, (_, index) => trips[index % trips.length] ?? 20);
  const ran: DistantRun[] = [];

  async function run(tripMs: number, isShortened = false): Promise<void> {
    const client: Child<DistantQuestion, DistantAnswer> = child('distant-client.process.ts');
    const tickets = isShortened ? shortenedRequests : each;
    const start = { kind: 'start', limit: 'sliding-log', burst: 5, delayMs: [0, 0] } as const;
    const { url } = await servers.ask({ ...start, seed: 1, tickets });
    const { port } = await paths.ask({ kind: 'lengthen', url, tripMs });
    const changed = isShortened ? shortened : undefined;
    const answer = client.ask({ port, tripMs, requests: tickets, changed });
    if (changed !== undefined) {
      await sleep(changed.afterMs);
      await paths.ask({ kind: 'change', port, tripMs: changed.tripMs });
    }
    const told = await answer;
    ran.push({ ...(await servers.ask({ kind: 'stop', url })), ...told, tripMs, isShortened });
    client.kill();
  }

  async function work(index: number): Promise<void> {
    await sleep(index * 37);
    for (let next = left.shift(); next !== undefined; next = left.shift()) await run(next);
  }

  await run(shortened.fromMs, true);
  await Promise.all(Array.from({ length: sideBySide }, (_, index) => work(index)));
  paths.kill();
  servers.kill();
  return { figures: figuresOf(ran), markdown: report(ran) };
}

const child = <Question, Answer>(file: string): Child<Question, Answer> =>
  startChild(new URL(file, import.meta.url));

function figuresOf(ran: readonly DistantRun[]): Record<string, number> {
  const steady = ran.filter(({ isShortened }) => !isShortened);
  const use = (tripMs: number) => mean(steady.filter((run) => run.tripMs === tripMs));
  const short = ran.find(({ isShortened }) => isShortened);
  return {
    measured20: use(20),
    measured90: use(90),
    measured150: use(150),
    measuredRequests: sum(steady.map(({ requests }) => requests)),
    measured429: sum(steady.map(({ limited }) => limited)),
    measuredMostInAnySecond: Math.max(...steady.map(({ mostInOneSecond }) => mostInOneSecond)),
    pathShortened429: short?.limited ?? Number.NaN,
  };
}

function report(ran: readonly DistantRun[]): string {
  return `## The policy \`measured\`, before a strict sliding log far away

${table(
  'there and back | runs | 429s | most in a second | use | slots free sooner by',
  trips.map((tripMs) => {
    const own = ran.filter((run) => run.tripMs === tripMs && !run.isShortened);
    const requests = sum(own.map((run) => run.requests));
    const floor = sum(own.map(({ pathFloorMs }) => pathFloorMs)) / own.length;
    return [
      `${tripMs} ms`,
      own.length,
      `${sum(own.map(({ limited }) => limited))}/${requests}`,
      Math.max(...own.map(({ mostInOneSecond }) => mostInOneSecond)),
      mean(own).toFixed(3),
      `${floor.toFixed(0)} ms`,
    ];
  }),
)}

The whole client over HTTP. A TCP proxy delays what is sent, both ways; the client's process hears of a handshake as much later. Where the way was shortened from ${shortened.fromMs} to ${shortened.tripMs} ms in the middle of a run: ${ran
    .filter(({ isShortened }) => isShortened)
    .map(({ limited, policies }) => `${limited} × 429, then ${policies.join(', ') || 'no step'}`)
    .join()}.`;
}

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
const mean = (ran: readonly DistantRun[]) => sum(ran.map((run) => run.steadyUse ?? 0)) / ran.length;
