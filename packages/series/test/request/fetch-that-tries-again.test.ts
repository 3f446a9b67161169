import { ticketLifecycle } from '@ticket-lifecycle/core';
import http from 'node:http';
import { describe, expect, test } from 'vitest';
import { createSeriesClient, createTicketWorkflow } from '../../src/index.ts';
import { startServer, success } from '../support/server.ts';

const change = { ticketId: 'TICKET-1', status: 'in-progress', staffUserId: 7 } as const;

/** An address where nothing listens. */
async function nobodyAt(): Promise<string> {
  const server = await startServer(() => {});
  await server[Symbol.asyncDispose]();
  return server.url;
}

/** A fetch that asks one address and, if that fails, another. */
const trying =
  (first: string, second: string): typeof globalThis.fetch =>
  async (input, init) => {
    const request = new Request(input, init);
    const body = request.method === 'POST' ? await request.text() : null;
    const { pathname, search } = new URL(request.url);
    const { method, headers } = request;
    const send = (host: string) => fetch(host + pathname + search, { method, headers, body });
    return send(first).catch(() => send(second));
  };

/** A server that does what it is asked, and loses its answer. */
const losing = () => startServer((response) => response.destroy());

test.each(['another address', 'a mirror first'])(
  'a fetch that tries again by itself (%s) can not make a change that left look unsent',
  async (which) => {
    await using server = await losing();
    const nobody = await nobodyAt();
    const baseUrl = which === 'a mirror first' ? nobody : server.url;
    await expectDoubt(baseUrl, trying(server.url, nobody));
    expect(server.seen).toHaveLength(1);
  },
);

test('nor can one that tries the same address, where nothing listens any more', async () => {
  const server = await losing();
  await expectDoubt(server.url, async (input, init) => {
    const request = new Request(input, init);
    const again = request.clone();
    try {
      return await fetch(request);
    } catch {
      await server[Symbol.asyncDispose]();
      return await fetch(again);
    }
  });
  expect(server.seen).toHaveLength(1);
});

async function expectDoubt(baseUrl: string, twice: typeof globalThis.fetch): Promise<void> {
  const client = createSeriesClient({ apiKey: 'key', baseUrl, fetch: twice });
  const inDoubt = { delivery: 'unknown', reason: 'connection-lost', attempts: 1 };
  await expect(client.changeStatus(change)).rejects.toMatchObject(inDoubt);
}

test('where it tries an address at which nothing listens first, the answer of the second counts', async () => {
  await using server = await startServer(success('Status changed to in-progress'));
  const nobody = await nobodyAt();
  const options = { apiKey: 'key', baseUrl: nobody, fetch: trying(nobody, server.url) };
  expect(await createSeriesClient(options).changeStatus(change)).toMatchObject({ attempts: 1 });
  expect(server.seen).toHaveLength(1);
});

test('where nothing listens anywhere, surely nothing was sent', async () => {
  const [one, two] = [await nobodyAt(), await nobodyAt()];
  const options = { apiKey: 'key', baseUrl: one, fetch: trying(one, two), retryForMs: 1 };
  const call = createSeriesClient(options).changeStatus(change);
  await expect(call).rejects.toMatchObject({ delivery: 'not-sent', reason: 'could-not-connect' });
});

test('a workflow before such a fetch sends once, and finds the change by reading', async () => {
  let status = 'open';
  const nobody = await nobodyAt();
  await using server = await startServer((response, request) => {
    if (request.method === 'POST') {
      status = (JSON.parse(request.body) as { status: string }).status;
      return response.destroy();
    }
    const Ticket = { TicketId: 'TICKET-1', Status: status };
    response.writeHead(200, { 'content-type': 'application/json' });
    return response.end(JSON.stringify({ success: true, data: { Ticket } }));
  });
  const fetchTwice = trying(server.url, nobody);
  const client = createSeriesClient({ apiKey: 'key', baseUrl: nobody, fetch: fetchTwice });
  const workflow = createTicketWorkflow({ lifecycle: ticketLifecycle, client });
  const outcome = await workflow.apply('TICKET-1', 'START', { staffUserId: 7, from: 'open' });
  expect(outcome).toMatchObject({ kind: 'confirmed', by: 'observation', attempts: 1 });
  expect(server.seen.filter(({ method }) => method === 'POST')).toHaveLength(1);
});

describe.each([
  ['a connection for each request', false],
  ['connections that are kept', new http.Agent({ keepAlive: true })],
])('a fetch that is made of node:http, with %s', (_, agent) => {
  /** As older libraries do: it tries again once, whatever happened. */
  const overHttp: typeof globalThis.fetch = async (input, init) => {
    const { url, method, headers, ...request } = await partsOf(new Request(input, init));
    const send = () =>
      new Promise<Response>((resolve, reject) => {
        const sent = http.request(url, { method, headers, agent }, (answer) => {
          const chunks: Buffer[] = [];
          answer.on('data', (chunk: Buffer) => chunks.push(chunk));
          answer.on('end', () =>
            resolve(new Response(Buffer.concat(chunks), { status: answer.statusCode ?? 0 })),
          );
        });
        sent.on('error', (cause) => reject(new TypeError('fetch failed', { cause })));
        sent.end(request.body);
      });
    return send().catch(async () => {
      await closed?.[Symbol.asyncDispose]();
      return send();
    });
  };
  let closed: AsyncDisposable | undefined;

  test('can not make a change that left look unsent', async () => {
    const server = await losing();
    closed = server;
    await expectDoubt(server.url, overHttp);
    expect(server.seen).toHaveLength(1);
  });

  test('has surely sent nothing where nothing listens', async () => {
    closed = undefined;
    const options = { apiKey: 'key', baseUrl: await nobodyAt(), fetch: overHttp, retryForMs: 1 };
    await expect(createSeriesClient(options).changeStatus(change)).rejects.toMatchObject({
      delivery: 'not-sent',
      reason: 'could-not-connect',
    });
  });

  test('is believed where it gets an answer', async () => {
    await using server = await startServer(success('Status changed to in-progress'));
    const options = { apiKey: 'key', baseUrl: server.url, fetch: overHttp };
    expect(await createSeriesClient(options).changeStatus(change)).toMatchObject({ attempts: 1 });
  });
});

async function partsOf(request: Request) {
  const { url, method } = request;
  return { url, method, headers: Object.fromEntries(request.headers), body: await request.text() };
}
