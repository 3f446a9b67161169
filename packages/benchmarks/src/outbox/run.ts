import { createPostgresOutbox } from '@ticket-lifecycle/outbox';
import type { SandboxRecord } from '@ticket-lifecycle/sandbox';
import type pg from 'pg';
import type { Write } from '../../../outbox/test/support/fleet-sandbox.ts';
import {
  eventually,
  assess,
  startSandboxProcess,
  startWorkerProcess,
  ticketsOf,
  workload,
  type Assessment,
  type WorkerProcess,
} from '../../../outbox/test/support/fleet.ts';

/** Where a run takes place. */
export interface Ground {
  readonly pool: pg.Pool;
  readonly database: string;
  /** Stops the database and starts it again. */
  readonly restart: () => Promise<void>;
}

/** One run. */
export interface RunPlan {
  readonly schema: string;
  readonly keys: number;
  readonly changes: number;
  readonly disturb?: Disturb | undefined;
}

/** Does something to the running fleet; gives the milliseconds that each recovery took. */
export type Disturb = (fleet: Fleet) => Promise<readonly number[]>;

/** The running fleet, for whoever disturbs it. */
export interface Fleet extends Ground {
  readonly schema: string;
  readonly workers: WorkerProcess[];
  readonly startWorker: () => Promise<WorkerProcess>;
  readonly isDone: () => Promise<boolean>;
}

/** How well the budget was used. */
export interface Use {
  readonly limited: number;
  /** The mean over the keys of what the sandbox calls steadyUse. */
  readonly steady: number;
  /** Changes by what the budget would have allowed between the first and the last. */
  readonly whole: number;
}

/** What came of a run. */
export interface RunResult extends Use, Assessment {
  /** Changes that hold their ticket at the end. */
  readonly stuck: number;
  /** Milliseconds between the first and the last worker's last change. */
  readonly spreadMs: number;
  readonly recoveriesMs: readonly number[];
}

export const latency = { beforeCounting: [30, 60], beforeAnswering: [30, 60] } as const;
export const changes = 400;
const perSecond = 25;
export const fleetSize = 4;
export const steps = 10;
const timeoutMs = 2000;
/** The sandbox answers within 120 ms, so nothing is under way for longer than this. */
export const settleMs = 500;

/** Delivers the changes with four processes, ten of each ticket. */
export async function runOnce(ground: Ground, plan: RunPlan): Promise<RunResult> {
  const { pool, database } = ground;
  const { schema, keys } = plan;
  const tickets = ticketsOf(plan.changes / steps);
  const sandbox = await startSandboxProcess({
    tickets: tickets.map((ticketId) => ({ ticketId })),
    delayMs: latency,
  });
  const outbox = await createPostgresOutbox({ pool, schema });
  const keyOf = new Map(tickets.map((ticketId, index) => [ticketId, `key-${index % keys}`]));
  for (const change of workload(tickets, steps)) {
    await outbox.accept({ ...change, key: keyOf.get(change.ticketId) });
  }
  const options = { database, schema, baseUrl: sandbox.url, timeoutMs, settleMs };
  const startWorker = () => startWorkerProcess({ ...options, pace: 'burst' });
  const workers = await startFleet(options);
  const isDone = async () => {
    const depth = await outbox.inspect.depth().catch(() => undefined);
    return depth !== undefined && depth.waiting + depth.underWay + depth.retrying === 0;
  };
  try {
    const fleet = { ...ground, schema, workers, startWorker, isDone };
    const recoveriesMs = (await plan.disturb?.(fleet)) ?? [];
    await eventually(isDone, 60_000);
    const writes = await sandbox.writes();
    const record = await sandbox.record();
    const { dead, unknown } = await outbox.inspect.depth();
    const ends = workers.map(({ news }) => news.findLast(({ type }) => type === 'ended')?.at ?? 0);
    return {
      ...useOf(record, writes),
      ...assess(writes, tickets, steps),
      stuck: dead + unknown,
      spreadMs: Math.max(...ends) - Math.min(...ends),
      recoveriesMs,
    };
  } finally {
    for (const worker of workers) worker.signal('SIGKILL');
    sandbox.stop();
    await outbox.close();
  }
}

/** Starts four workers at once. */
export const startFleet = (
  options: Omit<Parameters<typeof startWorkerProcess>[0], 'pace'>,
): Promise<WorkerProcess[]> =>
  Promise.all(
    Array.from({ length: fleetSize }, () => startWorkerProcess({ ...options, pace: 'burst' })),
  );

export function useOf({ limited, byKey }: SandboxRecord, writes: readonly Write[]): Use {
  const keys = Object.values(byKey);
  const spanMs = (writes.at(-1)?.at ?? 0) - (writes[0]?.at ?? 0);
  return {
    limited,
    steady: mean(keys.map(({ steadyUse }) => steadyUse ?? 0)),
    whole: (writes.length * 1000) / (spanMs * perSecond * keys.length),
  };
}

export const mean = (values: readonly number[]) =>
  values.reduce((sum, value) => sum + value, 0) / Math.max(values.length, 1);
