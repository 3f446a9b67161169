import { ticketLifecycle } from '@ticket-lifecycle/core';
import { createSeriesClient, createTicketWorkflow } from '../../src/index.ts';

// Starts tickets at a server, all at once, and prints how each ended.

const [baseUrl = '', count = '0'] = process.argv.slice(2);
const client = createSeriesClient({ apiKey: 'key', baseUrl, timeoutMs: 5000 });
const workflow = createTicketWorkflow({ lifecycle: ticketLifecycle, client, settle: 'never' });
const outcomes = await Promise.all(
  Array.from({ length: Number(count) }, (_, index) =>
    workflow.apply(`T-${index}`, 'START', { staffUserId: 1, from: 'open' }),
  ),
);
process.stdout.write(
  JSON.stringify(Object.fromEntries(outcomes.map(({ ticketId, kind }) => [ticketId, kind]))),
);
