import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { createSeriesClient, type SeriesClientOptions } from '../../src/index.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { failure, startServer, success } from '../support/server.ts';

const change = { ticketId: 'TICKET-1', status: 'resolved', staffUserId: 1 } as const;

describe('a key that a function gives', () => {
  test('is asked for before each request, so that it can be replaced', async () => {
    await using server = await startServer(success('ok'));
    let asked = 0;
    const apiKey = () => `key-${(asked += 1)}`;
    const client = createSeriesClient({ apiKey, baseUrl: server.url });
    await client.changeStatus(change);
    await client.changeStatus(change);
    expect(server.seen.map(({ headers }) => headers['apikey'])).toEqual(['key-1', 'key-2']);
  });

  test('may take its time, and the guard is asked after it', async () => {
    await using server = await startServer(success('ok'));
    const order: string[] = [];
    const apiKey = async () => {
      order.push('key');
      return 'later';
    };
    const client = createSeriesClient({ apiKey, baseUrl: server.url });
    await client.changeStatus(change, { beforeSend: () => order.push('guard') });
    expect(order).toEqual(['key', 'guard']);
    expect(server.seen[0]?.headers).toMatchObject({ apikey: 'later' });
  });

  const secret = 'half-a-s3cr3t';
  const useless: [string, SeriesClientOptions['apiKey'], string][] = [
    [
      'throws',
      () => {
        throw new Error(secret);
      },
      'the apiKey function failed',
    ],
    ['is rejected', () => Promise.reject(new Error(secret)), 'the apiKey function failed'],
    ['gives a line break', () => `${secret}\r\nx-evil: 1`, 'control or non-ASCII'],
    ['gives nothing', async () => undefined as never, 'gave nothing'],
    ['gives an object', () => ({ secret }) as never, 'gave an object'],
    ['gives an empty string', () => '', 'gave an empty string'],
  ];
  test.each(useless)('that %s means that nothing was sent', async (_, apiKey, message) => {
    await using server = await startServer(success('ok'));
    const client = createSeriesClient({ apiKey, baseUrl: server.url });
    const error: unknown = await client.changeStatus(change).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ delivery: 'not-sent', reason: 'no-api-key', attempts: 0 });
    expect((error as Error).message).toContain(message);
    expect(inspect(error, { depth: Infinity, showHidden: true })).not.toContain(secret);
    expect(server.seen).toEqual([]);
    expect(client.rateLimiter.describe(client.keyId).underWay).toBe(0);
  });

  test('that never comes is given up, and its slot is free again', async () => {
    const clock = new FakeClock();
    const apiKey = () => new Promise<string>(() => {});
    const client = createSeriesClient({ apiKey, clock, fetch: async () => Response.json({}) });
    const call = client.changeStatus(change);
    await expect(clock.run(call)).rejects.toMatchObject({ reason: 'no-api-key', attempts: 0 });
    expect(client.rateLimiter.describe(client.keyId).underWay).toBe(0);
  });

  test('is taken out of what a server echoes, also after it was replaced', async () => {
    await using server = await startServer((response, request, count) =>
      failure(400, `bad keys first-0ld and ${String(request.headers['apikey'])}`)(
        response,
        request,
        count,
      ),
    );
    // One that is used again and again is not forgotten for those that come between.
    const keys = ['first-0ld', 'k3y-a', 'first-0ld', 'k3y-b', 'first-0ld', 'k3y-c', 'second-n3w'];
    const apiKey = () => keys.shift() ?? 'third';
    const client = createSeriesClient({ apiKey, baseUrl: server.url });
    while (keys.length > 1) await client.changeStatus(change).catch(() => {});
    await expect(client.changeStatus(change)).rejects.toMatchObject({
      serverMessage: 'bad keys [redacted] and [redacted]',
    });
  });

  test('is taken out whole, however long it is', async () => {
    const apiKey = 's3cr3t'.repeat(500);
    const page = `${apiKey} and ${apiKey}`;
    const client = createSeriesClient({ apiKey, fetch: async () => new Response(page) });
    await expect(client.changeStatus(change)).rejects.toMatchObject({
      excerpt: '[redacted] and [redacted]…',
    });
  });
});
