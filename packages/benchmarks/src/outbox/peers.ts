import { fork, spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { TicketStatus } from '@ticket-lifecycle/core';
import { Queue } from 'bullmq';
import { Redis } from 'ioredis';
import { PgBoss } from 'pg-boss';
import {
  assess,
  startSandboxProcess,
  ticketsOf,
  type Assessment,
} from '../../../outbox/test/support/fleet.ts';
import { changes, fleetSize, latency, steps, useOf, type Ground, type Use } from './run.ts';

/** The other engines of the table. */
export type Peer = 'pg-boss' | 'bullmq';

/** What a process on another engine is started with. */
export interface PeerWorkerOptions {
  readonly peer: Peer;
  readonly database: string;
  readonly redisPort: number;
  readonly baseUrl: string;
}

/** A change as the other engines carry it: the status, with nobody to ask whether it may be. */
export interface PeerChange {
  readonly ticketId: string;
  readonly status: TicketStatus;
}

/** What came of the same work on another engine. */
export interface PeerResult extends Use, Assessment {
  readonly name: string;
}

export const queueName = 'peer-changes';
const tickets = ticketsOf(changes / steps);
const statuses: readonly TicketStatus[] = ['in-progress', 'resolved', 'closed', 'open'];
const redisServer = process.env['REDIS_SERVER'] ?? 'redis-server';
const killAfterMs = 5000;
const longestMs = 45_000;

/** Runs the 400 changes on another engine, and kills one of its workers on the way. */
export async function runPeer(ground: Ground, peer: Peer, redisPort: number): Promise<PeerResult> {
  const sandbox = await startSandboxProcess({
    tickets: tickets.map((ticketId) => ({ ticketId })),
    delayMs: latency,
  });
  const jobs = Array.from({ length: steps }, (_, step) =>
    tickets.map((ticketId) => ({ ticketId, status: statuses[step % statuses.length] ?? 'open' })),
  ).flat();
  const close = await (peer === 'pg-boss' ? fillPgBoss(ground, jobs) : fillBullMq(jobs, redisPort));
  const start = () =>
    startWorker({ peer, database: ground.database, redisPort, baseUrl: sandbox.url });
  const workers = await Promise.all(Array.from({ length: fleetSize }, start));
  try {
    await sleep(killAfterMs);
    workers.shift()?.kill('SIGKILL');
    workers.push(await start());
    const deadline = performance.now() + longestMs - killAfterMs;
    while ((await sandbox.record()).statusWrites < jobs.length && performance.now() < deadline) {
      await sleep(250);
    }
    // What is sent twice may come after what was to be done is done.
    await sleep(1000);
    const writes = await sandbox.writes();
    const use = useOf(await sandbox.record(), writes);
    return { name: peer, ...use, ...assess(writes, tickets, steps) };
  } finally {
    for (const worker of workers) worker.kill('SIGKILL');
    sandbox.stop();
    await close();
  }
}

async function startWorker(options: PeerWorkerOptions): Promise<ChildProcess> {
  const file = fileURLToPath(new URL('./peer-worker.process.ts', import.meta.url));
  const execArgv = ['--no-warnings', '--conditions=@ticket-lifecycle/source'];
  const child = fork(file, [JSON.stringify(options)], { execArgv });
  await once(child, 'message');
  return child;
}

async function fillPgBoss({ pool }: Ground, jobs: readonly PeerChange[]) {
  const boss = new PgBoss({ db: { executeSql: (text, values) => pool.query(text, values) } });
  await boss.start();
  await boss.createQueue(queueName, { policy: 'key_strict_fifo', retryLimit: 20 });
  for (const job of jobs) await boss.send(queueName, job, { singletonKey: job.ticketId });
  return () => boss.stop({ graceful: false, close: false });
}

async function fillBullMq(jobs: readonly PeerChange[], port: number) {
  const connection = new Redis({ host: '127.0.0.1', port, maxRetriesPerRequest: null });
  const queue = new Queue<PeerChange>(queueName, { connection });
  for (const job of jobs) {
    await queue.add('change', job, { attempts: 20, backoff: { type: 'exponential', delay: 500 } });
  }
  return async () => {
    await queue.close();
    connection.disconnect();
  };
}

/** A Redis of our own, where the machine has one. */
export async function startRedis(): Promise<{ port: number; stop: () => void } | undefined> {
  if (spawnSync(redisServer, ['--version']).error !== undefined) return undefined;
  const port = await freePort();
  const memoryOnly = ['--save', '', '--appendonly', 'no'];
  const args = ['--port', String(port), '--bind', '127.0.0.1', ...memoryOnly];
  const child = spawn(redisServer, args, { stdio: ['ignore', 'pipe', 'ignore'] });
  for await (const text of child.stdout.setEncoding('utf8') as AsyncIterable<string>) {
    if (text.includes('Ready to accept connections')) break;
  }
  return { port, stop: () => child.kill('SIGKILL') };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  return typeof address === 'object' && address !== null ? address.port : 0;
}
