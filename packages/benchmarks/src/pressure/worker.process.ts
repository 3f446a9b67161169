import { setTimeout as sleep } from 'node:timers/promises';
import { Pool } from 'pg';
import { answerAsChild } from '../child.ts';
import { countingClient } from '../counting-client.ts';
import type { DeliverItem, Place } from './engine.ts';
import { engines } from './engines.ts';

/** What a worker process is asked. */
export type WorkerAsk =
  | ({ readonly ask: 'work' } & WorkerOptions)
  /** What was counted since the last time. */
  | { readonly ask: 'counts' }
  /** Takes all connections of the pool, as a service's own queries do, and gives them back. */
  | { readonly ask: 'exhaust'; readonly ms: number };

export interface WorkerOptions {
  readonly engine: string;
  readonly database: string;
  readonly place: Place;
  /** Where to deliver to; nowhere, where only the queue is measured. */
  readonly receiver?: string | undefined;
}

// One process of a fleet, on one of the engines.
const poolSize = 10;
/** The receiver answers at once, so nothing is under way for longer after its sender has died. */
const settleMs = 500;
let pool: Pool | undefined;
let take = () => ({ queries: 0, claimsMs: [] as readonly number[] });
let delivered = 0;

answerAsChild(async (question: WorkerAsk) => {
  switch (question.ask) {
    case 'work':
      return work(question);
    case 'counts':
      return { ...take(), delivered };
    case 'exhaust':
      return exhaust(question.ms);
  }
});

async function work({ engine: name, database, place, receiver }: WorkerOptions): Promise<void> {
  const engine = engines.find((one) => one.name === name);
  if (engine === undefined) throw new Error(`There is no engine "${name}".`);
  const counting = countingClient(engine.claim);
  take = () => counting.take();
  pool = new Pool({ connectionString: database, max: poolSize, Client: counting.Client });
  pool.on('error', () => {});
  // A client that is in use tells its user; graphile-worker has no listener on some of them.
  pool.on('connect', (client) => client.on('error', () => {}));
  const send = receiver === undefined ? async () => 'sent' as const : deliverTo(receiver);
  await engine.work(pool, place, async (item, doubtMs) => {
    const answer = await send(item, doubtMs);
    if (answer === 'sent') delivered += 1;
    return answer;
  });
}

/** Delivers over HTTP. What may have arrived is looked up first, as a ticket is read. */
function deliverTo(url: string): DeliverItem {
  return async (item, doubtMs) => {
    if (doubtMs !== undefined) {
      const { ok, body } = await fetch(`${url}/${item}`);
      await body?.cancel();
      if (ok) return 'sent';
      if (doubtMs < settleMs) return 'wait';
    }
    const { ok, body } = await fetch(`${url}/${item}`, { method: 'POST' });
    await body?.cancel();
    if (!ok) throw new Error('The receiver did not answer.');
    return 'sent';
  };
}

async function exhaust(ms: number): Promise<void> {
  const waiting = Array.from({ length: poolSize }, () => pool?.connect());
  await sleep(ms);
  for (const client of waiting) void client?.then((one) => one.release());
}
