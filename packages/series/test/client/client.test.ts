import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { describe, expect, test } from 'vitest';
import {
  createSeriesClient,
  NotSentError,
  OutcomeUnknownError,
  RateLimitedError,
  SeriesApiError,
  SeriesError,
  type SeriesClientOptions,
} from '../../src/index.ts';
import { setUp } from '../support/bench.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { failure, json, startServer, success, ticket, type Answer } from '../support/server.ts';

const apiKey = 'test-key-4711';
const change = {
  ticketId: 'TICKET-1234567890-ABCD',
  status: 'resolved',
  staffUserId: 987654321,
} as const;

/** Runs one call against a server that answers as told, and gives its result or error. */
async function call(answer: Answer, options: Partial<SeriesClientOptions> = {}) {
  await using server = await startServer(answer);
  const client = createSeriesClient({ apiKey, baseUrl: server.url, ...options });
  const result: unknown = await client.changeStatus(change).catch((error: unknown) => error);
  return { result, seen: server.seen };
}

describe('the request', () => {
  test('is the documented one', async () => {
    const { seen } = await call(success('Status changed to resolved'));
    expect(seen).toHaveLength(1);
    expect(seen[0]).toMatchObject({
      method: 'POST',
      path: '/tickets/TICKET-1234567890-ABCD/status',
      body: '{"status":"resolved","staffUserId":987654321}',
    });
    expect(seen[0]?.headers).toMatchObject({ apikey: apiKey, 'content-type': 'application/json' });
    expect(seen[0]?.headers).not.toHaveProperty('x-api-key');
  });

  test('carries the key in the other documented header when asked to', async () => {
    const { seen } = await call(success(''), { authHeader: 'x-api-key' });
    expect(seen[0]?.headers).toMatchObject({ 'x-api-key': apiKey });
    expect(seen[0]?.headers).not.toHaveProperty('apikey');
  });

  test('keeps the path of a base URL', async () => {
    await using server = await startServer(success(''));
    const client = createSeriesClient({ apiKey, baseUrl: `${server.url}/gateway/v2` });
    await client.changeStatus(change);
    expect(server.seen[0]?.path).toBe('/gateway/v2/tickets/TICKET-1234567890-ABCD/status');
  });

  test('reads a ticket where the docs say', async () => {
    await using server = await startServer(ticket('in-progress', 'TICKET-7'));
    const client = createSeriesClient({ apiKey, baseUrl: server.url });
    expect(await client.getTicket('TICKET-7')).toMatchObject({
      ticketId: 'TICKET-7',
      status: 'in-progress',
    });
    expect(server.seen[0]).toMatchObject({
      method: 'GET',
      path: '/tickets/get/TICKET-7',
      body: '',
    });
  });
});

describe('the answer to a change', () => {
  test('gives what the server said', async () => {
    const { result } = await call(success('Status changed to resolved'));
    expect(result).toMatchObject({
      message: 'Status changed to resolved',
      attempts: 1,
    });
  });

  test.each([
    ['is empty', json(200, '')],
    ['is empty, with a 204', json(204, '')],
    ['says success with a 201', json(201, { success: true })],
    ['does not say success', json(200, { data: { message: 'Status changed to resolved' } })],
    ['is an empty object', json(200, {})],
    ['says something else', json(200, { ok: true })],
  ] satisfies [string, Answer][])('is in doubt when its answer %s', async (_, answer) => {
    const { result } = await call(answer);
    expect(result).toMatchObject({ delivery: 'unknown', reason: 'malformed-answer', attempts: 1 });
  });

  test('is in doubt when the server says that it set another status', async () => {
    const { result } = await call(success('Status changed to open'));
    expect(result).toMatchObject({ delivery: 'unknown', reason: 'contradiction' });
  });

  test('has arrived when the age of its answer is nothing', async () => {
    const { result } = await call(json(200, { success: true }, { age: '0, 00' }));
    expect(result).toMatchObject({ attempts: 1, message: undefined });
  });

  test.each<[string, string, Answer]>([
    ['never ends', 'timeout', () => {}],
    ['is cut', 'connection-lost', (response) => response.destroy()],
  ])('is in doubt when the body %s: %s', async (_, reason, end) => {
    const { result } = await call(
      (response, ...rest) => {
        response.writeHead(200, { 'content-type': 'application/json', 'content-length': '1000' });
        response.write('{"success":true,', () => end(response, ...rest));
      },
      // Long enough for the headers, also on a busy machine.
      { timeoutMs: 5000 },
    );
    expect(result).toMatchObject({ delivery: 'unknown', reason, httpStatus: 200, attempts: 1 });
  });

  test('is in doubt when a fetch that heeds no signal gives a body without end', async () => {
    const body = new ReadableStream({
      start: (stream) => stream.enqueue(new TextEncoder().encode('{"success":true,')),
    });
    const fetch = async () => new Response(body);
    const { result } = await call(() => {}, { fetch, timeoutMs: 50 });
    expect(result).toMatchObject({ delivery: 'unknown', reason: 'timeout' });
  });

  test('lets go of an answer that comes when it was given up', async () => {
    const letGo = Promise.withResolvers<void>();
    const late = Promise.withResolvers<Response>();
    const { result } = await call(() => {}, { fetch: () => late.promise, timeoutMs: 50 });
    expect(result).toMatchObject({ delivery: 'unknown', reason: 'timeout' });
    late.resolve(new Response(new ReadableStream({ cancel: () => letGo.resolve() })));
    await letGo.promise;
  });

  test('is not read beyond what any answer can hold', async () => {
    let sent = 0;
    const page = new TextEncoder().encode(`{"success":true,"data":"${'x'.repeat(1024 * 1024)}`);
    const body = new ReadableStream({
      pull: (stream) => {
        sent += 1;
        stream.enqueue(page);
      },
    });
    const { result } = await call(() => {}, { fetch: async () => new Response(body) });
    expect(result).toMatchObject({ delivery: 'unknown', reason: 'malformed-answer' });
    expect(sent).toBeLessThan(12);
  });

  test('takes out of a message what would steer a terminal', async () => {
    const { result } = await call(success('\u001B[31mred\u0007\r\nnext'));
    expect(result).toMatchObject({ message: ' [31mred next' });
  });

  test('survives an answer with other fields than ours', async () => {
    const { result } = await call(json(200, { success: true, data: ['surprise'], extra: 1 }));
    expect(result).toMatchObject({ message: undefined, attempts: 1 });
  });
});

describe('a refusal', () => {
  test.each([
    [400, 'Invalid status. Must be one of: open, in-progress, resolved, closed', 'invalid-status'],
    [400, 'Something else', 'bad-request'],
    [401, 'Unauthorized', 'unauthorized'],
    [403, 'Tickets module requires a Premium or Enterprise subscription', 'subscription-required'],
    [403, 'Tickets module is not enabled for this workspace', 'module-disabled'],
    [403, 'A message nobody has heard of', 'forbidden'],
    [404, 'Ticket not found', 'ticket-not-found'],
    [404, 'Cannot POST', 'not-found'],
    [409, 'Conflict', 'conflict'],
    [418, 'I am a teapot', 'refused'],
  ])('of %i "%s" is told as %s', async (status, message, code) => {
    const { result, seen } = await call(failure(status, message));
    expect(result).toBeInstanceOf(SeriesApiError);
    expect(result).toMatchObject({
      name: 'SeriesApiError',
      delivery: 'refused',
      httpStatus: status,
      code,
      serverMessage: message,
      attempts: 1,
    });
    expect(seen).toHaveLength(1);
  });

  test.each([
    ['HTML', '<html><body>Forbidden</body></html>'],
    ['nothing', ''],
    ['another shape', '{"error":"no"}'],
    ['an array', '[]'],
    ['a broken string', '{"success":false,"err'],
  ])('with %s for a body is survived', async (_, body) => {
    const { result } = await call(json(403, body));
    expect(result).toMatchObject({ code: 'forbidden', serverMessage: undefined });
  });

  test('keeps a message of a megabyte to a readable length', async () => {
    const { result } = await call(failure(400, 'x'.repeat(1_000_000)));
    expect((result as SeriesApiError).message.length).toBeLessThan(500);
  });
});

describe('a change in doubt', () => {
  test.each([
    [
      'a 200 that says success: false',
      json(200, { success: false, error: { message: 'no' } }),
      'contradiction',
      200,
    ],
    [
      'a page of HTML with 200',
      json(200, '<!doctype html><p>Welcome to the hotel wifi'),
      'malformed-answer',
      200,
    ],
    ['a 200 with an error', json(200, { error: { message: 'no' } }), 'contradiction', 200],
    [
      'a 200 with an error and garbage behind it',
      json(200, '{"error":{"code":500}} x'),
      'contradiction',
      200,
    ],
    ['a 200 whose success is a text', json(200, { success: 'false' }), 'contradiction', 200],
    ['a 200 whose success is null', json(200, { success: null }), 'contradiction', 200],
    ['a whole 200 that is no JSON', json(200, '{"success":tr'), 'malformed-answer', 200],
    [
      'a page without a letter',
      json(200, '', { 'content-type': 'text/html' }),
      'malformed-answer',
      200,
    ],
    ['a template that nobody filled in', json(200, '{{ status }}'), 'malformed-answer', 200],
    ['a 500', failure(500, 'Oops'), 'server-error', 500],
    ['a 503 of a proxy', json(503, '<html>'), 'server-error', 503],
    ['a 408', json(408, ''), 'server-error', 408],
    ['a redirect', json(307, '', { location: 'http://127.0.0.1:1/elsewhere' }), 'redirect', 307],
    ['a 304', json(304, ''), 'redirect', 304],
  ])('is left by %s, and nothing is sent twice', async (_, answer, reason, status) => {
    const { result, seen } = await call(answer);
    expect(result).toBeInstanceOf(OutcomeUnknownError);
    expect(result).toMatchObject({ delivery: 'unknown', reason, httpStatus: status, attempts: 1 });
    expect(seen).toHaveLength(1);
  });

  test('is left by a connection that closes without an answer', async () => {
    const { result, seen } = await call((response) => response.destroy());
    expect(result).toMatchObject({ delivery: 'unknown', reason: 'connection-lost' });
    expect(seen).toHaveLength(1);
  });

  test('is left by a server that does not answer in time', async () => {
    const { result, seen } = await call(() => {}, { timeoutMs: 2000 });
    expect(result).toMatchObject({ delivery: 'unknown', reason: 'timeout' });
    expect(seen).toHaveLength(1);
  });

  test('is left by a fetch that does not heed the signal', async () => {
    const fetch = () => new Promise<Response>(() => {});
    const { result } = await call(() => {}, { fetch, timeoutMs: 50 });
    expect(result).toMatchObject({ delivery: 'unknown', reason: 'timeout' });
  });

  const withGetter = (name: string) =>
    Object.defineProperty(new Error('odd'), name, {
      get() {
        throw new Error('no');
      },
    });
  const cyclic = Object.assign(new Error('odd'), { errors: [] as Error[] });
  cyclic.errors.push(cyclic);

  test.each([
    ['a string'],
    [null],
    [Object.create(null)],
    [{ message: 'not an error' }],
    [withGetter('cause')],
    [withGetter('message')],
    [cyclic],
  ])('is left by a fetch that throws garbage (%#)', async (garbage) => {
    const { result } = await call(() => {}, { fetch: () => Promise.reject(garbage) });
    expect(result).toMatchObject({ delivery: 'unknown', reason: 'connection-lost' });
  });
});

describe('a redirect', () => {
  test('is not followed, so the key never reaches another host', async () => {
    await using elsewhere = await startServer(success('got it'));
    for (const status of [301, 302, 303, 307, 308]) {
      const { result } = await call(json(status, '', { location: `${elsewhere.url}/tickets` }));
      expect(result).toMatchObject({ reason: 'redirect' });
    }
    expect(elsewhere.seen).toEqual([]);
  });
});

describe('a change that was not sent', () => {
  test('is tried again while nothing listens, and then says so', async () => {
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    server.close();
    await once(server, 'close');
    const client = createSeriesClient({
      apiKey,
      baseUrl: `http://127.0.0.1:${port}`,
      maxWaitMs: 10_000,
    });
    const error: unknown = await client.changeStatus(change).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ delivery: 'not-sent', reason: 'could-not-connect' });
    expect((error as SeriesError).attempts).toBeGreaterThan(1);
    expect((error as Error).message).toContain('ECONNREFUSED');
  });

  test('says when it was aborted before its slot came', async () => {
    await using server = await startServer(success(''));
    const client = createSeriesClient({ apiKey, baseUrl: server.url });
    const aborted = client.changeStatus(change, { signal: AbortSignal.abort() });
    await expect(aborted).rejects.toMatchObject({ delivery: 'not-sent', reason: 'aborted' });
    expect(server.seen).toEqual([]);
  });

  test('says when too many are waiting', async () => {
    await using server = await startServer(success(''));
    const client = createSeriesClient({ apiKey, baseUrl: server.url, maxQueue: 1 });
    const first = client.changeStatus(change);
    await expect(client.changeStatus(change)).rejects.toMatchObject({ reason: 'queue-full' });
    await first;
  });

  test('says when its time was up in the queue', async () => {
    await using server = await startServer(success(''));
    const client = createSeriesClient({ apiKey, baseUrl: server.url, requestsPerSecond: 1 });
    await client.changeStatus(change);
    const late = client.changeStatus(change, { maxWaitMs: 100 });
    await expect(late).rejects.toMatchObject({ reason: 'expired' });
    expect(server.seen).toHaveLength(1);
  });

  test.each(['apiKey', 'beforeAttempt', 'beforeSend'] as const)(
    'says when its time was up while %s was waited for, and sends nothing',
    async (slow) => {
      let wait = async () => {};
      const hooks = { apiKey: () => wait().then(() => 'key'), beforeAttempt: () => wait() };
      const slowHook = slow === 'beforeSend' ? {} : { [slow]: hooks[slow] };
      const { clock, client, sandbox } = setUp({}, undefined, {}, slowHook);
      wait = () => clock.sleep(300);
      const beforeSend = () => (slow === 'beforeSend' ? wait() : undefined);
      const late = client.changeStatus(change, { beforeSend, maxWaitMs: 100 });
      const ended = late.catch((error: unknown) => error);
      expect(await clock.run(ended)).toMatchObject({ delivery: 'not-sent', reason: 'expired' });
      expect(sandbox.requests).toEqual([]);
      expect(client.rateLimiter.describe(client.keyId).underWay).toBe(0);
    },
  );

  test('still says why an earlier attempt failed when its time is up with the next slot', async () => {
    let keys = 0;
    let wait = async () => {};
    const slowKey = () => ((keys += 1) > 1 ? wait() : Promise.resolve()).then(() => 'key');
    const limited = async () => new Response('', { status: 429, headers: { 'retry-after': '2' } });
    const { clock, client } = setUp({}, limited, {}, { apiKey: slowKey });
    wait = () => clock.sleep(5000);
    const late = client.changeStatus(change, { maxWaitMs: 4000 });
    const ended = late.catch((error: unknown) => error);
    expect(await clock.run(ended)).toMatchObject({
      reason: 'rate-limited',
      retryAfterMs: 2000,
      attempts: 1,
    });
  });

  test('can be stopped at the last moment, and costs no slot', async () => {
    await using server = await startServer(success(''));
    const client = createSeriesClient({ apiKey, baseUrl: server.url });
    const beforeSend = () => {
      throw new Error('changed my mind');
    };
    await expect(client.changeStatus(change, { beforeSend })).rejects.toThrow('changed my mind');
    expect(server.seen).toEqual([]);
    expect(client.rateLimiter.describe(client.keyId).underWay).toBe(0);
  });

  test('can be aborted at the last moment as well', async () => {
    await using server = await startServer(success(''));
    const client = createSeriesClient({ apiKey, baseUrl: server.url });
    const stop = new AbortController();
    const options = { signal: stop.signal, beforeSend: () => stop.abort() };
    await expect(client.changeStatus(change, options)).rejects.toMatchObject({ reason: 'aborted' });
    expect(server.seen).toEqual([]);
  });

  test('says so of a port that no fetch goes to', async () => {
    const { result } = await call(() => {}, { baseUrl: 'http://127.0.0.1:6000', retryForMs: 1 });
    expect(result).toMatchObject({ delivery: 'not-sent', reason: 'could-not-connect' });
    expect((result as Error).message).toContain('bad port');
  });
});

describe('a 429', () => {
  test('is waited out and costs no attempt', async () => {
    const clock = new FakeClock();
    const sentAt: number[] = [];
    const fetch = async () => {
      sentAt.push(clock.now());
      return sentAt.length < 6
        ? new Response('', { status: 429 })
        : Response.json({ success: true });
    };
    const client = createSeriesClient({ apiKey, fetch, clock });
    expect(await clock.run(client.changeStatus(change))).toMatchObject({ attempts: 6 });
    for (const [index, at] of sentAt.entries()) {
      if (index > 0) expect(at - (sentAt[index - 1] ?? 0)).toBeGreaterThanOrEqual(1000);
    }
  });

  test('does not let a later change of the same ticket overtake', async () => {
    const clock = new FakeClock();
    const seen: unknown[] = [];
    const fetch = async (input: string | URL | Request, init?: RequestInit) => {
      seen.push(((await new Request(input, init).json()) as { status: unknown }).status);
      return seen.length === 1
        ? new Response('', { status: 429 })
        : Response.json({ success: true });
    };
    const client = createSeriesClient({ apiKey, fetch, clock });
    const first = client.changeStatus({ ...change, status: 'resolved' });
    const second = client.changeStatus({ ...change, status: 'closed' });
    await clock.run(Promise.all([first, second]));
    expect(seen).toEqual(['resolved', 'resolved', 'closed']);
  });

  test('that never ends is given up when the time is up', async () => {
    const { result } = await call(json(429, '', { 'retry-after': '3600' }), { maxWaitMs: 3000 });
    expect(result).toMatchObject({
      name: 'RateLimitedError',
      delivery: 'not-sent',
      reason: 'rate-limited',
    });
  });
});

test.each([429, 307])('a body that can not be let go holds nobody up (%i)', async (status) => {
  const clock = new FakeClock();
  const body = () => new ReadableStream({ cancel: () => new Promise<void>(() => {}) });
  let count = 0;
  const fetch = async () =>
    (count += 1) === 1 ? new Response(body(), { status }) : Response.json({ success: true });
  const client = createSeriesClient({ apiKey, fetch, clock });
  const calls = [client.changeStatus(change), client.changeStatus(change)];
  const [, second] = await clock.run(Promise.allSettled(calls));
  expect(second).toMatchObject({ status: 'fulfilled' });
});

describe('reading a ticket', () => {
  test('is tried again when an answer was lost, since reading changes nothing', async () => {
    await using server = await startServer((response, request, count) =>
      count === 1
        ? response.destroy()
        : (count === 2 ? json(200, '{"succ') : ticket('open'))(response, request, count),
    );
    const client = createSeriesClient({ apiKey, baseUrl: server.url });
    expect(await client.getTicket('TICKET-1')).toMatchObject({ status: 'open' });
    expect(server.seen).toHaveLength(3);
  });

  test('survives whatever stands in place of a ticket', async () => {
    for (const body of ['{"success":true,"data":{}}', '{"success":true}', 'null', '[]', '7']) {
      await using server = await startServer(json(200, body));
      const client = createSeriesClient({ apiKey, baseUrl: server.url });
      await expect(client.getTicket('TICKET-1')).rejects.toMatchObject({
        name: 'OutcomeUnknownError',
        reason: 'malformed-answer',
      });
    }
  });

  test('takes a ticket with broken fields as long as it has a status', async () => {
    const odd = { Status: 'archived', TicketId: 7, Subject: null, UpdatedAt: {} };
    await using server = await startServer(json(200, { data: { Ticket: odd } }));
    const client = createSeriesClient({ apiKey, baseUrl: server.url });
    expect(await client.getTicket('TICKET-1')).toEqual({
      ticketId: 'TICKET-1',
      status: 'archived',
      subject: undefined,
      createdAt: undefined,
      updatedAt: undefined,
      claimedBy: undefined,
      claimedByUser: undefined,
      category: undefined,
      department: undefined,
      priority: undefined,
      author: undefined,
      messages: [],
      raw: expect.anything(),
      response: expect.objectContaining({ httpStatus: 200 }),
      clockOffset: { atLeastMs: expect.any(Number), atMostMs: expect.any(Number) },
    });
  });
});

test('an error is recognised as what it is, and nothing else is', () => {
  const effort = { attempts: 1, waitedMs: 0 };
  const refusal = {
    ...effort,
    httpStatus: 404,
    code: 'not-found',
    serverMessage: undefined,
  } as const;
  const classes = [SeriesApiError, NotSentError, RateLimitedError, OutcomeUnknownError];
  const seen = [
    new SeriesApiError('no', refusal),
    new NotSentError('no', { ...effort, reason: 'aborted' }),
    new RateLimitedError('no', effort),
    new OutcomeUnknownError('no', { ...effort, reason: 'timeout' }),
  ].map((error) => classes.map((kind) => kind.is(error)));
  expect(seen).toEqual([
    [true, false, false, false],
    [false, true, false, false],
    [false, true, true, false],
    [false, false, false, true],
  ]);
  for (const other of [new Error('other'), { delivery: 'refused' }, null]) {
    expect([SeriesError, ...classes].map((kind) => kind.is(other))).not.toContain(true);
  }
  expect(SeriesError.is(new RateLimitedError('no', effort))).toBe(true);
});

test('no error has a field from which a web framework would take its own answer', () => {
  const effort = { attempts: 1, waitedMs: 0, httpStatus: 401 };
  const refusal = { ...effort, code: 'unauthorized', serverMessage: undefined } as const;
  const errors = [
    new SeriesError('no', { ...effort, delivery: 'unknown' }),
    new SeriesApiError('no', refusal),
    new NotSentError('no', { ...effort, reason: 'aborted' }),
    new RateLimitedError('no', effort),
    new OutcomeUnknownError('no', { ...effort, reason: 'timeout' }),
  ];
  // Fastify, Express, Koa, Hono, Nest and h3 look for these.
  const taken = ['status', 'statusCode', 'headers', 'expose', 'getResponse', 'getStatus', 'body'];
  for (const error of errors) expect(taken.filter((name) => name in error)).toEqual([]);
});

test('a workflow goes by the clock of its client, unless it is given another', async () => {
  const other = new FakeClock();
  other.stall(500_000);
  for (const given of [undefined, other]) {
    const { clock, workflow } = setUp({ clock: given });
    const sent: number[] = [];
    const options = {
      staffUserId: 1,
      from: 'open' as const,
      beforeSend: ({ sentAt }: { readonly sentAt: number }) => void sent.push(sentAt),
    };
    await clock.run(workflow.apply('T-open', 'START', options));
    expect(sent).toEqual([(given ?? clock).now()]);
  }
});
