import { ticketLifecycle } from '@ticket-lifecycle/core';
import {
  createPostgresOutbox,
  deliverToSeries,
  InvalidChangeError,
  type Outbox,
  type Transaction,
} from '@ticket-lifecycle/outbox';
import Fastify, { type FastifyInstance } from 'fastify';
import { Pool } from 'pg';

/** What the service needs from its surroundings. */
export interface ServiceOptions {
  readonly pool: Pool;
  /** Looks a key up by its name, in a vault for example. */
  readonly apiKey: (name: string) => Promise<string>;
  readonly baseUrl?: string;
}

/** The pool of the service, which lives on when Postgres restarts. */
export function createPool(connectionString: string): Pool {
  const pool = new Pool({ connectionString });
  // Each connection that breaks while it is idle is told here; unheard, it would end the process.
  pool.on('error', (error) => console.error(error.message));
  // One that breaks in a transaction tells it by itself, and its query rejects as well.
  pool.on('connect', (client) => client.on('error', () => {}));
  return pool;
}

/** A help desk of several workspaces: it notes each change, and has it delivered. */
export async function createService(options: ServiceOptions): Promise<FastifyInstance> {
  const { pool, apiKey, baseUrl } = options;
  const app = Fastify();
  await pool.query(
    'create table if not exists audit (ticket text, event text, staff int, at timestamptz default now())',
  );
  const outbox = await createPostgresOutbox({ pool });
  await outbox.run(deliverToSeries({ lifecycle: ticketLifecycle, apiKey, baseUrl }));
  // What is under way is seen to its end; what waits is delivered by the other replicas.
  app.addHook('onClose', () => outbox.close({ drainMs: 5_000 }));

  app.post<{
    Params: { workspace: string; ticket: string };
    Body: { event: string; staff: number };
  }>('/:workspace/tickets/:ticket/changes', async ({ params, body }, reply) => {
    const id = await accept(pool, outbox, {
      ticketId: params.ticket,
      event: body.event,
      staffUserId: body.staff,
      key: params.workspace,
    });
    return reply.code(202).send({ id });
  });
  app.get('/outbox', async () => ({
    depth: await outbox.inspect.depth(),
    blocked: await outbox.inspect.blocked(),
  }));
  app.setErrorHandler(async (error, _, reply) =>
    reply.code(error instanceof InvalidChangeError ? 400 : 500).send({ error: String(error) }),
  );
  return app;
}

/** The audit row and the change are stored together, or neither is. */
async function accept(
  pool: Pool,
  outbox: Outbox<Transaction>,
  change: Parameters<typeof outbox.accept>[0],
): Promise<string> {
  const tx = await pool.connect();
  try {
    await tx.query('begin');
    const { ticketId, event, staffUserId } = change;
    const row = [ticketId, event, staffUserId];
    await tx.query('insert into audit (ticket, event, staff) values ($1, $2, $3)', row);
    const id = await outbox.accept(change, { tx });
    await tx.query('commit');
    return id;
  } catch (error) {
    await tx.query('rollback');
    throw error;
  } finally {
    tx.release();
  }
}
