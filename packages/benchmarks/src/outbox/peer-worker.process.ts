import { createRateLimiter, createSeriesClient } from '@ticket-lifecycle/series';
import { Worker } from 'bullmq';
import { Redis } from 'ioredis';
import { Pool } from 'pg';
import { PgBoss } from 'pg-boss';
import { queueName, type PeerChange, type PeerWorkerOptions } from './peers.ts';

// One process of a fleet on another engine, wired as its documentation says.
const { peer, database, redisPort, baseUrl } = JSON.parse(
  process.argv[2] ?? '{}',
) as PeerWorkerOptions;

// Four processes and no shared limit: each takes a quarter, rounded down.
const limits = { 'pg-boss': 6, bullmq: 10_000 } as const;
const client = createSeriesClient({
  apiKey: 'example-key',
  baseUrl,
  timeoutMs: 2000,
  rateLimiter: createRateLimiter({ requestsPerSecond: limits[peer] }),
});
const send = ({ ticketId, status }: PeerChange) =>
  client.changeStatus({ ticketId, status, staffUserId: 7 });

if (peer === 'pg-boss') {
  const pool = new Pool({ connectionString: database, max: 4 });
  pool.on('error', () => {});
  const boss = new PgBoss({ db: { executeSql: (text, values) => pool.query(text, values) } });
  boss.on('error', () => {});
  await boss.start();
  await boss.work<PeerChange>(
    queueName,
    { batchSize: 1, pollingIntervalSeconds: 0.5, localConcurrency: 10 },
    async ([job]) => {
      if (job !== undefined) await send(job.data);
    },
  );
} else {
  const worker = new Worker<PeerChange>(queueName, async (job) => send(job.data), {
    connection: new Redis({ host: '127.0.0.1', port: redisPort, maxRetriesPerRequest: null }),
    concurrency: 10,
    limiter: { max: 25, duration: 1000 },
  });
  worker.on('error', () => {});
  await worker.waitUntilReady();
}
process.on('disconnect', () => process.exit());
process.send?.('ready');
