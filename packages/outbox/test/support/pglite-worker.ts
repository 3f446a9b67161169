import { ticketLifecycle } from '@ticket-lifecycle/core';
import { createPgliteOutbox, deliverToSeries } from '../../src/index.ts';
import { workload } from './fleet.ts';

/** What the process on PGlite is started with. */
export interface PgliteWorkerOptions {
  readonly directory: string;
  readonly baseUrl: string;
  readonly tickets: readonly string[];
  /** How many changes of each ticket it accepts before it runs. */
  readonly steps: number;
  readonly settleMs: number;
}

const { directory, baseUrl, tickets, steps, settleMs } = JSON.parse(
  process.argv[2] ?? '{}',
) as PgliteWorkerOptions;
const outbox = await createPgliteOutbox({
  directory,
  pace: 'burst',
  timeoutMs: 1000,
  onEvent: () => void report(),
});
for (const change of workload(tickets, steps)) await outbox.accept(change);
await outbox.run(
  deliverToSeries({ lifecycle: ticketLifecycle, apiKey: () => 'example-key', baseUrl, settleMs }),
);
await report();

async function report(): Promise<void> {
  const depth = await outbox.inspect.depth();
  if (process.connected) process.send?.(depth);
}
