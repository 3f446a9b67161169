import { eventually, type WorkerProcess } from '../../outbox/test/fleet.ts';
import type { Fleet } from './outbox-run.ts';

const betweenKillsMs = 2500;
const longestRecoveryMs = 30_000;

/** Kills a worker with requests in flight again and again, each time with a successor. */
export const killing = (recoveries: number[]) => async (fleet: Fleet) => {
  while (!(await fleet.isDone())) {
    const victim = await holder(fleet);
    if (victim === undefined) return;
    const held = await heldBy(fleet, victim.pid);
    victim.signal('SIGKILL');
    const killedAt = performance.now();
    fleet.workers.splice(fleet.workers.indexOf(victim), 1);
    const [recoveredMs] = await Promise.all([
      settledAfter(fleet, held, killedAt),
      fleet.startWorker().then((worker) => fleet.workers.push(worker)),
    ]);
    recoveries.push(recoveredMs);
    await new Promise((resolve) => setTimeout(resolve, betweenKillsMs));
  }
};

/** Stops a worker with requests in flight, and wakes it when its changes have moved on. */
export async function stopping(fleet: Fleet): Promise<void> {
  const victim = await holder(fleet);
  if (victim === undefined) return;
  victim.signal('SIGSTOP');
  await eventually(
    async () => fleet.workers.some(({ news }) => news.some(({ type }) => type === 'recovered')),
    10_000,
  );
  victim.signal('SIGCONT');
}

export async function restarting(fleet: Fleet): Promise<void> {
  await holder(fleet);
  await fleet.restart();
}

export async function cutting(fleet: Fleet): Promise<void> {
  await holder(fleet);
  await fleet.pool.query(
    'select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid()',
  );
}

/** A worker that has changes under way; nothing when all is done. */
async function holder(fleet: Fleet): Promise<WorkerProcess | undefined> {
  let found: WorkerProcess | undefined;
  await eventually(async () => {
    const { rows } = await fleet.pool.query<{ pid: number }>(`
      select w.pid from ${fleet.schema}.outbox_worker w
      join ${fleet.schema}.outbox_attempt a on a.worker = w.id
      where w.dead_at is null group by w.pid having count(*) > 1 order by random()`);
    found = fleet.workers.find(({ pid }) => pid === rows[0]?.pid);
    return found !== undefined || (await fleet.isDone());
  }, longestRecoveryMs);
  return found;
}

async function heldBy({ pool, schema }: Fleet, pid: number): Promise<string[]> {
  const { rows } = await pool.query<{ job: string }>(
    `select a.job from ${schema}.outbox_attempt a
    join ${schema}.outbox_worker w on w.id = a.worker where w.pid = $1`,
    [pid],
  );
  return rows.map(({ job }) => job);
}

/** How long it takes until the last of the changes is settled, and its ticket goes on. */
async function settledAfter(fleet: Fleet, held: readonly string[], since: number): Promise<number> {
  const { pool, schema } = fleet;
  await eventually(async () => {
    const { rows } = await pool.query(
      `select 1 from ${schema}.job where id = any($1::uuid[]) and state <> 'completed'`,
      [held],
    );
    return rows.length === 0;
  }, longestRecoveryMs);
  return performance.now() - since;
}
