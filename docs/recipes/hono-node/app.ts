import { ticketLifecycle } from '@ticket-lifecycle/core';
import {
  createTicketWorkflow,
  toResponse,
  type SeriesClient,
} from '@ticket-lifecycle/series';
import { Hono } from 'hono';

export function createApp(client: SeriesClient) {
  const lifecycle = ticketLifecycle;
  const workflow = createTicketWorkflow({ lifecycle, client });
  return new Hono()
    .get('/tickets/:id/events', (c) =>
      toResponse(workflow.enabled(c.req.param('id'))),
    )
    .post('/tickets/:id/events', async (c) => {
      // A body that is no JSON is no event: the answer says so.
      const event = await c.req.json().catch(() => undefined);
      const by = { staffUserId: Number(c.req.header('x-staff')) };
      return toResponse(workflow.apply(c.req.param('id'), event, by));
    });
}
