import { DatabaseSync } from 'node:sqlite';
import { createSeriesClient, createTicketWorkflow } from '../../src/index.ts';
import { createSqliteStatusStore } from '../../src/stores/sqlite-status-store.ts';
import { withWaiting } from './with-waiting.ts';

// Takes a ticket through some events, and is killed around the last of them: right before it is sent, or
// when its answer is to be stored.

const [baseUrl = '', path = '', moment = '', ...events] = process.argv.slice(2);
const store = createSqliteStatusStore(new DatabaseSync(path, { timeout: 5000 }));
const client = createSeriesClient({ apiKey: 'key', baseUrl });
let isSent = false;
const die = () => process.kill(process.pid, 'SIGKILL');
const workflow = createTicketWorkflow({
  lifecycle: withWaiting,
  client,
  store: {
    ...store,
    set(ticketId, known) {
      if (isSent) die();
      return store.set(ticketId, known);
    },
  },
});
await workflow.observe('T-1');
const last = events.pop();
for (const type of events) await workflow.apply('T-1', { type } as never, { staffUserId: 1 });
const beforeSend = () => {
  if (moment === 'before') die();
  isSent = true;
};
await workflow.apply('T-1', { type: last } as never, { staffUserId: 1, beforeSend });
