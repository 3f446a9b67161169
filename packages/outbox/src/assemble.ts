import { checkChange } from './change.ts';
import { createFleetLimiter } from './fleet-limiter.ts';
import { createLedger } from './ledger.ts';
import { checkOptions, listener, milliseconds, wholeNumber } from './options.ts';
import type { Capabilities, Outbox, OutboxEvent } from './outbox.ts';
import type { Store } from './store.ts';
import { timeOrderedId } from './time-ordered-id.ts';
import { startWorker, type Worker } from './worker.ts';

/** Settings that all rungs share. */
export interface OutboxOptions {
  /**
   * Requests per second and key.
   *
   * @defaultValue 25, the documented limit
   */
  readonly requestsPerSecond?: number | undefined;
  /**
   * `even` spreads requests out, which servers of every kind take. `burst` sends all that the
   * budget holds at once; it fills a sliding window better, and a leaky bucket answers 429.
   *
   * @defaultValue 'even'
   */
  readonly pace?: 'even' | 'burst' | undefined;
  /**
   * How long one request may take. A slot whose holder fell silent is free again some seconds
   * later.
   *
   * @defaultValue 10_000
   */
  readonly timeoutMs?: number | undefined;
  /**
   * Changes under way in this process at a time.
   *
   * @defaultValue 100
   */
  readonly concurrency?: number | undefined;
  /**
   * How often a change is tried before it is dead.
   *
   * @defaultValue 20
   */
  readonly maxAttempts?: number | undefined;
  /** Is told what happens in this process. What it throws is ignored. */
  readonly onEvent?: ((event: OutboxEvent) => void) | undefined;
}

/** The settings with their defaults. */
export type Settings = Required<{
  [Name in keyof Omit<OutboxOptions, 'onEvent'>]: NonNullable<OutboxOptions[Name]>;
}>;

export function checkOutboxOptions(owner: string, options: OutboxOptions): Settings {
  const { requestsPerSecond = 25, pace = 'even', timeoutMs = 10_000 } = options;
  const { concurrency = 100, maxAttempts = 20 } = options;
  const settings = { requestsPerSecond, pace, timeoutMs, concurrency, maxAttempts };
  checkOptions(
    owner,
    { ...settings, onEvent: options.onEvent },
    {
      requestsPerSecond: wholeNumber,
      concurrency: wholeNumber,
      maxAttempts: wholeNumber,
      timeoutMs: milliseconds,
      pace: (value) => (value === 'even' || value === 'burst' ? undefined : '"even" or "burst"'),
      onEvent: listener,
    },
  );
  return settings;
}

/** Puts an outbox together on a store. */
export function assemble<Tx>(
  store: Store<Tx>,
  capabilities: Capabilities,
  settings: Settings,
  onEvent: OutboxOptions['onEvent'],
): Outbox<Tx> {
  const onError = (error: unknown) => emit({ type: 'error', error });
  const ledger = createLedger(store, onError);
  const limiter = createFleetLimiter(store, ledger, { ...settings, maxQueue: 10_000, onError });
  let worker: Promise<Worker> | undefined;
  let closing: Promise<void> | undefined;

  function emit(event: OutboxEvent): void {
    try {
      onEvent?.(event);
    } catch {
      // A listener must not stop deliveries.
    }
  }

  async function end(drainMs: number): Promise<void> {
    await (await worker?.catch(() => undefined))?.stop(drainMs);
    limiter.stop();
    await ledger.drained();
    await store.close();
  }

  return {
    capabilities,
    rateLimiter: {
      acquire: (key, lane, acquireOptions) => limiter.acquire(key, lane, acquireOptions),
      describe: (key) => limiter.describe(key),
    },
    inspect: store.inspect,
    async accept(change, options = {}) {
      const id = timeOrderedId();
      await store.accept(id, checkChange(change), options);
      return id;
    },
    cancel: (id) => store.cancel(id),
    redrive: (id) => store.redrive(id),
    skip: (id, note) => store.skip(id, note),
    async run(deliver) {
      if (closing !== undefined) throw new Error('The outbox is closed.');
      if (worker !== undefined) throw new Error('The outbox runs in this process already.');
      worker = startWorker({ store, ledger, limiter, deliver, emit, ...settings });
      await worker;
    },
    close({ drainMs = settings.timeoutMs } = {}) {
      closing ??= end(drainMs);
      return closing;
    },
  };
}
