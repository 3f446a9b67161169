import { randomBytes, randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { cooldownMs, pauseMs } from '@ticket-lifecycle/series/limiter';
import type { PgBoss } from 'pg-boss';
import { createAccept, type Transaction } from './accept.ts';
import type { Settings } from '../create-outbox.ts';
import type { Database } from './database.ts';
import { FencedError } from '../model/errors.ts';
import { createInspect } from './inspect/inspect.ts';
import { openLiveness, type Liveness } from './liveness.ts';
import { graceMs } from '../worker/permit.ts';
import { paceOf } from '../model/slot-timing.ts';
import { fencedCode, type Names } from './names.ts';
import { momentsOf, type ClaimRow, type TakenRow } from './slot-row.ts';
import type { Store } from '../model/store.ts';

/** What a store on Postgres or PGlite is made of. */
export interface SqlStoreOptions {
  readonly boss: PgBoss;
  readonly database: Database;
  readonly names: Names;
  readonly settings: Settings;
  /** Opens a connection that can be kept, for a lock and for notifications. */
  readonly session: Database['session'];
  /** Listens without a connection of its own, where the backend can. */
  readonly listen?: (channel: string, callback: () => void) => Promise<() => Promise<void>>;
  /** Whether there can be no other worker, so that all that are on record are dead. */
  readonly isAlone?: boolean;
  readonly onClose: () => Promise<void>;
}

// A request may begin as late as the permit allows, and be counted as late as its timeout; then
// its slot cools down for a window.
const holdMarginMs = 4000;
const promoteMs = 450;
const tidyMs = 30_000;
// Processes that are started together are ready within about this of each other.
const gatherMs = 200;
// More than any key can give; a limit that is meant to be none would not fit into a number of SQL.
const mostAtOnce = 1_000_000;
// Connections that a busy worker uses at once.
const planned = 2;

export function createSqlStore(options: SqlStoreOptions): Store<Transaction> {
  const { database, names, settings, session } = options;
  const { schema } = names;
  const { gapMs, horizonMs } = paceOf(settings.requestsPerSecond, settings.pace);
  const holdMs = settings.timeoutMs + holdMarginMs;
  const channel = `"${schema}_wake"`;
  let me = '';
  let liveness: Liveness | undefined;
  let endListening: (() => Promise<void>) | undefined;
  let wake = () => {};
  let promotedAt = -Infinity;
  let tidiedAt = performance.now();

  async function call<Result>(name: string, ...values: unknown[]): Promise<Result> {
    const parameters = values.map((_, index) => `$${index + 1}`).join(', ');
    try {
      const [row] = await database.query<{ result: Result }>(
        `select ${schema}.outbox_${name}(${parameters}) as result`,
        values,
      );
      return row?.result as Result;
    } catch (error) {
      if ((error as { code?: unknown }).code !== fencedCode) throw error;
      throw new FencedError('Other workers declared this one dead.', { cause: error });
    }
  }

  function callClaim(most: number): Promise<ClaimRow> {
    const gather = options.isAlone === true ? 0 : gatherMs;
    const { timeoutMs, requestsPerSecond } = settings;
    const sizes = [gapMs, horizonMs, holdMs, timeoutMs, gather, requestsPerSecond];
    return call('claim', me, Math.min(most, mostAtOnce), ...sizes);
  }

  /** Each connection plans the functions when it first calls them, which takes longer than a call. */
  async function plan(): Promise<void> {
    await callClaim(0);
    await call('end_claims', me, '[]', '[]');
  }

  async function leave(): Promise<void> {
    liveness?.close();
    liveness = undefined;
    await endListening?.();
    endListening = undefined;
    const leaving = me;
    me = '';
    if (leaving === '') return;
    await database.query(
      `select ${schema}.outbox_declare_dead($1, clock_timestamp(), clock_timestamp())`,
      [leaving],
    );
  }

  return {
    inspect: createInspect(database, names, settings.requestsPerSecond),
    accept: createAccept(options),
    cancel: (id) =>
      call('end_by_hand', id, ['created', 'retry'], 'cancelled', { kind: 'cancelled' }),
    redrive: (id) => call('end_by_hand', id, ['failed'], 'retry', { kind: 'redriven' }),
    skip: (id, note) => call('end_by_hand', id, ['failed'], 'cancelled', { kind: 'skipped', note }),
    async claim(most) {
      const claim = await callClaim(most);
      const soon = momentsOf(claim);
      const jobs = claim.jobs.map((job) => ({ ...job, slots: job.slots.map(soon) }));
      return { jobs, nextInMs: claim.nextInMs };
    },
    async end(ends, releases) {
      const now = performance.now();
      const held = await call<string[]>(
        'end_claims',
        me,
        JSON.stringify(ends),
        JSON.stringify(
          releases.map(({ answer, at, ...slot }) => ({
            ...slot,
            ageMs: now - at,
            cooldownMs: cooldownMs(answer),
            pauseMs: pauseMs(answer),
          })),
        ),
      );
      return new Set(held);
    },
    async takeSlots(wants) {
      const { requestsPerSecond } = settings;
      const asked = JSON.stringify(wants);
      const sizes = [gapMs, horizonMs, holdMs, requestsPerSecond];
      const taken = await call<TakenRow>('take_slots', asked, ...sizes);
      return { slots: taken.slots.map(momentsOf(taken)), nextInMs: taken.nextInMs };
    },
    async renew() {
      const rows = await database.query(
        `update ${schema}.outbox_worker set seen_at = clock_timestamp()
         where id = $1 and dead_at is null returning 1`,
        [me],
      );
      return rows.length > 0;
    },
    async sweep() {
      const dead = await database.query<{ worker: string; changes: string }>(
        `select worker, changes from ${schema}.outbox_sweep($1)`,
        [me],
      );
      const now = performance.now();
      if (now - promotedAt > promoteMs) {
        promotedAt = now;
        if ((await call<number>('promote')) > 0) wake();
      }
      if (now - tidiedAt > tidyMs) {
        tidiedAt = now;
        await call('tidy');
      }
      return { dead: dead.map(({ worker, changes }) => ({ worker, changes: Number(changes) })) };
    },
    onWake(callback) {
      wake = callback;
    },
    async enter() {
      liveness?.close();
      if (options.isAlone === true) {
        await database.query(
          `select ${schema}.outbox_declare_dead(id, clock_timestamp(),
            least(clock_timestamp(), seen_at + ${graceMs} * interval '1 ms'))
          from ${schema}.outbox_worker where dead_at is null`,
        );
      }
      endListening ??= await options.listen?.(`${schema}_wake`, () => wake());
      const id = randomUUID();
      const lock = randomBytes(8).readBigInt64BE().toString();
      if (session !== undefined) {
        liveness = await openLiveness({ open: session, lock, channel, onWake: () => wake() });
      }
      await database.query(
        `insert into ${schema}.outbox_worker (id, host, pid, lock, session, entered_at, seen_at)
         values ($1, $2, $3, $4, $5, clock_timestamp(), clock_timestamp())`,
        [id, hostname(), process.pid, lock, session !== undefined],
      );
      me = id;
      await Promise.all(Array.from({ length: session === undefined ? 1 : planned }, plan));
    },
    leave,
    async close() {
      try {
        await leave();
      } finally {
        await options.onClose();
      }
    },
  };
}
