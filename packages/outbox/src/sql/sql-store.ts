import { randomBytes, randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { cooldownMs, pauseMs } from '@ticket-lifecycle/series/limiter';
import type { Settings } from '../create-outbox.ts';
import { holdMarginMs, paceOf } from '../model/slot-timing.ts';
import type { Claim, ClaimRequest, Life, Store } from '../model/store.ts';
import { createAccept, type Transaction } from './accept.ts';
import { callOn } from './call.ts';
import type { Database } from './database.ts';
import { createInspect } from './inspect.ts';
import { openLiveness, type Liveness } from './liveness.ts';
import { momentsOf, type ClaimRow, type TakenRow } from './slot-row.ts';

/** What a store on Postgres or PGlite is made of. */
export interface SqlStoreOptions {
  readonly database: Database;
  readonly schema: string;
  readonly settings: Settings;
  /** How long a change is kept after its end. */
  readonly keepEndedMs: number;
  /** Opens a connection that can be kept, for a lock and for notifications. */
  readonly session: Database['session'];
  /** Listens without a connection of its own, where the backend can. */
  readonly listen?: (channel: string, callback: () => void) => Promise<() => Promise<void>>;
  /** Whether there can be no other worker, so that all that are on record are dead. */
  readonly isAlone?: boolean;
  readonly onClose: () => Promise<void>;
}

const tidyMs = 30_000;
// Processes that are started together are ready within about this of each other.
const gatherMs = 200;
// More than any key can give; a limit that is meant to be none would not fit into a number of SQL.
const mostAtOnce = 1_000_000;
// Connections that a busy worker uses at once.
const planned = 2;

export function createSqlStore(options: SqlStoreOptions): Store<Transaction> {
  const { database, schema, settings, session } = options;
  const { requestsPerSecond, timeoutMs } = settings;
  const { gapMs, horizonMs } = paceOf(requestsPerSecond, settings.pace);
  const holdMs = timeoutMs + holdMarginMs;
  const sizes = { gapMs, horizonMs, holdMs, slots: requestsPerSecond };
  const call = callOn(
    { executeSql: async (text, values) => ({ rows: await database.query(text, values) }) },
    schema,
  );
  // Of the life that was entered last. An older one that is still being entered closes its own.
  let latest = '';
  let liveness: Liveness | undefined;
  let isClosed = false;
  let endListening: (() => Promise<void>) | undefined;
  let wake = () => {};
  let tidiedAt = performance.now();
  let tidiedTo: string | undefined;

  function callClaim({ id }: Life, request: ClaimRequest): Promise<ClaimRow & Claim> {
    const most = Math.min(request.most, mostAtOnce);
    const gather = options.isAlone === true ? 0 : gatherMs;
    return call('claim', { ...request, ...sizes, worker: id, most, timeoutMs, gatherMs: gather });
  }

  /** Each connection plans the functions when it first calls them, which takes longer than a call. */
  async function plan(life: Life): Promise<void> {
    await callClaim(life, { number: 0, most: 0, held: [] });
    await call('end_claims', { ends: [], releases: [] });
  }

  async function endLiveness(): Promise<void> {
    liveness?.close();
    liveness = undefined;
    await endListening?.();
    endListening = undefined;
  }

  function demandLatest(id: string): void {
    if (id === latest && !isClosed) return;
    throw new Error('The worker was closed, or entered anew, as it entered.');
  }

  /** Deletes what is of no use any more, a part of it at a time. */
  async function tidy(): Promise<void> {
    const now = performance.now();
    if (now - tidiedAt < tidyMs) return;
    tidiedAt = now;
    const { after } = await call<{ after: string | null }>('tidy', {
      keepMs: options.keepEndedMs,
      after: tidiedTo,
    });
    tidiedTo = after ?? undefined;
  }

  return {
    inspect: createInspect(call, requestsPerSecond),
    accept: createAccept(call, schema),
    cancel: (id) => call('cancel', { id }),
    redrive: (id) => call('redrive', { id }),
    skip: (id, note) => call('skip', { id, note }),
    async claim(life, request) {
      const claim = await callClaim(life, request);
      const { strays, lost, nextInMs } = claim;
      const soon = momentsOf(claim);
      const jobs = claim.jobs.map((job) => ({ ...job, slots: job.slots.map(soon) }));
      return { jobs, strays, lost, nextInMs };
    },
    async end(ends, releases) {
      const now = performance.now();
      const { stands } = await call<{ stands: string[] }>('end_claims', {
        ends,
        releases: releases.map(({ answer, at, ...slot }) => ({
          ...slot,
          ageMs: now - at,
          cooldownMs: cooldownMs(answer),
          pauseMs: pauseMs(answer),
        })),
      });
      return new Set(stands);
    },
    async takeSlots(wants) {
      const taken = await call<TakenRow>('take_slots', { wants, ...sizes });
      return { slots: taken.slots.map(momentsOf(taken)), nextInMs: taken.nextInMs };
    },
    renew: ({ id }) => call('renew', { worker: id }),
    async sweep({ id }) {
      const dead = await call<{ worker: string; changes: number }[]>('sweep', { worker: id });
      await tidy();
      return { dead };
    },
    onWake(callback) {
      wake = callback;
    },
    async enter() {
      const id = randomUUID();
      latest = id;
      liveness?.close();
      liveness = undefined;
      if (options.isAlone === true) await call('leave', {});
      endListening ??= await options.listen?.(`${schema}_wake`, () => wake());
      demandLatest(id);
      const lock = randomBytes(8).readBigInt64BE().toString();
      const worker = {
        id,
        lock,
        host: hostname(),
        pid: process.pid,
        session: session !== undefined,
        capacity: settings.concurrency,
      };
      if (session === undefined) await call('enter', worker);
      else {
        const opened = await openLiveness({
          open: session,
          lock,
          channel: `"${schema}_wake"`,
          onWake: () => wake(),
          isWanted: () => id === latest && !isClosed,
        });
        liveness = opened;
        try {
          // On the connection that it has: no second one is waited for.
          const executeSql = async (text: string, values?: unknown[]) => ({
            rows: await opened.query(text, values),
          });
          await callOn({ executeSql }, schema)('enter', worker);
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
    async leave({ id }) {
      if (id === latest) await endLiveness();
      await call('leave', { worker: id });
    },
    async close() {
      isClosed = true;
      await endLiveness();
      await options.onClose();
    },
  };
}
