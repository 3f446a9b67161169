import { ticketLifecycle } from '@ticket-lifecycle/core';
import {
  createSeriesClient,
  createTicketWorkflow,
} from '@ticket-lifecycle/series';

/** One for the whole server: all routes share the limit of the key. */
export const workflow = createTicketWorkflow({
  lifecycle: ticketLifecycle,
  client: createSeriesClient({
    apiKey: () => process.env.SERIES_API_KEY ?? '',
    baseUrl: process.env.SERIES_BASE_URL,
  }),
});
