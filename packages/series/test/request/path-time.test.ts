import { expect, test } from 'vitest';
import {
  createRateLimiter,
  createSeriesClient,
  type LeaseAnswer,
  type RateLimiter,
} from '../../src/index.ts';
import { createPathTime, pathTimeOf } from '../../src/request/path-time.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { startServer, ticket } from '../support/server.ts';

function setUp() {
  const clock = new FakeClock();
  const path = createPathTime(clock.now);
  const handshake = (ms: number, seenLateMs = 0) =>
    path.note({ at: clock.now(), atLeastMs: ms, atMostMs: ms + seenLateMs });
  return { clock, path, handshake };
}

test('a path takes three quarters of its fastest handshake at least', () => {
  const { path, handshake } = setUp();
  expect(path.floorMs()).toBe(0);
  for (const ms of [90, 80, 120]) handshake(ms);
  expect(path.floorMs()).toBe(60);
});

test('a handshake counts for five minutes', () => {
  const { clock, path, handshake } = setUp();
  handshake(50);
  clock.stall(4 * 60_000);
  handshake(80);
  expect(path.floorMs()).toBe(37.5);
  clock.stall(61_000);
  expect(path.floorMs()).toBe(60);
  clock.stall(300_000);
  expect(path.floorMs()).toBeUndefined();
});

test('one whose end was seen too late counts as short as it may have been, until a clear one comes', () => {
  const { clock, path, handshake } = setUp();
  handshake(0, 60);
  expect(path.floorMs()).toBe(0);
  expect(path.isStale()).toBe(true);
  handshake(90, 2);
  expect(path.floorMs()).toBe(67.5);
  handshake(40, 60);
  expect(path.floorMs()).toBe(30);
  clock.stall(1000);
  handshake(80, 10);
  expect(path.floorMs()).toBe(60);
});

test('what was measured can be forgotten, and is measured anew', () => {
  const { clock, path, handshake } = setUp();
  handshake(90);
  expect(path.isStale()).toBe(false);
  path.forget();
  expect(path.floorMs()).toBeUndefined();
  expect(path.isStale()).toBe(true);
  path.renewed();
  expect(path.isStale()).toBe(false);
  clock.stall(5001);
  expect(path.isStale()).toBe(true);
  handshake(20);
  expect(path.floorMs()).toBe(15);
  clock.stall(60_001);
  expect(path.isStale()).toBe(true);
});

/** A limiter that hands out every slot at once, and notes what it hears of the path. */
function listening(measuresPath: boolean) {
  const heard: unknown[] = [];
  const rateLimiter: RateLimiter = {
    async acquire() {
      let isReleased = false;
      const release = (answer: LeaseAnswer) => {
        if (!isReleased) heard.push(answer);
        isReleased = true;
      };
      return { waitedMs: 0, measuresPath, release };
    },
    describe: () => createRateLimiter().describe('key'),
  };
  return { rateLimiter, heard };
}

test('a client measures the connections that it opens, and opens one more where they live long', async () => {
  await using server = await startServer(ticket('open'));
  const { rateLimiter, heard } = listening(true);
  const client = createSeriesClient({ apiKey: 'key', baseUrl: server.url, rateLimiter });
  const path = pathTimeOf(new URL(server.url));
  for (let count = 0; count < 3; count += 1) await client.getTicket('TICKET-1');
  // Nothing was known yet, so the first request is the last of its connection.
  expect(server.seen.map(({ headers }) => headers.connection)).toEqual([
    'close',
    'keep-alive',
    'keep-alive',
  ]);
  path?.forget();
  for (let count = 0; count < 2; count += 1) await client.getTicket('TICKET-1');
  expect(server.seen.slice(3).map(({ headers }) => headers.connection)).toEqual([
    'close',
    'keep-alive',
  ]);
  for (const answer of heard) expect(answer).toMatchObject({ kind: 'answered' });
  // On this machine a handshake takes no time that counts.
  expect(path?.floorMs() ?? 0).toBeLessThan(50);
});

test('where connections are not seen, or nobody asks, the path counts as none', async () => {
  await using server = await startServer(ticket('open'));
  const options = { apiKey: 'key', baseUrl: server.url };
  const elsewhere = listening(true);
  const client = createSeriesClient({
    ...options,
    rateLimiter: elsewhere.rateLimiter,
    clock: new FakeClock(),
  });
  await client.getTicket('TICKET-1');
  expect(elsewhere.heard).toEqual([{ kind: 'answered', pathMs: 0 }]);
  const unasked = listening(false);
  await createSeriesClient({ ...options, rateLimiter: unasked.rateLimiter }).getTicket('TICKET-1');
  expect(unasked.heard).toEqual([{ kind: 'answered', pathMs: undefined }]);
  expect(server.seen.map(({ headers }) => headers.connection)).toEqual([
    'keep-alive',
    'keep-alive',
  ]);
});
