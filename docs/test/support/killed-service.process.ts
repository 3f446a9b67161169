import { DatabaseSync } from 'node:sqlite';
import { createSeriesClient } from '@ticket-lifecycle/series';
import { serve } from '../../recipes/fastify-sqlite/service.ts';

// Starts a ticket, and is killed when the answer has come and nothing of it is stored.

const [baseUrl = '', path = ''] = process.argv.slice(2);
const client = createSeriesClient({
  apiKey: 'key',
  baseUrl,
  afterAttempt({ call }) {
    if (call === 'change-status') process.kill(process.pid, 'SIGKILL');
  },
});
await serve(client, new DatabaseSync(path)).inject({
  method: 'POST',
  url: '/tickets/T-1/events',
  headers: { 'x-role': 'agent', 'x-staff': '7' },
  payload: { type: 'START' },
});
