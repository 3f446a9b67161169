import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, test, vi } from 'vitest';
import { createRateLimiter, createSeriesClient, type RateLimiter } from '../../src/index.ts';
import { json, startServer } from '../support/server.ts';

const script = fileURLToPath(new URL('../support/change-tickets.process.ts', import.meta.url));
const answerMs = 300;
// Longer than the time limit of a request.
const stoppedMs = 6000;

// Windows can't stop a process and go on with it later.
const isWindows = process.platform === 'win32';

test.each(['arrive', 'connect'] as const)(
  'a process that is stopped for 6 s while requests %s says of each what is true',
  { concurrent: true, skip: isWindows },
  async (stage) => {
    const count = 30;
    const stopped = Promise.withResolvers<void>();
    const arrived = new Set<string>();
    await using server = await startServer((response, request, seen) => {
      const [, ticketId = ''] = /tickets\/(T-\d+)\//u.exec(request.path ?? '') ?? [];
      arrived.add(ticketId);
      const { status } = JSON.parse(request.body) as { status: string };
      const answer = json(200, { success: true, data: { message: `Status changed to ${status}` } });
      setTimeout(() => answer(response, request, seen), answerMs);
      if (stage === 'arrive' && seen === 10) stop();
    });
    // A server that closes a connection on which a request is under way would be another matter.
    server.http.keepAliveTimeout = 60_000;
    let connections = 0;
    server.http.on('connection', () => {
      connections += 1;
      if (stage === 'connect' && connections === 5) stop();
    });
    const child = spawn(
      process.execPath,
      ['--conditions', '@ticket-lifecycle/source', script, server.url, String(count)],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
    const ended = once(child, 'close');
    await stopped.promise;
    await sleep(stoppedMs);
    child.kill('SIGCONT');
    await ended;
    const outcomes = JSON.parse(output) as Record<string, string>;
    expect(Object.keys(outcomes)).toHaveLength(count);
    for (const [ticketId, kind] of Object.entries(outcomes)) {
      // What was about to be written when the process stopped is too old to be written now.
      expect([ticketId, kind]).toEqual([
        ticketId,
        arrived.has(ticketId) ? 'confirmed' : 'not-sent',
      ]);
    }
    expect(server.seen).toHaveLength(arrived.size);
    expect(arrived.size).toBeGreaterThanOrEqual(count - 5);

    function stop() {
      child.kill('SIGSTOP');
      stopped.resolve();
    }
  },
);

const stops = {
  'a stall of the event loop': (ms: number) => {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
  },
  // The process's own clock stands still meanwhile.
  'the sleep of the computer': (ms: number) => {
    vi.spyOn(Date, 'now').mockReturnValue(Date.now() + ms);
  },
};
afterEach(() => vi.restoreAllMocks());

test.each(Object.entries(stops))(
  'a request that would leave after %s waits for another slot',
  async (_, stop) => {
    await using server = await startServer((response, request, seen) => {
      const answer = json(200, {
        success: true,
        data: { message: 'Status changed to in-progress' },
      });
      setTimeout(() => answer(response, request, seen), answerMs);
    });
    const timeoutMs = 500;
    const client = createSeriesClient({ apiKey: 'key', baseUrl: server.url, timeoutMs });
    const change = { ticketId: 'T-1', status: 'in-progress', staffUserId: 1 } as const;
    let attempts = 0;
    const outcome = await client.changeStatus(change, {
      wrapAttempt(attempt, send) {
        send();
        attempts += 1;
        if (attempts === 1) stop(timeoutMs + 100);
      },
    });
    expect(outcome).toMatchObject({ attempts: 2 });
    expect(server.seen).toHaveLength(1);
  },
);

test.each(['isInTime', 'mayLeave'] as const)(
  'a request waits for another slot where %s says no as its headers are written',
  async (question) => {
    await using server = await startServer(
      json(200, { success: true, data: { message: 'Status changed to in-progress' } }),
    );
    const own = createRateLimiter();
    const asked: (boolean | undefined)[] = [];
    // Asked before it leaves, as the attempt begins, and as the headers are written.
    let questions = 0;
    const rateLimiter: RateLimiter = {
      describe: (key) => own.describe(key),
      async acquire(key, lane, options) {
        asked.push(options?.first);
        const lease = await own.acquire(key, lane, options);
        return {
          waitedMs: lease.waitedMs,
          [question]: () => (questions += 1) !== 3,
          release: (answer) => lease.release(answer),
        };
      },
    };
    const client = createSeriesClient({ apiKey: 'key', baseUrl: server.url, rateLimiter });
    await client.changeStatus({ ticketId: 'T-1', status: 'in-progress', staffUserId: 1 });
    expect([asked, questions]).toEqual([[false, true], 6]);
    expect(server.seen).toHaveLength(1);
    expect(own.describe(client.keyId).underWay).toBe(0);
  },
);
