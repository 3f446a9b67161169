import { afterEach, expect, test, vi } from 'vitest';
import { createSandbox, type Sandbox } from '../src/index.ts';

const tickets = [{ ticketId: 'T-1' }];
const weekMs = 7 * 86_400_000;
afterEach(() => void vi.useRealTimers());

/** How far a change made now, and the date of an answer sent now, are from the time of `Date`. */
async function apartMs({ tickets: all, fetch }: Sandbox): Promise<number> {
  const from = Date.now();
  const { status } = all.get('T-1') ?? {};
  const { updatedAt } = all.setStatus('T-1', status === 'open' ? 'closed' : 'open');
  const init = { headers: { apikey: 'any' } };
  const { headers } = await fetch('https://api.test/tickets/get/T-1', init);
  const to = Date.now();
  const outside = (at: number, earliest = from) => Math.max(earliest - at, at - to, 0);
  const date = Date.parse(headers.get('date') ?? '');
  // An answer tells whole seconds.
  return Math.max(outside(+updatedAt), outside(date, from - 1000));
}

test('a sandbox follows the date of the process, made before time is faked or after', async () => {
  const all = [createSandbox({ tickets })];
  const follow = async () => {
    for (const sandbox of all) expect(await apartMs(sandbox)).toBeLessThan(1000);
  };
  await follow();
  vi.useFakeTimers();
  all.push(createSandbox({ tickets }));
  await follow();
  await vi.advanceTimersByTimeAsync(weekMs);
  await follow();
  for (const date of ['2031-05-01T09:00:00Z', '2035-05-01T09:00:00Z']) {
    vi.setSystemTime(new Date(date));
    all.push(createSandbox({ tickets }));
    await follow();
    await vi.advanceTimersByTimeAsync(weekMs);
    await follow();
  }
  vi.useRealTimers();
  vi.useFakeTimers({ toFake: ['Date'], now: new Date('2040-01-01T00:00:00Z') });
  await follow();
});

test.each(['sliding-log', 'fixed-window'] as const)(
  'the limit goes on, however time is faked and given back: %s',
  async (limit) => {
    const { fetch, requests } = createSandbox({ tickets, limit, requestsPerSecond: 2, burst: 2 });
    const init = { headers: { apikey: 'any' } };
    const ask = async () => (await fetch('https://api.test/tickets/get/T-1', init)).status;
    vi.useFakeTimers();
    for (let week = 0; week < 3; week += 1) {
      const statuses = [await ask(), await ask(), await ask()];
      expect([statuses[0], statuses[2]]).toEqual([200, 429]);
      vi.setSystemTime(Date.now() - 2 * weekMs);
      await vi.advanceTimersByTimeAsync(weekMs);
    }
    expect(await ask()).toBe(200);
    vi.useRealTimers();
    await ask();
    const times = requests.map(({ countedAt }) => countedAt ?? Number.NaN);
    expect(times).toEqual(times.toSorted((a, b) => a - b));
  },
);

test('what happened keeps its date when the date of the process is set', async () => {
  vi.useFakeTimers({ now: new Date('2026-03-02T09:00:00Z') });
  const sandbox = createSandbox({ tickets });
  const { updatedAt } = sandbox.tickets.setStatus('T-1', 'closed');
  vi.setSystemTime(new Date('2031-05-01T09:00:00Z'));
  sandbox.tickets.setStatus('T-1', 'open');
  expect(updatedAt.toISOString()).toBe('2026-03-02T09:00:00.000Z');
  expect(sandbox.tickets.get('T-1')?.updatedAt.toISOString()).toBe('2031-05-01T09:00:00.000Z');
});

test('no date goes back when real time is given back', async () => {
  vi.useFakeTimers();
  const sandbox = createSandbox({ tickets });
  await vi.advanceTimersByTimeAsync(weekMs);
  const faked = sandbox.tickets.setStatus('T-1', 'closed').updatedAt;
  vi.useRealTimers();
  const real = sandbox.tickets.setStatus('T-1', 'open').updatedAt;
  expect(+real - +faked).toBeGreaterThanOrEqual(0);
  expect(+real - +faked).toBeLessThan(weekMs / 2);
});

test('with a date to start on, time goes on from there', async () => {
  const startedAt = new Date('2026-03-02T09:00:00Z');
  const sandbox = createSandbox({ tickets, startedAt });
  vi.useFakeTimers();
  sandbox.tickets.setStatus('T-1', 'resolved');
  vi.setSystemTime(new Date('2031-05-01T09:00:00Z'));
  await vi.advanceTimersByTimeAsync(weekMs);
  const { updatedAt } = sandbox.tickets.setStatus('T-1', 'closed');
  expect(Math.abs(+updatedAt - +startedAt - weekMs)).toBeLessThan(5000);
});
