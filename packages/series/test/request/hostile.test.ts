import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { createGzip, gzipSync } from 'node:zlib';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { ticketLifecycle } from '@ticket-lifecycle/core';
import { createSeriesClient, createTicketWorkflow } from '../../src/index.ts';
import { json, startServer, success, ticket } from '../support/server.ts';

const change = { ticketId: 'TICKET-1', status: 'resolved', staffUserId: 1 } as const;

const inDoubt = { delivery: 'unknown', reason: 'malformed-answer' };

const fields = (count: number, value: string): string =>
  Array.from({ length: count }, (_, index) => `"f${index}":${value}`).join();
const ticketWith = (more: string): string => `{"data":{"Ticket":{"Status":"open",${more}}}}`;

describe('a hostile server', () => {
  test('fills no memory by a small body that grows to gigabytes', async () => {
    let sentBytes = 0;
    await using server = await startServer((response) => {
      response.writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'gzip' });
      const gzip = createGzip();
      gzip.pipe(response);
      gzip.on('error', () => {});
      const megabyte = Buffer.alloc(1024 * 1024, 0x20);
      const more = () => {
        sentBytes += megabyte.length;
        if (!response.destroyed && sentBytes < 1024 ** 3) gzip.write(megabyte, more);
      };
      gzip.write('{"success":true,', more);
    });
    // How far a server sends ahead depends on the machine; how much of it is unpacked does not.
    let unpackedBytes = 0;
    const counting = new TransformStream<Uint8Array, Uint8Array>({
      transform(chunk, controller) {
        unpackedBytes += chunk.length;
        controller.enqueue(chunk);
      },
    });
    const client = createSeriesClient({
      apiKey: 'key',
      baseUrl: server.url,
      async fetch(input, init) {
        const { body, status, headers } = await fetch(input, init);
        return new Response(body?.pipeThrough(counting), { status, headers });
      },
    });
    await expect(client.changeStatus(change)).rejects.toMatchObject(inDoubt);
    expect(unpackedBytes).toBeGreaterThan(8 * 1024 * 1024);
    expect(unpackedBytes).toBeLessThan(9 * 1024 * 1024);
  });

  test('that compresses what is not compressed is survived', async () => {
    await using server = await startServer((response) => {
      response.writeHead(200, { 'content-encoding': 'gzip' });
      response.end('{"success":true}');
    });
    const client = createSeriesClient({ apiKey: 'key', baseUrl: server.url });
    await expect(client.changeStatus(change)).rejects.toMatchObject(inDoubt);
  });

  test('is understood when it compresses honestly', async () => {
    await using server = await startServer((response) => {
      response.writeHead(200, { 'content-encoding': 'gzip' });
      response.end(gzipSync('{"success":true,"data":{"message":"small"}}'));
    });
    const client = createSeriesClient({ apiKey: 'key', baseUrl: server.url });
    expect(await client.changeStatus(change)).toMatchObject({ message: 'small' });
  });

  test('that gives its headers a byte at a time gets no more than the time limit', async () => {
    const timers = new Set<NodeJS.Timeout>();
    const server = createServer((socket) => {
      socket.on('error', () => {});
      socket.write('HTTP/1.1 200 OK\r\n');
      const timer = setInterval(() => socket.write('x'), 5);
      timers.add(timer);
      socket.on('close', () => clearInterval(timer));
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const baseUrl = `http://127.0.0.1:${port}`;
    const client = createSeriesClient({ apiKey: 'key', baseUrl, timeoutMs: 2000 });
    await expect(client.changeStatus(change)).rejects.toMatchObject({ reason: 'timeout' });
    server.close();
    await once(server, 'close');
    for (const timer of timers) clearInterval(timer);
  });

  test('that never ends its answer to a 429 does not keep the key waiting', async () => {
    await using server = await startServer((response, request, count) => {
      if (count > 1) return success('ok')(response, request, count);
      response.writeHead(429, { 'retry-after': '0' });
      response.write('wait');
    });
    const client = createSeriesClient({ apiKey: 'key', baseUrl: server.url, timeoutMs: 30_000 });
    const paused = Promise.withResolvers<number>();
    client.rateLimiter.on?.(() => paused.resolve(performance.now()));
    const sentAt = performance.now();
    const call = client.changeStatus(change);
    expect((await paused.promise) - sentAt).toBeLessThan(5000);
    expect(await call).toMatchObject({ message: 'ok', attempts: 2 });
  });

  test('nests its answer deeper than any stack', async () => {
    const deep = `{"success":true,"data":${'['.repeat(90_000)}${']'.repeat(90_000)}}`;
    await using server = await startServer(json(200, deep));
    const client = createSeriesClient({ apiKey: 'key', baseUrl: server.url });
    expect(await client.changeStatus(change)).toMatchObject({ message: undefined });
  });

  test.each([
    ['deep', '['.repeat(3_900_000) + ']'.repeat(3_900_000)],
    ['deep in objects', '{"a":'.repeat(700_000) + '1' + '}'.repeat(700_000)],
    ['wide', `[${'[],'.repeat(2_000_000)}[]]`],
    ['full of fields', ticketWith(fields(110_000, '1'))],
    ['full of messages', ticketWith(`"Content":{${fields(55_000, '{}')}}`)],
    ['full of fields far inside', ticketWith(`"a":[{"b":{${fields(110_000, '""')}}}]`)],
    ['full of fields with white space', ticketWith(fields(110_000, '1').replaceAll(':', ' \n: '))],
  ])('does not stop the event loop with an answer that is %s', async (_, body) => {
    await using server = await startServer(json(200, body));
    const client = createSeriesClient({ apiKey: 'key', baseUrl: server.url, retryForMs: 1 });
    const parse = vi.spyOn(JSON, 'parse');
    onTestFinished(() => parse.mockRestore());
    await expect(client.getTicket('TICKET-1')).rejects.toMatchObject({
      delivery: 'unknown',
      reason: 'malformed-answer',
      httpStatus: 200,
    });
    // Undici parses a short text of its own.
    expect(parse.mock.calls.filter(([text]) => text.length > 1000)).toEqual([]);
  });

  test('a ticket with thousands of messages is read', async () => {
    const author = '{"UserId":1,"Username":"u","DisplayName":"U","AvatarUrl":null}';
    const message = `{"Content":"Hello","Author":${author},"Type":"author_message","Timestamp":"x"}`;
    await using server = await startServer(
      json(200, ticketWith(`"Content":{${fields(8000, message)}}`)),
    );
    const client = createSeriesClient({ apiKey: 'key', baseUrl: server.url });
    expect((await client.getTicket('TICKET-1')).messages).toHaveLength(8000);
  });

  test('that gives a book for a status makes no message of it', async () => {
    await using server = await startServer(ticket('\u{1B}[2J' + 'x'.repeat(1_000_000)));
    const client = createSeriesClient({ apiKey: 'key', baseUrl: server.url });
    const workflow = createTicketWorkflow({ lifecycle: ticketLifecycle, client });
    const outcome = await workflow.apply('TICKET-1', 'START', { staffUserId: 1 });
    expect(outcome).toMatchObject({ kind: 'blocked', blockers: [{ code: 'unknown-status' }] });
    expect(JSON.stringify(outcome).length).toBeLessThan(2000);
    expect(JSON.stringify(outcome)).not.toContain('\\u001b');
  });

  test('reaches no prototype', async () => {
    const body = `{"success":true,"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}},
      "data":{"__proto__":{"polluted":1},"Ticket":{"Status":"open","__proto__":{"polluted":1}}}}`;
    await using server = await startServer(json(200, body));
    const client = createSeriesClient({ apiKey: 'key', baseUrl: server.url });
    const read = await client.getTicket('TICKET-1');
    expect(read).not.toHaveProperty('polluted');
    expect({}).not.toHaveProperty('polluted');
  });
});

describe('whoever may choose a ticket or a status', () => {
  const names = [
    '../admin',
    'a/../../x',
    'T\r\nx-evil: 1',
    'T%0d%0a',
    '..',
    'a?b=c',
    'a#b',
    'T 1',
    'T\u0000',
    '\uD800',
    '__proto__/x',
    'x'.repeat(300),
  ];

  test('leads no request elsewhere', async () => {
    await using server = await startServer(success('ok'));
    const client = createSeriesClient({ apiKey: 'key', baseUrl: server.url });
    for (const ticketId of names) {
      const bad = { ...change, ticketId };
      await expect(client.changeStatus(bad)).rejects.toMatchObject({ reason: 'invalid-request' });
      await expect(client.claim(bad)).rejects.toMatchObject({ reason: 'invalid-request' });
      await expect(client.getTicket(ticketId)).rejects.toMatchObject({ reason: 'invalid-request' });
    }
    expect(server.seen).toEqual([]);
  });

  test('is told what was wrong, also with what JSON does not know', async () => {
    const client = createSeriesClient({ apiKey: 'key' });
    const bad = { ...change, staffUserId: 7n as unknown as number };
    await expect(client.changeStatus(bad)).rejects.toThrow('received a value of type bigint');
  });

  test('sends nothing but the two fields of the body', async () => {
    await using server = await startServer(success('ok'));
    const client = createSeriesClient({ apiKey: 'key', baseUrl: server.url });
    const extra = JSON.parse('{"admin":true,"__proto__":{"admin":true}}') as object;
    await client.changeStatus({ ...extra, ...change });
    expect(server.seen[0]?.body).toBe('{"status":"resolved","staffUserId":1}');
  });

  test('finds names of Object.prototype to be no states and no events', async () => {
    await using server = await startServer(success('ok'));
    const client = createSeriesClient({ apiKey: 'key', baseUrl: server.url });
    for (const status of ['constructor', '__proto__', 'toString']) {
      await expect(
        client.changeStatus({ ...change, status: status as never }),
      ).rejects.toMatchObject({ reason: 'invalid-request' });
    }
    expect(server.seen).toEqual([]);
  });
});

test('a list is asked for as documented, and its odd tickets are left out', async () => {
  const body = {
    success: true,
    data: {
      Tickets: [{ TicketId: 'TICKET-1', Status: 'open' }, null, { Status: 'open' }, 'odd'],
      Pagination: { CurrentPage: 2, TotalPages: 3, TotalCount: 21, HasNextPage: true },
    },
  };
  await using server = await startServer(json(200, body));
  const client = createSeriesClient({ apiKey: 'key', baseUrl: server.url });
  const page = await client.listTickets({ page: 2, status: 'open', department: 'a&b=c' });
  expect(server.seen[0]?.path).toBe('/tickets/list?page=2&status=open&department=a%26b%3Dc');
  expect(page).toMatchObject({ page: 2, pages: 3, total: 21, hasNext: true });
  expect(page.tickets.map(({ ticketId }) => ticketId)).toEqual(['TICKET-1']);
  await expect(client.listTickets({ page: 0 })).rejects.toMatchObject({
    reason: 'invalid-request',
  });
});
