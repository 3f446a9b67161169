import { createRateLimit, type LimitAlgorithm } from '@ticket-lifecycle/sandbox';
import { describe, expect, test } from 'vitest';
import {
  createRateLimiter,
  type Lease,
  type LeaseAnswer,
  type RateLimiter,
  type SeriesClientOptions,
} from '../../src/index.ts';
import { setUp } from '../support/bench.ts';
import { FakeClock } from '../support/fake-clock.ts';

// Requests that are held up after their slots came must not leave together: a bucket that leaks
// would overflow. Nor may they leave while their key pauses.

const count = 150;
const tickets = Array.from({ length: count }, (_, index) => ({ ticketId: `T-${index}` }));
const seeded = () => {
  let state = 7;
  return () => (state = (state * 1_103_515_245 + 12_345) % 2 ** 31) / 2 ** 31;
};

test.each([['paced'], ['even']] as const)(
  'a slow key function or a slow guard breaks no pace: %s',
  async (policy) => {
    for (const slow of ['apiKey', 'beforeSend'] as const) {
      const random = seeded();
      const { clock, client } = setUp(
        {},
        (_, forward, __, time) => time.sleep(20).then(forward),
        { tickets, limit: 'leaky-bucket' },
        {
          policy,
          apiKey: async () => {
            if (slow === 'apiKey') await clock.sleep(random() * 300);
            return 'key';
          },
        },
      );
      const beforeSend = async () => {
        if (slow === 'beforeSend') await clock.sleep(random() * 300);
      };
      const from = clock.now();
      const changes = tickets.map(({ ticketId }) =>
        client.changeStatus({ ticketId, status: 'closed', staffUserId: 1 }, { beforeSend }),
      );
      await clock.run(Promise.all(changes));
      expect(client.rateLimiter.describe(client.keyId).limited).toBe(0);
      // The whole budget would take 40 ms for each.
      expect(clock.now() - from).toBeLessThan(count * 60);
    }
  },
);

/** A client whose first request is refused for so long, and when its requests have left. */
function refusedFirst(retryAfterS: number, options: Partial<SeriesClientOptions> = {}) {
  const leftAt: number[] = [];
  const bench = setUp(
    {},
    async (_, forward, __, clock) => {
      leftAt.push(clock.now() - from);
      const isFirst = leftAt.length === 1;
      await clock.sleep(45);
      const headers = { 'retry-after': String(retryAfterS) };
      return isFirst ? new Response(null, { status: 429, headers }) : forward();
    },
    { tickets, limit: 'none' },
    options,
  );
  const from = bench.clock.now();
  return { ...bench, leftAt };
}

describe('while the whole key pauses', () => {
  /** Holds up all requests but the first. */
  function slow(clock: () => FakeClock) {
    let calls = 0;
    return () => ((calls += 1) === 1 ? Promise.resolve() : clock().sleep(200));
  }
  const slowKey = (clock: () => FakeClock) => {
    const wait = slow(clock);
    return { apiKey: () => wait().then(() => 'key') };
  };
  const slowHook = (clock: () => FakeClock) => ({ beforeAttempt: slow(clock) });

  test.each([
    ['whose key is slow', slowKey],
    ['whose hook is slow', slowHook],
  ])('no request leaves %s', async (_, optionsOf) => {
    const bench = refusedFirst(
      5,
      optionsOf(() => bench.clock),
    );
    const { clock, client, leftAt } = bench;
    const reads = tickets.slice(0, 6).map(({ ticketId }) => client.getTicket(ticketId));
    await clock.run(Promise.all(reads));
    expect(leftAt).toHaveLength(7);
    const [first = 0, ...others] = leftAt;
    expect(Math.min(...others)).toBeGreaterThanOrEqual(first + 45 + 5000);
    // Five had given their slots back: each is counted once all the same.
    expect(client.rateLimiter.describe(client.keyId)).toMatchObject({
      sent: 7,
      limited: 1,
      underWay: 0,
    });
  });

  test('a request that was held up comes back before others of its ticket', async () => {
    const bench = refusedFirst(
      2,
      slowKey(() => bench.clock),
    );
    const { clock, client } = bench;
    const order: string[] = [];
    const read = async (ticketId: string, name: string) => {
      await client.getTicket(ticketId);
      order.push(name);
    };
    const all = [read('T-0', 'refused'), read('T-1', 'held up'), read('T-1', 'later')];
    await clock.run(Promise.all(all));
    expect(order.indexOf('held up')).toBeLessThan(order.indexOf('later'));
  });

  test('a request that was held up ends by its time and by its signal', async () => {
    const bench = refusedFirst(
      30,
      slowKey(() => bench.clock),
    );
    const { clock, client, leftAt } = bench;
    const from = clock.now();
    const stop = new AbortController();
    const reads = [
      client.getTicket('T-0', { maxWaitMs: 100_000 }),
      client.getTicket('T-1', { maxWaitMs: 1000 }),
      client.getTicket('T-2', { signal: stop.signal }),
    ].map((read) => read.catch((error: { readonly reason: string }) => error.reason));
    await clock.advance(500);
    stop.abort();
    expect(await clock.run(Promise.all(reads.slice(1)))).toEqual(['expired', 'aborted']);
    expect(clock.now() - from).toBeLessThanOrEqual(1000);
    expect(leftAt).toHaveLength(1);
    await clock.run(Promise.all(reads));
  });
});

/** A limiter that hands out slots at once. The first `late` of them are taken back at once, too. */
function takesBack(late: number) {
  const asked: (boolean | undefined)[] = [];
  const answers: LeaseAnswer['kind'][] = [];
  const state = {
    requestsPerSecond: 25,
    waiting: 0,
    underWay: 0,
    sent: 0,
    limited: 0,
    pausedMs: 0,
  };
  const limiter: RateLimiter = {
    describe: () => state,
    async acquire(_, __, { first } = {}): Promise<Lease> {
      asked.push(first);
      const place = asked.length - 1;
      return {
        waitedMs: 0,
        isInTime: () => place >= late,
        // Only the first release counts.
        release: ({ kind }) => void (answers[place] ??= kind),
      };
    },
  };
  return { limiter, asked, answers };
}

describe('a slot that its limiter has taken back meanwhile', () => {
  test('carries no request: it waits for another one, before others of its ticket', async () => {
    const { limiter, asked, answers } = takesBack(2);
    const { clock, client, sandbox } = setUp({}, undefined, {}, { rateLimiter: limiter });
    await clock.run(client.getTicket('T-open'));
    expect(sandbox.requests).toHaveLength(1);
    expect(asked).toEqual([false, true, true]);
    expect(answers).toEqual(['not-sent', 'not-sent', 'answered']);
  });

  test('is not asked for without an end, where a request is never ready in time', async () => {
    const { limiter, answers } = takesBack(Infinity);
    const { clock, client, sandbox } = setUp({}, undefined, {}, { rateLimiter: limiter });
    const failed = client.getTicket('T-open').catch((error: unknown) => error);
    expect(await clock.run(failed)).toMatchObject({ delivery: 'not-sent', reason: 'stopped' });
    expect(sandbox.requests).toEqual([]);
    expect(answers).toEqual(['not-sent', 'not-sent', 'not-sent']);
  });
});

/** What a server refuses of what leaves it at these moments. */
function refusedBy(algorithm: LimitAlgorithm, arrivals: readonly number[]): number {
  const limit = createRateLimit({ algorithm, requestsPerSecond: 25 });
  return arrivals.toSorted((a, b) => a - b).filter((at) => !limit.admit(at).admitted).length;
}

test('a stall is made up for by no more than a bucket takes, however the network varies', async () => {
  for (let jitterMs = 0; jitterMs <= 140; jitterMs += 1) {
    const clock = new FakeClock();
    const limiter = createRateLimiter({ clock });
    const [uplinkMs, downlinkMs] = [75, 75];
    for (const extraMs of [0, jitterMs, 0, jitterMs]) {
      const lease = await clock.run(limiter.acquire('key', 'T'));
      await clock.advance(uplinkMs + extraMs + downlinkMs);
      lease.release({ kind: 'answered' });
    }
    await clock.advance(2000);
    const sentAt: number[] = [];
    const all = Array.from({ length: 12 }, async (_, lane) => {
      const lease = await limiter.acquire('key', `T${lane}`);
      sentAt.push(clock.now());
      await clock.sleep(uplinkMs + downlinkMs);
      lease.release({ kind: 'answered' });
    });
    clock.stall(250);
    await clock.run(Promise.all(all));
    // Those that left first arrive late, and all after them as soon as they can.
    for (let slow = 1; slow < sentAt.length; slow += 1) {
      const slowUntil = (sentAt[slow - 1] ?? 0) + uplinkMs + jitterMs;
      const arrivals = sentAt.map((at) =>
        Math.min(Math.max(at + uplinkMs, slowUntil), at + uplinkMs + jitterMs),
      );
      expect([jitterMs, slow, refusedBy('leaky-bucket', arrivals)]).toEqual([jitterMs, slow, 0]);
    }
  }
});

describe('before a server that takes one at a time', () => {
  test('requests that were held up together leave one after the other', async () => {
    const hung = new AbortController();
    const { clock, client } = setUp(
      {},
      (_, forward, __, time) => time.sleep(80).then(forward),
      { tickets, limit: 'one-at-a-time', delayMs: { beforeAnswering: [20, 20] } },
      {
        policy: 'one-at-a-time',
        apiKey: async () => {
          while (!hung.signal.aborted) await clock.sleep(50);
          return 'key';
        },
      },
    );
    const reads = tickets.slice(0, 12).map(({ ticketId }) => client.getTicket(ticketId));
    await clock.advance(2500);
    hung.abort();
    await clock.run(Promise.all(reads));
    expect(client.rateLimiter.describe(client.keyId)).toMatchObject({ limited: 0, underWay: 0 });
  });
});

describe('a key that always comes late', () => {
  const slowKey = (forwardMs: () => number) => {
    const bench = setUp(
      {},
      (_, forward, __, time) => time.sleep(forwardMs()).then(forward),
      { tickets, limit: 'leaky-bucket' },
      {
        apiKey: async () => {
          await bench.clock.sleep(1000);
          return 'key';
        },
      },
    );
    return bench;
  };

  test('costs the slots that it holds, and is not taken for a network that stalls', async () => {
    const { clock, client } = slowKey(() => 20);
    const from = clock.now();
    await clock.run(Promise.all(tickets.map(({ ticketId }) => client.getTicket(ticketId))));
    // Each slot is in use for 1020 ms, and cools down for a second.
    expect(count / ((clock.now() - from) / 1000)).toBeGreaterThan(9);
    expect(client.rateLimiter.describe(client.keyId).limited).toBe(0);
  });

  test('lets no more leave than may arrive together, where the network stalls', async () => {
    for (let fromMs = 4000; fromMs < 6000; fromMs += 400) {
      let stalledUntil = -Infinity;
      const { clock, client } = slowKey(() => Math.max(20, stalledUntil - clock.now()));
      const reads = tickets.slice(0, 80).map(({ ticketId }) => client.getTicket(ticketId));
      await clock.advance(fromMs);
      stalledUntil = clock.now() + 900;
      await clock.run(Promise.all(reads));
      const { limited } = client.rateLimiter.describe(client.keyId);
      expect([fromMs, limited]).toEqual([fromMs, 0]);
    }
  });
});
