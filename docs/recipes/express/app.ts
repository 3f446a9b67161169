import { ticketLifecycle } from '@ticket-lifecycle/core';
import {
  createTicketWorkflow,
  SeriesError,
  toHttpAnswer,
  type Outcome,
  type SeriesClient,
} from '@ticket-lifecycle/series';
import express, {
  type ErrorRequestHandler,
  type Response,
} from 'express';

/** Express takes no `Response` of the web, so it gets the parts. */
function answer(response: Response, ended: Outcome | SeriesError) {
  const { status, headers, body } = toHttpAnswer(ended);
  response.status(status).set(headers).send(JSON.stringify(body));
}

const answerError: ErrorRequestHandler = (error, _, response, next) =>
  SeriesError.is(error) ? answer(response, error) : next(error);

export function createApp(client: SeriesClient) {
  const lifecycle = ticketLifecycle;
  const workflow = createTicketWorkflow({ lifecycle, client });
  const app = express().use(express.json());
  app.get('/tickets/:id/events', async ({ params }, response) => {
    response.json(await workflow.enabled(params.id));
  });
  app.post('/tickets/:id/events', async (request, response) => {
    const { params, body } = request;
    const by = { staffUserId: Number(request.get('x-staff')) };
    answer(response, await workflow.apply(params.id, body, by));
  });
  return app.use(answerError);
}
