import { ticketLifecycle } from '@ticket-lifecycle/core';
import { createSandbox } from '@ticket-lifecycle/sandbox';
import { createSeriesClient } from '@ticket-lifecycle/series';
import { beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { createMemoryOutbox, deliverToSeries } from '../../src/index.ts';
import { change } from '../support/trial.ts';

// Requests that are held up after their slots came, by a key that is slow to come, must not leave
// together: a bucket that leaks would overflow.

const count = 60;
const tickets = Array.from({ length: count }, (_, index) => ({ ticketId: `T-${index}` }));

beforeEach(() => {
  vi.useFakeTimers({
    now: 1_750_000_000_000,
    toFake: [
      ...(['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'] as const),
      ...(['setImmediate', 'clearImmediate', 'Date', 'performance'] as const),
    ],
  });
  onTestFinished(() => void vi.useRealTimers());
});

const sleep = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

function setUp() {
  const sandbox = createSandbox({ tickets, limit: 'leaky-bucket' });
  const refused = () => sandbox.requests.filter(({ status }) => status === 429).length;
  const counted = () => sandbox.requests.map(({ countedAt }) => countedAt);
  const outbox = createMemoryOutbox();
  onTestFinished(async () => {
    const closed = outbox.close({ drainMs: 0 });
    await vi.advanceTimersByTimeAsync(5000);
    await closed;
  });
  const client = (apiKey: () => Promise<string>) =>
    createSeriesClient({
      apiKey,
      keyId: 'default',
      rateLimiter: outbox.rateLimiter,
      fetch: sandbox.fetch,
    });
  return { sandbox, outbox, client, refused, counted };
}

test('deliveries that a vault has held up keep the pace as they leave', async () => {
  const { sandbox, outbox, refused } = setUp();
  for (const { ticketId } of tickets) {
    await outbox.accept(change(ticketId, 'START', { from: 'open' }));
  }
  const hungUntil = performance.now() + 400;
  await outbox.run(
    deliverToSeries({
      lifecycle: ticketLifecycle,
      apiKey: async () => {
        await sleep(Math.max(0, hungUntil - performance.now()));
        return 'key';
      },
      fetch: sandbox.fetch,
    }),
  );
  await vi.advanceTimersByTimeAsync(8000);
  expect(refused()).toBe(0);
  expect(sandbox.tickets.get(`T-${count - 1}`)?.status).toBe('in-progress');
});

describe('own requests through the limiter of the outbox', () => {
  test('keep the pace as they leave, though their keys come together', async () => {
    const { client, refused, counted } = setUp();
    const own = client(async () => {
      // The vault answers all who ask at a time together.
      await sleep(300 - (performance.now() % 300));
      return 'key';
    });
    const reads = Promise.all(tickets.map(({ ticketId }) => own.getTicket(ticketId)));
    await vi.advanceTimersByTimeAsync(8000);
    await reads;
    expect([refused(), counted().length]).toEqual([0, count]);
  });

  test('wait for other slots where their key came after the time of their own', async () => {
    const { outbox, client, refused, counted } = setUp();
    const acquire = vi.spyOn(outbox.rateLimiter, 'acquire');
    const asleep = new AbortController();
    const own = client(async () => {
      while (!asleep.signal.aborted) await sleep(50);
      return 'key';
    });
    const reads = Promise.all(tickets.slice(0, 8).map(({ ticketId }) => own.getTicket(ticketId)));
    await vi.advanceTimersByTimeAsync(1000);
    expect(outbox.rateLimiter.describe('default').underWay).toBe(8);
    // The machine sleeps: the timers and the clock of the process stand still meanwhile.
    vi.setSystemTime(Date.now() + 15_000);
    asleep.abort();
    await vi.advanceTimersByTimeAsync(5000);
    await reads;
    expect([refused(), counted().length]).toEqual([0, 8]);
    expect(acquire).toHaveBeenCalledTimes(16);
    expect(outbox.rateLimiter.describe('default').sent).toBe(8);
  });
});
