import { startChild, type Child } from '../child.ts';
import { table } from '../table.ts';
import type { LearningAnswer, LearningQuestion } from './learning-client.process.ts';
import type { PathAnswer, PathQuestion } from './path.process.ts';
import type { ServerAnswer, ServerQuestion } from './server.process.ts';

const minute = 60_000;
const forMs = 2 * minute;
const neighbour = { fromMs: 12_000, forMs: 6000 };
const warmMs = 4000;
const atOnce = { most: 3, workMs: 300 };
const fewerPerSecond = 10;
// A second holds a whole number of requests, so use is judged by five.
const judgedMs = 5000;

/** Lets a neighbour come and go, and meets two servers that take less than their page says. */
export async function measureRecovery() {
  const servers: Child<ServerQuestion, ServerAnswer> = child('server.process.ts');
  const paths: Child<PathQuestion, PathAnswer> = child('path.process.ts');
  const start = { kind: 'start', limit: 'sliding-log', burst: 5, delayMs: [0, 0] } as const;
  const usual = await servers.ask({ ...start, seed: 1, tickets: 40 });
  const fewer = await servers.ask({
    ...start,
    seed: 1,
    tickets: 40,
    requestsPerSecond: fewerPerSecond,
  });
  const { port } = await paths.ask({ kind: 'at once', ...atOnce });
  const [recovered, learnedRate, learnedAtOnce] = await Promise.all([
    learn({ url: usual.url, forMs: neighbour.fromMs + neighbour.forMs + 80_000, neighbour }),
    learn({ url: fewer.url, forMs }),
    learn({ url: `http://127.0.0.1:${port}`, forMs }),
  ]);
  servers.kill();
  paths.kill();
  const rate = afterAMinute(learnedRate, fewerPerSecond);
  const taken = afterAMinute(learnedAtOnce, (1000 * atOnce.most) / atOnce.workMs);
  const figures = {
    recoverSeconds: recoverSeconds(recovered),
    learnedUse: rate.use,
    learned429PerMinute: rate.limited,
    learnedAtOnceUse: taken.use,
    learnedAtOnce429PerMinute: taken.limited,
  };
  const markdown = `## Neighbours, and servers that take less than their page says

${table('what happened | figure', [
  [
    'a neighbour was busy for 6 s: back at 95 % of the former use',
    `${figures.recoverSeconds.toFixed(0)} s after it had gone`,
  ],
  [
    `a server of ${fewerPerSecond} a second: use, and 429s in the second minute`,
    `${rate.use.toFixed(3)}, ${rate.limited}`,
  ],
  [
    `a server that takes ${atOnce.most} at once: use, and 429s in the second minute`,
    `${taken.use.toFixed(3)}, ${taken.limited}`,
  ],
])}`;
  return { figures, markdown };
}

async function learn(question: LearningQuestion): Promise<LearningAnswer> {
  const client: Child<LearningQuestion, LearningAnswer> = child('learning-client.process.ts');
  const answer = await client.ask(question);
  client.kill();
  return answer;
}

const child = <Question, Answer>(file: string): Child<Question, Answer> =>
  startChild(new URL(file, import.meta.url));

const between = (times: readonly number[], from: number, to: number) =>
  times.filter((at) => at >= from && at < to).length;

function afterAMinute({ answeredAt, limitedAt }: LearningAnswer, perSecond: number) {
  return {
    use: between(answeredAt, minute, forMs) / ((perSecond * (forMs - minute)) / 1000),
    limited: between(limitedAt, minute, forMs),
  };
}

/** Until the use stays at 95 % of what it was before the neighbour came. */
function recoverSeconds({ answeredAt }: LearningAnswer): number {
  const { fromMs } = neighbour;
  const former = between(answeredAt, warmMs, fromMs) / (fromMs - warmMs);
  const goneAt = fromMs + neighbour.forMs;
  const end = goneAt + 80_000 - judgedMs;
  let backAt = goneAt;
  for (let from = goneAt; from <= end; from += 1000) {
    const use = between(answeredAt, from, from + judgedMs) / judgedMs;
    if (use < 0.95 * former) backAt = from + 1000;
  }
  return (backAt - goneAt) / 1000;
}
