import { ticketLifecycle } from '@ticket-lifecycle/core';
import pg from 'pg';
import { createPostgresOutbox, deliverToSeries, type OutboxOptions } from '../../src/index.ts';

/** What one worker of the fleet is started with. */
export interface FleetWorkerOptions extends Pick<
  OutboxOptions,
  'pace' | 'timeoutMs' | 'concurrency'
> {
  readonly database: string;
  readonly schema: string;
  readonly baseUrl: string;
  readonly settleMs?: number;
}

/** What it tells its parent. */
export interface FleetNews {
  readonly type:
    | 'ready'
    | 'closed'
    | 'recovered'
    | 'ended'
    | 'fenced'
    | 'paused'
    | 'resumed'
    | 'degraded'
    | 'restored'
    | 'error';
  readonly detail: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

const { database, schema, baseUrl, settleMs, ...options } = JSON.parse(
  process.argv[2] ?? '{}',
) as FleetWorkerOptions;
const pool = new pg.Pool({ connectionString: database, max: 6 });
pool.on('error', () => {});
const tell = (type: FleetNews['type'], detail: string) =>
  process.connected && process.send?.({ type, detail, at: Date.now() } satisfies FleetNews);

const outbox = await createPostgresOutbox({
  ...options,
  pool,
  schema,
  onEvent: (event) => {
    switch (event.type) {
      case 'ended':
        return tell('ended', `${event.kind} ${event.change.ticketId} ${event.reason ?? ''}`);
      case 'recovered':
        return tell('recovered', String(event.changes));
      case 'error':
        return tell('error', String(event.error));
      default:
        return tell(event.type, '');
    }
  },
});
await outbox.run(
  deliverToSeries({
    lifecycle: ticketLifecycle,
    // Sandboxes take any key, and count each by itself.
    apiKey: (name) => `key-of-${name}`,
    baseUrl,
    settleMs,
  }),
);
tell('ready', '');

async function close(): Promise<void> {
  await outbox.close();
  await pool.end();
  tell('closed', '');
  process.disconnect();
}
process.once('SIGTERM', () => void close());
process.on('message', () => void close());
