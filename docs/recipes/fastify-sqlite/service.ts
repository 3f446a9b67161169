import type { DatabaseSync } from 'node:sqlite';
import { defineLifecycle, type EventOf } from '@ticket-lifecycle/core';
import * as series from '@ticket-lifecycle/series';
import * as sqlite from '@ticket-lifecycle/series/sqlite';
import Fastify from 'fastify';
import * as z from 'zod';

const states = {
  open: { on: { ASK: 'waiting', START: 'in-progress' } },
  waiting: { meta: { status: 'open' }, on: { ANSWER: 'open' } },
  'in-progress': { on: { STOP: 'open', RESOLVE: 'resolved' } },
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

type Ask = { Params: { id: string }; Body: EventOf<typeof lifecycle> };
// Who asks? Put your own sign-in here.
const by = (headers: Record<string, unknown>) => ({
  staffUserId: Number(headers['x-staff']),
  context: { role: String(headers['x-role']) },
});

export function serve(client: series.SeriesClient, db: DatabaseSync) {
  const store = sqlite.createSqliteStatusStore(db);
  const options = { lifecycle, client, store, onChange: store.record };
  const workflow = series.createTicketWorkflow(options);
  // What happened? What may I do? Do it.
  return Fastify()
    .get<Ask>('/tickets/:id', ({ params }) => store.history(params.id))
    .get<Ask>('/tickets/:id/events', ({ params, headers }) =>
      series.toResponse(workflow.enabled(params.id, by(headers))),
    )
    .post<Ask>('/tickets/:id/events', ({ params, body, headers }) =>
      series.toResponse(workflow.apply(params.id, body, by(headers))),
    );
}
