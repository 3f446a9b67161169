import { ticketLifecycle } from '@ticket-lifecycle/core';
import { createSandbox } from '@ticket-lifecycle/sandbox';
import { expect, onTestFinished, test, vi } from 'vitest';
import { createMemoryOutbox, deliverToSeries, type OutboxEvent } from '../../src/index.ts';
import { change } from '../support/trial.ts';

const hanging = ['bad-1', 'bad-2', 'bad-3'];
const healthy = Array.from({ length: 10 }, (_, at) => `good-${at}`);

test('keys whose API hangs, or whose vault does, keep no other key waiting', async () => {
  vi.useFakeTimers({
    now: 1_750_000_000_000,
    toFake: [
      ...(['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'] as const),
      ...(['setImmediate', 'clearImmediate', 'Date', 'performance'] as const),
    ],
  });
  onTestFinished(() => void vi.useRealTimers());
  const acceptedAt = new Map<string, number>();
  const waits: number[] = [];
  const events: OutboxEvent[] = [];
  let attemptsOfBad = 0;
  const outbox = createMemoryOutbox({
    concurrency: 40,
    timeoutMs: 2000,
    onEvent(event) {
      if (event.type !== 'ended') return void events.push(event);
      const at = acceptedAt.get(event.id);
      if (hanging.includes(event.change.key ?? '')) attemptsOfBad += 1;
      else if (event.kind === 'done') waits.push(performance.now() - (at ?? Number.NaN));
    },
  });
  const tickets = healthy.flatMap((key) =>
    Array.from({ length: 200 }, (_, at) => ({ ticketId: `${key}-${at}` })),
  );
  const sandbox = createSandbox({ tickets, maxRecordedRequests: 1 });
  const hangs: typeof fetch = (_, init) =>
    new Promise((_resolve, reject) => {
      init?.signal?.addEventListener('abort', () => reject(init.signal?.reason));
    });
  for (const key of hanging) {
    for (let at = 0; at < 60; at += 1) {
      await outbox.accept(change(`${key}-${at}`, 'START', { key, from: 'open' }));
    }
  }
  await outbox.run(
    deliverToSeries({
      lifecycle: ticketLifecycle,
      settleMs: 2000,
      apiKey: (name) => (name === 'bad-3' ? new Promise<string>(() => {}) : `key-of-${name}`),
      fetch(input, init) {
        const key = input instanceof Request ? (input.headers.get('apikey') ?? '') : '';
        return key.startsWith('key-of-bad') ? hangs(input, init) : sandbox.fetch(input, init);
      },
    }),
  );
  // Ten changes a second.
  for (let at = 0; at < 200; at += 1) {
    const key = healthy[at % healthy.length] ?? '';
    const accepted = outbox.accept(change(`${key}-${at}`, 'START', { key, from: 'open' }));
    acceptedAt.set(await accepted, performance.now());
    await vi.advanceTimersByTimeAsync(100);
  }
  await vi.advanceTimersByTimeAsync(1000);
  expect(waits).toHaveLength(200);
  const sorted = waits.toSorted((one, other) => one - other);
  expect(sorted[100]).toBeLessThanOrEqual(250);
  expect(sorted[199]).toBeLessThanOrEqual(2500);
  const paused = await outbox.inspect.paused();
  expect(paused.map(({ key, by }) => `${key} ${by}`).toSorted()).toEqual(
    hanging.map((key) => `${key} fault`),
  );
  expect(await outbox.inspect.dead()).toEqual([]);
  // Not all of their changes were tried again and again.
  expect(attemptsOfBad).toBeLessThan(180);
  const closed = outbox.close({ drainMs: 0 });
  await vi.advanceTimersByTimeAsync(60_000);
  await closed;
});
