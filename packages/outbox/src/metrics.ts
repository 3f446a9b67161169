import type { Outbox } from './model/outbox.ts';

/** The part of an OpenTelemetry meter that is used: any version of its API will do. */
export interface MeterLike {
  createObservableGauge(
    name: string,
    options: { readonly description: string; readonly unit?: string },
  ): Gauge;
  addBatchObservableCallback(callback: (result: Observing) => Promise<void>, gauges: Gauge[]): void;
  removeBatchObservableCallback(
    callback: (result: Observing) => Promise<void>,
    gauges: Gauge[],
  ): void;
}

// What a meter makes is handed back to it and to nobody else.
// eslint-disable-next-line typescript/no-explicit-any
type Gauge = any;

interface Observing {
  observe(gauge: Gauge, value: number, attributes?: Readonly<Record<string, string>>): void;
}

/**
 * Reports the depth of an outbox and the budget of each key to OpenTelemetry, whenever it collects.
 * Gives the function that ends it. One process of a fleet is enough: all see the same tables.
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
export function measureOutbox(outbox: Pick<Outbox, 'inspect'>, meter: MeterLike): () => void {
  const gauge = (name: string, description: string, unit?: string): Gauge =>
    meter.createObservableGauge(`ticket_outbox.${name}`, {
      description,
      ...(unit === undefined ? {} : { unit }),
    });
  const changes = gauge('changes', 'Changes by state: waiting, underWay, retrying and so on');
  const oldest = gauge('oldest', 'How long the oldest waiting change has waited', 'ms');
  const blocked = gauge('blocked_tickets', 'Tickets whose changes need a person to go on');
  const used = gauge('budget_used', 'Share of the slots of a key that is taken', '1');
  const limited = gauge('limited', 'Answers of 429 since the key was first used');
  const gauges = [changes, oldest, blocked, used, limited];

  async function observe(result: Observing): Promise<void> {
    const [{ oldestMs, ...counts }, budgets] = await Promise.all([
      outbox.inspect.depth(),
      outbox.inspect.budgets(),
    ]);
    for (const [state, count] of Object.entries(counts)) result.observe(changes, count, { state });
    result.observe(oldest, oldestMs);
    result.observe(blocked, counts.dead + counts.unknown);
    for (const budget of budgets) {
      const { key } = budget;
      result.observe(used, budget.inUse / budget.requestsPerSecond, { key });
      result.observe(limited, budget.limited, { key });
    }
  }

  meter.addBatchObservableCallback(observe, gauges);
  return () => meter.removeBatchObservableCallback(observe, gauges);
}
