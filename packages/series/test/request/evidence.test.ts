import { once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { describe, expect, test } from 'vitest';
import { createSeriesClient, type SeriesClientOptions } from '../../src/index.ts';
import { json, startServer, success } from '../support/server.ts';

const change = { ticketId: 'TICKET-1', status: 'resolved', staffUserId: 1 } as const;

/** A raw server on this machine that does to each connection what it is told. */
async function startRaw(connected: (socket: Socket) => void) {
  const sockets = new Set<Socket>();
  const server: Server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    connected(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    host: `127.0.0.1:${port}`,
    sockets,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

const failureOf = (options: Partial<SeriesClientOptions>) =>
  createSeriesClient({ apiKey: 'key', timeoutMs: 10_000, retryForMs: 1, ...options })
    .changeStatus(change)
    .catch((error: unknown) => error);

const neverSent = { delivery: 'not-sent', reason: 'could-not-connect' };

test.each([400, 401, 403, 404, 407, 409, 421, 425, 426])(
  'a request that is refused with %i is sent once, whatever fetch would do by itself',
  async (status) => {
    await using server = await startServer(json(status, '{"success":false}'));
    const client = createSeriesClient({ apiKey: 'key', baseUrl: server.url });
    const error: unknown = await client.changeStatus(change).catch((reason: unknown) => reason);
    // Of 407, which only a proxy may say, fetch makes an error without a status.
    const expected =
      status === 407 ? { delivery: 'unknown' } : { delivery: 'refused', httpStatus: status };
    expect(error).toMatchObject(expected);
    expect(server.seen).toHaveLength(1);
  },
);

test('a fetch of somebody else that is made of that of Node.js does so neither', async () => {
  await using server = await startServer(json(421, ''));
  const fetch: typeof globalThis.fetch = (input, init) =>
    globalThis.fetch(new Request(input, init));
  const client = createSeriesClient({ apiKey: 'key', baseUrl: server.url, fetch });
  await expect(client.changeStatus(change)).rejects.toMatchObject({ httpStatus: 421 });
  expect(server.seen).toHaveLength(1);
});

test('one that sends it again by itself leaves a doubt where that got no answer', async () => {
  await using server = await startServer((response, _, count) => {
    if (count === 1) response.writeHead(421).end();
    else response.destroy();
  });
  const fetch: typeof globalThis.fetch = async (input) => {
    const { url, method, headers } = new Request(input);
    const send = () => globalThis.fetch(url, { method, headers, body: '{}' });
    const response = await send();
    return response.status === 421 ? send() : response;
  };
  const client = createSeriesClient({ apiKey: 'key', baseUrl: server.url, fetch });
  await expect(client.changeStatus(change)).rejects.toMatchObject({ delivery: 'unknown' });
});

describe("with the fetch of Node.js, a request that surely never left is told by undici's diagnostics", () => {
  test('when TLS is never negotiated', async () => {
    await using server = await startRaw(() => {});
    const baseUrl = `https://${server.host}`;
    expect(await failureOf({ baseUrl, timeoutMs: 150 })).toMatchObject(neverSent);
  });

  test('when the connection is reset before TLS is negotiated', async () => {
    await using server = await startRaw((socket) => {
      socket.once('data', () => socket.resetAndDestroy());
    });
    expect(await failureOf({ baseUrl: `https://${server.host}` })).toMatchObject(neverSent);
  });

  test('when something answers that speaks no TLS', async () => {
    await using server = await startRaw((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
    expect(await failureOf({ baseUrl: `https://${server.host}` })).toMatchObject(neverSent);
  });

  test('while the same failure after sending stays unknown', async () => {
    await using resets = await startRaw((socket) => {
      socket.once('data', () => socket.resetAndDestroy());
    });
    await using mute = await startRaw(() => {});
    expect(await failureOf({ baseUrl: `http://${resets.host}` })).toMatchObject({
      delivery: 'unknown',
      reason: 'connection-lost',
      attempts: 1,
    });
    expect(await failureOf({ baseUrl: `http://${mute.host}`, timeoutMs: 2000 })).toMatchObject({
      delivery: 'unknown',
      reason: 'timeout',
      attempts: 1,
    });
  });

  test('each for itself, when many are under way at once', async () => {
    await using answers = await startServer(success('ok'));
    await using resets = await startServer((response) => response.destroy());
    await using muteTls = await startRaw(() => {});
    const kinds = { answers: 0, unknown: 0, 'not-sent': 0 };
    const calls = Array.from({ length: 10 }, async (_, index) => {
      const ticket = { ...change, ticketId: `TICKET-${index}` };
      const to = (baseUrl: string, timeoutMs = 10_000) =>
        createSeriesClient({ apiKey: 'key', baseUrl, timeoutMs, retryForMs: 1 }).changeStatus(
          ticket,
        );
      const results = await Promise.allSettled([
        to(answers.url),
        to(resets.url),
        to(`https://${muteTls.host}`, 400),
      ]);
      const [answered, reset, mute] = results;
      if (answered.status === 'fulfilled') kinds.answers += 1;
      if (reset.status === 'rejected' && reset.reason.delivery === 'unknown') kinds.unknown += 1;
      if (mute.status === 'rejected' && mute.reason.delivery === 'not-sent') kinds['not-sent'] += 1;
    });
    await Promise.all(calls);
    expect(kinds).toEqual({ answers: 10, unknown: 10, 'not-sent': 10 });
  });
});

describe('with any other fetch, only the code of the error tells', () => {
  const fetch: typeof globalThis.fetch = (input, init) => globalThis.fetch(input, init);

  test('that nothing listens', async () => {
    const server = await startRaw(() => {});
    await server[Symbol.asyncDispose]();
    expect(await failureOf({ baseUrl: `http://${server.host}`, fetch })).toMatchObject(neverSent);
  });

  test('nothing of a reset, which stays unknown even where nothing was sent', async () => {
    await using server = await startRaw((socket) => {
      socket.once('data', () => socket.resetAndDestroy());
    });
    expect(await failureOf({ baseUrl: `https://${server.host}`, fetch })).toMatchObject({
      delivery: 'unknown',
      reason: 'connection-lost',
    });
  });

  test.each([
    ['ECONNREFUSED', 'not-sent'],
    ['ENOTFOUND', 'not-sent'],
    ['EAI_AGAIN', 'not-sent'],
    ['UND_ERR_CONNECT_TIMEOUT', 'not-sent'],
    ['DEPTH_ZERO_SELF_SIGNED_CERT', 'not-sent'],
    ['ECONNRESET', 'unknown'],
    ['EPIPE', 'unknown'],
    ['UND_ERR_SOCKET', 'unknown'],
    ['UND_ERR_HEADERS_TIMEOUT', 'unknown'],
    ['ETIMEDOUT', 'unknown'],
  ])('that %s means %s', async (code, delivery) => {
    const throwing = async () => {
      throw new TypeError('fetch failed', { cause: Object.assign(new Error(code), { code }) });
    };
    expect(await failureOf({ fetch: throwing })).toMatchObject({ delivery });
  });

  test("nothing of a browser's, which gives no code at all", async () => {
    const fetchOfBrowser = () => Promise.reject(new TypeError('Failed to fetch'));
    expect(await failureOf({ fetch: fetchOfBrowser })).toMatchObject({ delivery: 'unknown' });
  });
});

describe('a server that is not there yet', () => {
  test('gets the change once, as soon as it is', async () => {
    const free = await startRaw(() => {});
    await free[Symbol.asyncDispose]();
    const port = Number(free.host.split(':')[1]);
    const seen: string[] = [];
    const steps: string[] = [];
    const client = createSeriesClient({ apiKey: 'key', baseUrl: `http://${free.host}` });
    const retried = Promise.withResolvers<void>();
    const call = client.changeStatus(change, {
      onEvent({ type }) {
        steps.push(type);
        if (type === 'retrying') retried.resolve();
      },
    });
    await retried.promise;
    await using server = await startServer((response, request, count) => {
      seen.push(request.body);
      success('ok')(response, request, count);
    }, port);
    expect(await call).toMatchObject({ message: 'ok' });
    expect(server.seen).toHaveLength(1);
    expect(seen).toHaveLength(1);
    expect(steps.slice(0, 5)).toEqual(['queued', 'slot', 'sent', 'answered', 'retrying']);
  });

  test('keeps the changes of one ticket in order', async () => {
    let isDown = true;
    const seen: unknown[] = [];
    const client = createSeriesClient({
      apiKey: 'key',
      fetch: async (input, init) => {
        const { status } = (await new Request(input, init).json()) as { status: unknown };
        if (isDown) {
          isDown = false;
          throw Object.assign(new Error('connect'), { code: 'ECONNREFUSED' });
        }
        seen.push(status);
        return Response.json({ success: true });
      },
    });
    await Promise.all([
      client.changeStatus({ ...change, status: 'in-progress' }),
      client.changeStatus({ ...change, status: 'resolved' }),
    ]);
    expect(seen).toEqual(['in-progress', 'resolved']);
  });
});

describe('a cached answer', () => {
  test('to a read is asked for again, and never believed', async () => {
    const body = { success: true, data: { Ticket: { TicketId: 'TICKET-1', Status: 'open' } } };
    await using server = await startServer(json(200, body, { age: '7' }));
    const client = createSeriesClient({ apiKey: 'key', baseUrl: server.url });
    await expect(client.getTicket('TICKET-1')).rejects.toMatchObject({
      delivery: 'unknown',
      reason: 'cached',
      attempts: 4,
    });
    expect(server.seen[0]?.headers).toMatchObject({ 'cache-control': 'no-cache' });
  });

  test('of another ticket is no answer', async () => {
    const body = { success: true, data: { Ticket: { TicketId: 'TICKET-2', Status: 'closed' } } };
    await using server = await startServer(json(200, body));
    const client = createSeriesClient({ apiKey: 'key', baseUrl: server.url });
    await expect(client.getTicket('TICKET-1')).rejects.toMatchObject({
      reason: 'malformed-answer',
    });
  });
});
