import { DatabaseSync } from 'node:sqlite';
import { ticketLifecycle } from '@ticket-lifecycle/core';
import { createSeriesClient, createTicketWorkflow } from '../../src/index.ts';
import { createSqliteStatusStore } from '../../src/stores/sqlite-status-store.ts';

// Starts a ticket that it has seen before, and is killed when the answer is to be stored.

const [baseUrl = '', path = ''] = process.argv.slice(2);
const store = createSqliteStatusStore(new DatabaseSync(path));
const client = createSeriesClient({ apiKey: 'key', baseUrl });
let isSent = false;
const workflow = createTicketWorkflow({
  lifecycle: ticketLifecycle,
  client,
  store: {
    ...store,
    set(ticketId, known) {
      if (isSent) process.kill(process.pid, 'SIGKILL');
      return store.set(ticketId, known);
    },
  },
});
await workflow.observe('T-1');
const beforeSend = () => {
  isSent = true;
};
await workflow.apply('T-1', 'START', { staffUserId: 1, beforeSend });
