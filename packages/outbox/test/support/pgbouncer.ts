import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmod, chown, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually } from './fleet.ts';
import { freePort } from './postgres-server.ts';

/** A real PgBouncer in transaction mode. */
export interface PgBouncer {
  readonly url: string;
  stop(): Promise<void>;
}

// Debian puts it where only administrators look.
const programs = ['pgbouncer', '/usr/sbin/pgbouncer'];

/** The PgBouncer of this machine, and its version; `undefined` where it has none. */
export function findPgBouncer():
  | { readonly program: string; readonly version: string }
  | undefined {
  for (const program of programs) {
    const { status, stdout } = spawnSync(program, ['--version'], { encoding: 'utf8' });
    if (status === 0) return { program, version: stdout.split('\n')[0] ?? '' };
  }
  return undefined;
}

/**
 * Starts one before a database.
 *
 * @param servers - how many connections to the database all its clients share
 */
export async function startPgBouncer(
  program: string,
  url: string,
  { servers, roundRobin }: { readonly servers: number; readonly roundRobin: boolean },
): Promise<PgBouncer> {
  const { hostname, port, username, password, pathname } = new URL(url);
  const folder = await mkdtemp(join(tmpdir(), 'ticket-pgbouncer-'));
  const own = await freePort();
  const settings = {
    listen_addr: '127.0.0.1',
    listen_port: own,
    unix_socket_dir: '',
    auth_type: 'any',
    pool_mode: 'transaction',
    default_pool_size: servers,
    server_round_robin: roundRobin ? 1 : 0,
    max_client_conn: 200,
    logfile: join(folder, 'log'),
    pidfile: join(folder, 'pid'),
  };
  const lines = [
    '[databases]',
    `pooled = host=${hostname} port=${port} dbname=${pathname.slice(1)} user=${username} password=${password}`,
    '[pgbouncer]',
    ...Object.entries(settings).map(([name, value]) => `${name} = ${value}`),
  ];
  const file = join(folder, 'pgbouncer.ini');
  await writeFile(file, lines.join('\n'));
  // As root it refuses to run, unless it is told as whom.
  const isRoot = process.getuid?.() === 0;
  if (isRoot) {
    await chmod(folder, 0o755);
    await chown(folder, Number(execFileSync('id', ['-u', 'nobody'])), -1);
  }
  const child = spawn(program, [...(isRoot ? ['-u', 'nobody'] : []), file], { stdio: 'ignore' });
  const gone = once(child, 'exit');
  await eventually(() => accepts(own));
  return {
    url: `postgres://${username}@127.0.0.1:${own}/pooled`,
    async stop() {
      child.kill('SIGKILL');
      await gone;
      await rm(folder, { recursive: true, force: true });
    },
  };
}

const accepts = (port: number) =>
  new Promise<boolean>((resolve) => {
    const socket = connect(port, '127.0.0.1');
    const end = (does: boolean) => {
      socket.destroy();
      resolve(does);
    };
    socket.once('connect', () => end(true)).once('error', () => end(false));
  });
