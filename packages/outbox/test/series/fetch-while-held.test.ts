import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { FencedError } from '../../src/index.ts';
import { fetchWhileHeld } from '../../src/series/fetch-while-held.ts';

let server: Server;
let url: string;
let arrived: string[] = [];
beforeAll(async () => {
  server = createServer((request, response) => {
    let text = '';
    request.on('data', (chunk: Buffer) => (text += chunk.toString()));
    request.on('end', () => {
      arrived.push(`${request.method} ${request.headers['content-length'] ?? ''} ${text}`);
      response.end('{}');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/tickets/TICKET-1/status`;
});
beforeEach(() => {
  arrived = [];
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

const post = () => new Request(url, { method: 'POST', body: '{"status":"open"}' });

test('a request goes out as it is while the change is held', async () => {
  await fetchWhileHeld(fetch, post(), { ensureHeld: async () => {}, isHeld: () => true });
  expect(arrived).toEqual(['POST 17 {"status":"open"}']);
});

test('a worker that lost the change while it connected writes nothing to the socket', async () => {
  // As in a process that is stopped while its connection is made: held when it is asked for, and
  // no longer when the connection is there.
  const answers = [true, false];
  const ensureHeld = async () => {
    if (answers.shift() !== true) throw new FencedError('Gone.');
  };
  for (const request of [post(), new Request(url)]) {
    answers.splice(0, 2, true, false);
    await expect(
      fetchWhileHeld(fetch, request, { ensureHeld, isHeld: () => false }),
    ).rejects.toThrow(FencedError);
  }
  await fetch(url);
  expect(arrived).toEqual(['GET  ']);
});

test('one that only has to ask again sends once', async () => {
  const held = [false, true];
  let asked = 0;
  const response = await fetchWhileHeld(fetch, post(), {
    ensureHeld: async () => void (asked += 1),
    isHeld: () => held.shift() ?? true,
  });
  expect(response.status).toBe(200);
  expect([asked, arrived]).toEqual([2, ['POST 17 {"status":"open"}']]);
});

test('an abort of the caller still ends it', async () => {
  const cut = new AbortController();
  cut.abort(new Error('The outbox closes.'));
  const request = new Request(url, { signal: cut.signal });
  await expect(
    fetchWhileHeld(fetch, request, { ensureHeld: async () => {}, isHeld: () => true }),
  ).rejects.toThrow('The outbox closes.');
  expect(arrived).toEqual([]);
});
