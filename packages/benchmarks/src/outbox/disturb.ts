import { setTimeout as sleep } from 'node:timers/promises';
import { eventually, type WorkerProcess } from '../../../outbox/test/support/fleet.ts';
import { seededRandom } from '../seeded-random.ts';
import type { Disturb, Fleet } from './run.ts';

const betweenKillsMs = 2500;
const longestRecoveryMs = 30_000;
// Early enough that what is left behind isn't the last that there is to do.
const earliestMs = 2000;
const latestMs = 9000;
const random = seededRandom(400);

/** Kills one worker with requests in flight; a successor takes its place. */
export const killing: Disturb = async (fleet) => {
  await midRun();
  return kill(fleet);
};

/** Kills again and again, each time when the last has been made good for a while. */
export const killingOften: Disturb = async (fleet) => {
  const recoveriesMs: number[] = [];
  while (!(await fleet.isDone())) {
    recoveriesMs.push(...(await kill(fleet)));
    await sleep(betweenKillsMs);
  }
  return recoveriesMs;
};

/** Stops a worker with requests in flight, and wakes it when its changes have moved on. */
export const stopping: Disturb = async (fleet) => {
  await midRun();
  const victim = await holder(fleet);
  if (victim === undefined) return [];
  const held = await heldBy(fleet, victim.pid);
  victim.signal('SIGSTOP');
  const stoppedAt = performance.now();
  const areGivenUp = async () =>
    fleet.workers.some(({ news }) => news.some(({ type }) => type === 'recovered'));
  const [recoveryMs] = await Promise.all([
    recoveredAfter(fleet, held, stoppedAt),
    eventually(areGivenUp, longestRecoveryMs).then(() => victim.signal('SIGCONT')),
  ]);
  return [recoveryMs];
};

export const restarting: Disturb = async (fleet) => {
  await midRun();
  const held = await heldBy(fleet);
  const stoppedAt = performance.now();
  await fleet.restart();
  return [await recoveredAfter(fleet, held, stoppedAt)];
};

export const cutting: Disturb = async (fleet) => {
  await midRun();
  const held = await heldBy(fleet);
  const cutAt = performance.now();
  await fleet.pool.query(
    `select pg_terminate_backend(pid) from pg_stat_activity
    where pid <> pg_backend_pid() and datname = current_database()`,
  );
  return [await recoveredAfter(fleet, held, cutAt)];
};

const midRun = () => sleep(earliestMs + random() * (latestMs - earliestMs));

async function kill(fleet: Fleet): Promise<number[]> {
  const victim = await holder(fleet);
  if (victim === undefined) return [];
  const held = await heldBy(fleet, victim.pid);
  victim.signal('SIGKILL');
  const killedAt = performance.now();
  fleet.workers.splice(fleet.workers.indexOf(victim), 1);
  const [recoveryMs] = await Promise.all([
    recoveredAfter(fleet, held, killedAt),
    fleet.startWorker().then((worker) => fleet.workers.push(worker)),
  ]);
  return [recoveryMs];
}

/** A worker that has changes under way; nothing when all is done. */
async function holder(fleet: Fleet): Promise<WorkerProcess | undefined> {
  let found: WorkerProcess | undefined;
  await eventually(async () => {
    const { rows } = await fleet.pool.query<{ pid: number }>(`
      select w.pid from ${fleet.schema}.outbox_worker w
      join ${fleet.schema}.outbox_lane l on l.worker = w.id
      where w.dead_at is null group by w.pid having count(*) > 1 order by random()`);
    found = fleet.workers.find(({ pid }) => pid === rows[0]?.pid);
    return found !== undefined || (await fleet.isDone());
  }, longestRecoveryMs);
  return found;
}

/** The changes that one worker has under way, or all of them. */
async function heldBy({ pool, schema }: Fleet, pid?: number): Promise<string[]> {
  const { rows } = await pool.query<{ head: string }>(
    `select l.head from ${schema}.outbox_lane l
    join ${schema}.outbox_worker w on w.id = l.worker where w.pid = coalesce($1, w.pid)`,
    [pid],
  );
  return rows.map(({ head }) => head);
}

/** How long it takes until the last of the changes has ended, and its ticket goes on. */
async function recoveredAfter(
  fleet: Fleet,
  held: readonly string[],
  since: number,
): Promise<number> {
  const { pool, schema } = fleet;
  await eventually(async () => {
    // Nobody answers while the database is away.
    const answer = await pool
      .query(
        `select 1 from ${schema}.outbox_change
        where id = any($1::uuid[]) and kind is distinct from 'done'`,
        [held],
      )
      .catch(() => undefined);
    return answer?.rows.length === 0;
  }, longestRecoveryMs);
  return performance.now() - since;
}
