import { startPostgres, poolOf } from '../../../outbox/test/support/postgres-server.ts';
import type { Benchmark } from '../benchmark.ts';
import { table } from '../table.ts';
import { cutting, killing, killingOften, restarting, stopping } from './disturb.ts';
import { measureFairness } from './fairness.ts';
import { measureImport, type ImportResult } from './import.ts';
import { measureBacklogCost, measureManyKeys } from './keys.ts';
import { measureOrder } from './order.ts';
import { runPeer, startRedis, type PeerResult } from './peers.ts';
import { runPglite } from './pglite.ts';
import {
  changes,
  latency,
  mean,
  runOnce,
  settleMs,
  type Disturb,
  type Ground,
  type RunResult,
} from './run.ts';

/** Runs of one kind. */
interface Plan {
  readonly name: string;
  readonly keys: number;
  readonly count: number;
  readonly changes?: number;
  readonly disturb?: Disturb;
}

const undisturbed: readonly Plan[] = [
  { name: 'one key', keys: 1, count: 3 },
  { name: 'three keys', keys: 3, count: 5 },
];

// 400 changes for each key, so that a run goes on long after the kill.
const long = 1200;
const killedOnce: readonly Plan[] = [
  { name: 'one key, a worker killed', keys: 1, count: 5, disturb: killing },
  { name: 'three keys, a worker killed', keys: 3, count: 3, changes: long, disturb: killing },
];

// Enough of both for more than thirty kills.
const killedOften: readonly Plan[] = [
  { name: 'one key, killed again and again', keys: 1, count: 5, disturb: killingOften },
  { name: 'three keys, killed again and again', keys: 3, count: 5, disturb: killingOften },
];

const otherwise: readonly Plan[] = [
  { name: 'a worker stopped and woken', keys: 3, count: 1, changes: long, disturb: stopping },
  { name: 'Postgres restarted', keys: 3, count: 1, changes: long, disturb: restarting },
  { name: 'every connection cut', keys: 3, count: 1, changes: long, disturb: cutting },
];

/** What came of the runs of one kind. */
interface Row {
  readonly plan: Plan;
  readonly results: readonly RunResult[];
}

export const run: Benchmark = async ({ progress }) => {
  const server = await startPostgres();
  const pool = poolOf(server.url, 16);
  const ground: Ground = { pool, database: server.url, restart: server.restart ?? cannotRestart };
  try {
    const rows: Row[] = [];
    for (const plan of [...undisturbed, ...killedOnce, ...killedOften, ...otherwise]) {
      const results: RunResult[] = [];
      for (let index = 1; index <= plan.count; index += 1) {
        progress(`${plan.name}: run ${index} of ${plan.count}`);
        const schema = `run_${rows.length}_${index}`;
        results.push(await runOnce(ground, { ...plan, schema, changes: plan.changes ?? changes }));
      }
      rows.push({ plan, results });
    }
    progress('PGlite, killed and started again');
    const plan = { name: 'PGlite, one process, killed and started again', keys: 1, count: 1 };
    rows.push({ plan, results: [await runPglite()] });
    progress('the order under transactions and locks');
    const order = await measureOrder(pool);
    progress('a noisy key beside fifty quiet ones');
    const fairness = await measureFairness(ground);
    progress('a thousand keys');
    const thousandKeysPerSecond = await measureManyKeys(ground, 'keys_trial');
    progress('an import of ten thousand, with every core busy');
    const imported = await measureImport(ground);
    progress('a backlog of a hundred thousand');
    const cost = await measureBacklogCost(pool);
    const peers = await measurePeers(ground, progress);
    return report({ rows, order, fairness, thousandKeysPerSecond, imported, cost, peers });
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
  readonly imported: ImportResult;
  readonly cost: Awaited<ReturnType<typeof measureBacklogCost>>;
  readonly peers: readonly PeerResult[];
}

function report(everything: Everything) {
  const { rows, order, fairness, thousandKeysPerSecond, imported, cost, peers } = everything;
  const all = rows.flatMap(({ results }) => results);
  const of = (plans: readonly Plan[]) =>
    rows.filter(({ plan }) => plans.includes(plan)).flatMap(({ results }) => results);
  const sum = (pick: (result: RunResult) => number) => sumOf(all.map(pick));
  const figures = {
    runs: all.length,
    kills: of([...killedOnce, ...killedOften]).flatMap(({ recoveriesMs }) => recoveriesMs).length,
    total429: sum(({ limited }) => limited),
    steady: mean(of(undisturbed).map(({ steady }) => steady)),
    whole: mean(of(undisturbed).map(({ whole }) => whole)),
    steadyWithOneKill: mean(of(killedOnce).map(({ steady }) => steady)),
    wholeWithOneKill: mean(of(killedOnce).map(({ whole }) => whole)),
    steadyWithManyKills: mean(of(killedOften).map(({ steady }) => steady)),
    wholeWithManyKills: mean(of(killedOften).map(({ whole }) => whole)),
    spreadMs: Math.max(...of(undisturbed).map(({ spreadMs }) => spreadMs)),
    orderViolations:
      sum(({ orderViolations }) => orderViolations) + order.inOneTransaction + order.behindALock,
    lost: sum(({ lost }) => lost),
    stuck: sum(({ stuck }) => stuck),
    blindDuplicates: sum(({ duplicates }) => duplicates),
    recoverSeconds: slowestMs(all) / 1000,
    ...fairness,
    thousandKeysPerSecond,
    ...imported,
    backlogCostRatio: cost.many / cost.few,
  };
  return { figures, markdown: `${markdownOf(rows, figures, cost)}\n${peerTable(peers)}` };
}

const sumOf = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0);

const slowestMs = (results: readonly RunResult[]) =>
  Math.max(0, ...results.flatMap(({ recoveriesMs }) => recoveriesMs));

// What the lease allows: a slot rests for a second after its response.
const bound = 1 / (1 + sumOf(Object.values(latency).map(mean)) / 1000);

function markdownOf(
  rows: readonly Row[],
  figures: Readonly<Record<string, number>>,
  cost: { readonly few: number; readonly many: number },
): string {
  const lines = rows.map(({ plan, results }) => {
    const sum = (pick: (result: RunResult) => number) => sumOf(results.map(pick));
    const recoveries = results.flatMap(({ recoveriesMs }) => recoveriesMs).length;
    return [
      plan.name,
      plan.changes ?? changes,
      results.length,
      recoveries,
      sum(({ limited }) => limited),
      mean(results.map(({ steady }) => steady)).toFixed(3),
      mean(results.map(({ whole }) => whole)).toFixed(3),
      sum(({ orderViolations }) => orderViolations),
      sum(({ lost, stuck }) => lost + stuck),
      sum(({ duplicates }) => duplicates),
      recoveries === 0 ? '–' : `${(slowestMs(results) / 1000).toFixed(1)} s`,
    ];
  });
  const say = (name: string, digits = 0) => figures[name]?.toFixed(digits);
  return `# Outbox

Ten changes of each ticket, four worker processes on one Postgres, a sandbox in a process of its own: a strict sliding log of 25 per second and key, 60 to 120 ms a request.

${table('runs of | changes | runs | disturbed | 429s | steady use | whole run | out of order | lost or stuck | sent twice | slowest recovery', lines)}

Steady use is the sandbox's: what was admitted from a second after the first request on, by the budget of that time. The whole run is from the first request to the last. In the long run a slot that is free one second after its response can be used ${bound.toFixed(3)} of the time at this latency; a run of a whole number of bursts reads higher, since it ends before the last second is over.

A recovery ends when the last change that was under way has ended; on PGlite, when every ticket has moved again. Workers that are killed again and again are so 2.5 s after each recovery, to the end: the last kill adds its recovery to the run. What a kill costs besides: the slots of what was in flight rest for a second more, and each of these tickets is read. A change that did not arrive waits until its request can no longer be under way: the workers are told \`settleMs: ${settleMs}\` (30,000 without), as the sandbox answers within 120 ms.

- The four processes end within ${say('spreadMs')} ms of each other where nobody disturbs them.
- Three changes in one transaction, 50 times, and two transactions queued on a lock, 20 times: part of the figure \`orderViolations\`, which is ${say('orderViolations')}.
- A key with 3,000 waiting: 50 quiet keys reach the server after ${say('quietP50Ms')} ms (median) and ${say('quietMaxMs')} ms (longest), the noisy one sends ${say('noisyPerSecond', 1)} a second.
- A thousand keys: ${say('thousandKeysPerSecond')} deliveries a second, everything on this machine.
- Ten thousand changes, imported while two processes deliver them and every core is busy with something else: ${say('importStuck')} stuck, ${say('importLost')} lost, ${say('importTwice')} sent twice, in ${say('importSeconds')} s.
- One delivery takes ${cost.few.toFixed(2)} ms with 1,000 waiting and ${cost.many.toFixed(2)} ms with 100,000.
`;
}

function peerTable(peers: readonly PeerResult[]): string {
  const lines = peers.map(({ name, limited, steady, whole, orderViolations, lost, duplicates }) => [
    name,
    limited,
    steady.toFixed(3),
    whole.toFixed(3),
    orderViolations,
    lost,
    duplicates,
  ]);
  const missing = peers.some(({ name }) => name === 'bullmq')
    ? ''
    : '\nBullMQ needs a redis-server, which this machine does not have.\n';
  return `The same work on other engines, wired as their documentation says, with one worker killed after 5 s and replaced, to be read beside “one key, a worker killed”. pg-boss alone has no limit over several processes, so each keeps to a quarter of the budget; BullMQ has its own.

${table('engine | 429s | steady use | whole run | out of order | not there after 45 s | sent twice', lines)}
${missing}`;
}

async function cannotRestart(): Promise<void> {
  throw new Error('The server of DATABASE_URL is not ours to restart; unset it.');
}
