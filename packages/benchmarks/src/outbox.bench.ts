import { startPostgres, poolOf } from '../../outbox/test/postgres-server.ts';
import type { Benchmark } from './benchmark.ts';
import { cutting, killing, restarting, stopping } from './outbox-crashes.ts';
import { measureFairness } from './outbox-fairness.ts';
import { measureBacklogCost, measureManyKeys } from './outbox-keys.ts';
import { measureOrder } from './outbox-order.ts';
import { runPeer, startRedis, type PeerResult } from './outbox-peers.ts';
import { mean, runOnce, type Fleet, type Ground, type RunResult } from './outbox-run.ts';

// Enough of each for more than thirty kills.
const plans = [
  { name: 'one key', keys: 1, killed: false, count: 3 },
  { name: 'one key, workers killed', keys: 1, killed: true, count: 8 },
  { name: 'three keys', keys: 3, killed: false, count: 5 },
  { name: 'three keys, workers killed', keys: 3, killed: true, count: 8 },
] as const;

const disturbances = [
  { name: 'three keys, a worker stopped and woken', disturb: stopping },
  { name: 'three keys, Postgres restarted', disturb: restarting },
  { name: 'three keys, every connection cut', disturb: cutting },
] as const;

/** The runs of one kind. */
interface Row {
  readonly name: string;
  readonly results: readonly RunResult[];
  readonly kills: number;
  readonly slowestMs: number;
}

export const run: Benchmark = async ({ progress }) => {
  const server = await startPostgres();
  const pool = poolOf(server.url, 16);
  const ground: Ground = { pool, database: server.url, restart: server.restart ?? cannotRestart };
  try {
    const rows: Row[] = [];
    let schemas = 0;
    const repeat = async (
      name: string,
      plan: { readonly keys: number; readonly count: number },
      disturb?: (recoveries: number[]) => (fleet: Fleet) => Promise<void>,
    ) => {
      const recoveries: number[] = [];
      const results: RunResult[] = [];
      for (let index = 0; index < plan.count; index += 1) {
        progress(`${name}: run ${index + 1} of ${plan.count}`);
        const schema = `run_${(schemas += 1)}`;
        const { keys } = plan;
        results.push(
          await runOnce(ground, {
            schema,
            keys,
            ...(disturb === undefined ? {} : { disturb: disturb(recoveries) }),
          }),
        );
      }
      const slowestMs = Math.max(0, ...recoveries);
      rows.push({ name, results, kills: recoveries.length, slowestMs });
    };
    for (const plan of plans) await repeat(plan.name, plan, plan.killed ? killing : undefined);
    for (const { name, disturb } of disturbances) {
      await repeat(name, { keys: 3, count: 1 }, () => disturb);
    }
    progress('the order under transactions and locks');
    const order = await measureOrder(pool);
    progress('a noisy key beside fifty quiet ones');
    const fairness = await measureFairness(ground);
    progress('a thousand keys');
    const thousandKeysPerSecond = await measureManyKeys(ground);
    progress('a backlog of a hundred thousand');
    const cost = await measureBacklogCost(pool);
    const peers = await measurePeers(ground, progress);
    return report({ rows, order, fairness, thousandKeysPerSecond, cost, peers });
  } finally {
    await pool.end();
    await server.stop();
  }
};

/** The same work on other engines, as far as this machine has them. */
async function measurePeers(
  ground: Ground,
  progress: (text: string) => void,
): Promise<PeerResult[]> {
  progress('the same on pg-boss alone');
  const results = [await runPeer(ground, 'pg-boss', 0)];
  const redis = await startRedis();
  if (redis === undefined) return results;
  progress('the same on BullMQ');
  results.push(await runPeer(ground, 'bullmq', redis.port));
  redis.stop();
  return results;
}

interface Everything {
  readonly rows: readonly Row[];
  readonly order: Awaited<ReturnType<typeof measureOrder>>;
  readonly fairness: Awaited<ReturnType<typeof measureFairness>>;
  readonly thousandKeysPerSecond: number;
  readonly cost: Awaited<ReturnType<typeof measureBacklogCost>>;
  readonly peers: readonly PeerResult[];
}

function report(everything: Everything) {
  const { rows, order, fairness, thousandKeysPerSecond, cost, peers } = everything;
  const all = rows.flatMap(({ results }) => results);
  const undisturbed = rows
    .filter(({ name }) => name === 'one key' || name === 'three keys')
    .flatMap(({ results }) => results);
  const killed = rows.filter(({ kills }) => kills > 0).flatMap(({ results }) => results);
  const sum = (pick: (result: RunResult) => number) =>
    all.reduce((total, result) => total + pick(result), 0);
  const figures = {
    runs: all.length,
    kills: rows.reduce((total, { kills }) => total + kills, 0),
    total429: sum(({ limited }) => limited),
    steady: mean(undisturbed.map(({ steady }) => steady)),
    whole: mean(undisturbed.map(({ whole }) => whole)),
    steadyWithKills: mean(killed.map(({ steady }) => steady)),
    wholeWithKills: mean(killed.map(({ whole }) => whole)),
    spreadMs: Math.max(...undisturbed.map(({ spreadMs }) => spreadMs)),
    orderViolations:
      sum(({ orderViolations }) => orderViolations) + order.inOneTransaction + order.behindALock,
    lost: sum(({ lost }) => lost),
    stuck: sum(({ stuck }) => stuck),
    blindDuplicates: sum(({ duplicates }) => duplicates),
    recoverSeconds: Math.max(...rows.map(({ slowestMs }) => slowestMs)) / 1000,
    ...fairness,
    thousandKeysPerSecond,
    backlogCostRatio: cost.many / cost.few,
  };
  return { figures, markdown: `${markdownOf(rows, figures, cost)}\n${peerTable(peers)}` };
}

function markdownOf(
  rows: readonly Row[],
  figures: Readonly<Record<string, number>>,
  cost: { readonly few: number; readonly many: number },
): string {
  const of = (results: readonly RunResult[], pick: (result: RunResult) => number) =>
    results.reduce((total, result) => total + pick(result), 0);
  const lines = rows.map(({ name, results, kills, slowestMs }) =>
    [
      name,
      results.length,
      kills,
      of(results, ({ limited }) => limited),
      mean(results.map(({ steady }) => steady)).toFixed(3),
      mean(results.map(({ whole }) => whole)).toFixed(3),
      of(results, ({ orderViolations }) => orderViolations),
      of(results, ({ lost, stuck }) => lost + stuck),
      of(results, ({ duplicates }) => duplicates),
      kills === 0 ? '–' : `${(slowestMs / 1000).toFixed(1)} s`,
    ].join(' | '),
  );
  const say = (name: string, digits = 0) => figures[name]?.toFixed(digits);
  return `# Outbox

400 changes of 40 tickets a run, four worker processes, pg-boss on Postgres, a sandbox in a process of its own: a strict sliding log of 25 per second and key, 60 to 120 ms a request.

| runs of | runs | kills | 429s | steady use | whole run | out of order | lost or stuck | sent twice | slowest recovery |
| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |
| ${lines.join(' |\n| ')} |

Steady use is the sandbox's: what was admitted from a second after the first request on, by the budget of that time. The whole run is from the first request to the last. A recovery ends when the last change that the killed worker held is settled; then the next worker is killed, 2.5 s later. What a kill costs: the slots of what was in flight rest for a second more, and each of these tickets is read.

- The four processes end within ${say('spreadMs')} ms of each other.
- Three changes in one transaction, 50 times, and two transactions queued on a lock, 20 times: part of the figure \`orderViolations\`, which is ${say('orderViolations')}.
- A key with 3,000 waiting: 50 quiet keys reach the server after ${say('quietP50Ms')} ms (median) and ${say('quietMaxMs')} ms (longest), the noisy one sends ${say('noisyPerSecond', 1)} a second.
- A thousand keys: ${say('thousandKeysPerSecond')} deliveries a second, everything on this machine.
- One delivery takes ${cost.few.toFixed(2)} ms with 1,000 waiting and ${cost.many.toFixed(2)} ms with 100,000.
`;
}

function peerTable(peers: readonly PeerResult[]): string {
  const lines = peers.map(({ name, limited, steady, whole, ...verdict }) =>
    [
      name,
      limited,
      steady.toFixed(3),
      whole.toFixed(3),
      verdict.orderViolations,
      verdict.lost,
      verdict.duplicates,
    ].join(' | '),
  );
  const missing = peers.some(({ name }) => name === 'bullmq')
    ? ''
    : '\nBullMQ needs a redis-server, which this machine does not have.\n';
  return `The same work on other engines, wired as their documentation says, with one worker killed after 5 s and replaced. pg-boss alone has no limit over several processes, so each keeps to a quarter of the budget; BullMQ has its own.

| engine | 429s | steady use | whole run | out of order | not there after 45 s | sent twice |
| --- | --- | --- | --- | --- | --- | --- |
| ${lines.join(' |\n| ')} |
${missing}`;
}

async function cannotRestart(): Promise<void> {
  throw new Error('The server of DATABASE_URL is not ours to restart; unset it.');
}
