import { ticketLifecycle } from '@ticket-lifecycle/core';
import { createPgliteOutbox, deliverToSeries } from '../src/index.ts';

/** What the process on PGlite is started with. */
export interface PgliteWorkerOptions {
  readonly directory: string;
  readonly baseUrl: string;
  /** Tickets to take through `START`, `RESOLVE`, `CLOSE` before it runs. */
  readonly accept: readonly string[];
}

const { directory, baseUrl, accept } = JSON.parse(process.argv[2] ?? '{}') as PgliteWorkerOptions;
const outbox = await createPgliteOutbox({
  directory,
  pace: 'burst',
  timeoutMs: 1000,
  onEvent: () => void report(),
});
for (const event of ['START', 'RESOLVE', 'CLOSE']) {
  for (const ticketId of accept) {
    const from = event === 'START' ? 'open' : undefined;
    await outbox.accept({ ticketId, event, staffUserId: 7, from });
  }
}
await outbox.run(
  deliverToSeries({ lifecycle: ticketLifecycle, apiKey: () => 'example-key', baseUrl }),
);
await report();

async function report(): Promise<void> {
  const depth = await outbox.inspect.depth();
  if (process.connected) process.send?.(depth);
}
