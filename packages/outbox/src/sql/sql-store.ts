import { randomBytes, randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { cooldownMs, pauseMs } from '@ticket-lifecycle/series/limiter';
import type { Settings } from '../create-outbox.ts';
import { moment } from '../model/moment.ts';
import { holdMarginMs, paceOf } from '../model/slot-timing.ts';
import type { Claim, ClaimRequest, Life } from '../model/claim.ts';
import type { Store, Swept } from '../model/store.ts';
import { createAccept, type Transaction } from './accept.ts';
import { callOn } from './call.ts';
import { blockersOf } from './blockers.ts';
import { notFreeCode } from './names.ts';
import type { Database, Queryable } from './database.ts';
import { createInspect } from './inspect.ts';
import { entering, patientCall } from './patient-call.ts';
import { openLiveness, type Liveness } from './liveness.ts';
import {
  createEndWithRows,
  endWithRowsMs,
  type EndWithChange,
  type OnEnd,
} from './end-with-rows.ts';
import { momentsOf, type ClaimRow, type EndedRow, type TakenRow } from './slot-row.ts';

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
  /** Writes rows of the service in the transaction in which ends are written down. */
  readonly onEnd?: OnEnd | undefined;
  /** Is told what keeps the dispatcher waiting. */
  readonly onError: (error: unknown) => void;
  readonly onClose: () => Promise<void>;
}

const tidyMs = 30_000;
// Processes that are started together are ready within about this of each other.
const gatherMs = 200;
// More than any key can give; a limit that is meant to be none would not fit into a number of SQL.
const mostAtOnce = 1_000_000;
// A connection that is gone without a word never answers: a sweep that takes this long stops no other.
const hangingSweepMs = 30_000;
// Connections that a busy worker uses at once.
const planned = 2;

// How often it is told who keeps the dispatcher waiting.
const tellEveryMs = 5000;

export function createSqlStore(options: SqlStoreOptions): Store<Transaction> {
  const { database, schema, settings, session } = options;
  const { requestsPerSecond, timeoutMs } = settings;
  const { gapMs, horizonMs } = paceOf(requestsPerSecond, settings.pace);
  const holdMs = timeoutMs + holdMarginMs;
  const sizes = { gapMs, horizonMs, holdMs, slots: requestsPerSecond };
  const executeSql: Queryable['executeSql'] = async (text, values) => ({
    rows: await database.query(text, values),
  });
  const callPlainly = callOn({ executeSql }, schema);
  // Of the life that was entered last. An older one that is still being entered closes its own.
  let latest = '';
  let liveness: Liveness | undefined;
  let isClosed = false;
  let endListening: (() => Promise<void>) | undefined;
  let wake = () => {};
  let sweepingSince = -Infinity;
  let toldAt = -Infinity;
  let tidiedAt = performance.now();
  let tidiedTo: string | undefined;

  async function call<Result>(name: string, input: object): Promise<Result> {
    try {
      return await callPlainly<Result>(name, input);
    } catch (error) {
      if ((error as { readonly code?: unknown }).code === notFreeCode) void tellBlockers();
      throw error;
    }
  }

  /** Tells who keeps the dispatcher waiting, now and then while it lasts. */
  async function tellBlockers(): Promise<void> {
    const now = performance.now();
    if (now - toldAt < tellEveryMs) return;
    toldAt = now;
    for (const blocker of await blockersOf(callPlainly)) options.onError(blocker);
  }

  function callClaim(
    { id }: Life,
    request: ClaimRequest,
  ): Promise<ClaimRow & Claim & { readonly passedOver: number }> {
    const most = Math.min(request.most, mostAtOnce);
    const gather = options.isAlone === true ? 0 : gatherMs;
    return call('claim', { ...request, ...sizes, worker: id, most, timeoutMs, gatherMs: gather });
  }

  /**
   * Each connection plans the functions when it first calls them, which takes longer than a call.
   * Where the dispatcher is busy it does without.
   */
  async function plan(life: Life): Promise<void> {
    try {
      await callClaim(life, { number: 0, most: 0, held: [] });
      await call('end_claims', { ends: [], releases: [] });
    } catch (error) {
      options.onError(error);
    }
  }

  async function enter(): Promise<Life> {
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
        const own = {
          executeSql: async (text: string, values?: unknown[]) => ({
            rows: await opened.query(text, values),
          }),
        };
        await callOn(own, schema)('enter', worker);
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
  }

  async function endLiveness(): Promise<void> {
    liveness?.close();
    liveness = undefined;
    await endListening?.();
    endListening = undefined;
  }

  function demandLatest(id: string): void {
    if (id === latest && !isClosed) return;
    throw new Error('The worker was closed, or entered again, while it entered.');
  }

  /** Deletes what is of no use any more, a part of it at a time. */
  async function tidy(): Promise<void> {
    const now = performance.now();
    if (now - tidiedAt < tidyMs) return;
    tidiedAt = now;
    const { after, isMore } = await call<{ after: string | null; isMore: boolean }>('tidy', {
      keepMs: options.keepEndedMs,
      after: tidiedTo,
    });
    tidiedTo = after ?? undefined;
    // More may end in that time than one call deletes.
    if (isMore) tidiedAt = -Infinity;
  }

  const explain = ({ changes }: { readonly changes?: readonly { readonly lane: string }[] }) =>
    blockersOf(callPlainly, { lanes: changes?.map(({ lane }) => lane) });
  const ask = patientCall(call, { explain });
  // A view waits for the lock of a whole table alone, which lasts.
  const look = patientCall(callPlainly, { explain, tries: 1, wanted: 'read the outbox' });
  const { onEnd, onError } = options;
  const endWithRows =
    onEnd === undefined ? undefined : createEndWithRows({ database, schema, call, onEnd, onError });
  return {
    endMs: onEnd === undefined ? undefined : endWithRowsMs,
    inspect: createInspect(look, requestsPerSecond),
    accept: createAccept(ask, schema),
    cancel: (id) => ask('cancel', { id }),
    redrive: async (id) => (await ask<number>('redrive', { id })) > 0,
    redriveMany: (filter) => ask('redrive', filter),
    giveBack: (id) => ask('give_back_by_hand', { id }),
    skip: (id, note) => ask('skip', { id, note }),
    pause: (key, reason) => ask('pause', { key, reason }),
    resume: (key) => ask('resume', { key }),
    async claim(life, request) {
      const askedAt = moment();
      const claim = await callClaim(life, request);
      if (claim.passedOver > 0) void tellBlockers();
      const { strays, lost, nextInMs } = claim;
      const soon = momentsOf(claim, askedAt);
      const jobs = claim.jobs.map((job) => ({ ...job, slots: job.slots.map(soon) }));
      return { jobs, strays, lost, nextInMs };
    },
    async end(ends, releases) {
      const now = performance.now();
      const freed = releases.map(({ answer, at, ...slot }) => ({
        ...slot,
        ageMs: now - at,
        cooldownMs: cooldownMs(answer),
        pauseMs: pauseMs(answer),
      }));
      const rows = ends.map(({ evidence = [], ...end }) => ({
        ...end,
        evidence: evidence.map(({ at, ...entry }) => ({ ...entry, ageMs: now - at })),
      }));
      // Those that are told to the service, in the same transaction.
      const told = rows.filter(
        (end): end is typeof end & EndWithChange =>
          endWithRows !== undefined && end.kind !== 'retry' && end.change !== undefined,
      );
      const others = rows.filter((end) => !told.some(({ id }) => id === end.id));
      const answers: EndedRow[] = [];
      if (others.length + freed.length > 0) {
        const plain = others.map((end) => ({ ...end, change: undefined }));
        answers.push(await call('end_claims', { ends: plain, releases: freed }));
      }
      if (told.length > 0 && endWithRows !== undefined) answers.push(await endWithRows(told));
      const stands = answers.flatMap((answer) => answer.stands);
      const busy = answers.flatMap((answer) => answer.busy);
      const turned = answers.flatMap((answer) => answer.turned ?? []);
      const busySlots = new Set(answers.flatMap((answer) => answer.busySlots ?? []));
      if (busy.length + busySlots.size > 0) void tellBlockers();
      return { stands: new Set(stands), busy: new Set(busy), busySlots, turned };
    },
    async takeSlots(wants, ofChanges = {}) {
      const askedAt = moment();
      const taken = await call<TakenRow>('take_slots', { wants, ofChanges, ...sizes });
      return { slots: taken.slots.map(momentsOf(taken, askedAt)), nextInMs: taken.nextInMs };
    },
    renew: ({ id }) => call('renew', { worker: id }),
    async sweep({ id }) {
      const now = performance.now();
      // One at a time: while the database is slow, they would take all connections of the service.
      if (now - sweepingSince < hangingSweepMs) return { dead: [], nextInMs: 0 };
      sweepingSince = now;
      try {
        const swept = await call<Swept>('sweep', { worker: id });
        await tidy();
        return swept;
      } finally {
        if (sweepingSince === now) sweepingSince = -Infinity;
      }
    },
    onWake(callback) {
      wake = callback;
    },
    enter: () => entering(enter, explain),
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
