import { startSandbox, type LimitAlgorithm, type RunningSandbox } from '@ticket-lifecycle/sandbox';
import { answerAsChild } from '../child.ts';

/** Starts a server, or stops it and asks what it has seen. */
export type ServerQuestion =
  | {
      readonly kind: 'start';
      readonly limit: LimitAlgorithm;
      readonly requestsPerSecond?: number | undefined;
      readonly burst: number;
      readonly delayMs: readonly [number, number];
      readonly seed: number;
      readonly tickets: number;
    }
  | { readonly kind: 'stop'; readonly url: string };

/** What a server has seen of a run, by its own clock. */
export interface ServerAnswer {
  readonly url: string;
  readonly requests: number;
  readonly limited: number;
  /** The most requests in any second, by the moment of counting; refused ones are requests too. */
  readonly mostInOneSecond: number;
  readonly steadyUse: number | undefined;
  /** Milliseconds from the first arrival to the 25th. */
  readonly first25Ms: number | undefined;
  readonly applied: number;
  /** How many requests came after the last that was refused. */
  readonly sinceLimited: number;
  /** The longest that the machine kept the server from running: it counts late what waits. */
  readonly heldUpMs: number;
}

interface Server extends RunningSandbox {
  heldUpMs: number;
}

const running = new Map<string, Server>();
const tickMs = 10;
let tickedAt = performance.now();
setInterval(() => {
  const now = performance.now();
  const heldUpMs = now - tickedAt - tickMs;
  tickedAt = now;
  for (const server of running.values()) server.heldUpMs = Math.max(server.heldUpMs, heldUpMs);
}, tickMs);

answerAsChild(async (question: ServerQuestion) => {
  if (question.kind === 'start') {
    const { limit, requestsPerSecond = 25, burst, delayMs, seed, tickets } = question;
    const sandbox = await startSandbox({
      limit,
      requestsPerSecond,
      burst,
      delayMs: { beforeCounting: delayMs },
      seed,
      tickets: Array.from({ length: tickets }, (_, index) => ({ ticketId: `T-${index}` })),
    });
    const server = { ...sandbox, heldUpMs: 0 };
    running.set(server.url, server);
    return summary(server);
  }
  const server = running.get(question.url);
  if (server === undefined) throw new Error(`No server at ${question.url}.`);
  running.delete(question.url);
  const answer = summary(server);
  await server.close();
  return answer;
});

function summary({ url, sandbox, heldUpMs }: Server): ServerAnswer {
  const { requests } = sandbox;
  const { limited, steadyUse, statusWrites } = sandbox.record();
  const arrivals = requests.map(({ at }) => at).sort((a, b) => a - b);
  const [first, last] = [arrivals[0], arrivals[24]];
  return {
    url,
    requests: requests.length,
    limited,
    mostInOneSecond: mostInOneSecond(requests.map(({ countedAt }) => countedAt)),
    steadyUse,
    first25Ms: first === undefined || last === undefined ? undefined : last - first,
    applied: statusWrites,
    heldUpMs,
    sinceLimited:
      requests.length - 1 - requests.findLastIndex(({ verdict }) => verdict === 'limited'),
  };
}

/** In any window `(t - 1000, t]`; the moments are in order. */
function mostInOneSecond(moments: readonly number[]): number {
  let first = 0;
  let most = 0;
  moments.forEach((at, index) => {
    while ((moments[first] ?? at) <= at - 1000) first += 1;
    most = Math.max(most, index - first + 1);
  });
  return most;
}
