import { setTimeout as sleep } from 'node:timers/promises';
import { createPostgresOutbox } from '@ticket-lifecycle/outbox';
import { startSandboxProcess, ticketsOf } from '../../../outbox/test/support/fleet.ts';
import { latency, startFleet, type Ground } from './run.ts';

/** One key with a backlog, beside many with a change now and then. */
export interface FairnessResult {
  readonly quietP50Ms: number;
  readonly quietMaxMs: number;
  readonly noisyPerSecond: number;
}

const backlog = 3000;
const quietKeys = 50;
const spanMs = 20_000;

export async function measureFairness(ground: Ground): Promise<FairnessResult> {
  const { pool, database } = ground;
  const schema = 'fairness_trial';
  const noisy = ticketsOf(backlog, 'NOISY');
  const quiet = ticketsOf(quietKeys, 'QUIET');
  const tickets = [...noisy, ...quiet].map((ticketId) => ({ ticketId }));
  const sandbox = await startSandboxProcess({ tickets: [], delayMs: latency });
  sandbox.add(tickets);
  const outbox = await createPostgresOutbox({ pool, schema });
  const base = { event: 'START', staffUserId: 7, from: 'open' } as const;
  await inParallel(noisy, (ticketId) => outbox.accept({ ...base, ticketId, key: 'noisy' }));
  const workers = await startFleet({ database, schema, baseUrl: sandbox.url });
  try {
    // Spread evenly, so that no two of them help or hinder each other.
    const startedAt = Date.now();
    const accepted = new Map<string, number>();
    for (const [index, ticketId] of quiet.entries()) {
      const waitMs = startedAt + (index * spanMs) / quietKeys - Date.now();
      await sleep(waitMs);
      accepted.set(ticketId, Date.now());
      await outbox.accept({ ...base, ticketId, key: `quiet-${index}` });
    }
    await sleep(startedAt + spanMs - Date.now() + 1000);
    const writes = await sandbox.writes();
    const waits = writes
      .filter(({ ticketId }) => accepted.has(ticketId))
      .map(({ ticketId, at }) => at - (accepted.get(ticketId) ?? 0))
      .sort((one, other) => one - other);
    const fromNoisy = writes.filter(({ ticketId }) => ticketId.startsWith('NOISY'));
    const first = fromNoisy[0]?.at ?? 0;
    const inSpan = fromNoisy.filter(({ at }) => at < first + spanMs).length;
    return {
      quietP50Ms: waits[Math.floor(waits.length / 2)] ?? Infinity,
      // One that has not come by now has waited for longer than any.
      quietMaxMs: waits.length < quietKeys ? Infinity : (waits.at(-1) ?? Infinity),
      noisyPerSecond: (inSpan * 1000) / spanMs,
    };
  } finally {
    for (const worker of workers) worker.signal('SIGKILL');
    sandbox.stop();
    await outbox.close();
  }
}

/** A few at a time, as many as a pool has connections to spare. */
export async function inParallel<Item>(
  items: readonly Item[],
  work: (item: Item) => Promise<unknown>,
  width = 8,
): Promise<void> {
  const queue = items.values();
  await Promise.all(
    Array.from({ length: width }, async () => {
      for (const item of queue) await work(item);
    }),
  );
}
