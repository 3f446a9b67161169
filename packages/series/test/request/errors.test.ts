import { createServer, type Server } from 'node:net';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { describe, expect, test } from 'vitest';
import { ticketLifecycle } from '@ticket-lifecycle/core';
import {
  createRateLimiter,
  createSeriesClient,
  createTicketWorkflow,
  SeriesError,
  type SeriesClientOptions,
} from '../../src/index.ts';
import { setUp } from '../support/bench.ts';
import { failure, json, startServer, type Answer } from '../support/server.ts';

// Errors say what a person needs to go on: what happened, who said it, and how long to wait.

const change = { ticketId: 'TICKET-1', status: 'resolved', staffUserId: 1 } as const;

async function failureOf(options: Partial<SeriesClientOptions>, isRead = false) {
  const client = createSeriesClient({ apiKey: 'secret-key', retryForMs: 1, ...options });
  const call = isRead ? client.getTicket('TICKET-1') : client.changeStatus(change);
  const error: unknown = await call.catch((reason: unknown) => reason);
  if (!SeriesError.is(error)) throw error;
  return error;
}

describe('a fault that no retry mends', () => {
  async function startPlain(): Promise<Server & AsyncDisposable> {
    const server = createServer((socket) =>
      socket.on('error', () => {}).end('HTTP/1.1 400 No\r\n\r\n'),
    );
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return Object.assign(server, { [Symbol.asyncDispose]: async () => void server.close() });
  }

  test.each([
    ['a plain port for https', async (port: number) => ({ baseUrl: `https://127.0.0.1:${port}` })],
    ['a port that fetch blocks', async () => ({ baseUrl: 'http://127.0.0.1:6000' })],
    [
      'a certificate',
      async () => ({ fetch: failing('CERT_HAS_EXPIRED', 'certificate\nhas expired') }),
    ],
    [
      'a proxy that wants a password',
      async () => ({ fetch: failing('', 'Proxy response (407) !== 200 when HTTP Tunneling') }),
    ],
  ])('ends at once, in one line: %s', async (_, optionsFor) => {
    await using server = await startPlain();
    const options = await optionsFor((server.address() as AddressInfo).port);
    for (const isRead of [false, true]) {
      const error = await failureOf({ ...options, retryForMs: 3000 }, isRead);
      expect(error.attempts).toBe(1);
      expect(error.message).not.toMatch(/\p{Cc}/u);
    }
  });
});

const failing =
  (code: string, message: string): typeof fetch =>
  async () => {
    throw Object.assign(new TypeError('fetch failed'), {
      cause: Object.assign(new Error(message), { code }),
    });
  };

const firstNoConnection = (): typeof fetch => {
  let asked = 0;
  return (...call) =>
    (asked += 1) === 1 ? failing('ECONNREFUSED', '')(...call) : Promise.resolve(limited());
};
const limited = () => new Response('', { status: 429 });

function closedLimiter() {
  const limiter = createRateLimiter();
  limiter.close();
  return limiter;
}

const notSeen = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/u;

test.each([
  'No\u202E: \u200Bthis\u0007 \u{1B}[2J',
  'two\u2028lines, no, three\u2029',
  'nothing\u3164 is\u115F seen\u034F here\uFE0F',
  'tags \u{E0041}\u{E007F}',
  'half a pair \uD800, \uDC00 and',
  `cut in a pair ${'x'.repeat(285)}\u{1F511}`,
])('a text of the server loses the characters that are not seen: %j', async (text) => {
  await using server = await startServer(failure(400, text));
  const error = await failureOf({ baseUrl: server.url });
  expect(error.message).not.toMatch(notSeen);
  expect(JSON.stringify(error)).not.toMatch(notSeen);
  expect(JSON.stringify(error)).not.toContain('\\u');
});

test('an id that is refused is shown without them', async () => {
  const client = createSeriesClient({ apiKey: 'key' });
  for (const id of ['a\u202Eb', 'a\u2028b', 'a\u3164b']) {
    const error: unknown = await client.getTicket(id).catch((reason: unknown) => reason);
    expect((error as Error).message).not.toMatch(notSeen);
  }
});

describe('an answer that is not one of this API', () => {
  const table: [string, Answer, string, string | undefined][] = [
    [
      'a redirect',
      json(302, '', { location: 'https://login.example/secret-key/in?key=secret-key' }),
      'redirect, which is not followed (302 https://login.example/[redacted]/in).',
      'https://login.example/[redacted]/in',
    ],
    ['a redirect without a target', json(302, ''), 'which is not followed (302).', undefined],
    [
      'a ticket without a status',
      json(200, { data: { Ticket: {} } }),
      'is not one of this API (200 {"data":{"Ticket":{}}}).',
      '{"data":{"Ticket":{}}}',
    ],
    [
      'a page',
      json(200, `<html>\n<title>Sign in</title>${'x'.repeat(500)}`),
      'is not one of this API (200 <html> <title>Sign in</title>xxx',
      undefined,
    ],
    ['nothing', json(200, ''), 'is not one of this API (200).', undefined],
    [
      'a page with the key',
      json(200, 'key: secret-key'),
      '(200 key: [redacted]).',
      'key: [redacted]',
    ],
  ];
  test.each(table)('is shown in the message: %s', async (_, answer, text, excerpt) => {
    await using server = await startServer(answer);
    for (const isRead of [false, true]) {
      const error = await failureOf({ baseUrl: server.url }, isRead);
      expect(error.message).toContain(text);
      expect(error.message.length).toBeLessThan(260);
      expect(error.message).not.toContain('secret');
      if (excerpt !== undefined) expect(error).toMatchObject({ excerpt });
    }
  });

  test.each<[string, Partial<SeriesClientOptions>, string]>([
    [
      'a fetch that fails',
      { fetch: () => Promise.reject(new Error('No network in tests.')) },
      'before a complete answer came (No network in tests).',
    ],
    [
      'a 429 after there was no connection',
      { fetch: firstNoConnection(), retryForMs: 3000, maxWaitMs: 900 },
      'Could not set TICKET-1 to resolved: the server answered with 429.',
    ],
    [
      'a limiter that is closed',
      { rateLimiter: closedLimiter() },
      'aborted before it was sent (The rate limiter is closed).',
    ],
  ])('nor does one hide who failed: %s', async (_, options, text) => {
    expect((await failureOf(options)).message).toContain(text);
  });

  test('a read that is aborted on its way was sent', async () => {
    const stop = new AbortController();
    const fetch = () => new Promise<Response>(() => stop.abort());
    const client = createSeriesClient({ apiKey: 'key', fetch });
    const call = client.getTicket('T-1', { signal: stop.signal });
    await expect(call).rejects.toThrow('Could not read T-1: aborted before its answer came.');
  });

  test('before a change is told in one sentence for each fact', async () => {
    await using server = await startServer(json(302, '', { location: '/login' }));
    const client = createSeriesClient({ apiKey: 'key', baseUrl: server.url });
    const workflow = createTicketWorkflow({ lifecycle: ticketLifecycle, client });
    const outcome = await workflow.apply('T-1', 'START', { staffUserId: 1 });
    expect(outcome).toMatchObject({ kind: 'not-sent', error: { reason: 'could-not-read' } });
    if (outcome.kind !== 'not-sent') return;
    expect(outcome.error.message).toBe(
      'Nothing was sent, because the ticket could not be read. Unknown whether T-1 was read: the server answered with a redirect, which is not followed (302 /login).',
    );
  });
});

describe('Retry-After', () => {
  const headers = (value: string) => ({ headers: { 'retry-after': value } });
  const answers = (status: number, value: string, times: number) => {
    let asked = 0;
    return setUp({}, (_, forward) =>
      (asked += 1) <= times
        ? Promise.resolve(new Response('', { status, ...headers(value) }))
        : forward(),
    );
  };

  test('of a 503 is heeded by a read', async () => {
    const { clock, client } = answers(503, '2', 1);
    const from = clock.now();
    await clock.run(client.getTicket('T-open'));
    expect(clock.now() - from).toBeGreaterThanOrEqual(2000);
    expect(clock.now() - from).toBeLessThan(4000);
  });

  test('of a 503 is heeded for a minute at most', async () => {
    const { clock, client } = answers(503, '3600', 1);
    const from = clock.now();
    await clock.run(client.getTicket('T-open', { maxWaitMs: 200_000 }));
    expect(clock.now() - from).toBeLessThan(61_000);
  });

  test.each([
    ['a change that was answered 503', 503, false, 'unknown'],
    ['a read that was answered 503', 503, true, 'unknown'],
    ['a change that was answered 429', 429, false, 'not-sent'],
  ] as const)('is shown as the server said it: %s', async (_, status, isRead, delivery) => {
    const { clock, client } = answers(status, '3600', Infinity);
    const call = isRead
      ? client.getTicket('T-open')
      : client.changeStatus({ ...change, ticketId: 'T-open' });
    const failed = call.catch((error: unknown) => error);
    expect(await clock.run(failed)).toMatchObject({ delivery, retryAfterMs: 3_600_000 });
  });

  test('is shown on the outcome of a change, and by the limiter', async () => {
    const { clock, client, workflow } = answers(429, '3600', Infinity);
    const seen: unknown[] = [];
    client.rateLimiter.on?.((event) => seen.push(event));
    const outcome = await clock.run(workflow.apply('T-open', 'START', { staffUserId: 1 }));
    expect(outcome).toMatchObject({ kind: 'not-sent', error: { retryAfterMs: 3_600_000 } });
    expect(seen[0]).toMatchObject({ type: 'paused', forMs: 60_000, retryAfterMs: 3_600_000 });
  });
});
