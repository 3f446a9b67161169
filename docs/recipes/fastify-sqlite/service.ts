import { defineLifecycle, type EventOf } from '@ticket-lifecycle/core';
import {
  createTicketWorkflow,
  SeriesError,
  toHttpAnswer,
  type SeriesClient,
} from '@ticket-lifecycle/series';
import {
  createSqliteStatusStore,
  type SqliteDatabase,
} from '@ticket-lifecycle/series/sqlite';
import Fastify, {
  type FastifyReply,
  type FastifyRequest,
} from 'fastify';
import * as z from 'zod';

const states = {
  open: { on: { START: 'in-progress' } },
  'in-progress': { on: { ASK: 'waiting', RESOLVE: 'resolved' } },
  waiting: {
    meta: { status: 'in-progress' },
    on: { ANSWER: 'in-progress' },
  },
  resolved: { on: { CLOSE: { target: 'closed', guard: 'isLead' } } },
  closed: { on: { REOPEN: 'open' } },
} as const;
const lifecycle = defineLifecycle(
  { initial: 'open', context: { role: 'agent' }, states },
  {
    guards: { isLead: ({ context }) => context.role === 'lead' },
    guardMessages: { isLead: 'Only a lead closes a ticket.' },
    payloads: { RESOLVE: z.object({ resolution: z.string().min(1) }) },
  },
);

type Asked = FastifyRequest<{
  Params: { id: string };
  Body: EventOf<typeof lifecycle>;
}>;
/** Who asks: your own sign-in stands here. */
const userOf = ({ headers }: Asked) => ({
  staffUserId: Number(headers['x-staff']),
  context: { role: String(headers['x-role']) },
});
const answer = (
  reply: FastifyReply,
  ended: Parameters<typeof toHttpAnswer>[0],
) => {
  const { status, headers, body } = toHttpAnswer(ended);
  return reply.code(status).headers(headers).send(body);
};

export function createService(
  client: SeriesClient,
  db: SqliteDatabase,
) {
  const store = createSqliteStatusStore(db);
  const workflow = createTicketWorkflow({
    lifecycle,
    client,
    store,
  });
  const app = Fastify();
  app.get('/tickets/:id', ({ params }: Asked) =>
    workflow.where(params.id),
  );
  app.get('/tickets/:id/events', (asked: Asked) =>
    workflow.enabled(asked.params.id, {
      context: userOf(asked).context,
    }),
  );
  app.post('/tickets/:id/events', async (asked: Asked, reply) =>
    answer(
      reply,
      await workflow.apply(asked.params.id, asked.body, userOf(asked)),
    ),
  );
  app.setErrorHandler((error, _, reply) =>
    SeriesError.is(error) ? answer(reply, error) : reply.send(error),
  );
  return app;
}
