import { randomUUID } from 'node:crypto';
import { createPostgresOutbox } from '@ticket-lifecycle/outbox';
import { Pool } from 'pg';
import { poolOf, startPostgres } from '../../../outbox/test/support/postgres-server.ts';
import type { Benchmark } from '../benchmark.ts';
import { median } from '../median.ts';
import { countingClient } from '../counting-client.ts';
import { table } from '../table.ts';
import { measureManyKeys } from './keys.ts';

/** What a fleet costs its database for each key, ticket and change: `docs/guides/scale.md`. */
export const run: Benchmark = async ({ progress }) => {
  const server = await startPostgres();
  const pool = poolOf(server.url, 16);
  try {
    progress('a thousand keys');
    const ground = { pool, database: server.url, restart: cannotRestart };
    const schema = 'scale';
    const perSecond = await measureManyKeys(ground, schema);
    const stored = await weigh(pool, schema);
    progress('ten thousand keys, all but ten of them paused');
    const paused = await measurePaused(pool, server.url);
    const figures = { perSecond, ...stored, ...paused };
    return { figures, markdown: markdownOf(figures) };
  } finally {
    await pool.end();
    await server.stop();
  }
};

/** Bytes on disk, with the indexes, and with what the last vacuum left for reuse. */
async function weigh(pool: Pool, schema: string) {
  const names = ['change', 'lane', 'budget', 'slot', 'key_turn'] as const;
  const weights = new Map<string, { readonly bytes: number; readonly rows: number }>();
  for (const name of names) {
    const of = `${schema}.outbox_${name}`;
    await pool.query(`vacuum analyze ${of}`);
    const { rows } = await pool.query<{ bytes: number; rows: number }>(
      `select pg_total_relation_size('${of}')::float8 as bytes, count(*)::int as rows from ${of}`,
    );
    weights.set(name, rows[0] ?? { bytes: 0, rows: 0 });
  }
  const of = (name: (typeof names)[number]) => weights.get(name) ?? { bytes: 0, rows: 0 };
  const keys = of('budget').rows;
  return {
    changes: of('change').rows,
    tickets: of('lane').rows,
    keys,
    changeBytes: of('change').bytes / of('change').rows,
    ticketBytes: of('lane').bytes / of('lane').rows,
    keyBytes: (of('budget').bytes + of('key_turn').bytes) / keys,
    slotsPerKey: of('slot').rows / keys,
    slotBytes: of('slot').bytes / of('slot').rows,
  };
}

const keyCount = 10_000;
const goingOn = 10;
const rounds = 30;

/** How long a claim takes while nearly all keys are paused, each with a change that waits. */
async function measurePaused(pool: Pool, database: string) {
  const schema = 'scale_paused';
  const keyOf = (at: number) => `key-${at}`;
  const producer = await createPostgresOutbox({ pool, schema });
  for (let at = goingOn; at < keyCount; at += 1) await producer.pause(keyOf(at), 'No access.');
  const acceptFor = (from: number, count: number, ticketId: string) =>
    producer.acceptMany(
      Array.from({ length: count }, (_, at) => ({
        id: randomUUID(),
        change: { ticketId, event: 'START', staffUserId: 7, key: keyOf(from + at) },
      })),
    );
  for (let at = goingOn; at < keyCount; at += 1000) {
    await acceptFor(at, Math.min(1000, keyCount - at), 'T-1');
  }
  const counting = countingClient('outbox_claim(');
  const own = new Pool({ connectionString: database, max: 5, Client: counting.Client });
  own.on('error', () => {});
  const worker = await createPostgresOutbox({ pool: own, schema });
  let ended = 0;
  let wake = () => {};
  await worker.run(async ({ rateLimiter, key, change }) => {
    const lease = await rateLimiter.acquire(key, change.ticketId);
    lease.release({ kind: 'answered' });
    ended += 1;
    wake();
    return { kind: 'done' };
  });
  // The first claims put the tickets of paused keys aside.
  const settled = async () => {
    const { rows } = await pool.query<{ count: number }>(
      `select count(*)::int as count from ${schema}.outbox_lane where is_aside`,
    );
    return rows[0]?.count === keyCount - goingOn;
  };
  for (let round = 0; !(await settled()); round += 1) await deliver(`T-first-${round}`);
  counting.take();
  for (let round = 0; round < rounds; round += 1) await deliver(`T-${round}`);
  const { claimsMs } = counting.take();
  await worker.close();
  await producer.close();
  await own.end();
  return {
    pausedKeys: keyCount - goingOn,
    pausedClaims: claimsMs.length,
    pausedClaimMs: median(claimsMs),
  };

  async function deliver(ticketId: string): Promise<void> {
    const until = ended + goingOn;
    const { promise, resolve } = Promise.withResolvers<void>();
    wake = () => ended >= until && resolve();
    await acceptFor(0, goingOn, ticketId);
    await promise;
  }
}

function markdownOf(figures: Readonly<Record<string, number>>): string {
  const say = (name: string, digits = 0) => (figures[name] ?? Number.NaN).toFixed(digits);
  return `# What a fleet costs its database

Four workers deliver ${say('changes')} changes of ${say('tickets')} tickets for ${say('keys')} keys, through the client, to a sandbox; all of it on this machine. Sizes are those on disk with the indexes, after a vacuum.

${table('what | figure', [
  ['deliveries a second', say('perSecond')],
  ['an ended change, with its evidence', `${say('changeBytes')} bytes`],
  ['a ticket that is remembered', `${say('ticketBytes')} bytes`],
  ['a key', `${say('keyBytes')} bytes`],
  ['slots in use, of each key', say('slotsPerKey', 1)],
  ['a slot in use', `${say('slotBytes')} bytes`],
  [
    `a claim beside ${say('pausedKeys')} paused keys, median of ${say('pausedClaims')}`,
    `${say('pausedClaimMs', 1)} ms`,
  ],
])}
`;
}

async function cannotRestart(): Promise<void> {
  throw new Error('Nothing here restarts the database.');
}
