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
import { holdMarginMs, paceOf } from '../model/slot-timing.ts';
import { fencedCode, type Names } from './names.ts';
import { momentsOf, type ClaimRow, type TakenRow } from './slot-row.ts';
import type { Claim, ClaimRequest, Life, Store } from '../model/store.ts';

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
  // Of the life that was entered last. An older one that is still being entered closes its own.
  let latest = '';
  let liveness: Liveness | undefined;
  let isClosed = false;
  let endListening: (() => Promise<void>) | undefined;
  let wake = () => {};
  let promotedAt = -Infinity;
  let tidiedAt = performance.now();

  async function call<Result>(name: string, ...values: unknown[]): Promise<Result> {
    const parameters = values.map((_, index) => `$${index + 1}`).join(', ');
    return select<Result>(`${schema}.outbox_${name}(${parameters})`, values);
  }

  async function select<Result>(expression: string, values: readonly unknown[]): Promise<Result> {
    try {
      const [row] = await database.query<{ result: Result }>(
        `select ${expression} as result`,
        values,
      );
      return row?.result as Result;
    } catch (error) {
      if ((error as { code?: unknown }).code !== fencedCode) throw error;
      throw new FencedError('Other workers declared this one dead.', { cause: error });
    }
  }

  function callClaim(
    { id }: Life,
    { number, most, held }: ClaimRequest,
  ): Promise<ClaimRow & Pick<Claim, 'strays' | 'lost'>> {
    const gather = options.isAlone === true ? 0 : gatherMs;
    const { timeoutMs, requestsPerSecond } = settings;
    const sizes = [gapMs, horizonMs, holdMs, timeoutMs, gather, requestsPerSecond];
    // Compared with what was there before: what the same statement hands out is no stray.
    return select(
      `${schema}.outbox_compare_claims($1, $10)
        || ${schema}.outbox_claim($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
      [id, Math.min(most, mostAtOnce), ...sizes, number, JSON.stringify(held)],
    );
  }

  /** Each connection plans the functions when it first calls them, which takes longer than a call. */
  async function plan(life: Life): Promise<void> {
    await callClaim(life, { number: 0, most: 0, held: [] });
    await call('end_claims', '[]', '[]');
  }

  async function leave({ id }: Life): Promise<void> {
    if (id === latest) {
      liveness?.close();
      liveness = undefined;
      await endListening?.();
      endListening = undefined;
    }
    await database.query(
      `select ${schema}.outbox_declare_dead($1, clock_timestamp(), clock_timestamp())`,
      [id],
    );
  }

  function demandLatest(id: string): void {
    if (id === latest && !isClosed) return;
    throw new Error('The worker was closed, or entered anew, as it entered.');
  }

  return {
    inspect: createInspect(database, names, settings.requestsPerSecond),
    accept: createAccept(options),
    cancel: (id) =>
      call('end_by_hand', id, ['created', 'retry'], 'cancelled', { kind: 'cancelled' }),
    redrive: (id) => call('end_by_hand', id, ['failed'], 'retry', { kind: 'redriven' }),
    skip: (id, note) => call('end_by_hand', id, ['failed'], 'cancelled', { kind: 'skipped', note }),
    async claim(life, request) {
      const { strays, lost, nextInMs, ...claim } = await callClaim(life, request);
      const soon = momentsOf(claim);
      const jobs = claim.jobs.map((job) => ({ ...job, slots: job.slots.map(soon) }));
      return { jobs, strays, lost, nextInMs };
    },
    async end(ends, releases) {
      const now = performance.now();
      const held = await call<string[]>(
        'end_claims',
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
    async renew({ id }) {
      const rows = await database.query(
        `update ${schema}.outbox_worker set seen_at = clock_timestamp()
         where id = $1 and dead_at is null returning 1`,
        [id],
      );
      return rows.length > 0;
    },
    async sweep({ id }) {
      const dead = await database.query<{ worker: string; changes: string }>(
        `select worker, changes from ${schema}.outbox_sweep($1)`,
        [id],
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
      const id = randomUUID();
      latest = id;
      liveness?.close();
      liveness = undefined;
      if (options.isAlone === true) {
        await database.query(
          `select ${schema}.outbox_declare_dead(id, clock_timestamp(),
            least(clock_timestamp(), seen_at + ${graceMs} * interval '1 ms'))
          from ${schema}.outbox_worker where dead_at is null`,
        );
      }
      endListening ??= await options.listen?.(`${schema}_wake`, () => wake());
      demandLatest(id);
      const lock = randomBytes(8).readBigInt64BE().toString();
      const enter = `insert into ${schema}.outbox_worker (id, host, pid, lock, session, entered_at, seen_at)
        values ($1, $2, $3, $4, $5, clock_timestamp(), clock_timestamp())`;
      const values = [id, hostname(), process.pid, lock, session !== undefined];
      if (session === undefined) await database.query(enter, values);
      else {
        const onWake = () => wake();
        const isWanted = () => id === latest && !isClosed;
        const opened = await openLiveness({ open: session, lock, channel, onWake, isWanted });
        liveness = opened;
        try {
          // On the connection that it has: no second one is waited for.
          await opened.query(enter, values);
          demandLatest(id);
        } catch (error) {
          opened.close();
          throw error;
        }
      }
      const life = { id };
      await Promise.all(
        Array.from({ length: session === undefined ? 1 : planned }, () => plan(life)),
      );
      return life;
    },
    leave,
    async close() {
      isClosed = true;
      liveness?.close();
      liveness = undefined;
      await endListening?.();
      endListening = undefined;
      await options.onClose();
    },
  };
}
