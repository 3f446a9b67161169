import type { Outbox, OutboxEvent } from './model/outbox.ts';

/** The part of an OpenTelemetry meter that is used: any version of its API will do. */
export interface MeterLike {
  createObservableGauge(name: string, options: InstrumentOptions): Instrument;
  createObservableCounter(name: string, options: InstrumentOptions): Instrument;
  createCounter(
    name: string,
    options: InstrumentOptions,
  ): {
    add(value: number, attributes?: Readonly<Record<string, string>>): void;
  };
  createHistogram(
    name: string,
    options: InstrumentOptions,
  ): {
    record(value: number, attributes?: Readonly<Record<string, string>>): void;
  };
  addBatchObservableCallback(
    callback: (result: Observing) => Promise<void>,
    instruments: Instrument[],
  ): void;
  removeBatchObservableCallback(
    callback: (result: Observing) => Promise<void>,
    instruments: Instrument[],
  ): void;
}

interface InstrumentOptions {
  readonly description: string;
  readonly unit?: string;
}

// What a meter makes is handed back to it and to nobody else.
// eslint-disable-next-line typescript/no-explicit-any
type Instrument = any;

interface Observing {
  observe(
    instrument: Instrument,
    value: number,
    attributes?: Readonly<Record<string, string>>,
  ): void;
}

// Each key is a time series of its own, for as long as the collector keeps it.
const mostKeys = 50;

/**
 * Reports to OpenTelemetry. From the store, whenever it collects: changes by state, the ages of the
 * oldest that waits and of the oldest under way, blocked tickets, paused keys, and for each of the 50
 * keys that use most of their budgets its use and its 429s. One process of a fleet is enough for
 * these: all see the same tables. From this process: changes that ended, by kind, and how long they
 * took from `accept`. Gives the function that ends it.
 *
 * @example
 * ```ts
 * import { metrics } from '@opentelemetry/api';
 * import { createMemoryOutbox, measureOutbox } from '@ticket-lifecycle/outbox';
 *
 * const outbox = createMemoryOutbox();
 * const end = measureOutbox(outbox, metrics.getMeter('tickets'));
 * end();
 * await outbox.close();
 * ```
 */
export function measureOutbox(
  outbox: Pick<Outbox, 'inspect' | 'on'>,
  meter: MeterLike,
): () => void {
  const named = (name: string) => `ticket_outbox.${name}`;
  const gauge = (name: string, description: string, unit = '1'): Instrument =>
    meter.createObservableGauge(named(name), { description, unit });
  const changes = gauge('changes', 'Changes by state: waiting, underWay, retrying and so on');
  const oldest = gauge('oldest', 'How long the oldest waiting change has waited', 'ms');
  const oldestUnderWay = gauge(
    'oldest_under_way',
    'How long the oldest change under way has been so',
    'ms',
  );
  const blocked = gauge('blocked_tickets', 'Tickets whose changes need a person to go on');
  const paused = gauge('paused_keys', 'Keys that are paused, by whom: fault or hand');
  const used = gauge('budget_used', 'Share of the slots of a key that is taken');
  const limited: Instrument = meter.createObservableCounter(named('limited'), {
    description: 'Answers of 429 since the key was first used',
  });
  const ends = meter.createCounter(named('ends'), {
    description: 'Attempts of this process that ended, by kind: done, retry, dead and so on',
  });
  const duration = meter.createHistogram(named('duration'), {
    description: 'From accept to the end of a change that this process ended, by kind',
    unit: 'ms',
  });
  const all = [changes, oldest, oldestUnderWay, blocked, paused, used, limited];

  async function observe(result: Observing): Promise<void> {
    const [{ oldestMs, oldestUnderWayMs, ...counts }, budgets, pauses] = await Promise.all([
      outbox.inspect.depth(),
      outbox.inspect.budgets({ most: mostKeys }),
      outbox.inspect.paused(),
    ]);
    for (const [state, count] of Object.entries(counts)) result.observe(changes, count, { state });
    result.observe(oldest, oldestMs);
    result.observe(oldestUnderWay, oldestUnderWayMs);
    result.observe(blocked, counts.dead + counts.unknown);
    for (const by of ['fault', 'hand'] as const) {
      result.observe(paused, pauses.filter((one) => one.by === by).length, { by });
    }
    for (const budget of budgets) {
      const { key } = budget;
      result.observe(used, budget.inUse / budget.requestsPerSecond, { key });
      result.observe(limited, budget.limited, { key });
    }
  }

  function onEvent(event: OutboxEvent): void {
    if (event.type !== 'ended') return;
    const { kind } = event;
    ends.add(1, { kind });
    if (kind !== 'retry') duration.record(event.acceptedMs, { kind });
  }

  const off = outbox.on(onEvent);
  meter.addBatchObservableCallback(observe, all);
  return () => {
    off();
    meter.removeBatchObservableCallback(observe, all);
  };
}
