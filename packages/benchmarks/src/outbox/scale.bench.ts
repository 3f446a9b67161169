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
    const schema = 'scale';
    const perSecond = await measureManyKeys({ pool, database: server.url }, schema);
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

/** Rows, and bytes on disk for each: with the indexes, and with what a vacuum left for reuse. */
async function weigh(pool: Pool, schema: string) {
  const of = async (what: string) => {
    const name = `${schema}.outbox_${what}`;
    await pool.query(`vacuum analyze ${name}`);
    const { rows } = await pool.query<{ count: number; bytes: number }>(
      `select count(*)::int as count,
        (pg_total_relation_size('${name}') / count(*))::float8 as bytes from ${name}`,
    );
    return rows[0] ?? { count: 0, bytes: Number.NaN };
  };
  const [change, ticket, key, slot] = [
    await of('change'),
    await of('lane'),
    await of('budget'),
    await of('slot'),
  ];
  return {
    changes: change.count,
    tickets: ticket.count,
    keys: key.count,
    changeBytes: change.bytes,
    ticketBytes: ticket.bytes,
    keyBytes: key.bytes,
    slotsPerKey: slot.count / key.count,
    slotBytes: slot.bytes,
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
