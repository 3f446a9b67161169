import { ticketLifecycle } from '@ticket-lifecycle/core';
import {
  createTicketWorkflow,
  type SeriesClient,
} from '@ticket-lifecycle/series';
import {
  createPostgresStatusStore,
  type PostgresQueryable,
} from '@ticket-lifecycle/series/postgres';

/** A workflow that remembers in Postgres, and what happened. */
export function openDesk(
  client: SeriesClient,
  database: PostgresQueryable,
) {
  const store = createPostgresStatusStore(database);
  const workflow = createTicketWorkflow({
    lifecycle: ticketLifecycle,
    client,
    store,
    onChange: store.record,
  });
  return { workflow, history: store.history };
}
