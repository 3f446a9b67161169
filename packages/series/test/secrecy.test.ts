import { inspect } from 'node:util';
import { expect, test } from 'vitest';
import {
  createSeriesClient,
  createTicketWorkflow,
  type SeriesClientOptions,
  type WorkflowEvent,
} from '../src/index.ts';
import { ticketLifecycle } from '@ticket-lifecycle/core';
import { failure, json, startServer, ticket, type Answer } from './support/server.ts';

const apiKey = 'sk_live_5up3r/s3cr3t+key==';
const parts = [apiKey, encodeURIComponent(apiKey), '5up3r'];

function expectNoKey(value: unknown): void {
  const shown = [
    inspect(value, { depth: Infinity, showHidden: true, getters: true }),
    JSON.stringify(value) ?? '',
    String(value),
    value instanceof Error ? `${value.message}${value.stack}` : '',
  ].join('\n');
  for (const part of parts) expect(shown).not.toContain(part);
}

const echo: Answer = (response, request, count) =>
  failure(400, `Bad key ${apiKey} (${encodeURIComponent(apiKey)}) in ${'x'.repeat(250)}${apiKey}`)(
    response,
    request,
    count,
  );

const servers: [string, Answer, Partial<SeriesClientOptions>][] = [
  ['echoes the key in its refusal', echo, {}],
  ['echoes the key in its success', json(200, { success: true, data: { message: apiKey } }), {}],
  ['fails', failure(500, apiKey), {}],
  ['contradicts itself', json(200, { success: false, error: { message: apiKey } }), {}],
  ['hangs up', (response) => response.destroy(), {}],
  ['never answers', () => {}, { timeoutMs: 40 }],
  ['redirects', json(307, '', { location: 'http://127.0.0.1:1/' }), {}],
  ['limits for ever', json(429, apiKey), { maxWaitMs: 60 }],
];

test.each(servers)('the key shows nowhere when the server %s', async (_, answer, options) => {
  await using server = await startServer(answer);
  const client = createSeriesClient({ apiKey, baseUrl: server.url, maxWaitMs: 100, ...options });
  expectNoKey(client);
  const change = { ticketId: 'TICKET-1', status: 'open', staffUserId: 1 } as const;
  expectNoKey(await client.changeStatus(change).catch((error: unknown) => error));
  const workflow = createTicketWorkflow({ lifecycle: ticketLifecycle, client, settleMs: 1 });
  expectNoKey(workflow);
  expectNoKey(await workflow.apply('TICKET-1', 'START', { staffUserId: 1, from: 'open' }));
});

test('the key shows nowhere when the server gives it for a status', async () => {
  const seen: WorkflowEvent[] = [];
  await using server = await startServer(ticket(apiKey));
  const client = createSeriesClient({ apiKey, baseUrl: server.url });
  const workflow = createTicketWorkflow({ lifecycle: ticketLifecycle, client });
  workflow.on((event) => seen.push(event));
  const outcome = await workflow.apply('TICKET-1', 'START', { staffUserId: 1 });
  expect(outcome.kind).toBe('blocked');
  expectNoKey(outcome);
  expectNoKey(await workflow.observe('TICKET-1'));
  expectNoKey(seen);
});

test('the key shows nowhere when an injected fetch puts it into its error', async () => {
  const fetch: typeof globalThis.fetch = async (request) => {
    const cause = Object.assign(new Error(`refused ${apiKey}`), { code: apiKey, request });
    throw Object.assign(new TypeError(`could not fetch with ${apiKey}`, { cause }), { request });
  };
  const client = createSeriesClient({ apiKey, fetch });
  const change = { ticketId: 'TICKET-1', status: 'open', staffUserId: 1 } as const;
  const error: unknown = await client.changeStatus(change).catch((reason: unknown) => reason);
  expect(error).toMatchObject({ delivery: 'unknown' });
  expectNoKey(error);
});

test('the key shows nowhere when it was given in the wrong place', async () => {
  const wrong = [
    { apiKey: `${apiKey}\n` },
    { apiKey: [apiKey] as never },
    { apiKey, authHeader: apiKey as never },
    { apiKey, baseUrl: `https://user:${apiKey.replaceAll('/', '')}@api.series.hr` },
    { apiKey, baseUrl: `https://api.series.hr/?key=${apiKey}` },
    { apiKey, fetch: apiKey as never },
  ];
  for (const options of wrong) {
    let thrown: unknown;
    try {
      createSeriesClient(options);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(TypeError);
    expectNoKey(thrown);
  }
  const client = createSeriesClient({ apiKey });
  expectNoKey(await client.getTicket(`${apiKey}/`).catch((error: unknown) => error));
});
