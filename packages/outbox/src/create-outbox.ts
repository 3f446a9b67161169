import { documentedLimit } from '@ticket-lifecycle/series/limiter';
import {
  aFunction,
  aText,
  anything,
  checkOptions,
  milliseconds,
  oneOf,
  wholeNumber,
  type OptionCheck,
  type OptionChecks,
} from '@ticket-lifecycle/internal/option-checks';
import { waitAtMost } from '@ticket-lifecycle/internal/wait-at-most';
import { tell } from '@ticket-lifecycle/internal/tell';
import {
  checkAcceptOptions,
  checkAccepted,
  checkKeyName,
  ofChange,
  type ChangeToAccept,
} from './model/change.ts';
import { InvalidChangeError } from './model/errors.ts';
import { createFleetLimiter } from './worker/fleet-limiter.ts';
import { createLedger } from './worker/ledger.ts';
import { waitingChanges } from './model/waiting-changes.ts';
import { historyOf } from './model/safe-steps.ts';
import type { Capabilities, Outbox, OutboxEvent, RedriveFilter } from './model/outbox.ts';
import { type Pace, paces } from './model/slot-timing.ts';
import { storable } from './model/storable.ts';
import type { Store } from './model/store.ts';
import { timeOrderedId } from './model/time-ordered-id.ts';
import { watchStore } from './worker/watched-store.ts';
import { farewellMs, startWorker, type Worker } from './worker/worker.ts';

/** Settings that all backends share. */
export interface OutboxOptions {
  /**
   * Requests per second and key, at most 10,000. This process keeps to it, whatever others were told.
   *
   * @defaultValue 25, the documented limit
   */
  readonly requestsPerSecond?: number | undefined;
  /**
   * `even` spreads requests out, which servers of every kind take. `burst` sends all that the
   * budget holds at once; it fills a sliding window better, and a leaky bucket answers 429.
   * `measured` is `even`, and a slot is free sooner by the time that an answer surely travels: half of
   * what `client.rateLimiter` takes under the same name, since another process may use the slot next.
   * It is right as long as requests and answers travel for about the same time, and no faster than in
   * the last five minutes. A 429 takes it back.
   *
   * @defaultValue 'even'
   */
  readonly pace?: Pace | undefined;
  /**
   * How long one request may take. A slot whose holder fell silent is free again some seconds
   * later.
   *
   * @defaultValue 10_000
   */
  readonly timeoutMs?: number | undefined;
  /**
   * How long one delivery may take, with its waits for slots. One that has not ended by then sends
   * nothing more, and its change is in doubt: the ticket is read before the next send.
   *
   * @defaultValue 300_000
   */
  readonly deliveryTimeoutMs?: number | undefined;
  /**
   * Changes under way in this process at a time. Those that take longer than two seconds leave their
   * places to others.
   *
   * @defaultValue 100
   */
  readonly concurrency?: number | undefined;
  /**
   * How often a change is tried before it is dead. Attempts that met an API out of reach don't
   * count: such a change is tried until the API is back.
   *
   * @defaultValue 20
   */
  readonly maxAttempts?: number | undefined;
  /** Is told what happens in this process. What it throws or rejects with is ignored. */
  readonly onEvent?: ((event: OutboxEvent) => void) | undefined;
}

/** The settings with their defaults. */
export type Settings = Required<{
  [Name in keyof Omit<OutboxOptions, 'onEvent'>]: NonNullable<OutboxOptions[Name]>;
}>;

// Each request that is under way has a slot of its own in the store.
const mostRequests = 10_000;

const commonChecks: OptionChecks<OutboxOptions> = {
  requestsPerSecond: (value) =>
    wholeNumber(value) ?? (Number(value) > mostRequests ? `at most ${mostRequests}` : undefined),
  concurrency: wholeNumber,
  maxAttempts: wholeNumber,
  timeoutMs: milliseconds,
  deliveryTimeoutMs: milliseconds,
  pace: oneOf(...paces),
  onEvent: aFunction,
};

/** A time to wait, which may be none or without an end. */
const patience: OptionCheck = (value) =>
  typeof value === 'number' && value >= 0 ? undefined : 'a number of milliseconds from 0';

/** Checks the options that all outboxes share, and those of the one that is being made. */
export function checkOutboxOptions<Own extends object>(
  owner: string,
  options: OutboxOptions & Own,
  ownChecks: OptionChecks<Own>,
  required: readonly (keyof Own & string)[] = [],
): Settings {
  const checks = { ...commonChecks, ...ownChecks } as OptionChecks<OutboxOptions & Own>;
  checkOptions(owner, options, checks, { required });
  const { requestsPerSecond = documentedLimit, pace = 'even', timeoutMs = 10_000 } = options;
  const { concurrency = 100, maxAttempts = 20, deliveryTimeoutMs = 300_000 } = options;
  return { requestsPerSecond, pace, timeoutMs, deliveryTimeoutMs, concurrency, maxAttempts };
}

/** Those who are told what happens in an outbox. */
export interface Listeners {
  readonly emit: (event: OutboxEvent) => void;
  readonly emitError: (error: unknown) => void;
  /** Adds one. Gives a function that takes it away again. */
  readonly add: (listener: (event: OutboxEvent) => void) => () => void;
}

/** Begins with the listener of the options, if there is one. */
export function createListeners(onEvent: OutboxOptions['onEvent']): Listeners {
  const listeners = new Set([onEvent]);
  const emit = (event: OutboxEvent) => {
    for (const listener of listeners) tell(() => listener?.(event));
  };
  return {
    emit,
    emitError: (error) => emit({ type: 'error', error }),
    add(listener) {
      // Each call is a listener of its own, also of the same function.
      const own = (event: OutboxEvent) => listener(event);
      listeners.add(own);
      return () => void listeners.delete(own);
    },
  };
}

const why: OptionCheck = (value) =>
  typeof value === 'string' && value.trim() !== '' ? undefined : 'a text that tells why';

const filterChecks: OptionChecks<RedriveFilter> = {
  key: aText,
  kind: oneOf('dead', 'unknown'),
  reason: aText,
};

/** Puts an outbox together on a store. */
export function createOutbox<Tx>(
  backend: Store<Tx>,
  capabilities: Capabilities,
  settings: Settings,
  listeners: Listeners,
): Outbox<Tx> {
  const { emit } = listeners;
  const { store, onError } = watchStore(backend, emit);
  const ledger = createLedger(store, onError, ({ key, reason }) =>
    emit(reason === undefined ? { type: 'resumed', key } : { type: 'paused', key, reason }),
  );
  const limiter = createFleetLimiter(store, ledger, { ...settings, maxQueue: 10_000, onError });
  const ending = new AbortController();
  let worker: Promise<Worker> | undefined;
  let closing: Promise<void> | undefined;

  async function end(drainMs: number): Promise<void> {
    ending.abort();
    await (await worker?.catch(() => undefined))?.stop(drainMs);
    limiter.stop();
    // A database that is away must not keep the process from ending. What could not be written
    // down is in doubt, like what a killed process leaves behind.
    await waitAtMost(farewellMs, ledger.drained());
    ledger.stop();
    await waitAtMost(farewellMs, store.close());
  }

  function demandOpen(): void {
    if (closing !== undefined) throw new Error('The outbox is closed.');
  }

  async function acceptAll(changes: readonly ChangeToAccept[], tx?: Tx): Promise<string[]> {
    demandOpen();
    const all = changes.map(({ change, ...options }) => {
      checkAcceptOptions(options);
      const { id = timeOrderedId(), notBefore, priority } = options;
      return { id: id.toLowerCase(), change: checkAccepted(change), notBefore, priority };
    });
    if (all.length > 0) await store.accept(all, tx);
    return all.map(({ id }) => id);
  }

  return {
    capabilities,
    rateLimiter: {
      acquire: (...call) => limiter.acquire(...call),
      describe: (key) => limiter.describe(key),
    },
    inspect: {
      ...store.inspect,
      change: (id) => ofChange(id, undefined, (one) => store.inspect.change(one)),
      async why(id) {
        const found = await ofChange(id, undefined, (one) => store.inspect.why(one));
        return found && historyOf(found);
      },
      waiting(options = {}) {
        checkOptions('inspect.waiting', options, { most: wholeNumber });
        return waitingChanges((page) => store.inspect.waiting(page), options.most);
      },
      async budgets(options = {}) {
        checkOptions('inspect.budgets', options, { most: wholeNumber });
        return store.inspect.budgets(options);
      },
    },
    on(listener) {
      checkOptions('on', { listener }, { listener: aFunction }, { required: ['listener'] });
      return listeners.add(listener);
    },
    async accept(change, { tx, ...options } = {}) {
      const [id = ''] = await acceptAll([{ change, ...options }], tx);
      return id;
    },
    async acceptMany(changes, options = {}) {
      const failWith = (message: string) => new InvalidChangeError(message);
      checkOptions('acceptMany', options, { tx: anything }, { failWith });
      return acceptAll(changes, options.tx);
    },
    cancel: (id) => ofChange(id, false, (one) => store.cancel(one)),
    redrive: (id) => ofChange(id, false, (one) => store.redrive(one)),
    async skip(id, note) {
      checkOptions('skip', { note }, { note: why }, { required: ['note'] });
      return ofChange(id, false, (one) => store.skip(one, storable(note)));
    },
    giveBack: (id) => ofChange(id, false, (one) => store.giveBack(one)),
    async redriveMany(filter) {
      checkOptions('redriveMany', filter, filterChecks);
      return store.redriveMany(filter);
    },
    async pause(key, reason) {
      checkKeyName('pause', key);
      checkOptions('pause', { reason }, { reason: why }, { required: ['reason'] });
      const stored = storable(reason);
      await store.pause(key, stored);
      emit({ type: 'paused', key, reason: stored });
    },
    async resume(key) {
      checkKeyName('resume', key);
      const wasPaused = await store.resume(key);
      if (wasPaused) emit({ type: 'resumed', key });
      return wasPaused;
    },
    async run(deliver) {
      demandOpen();
      if (worker !== undefined) throw new Error('The outbox runs in this process already.');
      checkOptions('run', { deliver }, { deliver: aFunction }, { required: ['deliver'] });
      const parts = { store, ledger, limiter, deliver, emit, onError };
      const starting = startWorker({ ...parts, ...settings }, ending.signal);
      worker = starting;
      try {
        await starting;
      } catch (error) {
        // Whoever is told that it could not begin may try again.
        worker = undefined;
        throw error;
      }
    },
    async close(options = {}) {
      checkOptions('close', options, { drainMs: patience });
      const { drainMs = settings.timeoutMs } = options;
      closing ??= end(drainMs);
      await closing;
    },
  };
}
