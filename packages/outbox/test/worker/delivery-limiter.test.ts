import { expect, onTestFinished, test, vi } from 'vitest';
import { createFleetLimiter } from '../../src/worker/fleet-limiter.ts';
import { createLedger } from '../../src/worker/ledger.ts';
import { createMemoryStore } from '../../src/memory/memory-store.ts';
import { createPermit } from '../../src/worker/permit.ts';
import { createDeliveryLimiter } from '../../src/worker/delivery-limiter.ts';
import type { Release } from '../../src/model/claim.ts';
import { moment } from '../../src/model/moment.ts';

/** The limiter of a delivery whose one slot was for so long ago. */
function setUp(agoMs: number, ensure = async () => {}) {
  const store = createMemoryStore({ requestsPerSecond: 25, pace: 'burst', timeoutMs: 500 });
  const released: Omit<Release, 'at'>[] = [];
  const ledger = { ...createLedger(store, () => {}), release: released.push.bind(released) };
  const onError = (error: unknown) => expect(error).toBeUndefined();
  const limiter = createFleetLimiter(store, ledger, {
    requestsPerSecond: 25,
    maxQueue: 1,
    pace: 'burst',
    onError,
  });
  const sendAt = performance.now() - agoMs;
  const sendBy = { since: moment(), ms: 2000 - agoMs };
  const slot = { key: 'default', slot: 1, token: 99, sendAt, sendBy };
  const job = {
    id: '1',
    key: 'default',
    slots: [slot],
    fence: 1,
    change: { ticketId: 'TICKET-1', event: 'START', staffUserId: 7, key: 'default' },
    attempt: 1,
    outages: 0,
    acceptedMs: 0,
    doubtMs: null,
    doubtFromMs: null,
    state: null,
    stateAgeMs: null,
  };
  const permit = createPermit(async () => true);
  const holding = {
    async ensure() {
      await permit.ensure();
      await ensure();
    },
  };
  const { rateLimiter, isInTime } = createDeliveryLimiter(job, holding, { limiter, ledger });
  return { rateLimiter, isInTime, released };
}

test('a request goes in the slot that came with its change', async () => {
  const { rateLimiter, released } = setUp(100);
  (await rateLimiter.acquire('default', 'TICKET-1')).release({ kind: 'answered' });
  expect(released).toMatchObject([{ token: 99, answer: { kind: 'answered' } }]);
});

test('a delivery that had other things to do first takes a new slot', async () => {
  const { rateLimiter, released } = setUp(10_000);
  const lease = await rateLimiter.acquire('default', 'TICKET-1');
  expect(released).toMatchObject([{ token: 99, answer: { kind: 'not-sent' } }]);
  lease.release({ kind: 'answered' });
  expect(released).toMatchObject([{}, { token: 1, answer: { kind: 'answered' } }]);
});

test('a slot whose time was over before its claim was known as held goes back', async () => {
  let asked = 0;
  const { rateLimiter, released, isInTime } = setUp(0, async () => {
    asked += 1;
    if (asked === 1) await new Promise((resolve) => setTimeout(resolve, 2100));
  });
  expect(isInTime()).toBe(true);
  const lease = await rateLimiter.acquire('default', 'TICKET-1');
  expect(released).toMatchObject([{ token: 99, answer: { kind: 'not-sent' } }]);
  expect([asked, isInTime()]).toEqual([2, true]);
  lease.release({ kind: 'answered' });
});

test('a slot goes back whose time has ended while the machine slept', async () => {
  const { rateLimiter, released, isInTime } = setUp(0);
  vi.spyOn(Date, 'now').mockReturnValue(Date.now() + 600_000);
  onTestFinished(() => void vi.restoreAllMocks());
  const lease = await rateLimiter.acquire('default', 'TICKET-1');
  expect(released).toMatchObject([{ token: 99, answer: { kind: 'not-sent' } }]);
  expect(isInTime()).toBe(true);
  vi.spyOn(Date, 'now').mockReturnValue(Date.now() + 600_000);
  expect(isInTime()).toBe(false);
  lease.release({ kind: 'not-sent' });
});
