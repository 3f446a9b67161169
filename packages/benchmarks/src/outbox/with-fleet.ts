import { createPostgresOutbox } from '@ticket-lifecycle/outbox';
import { startSandboxProcess } from '../../../outbox/test/support/fleet.ts';
import { latency, startFleet, type Ground } from './run.ts';

/** What a fleet begins with. */
interface Beginning {
  readonly schema: string;
  readonly tickets: readonly string[];
  /** Those of the tickets of which a change is accepted before the fleet starts. */
  readonly backlog: readonly string[];
  readonly keyOf: (ticketId: string) => string;
}

/** Accepts a backlog, starts four workers, and ends them when the work is done. */
export async function withFleet<Result>(
  { pool, database }: Pick<Ground, 'pool' | 'database'>,
  { schema, tickets, backlog, keyOf }: Beginning,
  work: (fleet: {
    readonly outbox: Awaited<ReturnType<typeof createPostgresOutbox>>;
    readonly sandbox: Awaited<ReturnType<typeof startSandboxProcess>>;
    readonly accept: (ticketId: string) => Promise<unknown>;
  }) => Promise<Result>,
): Promise<Result> {
  const sandbox = await startSandboxProcess({ tickets: [], delayMs: latency });
  sandbox.add(tickets.map((ticketId) => ({ ticketId })));
  const outbox = await createPostgresOutbox({ pool, schema });
  const base = { event: 'START', staffUserId: 7, from: 'open' } as const;
  const accept = (ticketId: string) => outbox.accept({ ...base, ticketId, key: keyOf(ticketId) });
  // Eight at a time, as many as the pool has connections to spare.
  const queue = backlog.values();
  const acceptAll = async () => {
    for (const ticketId of queue) await accept(ticketId);
  };
  await Promise.all(Array.from({ length: 8 }, acceptAll));
  const workers = await startFleet({ database, schema, baseUrl: sandbox.url });
  try {
    return await work({ outbox, sandbox, accept });
  } finally {
    for (const worker of workers) worker.signal('SIGKILL');
    sandbox.stop();
    await outbox.close();
  }
}
