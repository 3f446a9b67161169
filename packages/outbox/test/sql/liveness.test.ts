import { afterEach, describe, expect, test, vi } from 'vitest';
import type { Session } from '../../src/sql/database.ts';
import { openLiveness, sharesBackends } from '../../src/sql/liveness.ts';

afterEach(() => void vi.useRealTimers());

/** A pooler in transaction mode over some servers, of which it takes the next idle one. */
function poolerOver(servers: number, take: (idle: number[]) => number | undefined) {
  const idle = Array.from({ length: servers }, (_, at) => at + 1);
  return async (): Promise<Session> => {
    let held: number | undefined;
    return {
      async query<Row>(text: string) {
        const pid = held ?? take(idle);
        if (pid === undefined) throw new Error('All servers are busy.');
        const staysHeld = text === 'begin' || (held !== undefined && text !== 'commit');
        if (!staysHeld) idle.push(pid);
        held = staysHeld ? pid : undefined;
        return [{ pid }] as Row[];
      },
      onNotification: () => {},
      onEnd: () => {},
      close: () => {},
    };
  };
}

const waysToTake = {
  'in turn': (idle: number[]) => idle.shift(),
  'the one that was used last': (idle: number[]) => idle.pop(),
};

test.each(
  Object.entries(waysToTake).flatMap(([way, take]) =>
    [2, 3, 4, 5, 8, 20].map((servers) => [way, servers, take] as const),
  ),
)('a pooler that takes servers %s is found out: %i of them', async (_, servers, take) => {
  expect(await sharesBackends(poolerOver(servers, take))).toBe(true);
});

test('sessions of their own are not taken for a pooler', async () => {
  let next = 0;
  const open = async () => {
    const pid = (next += 1);
    return poolerOver(1, () => pid)();
  };
  expect(await sharesBackends(open)).toBe(false);
});

describe('two connections that are looked at', () => {
  /** Connections that fail in their order, and how each was closed. */
  function failing(fails: (at: number, text: string) => boolean) {
    const closed: unknown[] = [];
    let opened = 0;
    const open = async (): Promise<Session> => {
      const at = (opened += 1);
      if (fails(at, 'open')) throw new Error('53300');
      return {
        async query<Row>(text: string) {
          if (fails(at, text)) throw new Error('gone');
          return [{ pid: at }] as Row[];
        },
        onNotification: () => {},
        onEnd: () => {},
        close: ({ reuse } = { reuse: false }) => closed.push([at, reuse]),
      };
    };
    return { open, closed };
  }

  test('are handed back where all went well', async () => {
    const { open, closed } = failing(() => false);
    expect(await sharesBackends(open)).toBe(false);
    expect(closed).toEqual([
      [1, true],
      [2, true],
    ]);
  });

  test('leave none behind where the second one can not be opened', async () => {
    const { open, closed } = failing((at, text) => at === 2 && text === 'open');
    await expect(sharesBackends(open)).rejects.toThrow('53300');
    expect(closed).toEqual([[1, false]]);
  });

  test('are not used again where one of them may be in a transaction', async () => {
    let hasBegun = false;
    const { open, closed } = failing((at, text) => {
      hasBegun ||= text === 'begin';
      return hasBegun && at === 1;
    });
    await expect(sharesBackends(open)).rejects.toThrow('gone');
    expect(closed).toEqual([
      [1, false],
      [2, false],
    ]);
  });
});

describe('a worker whose earlier session is not gone for the server', () => {
  /** A server that keeps the lock of each session until it hears of its end. */
  async function reconnected() {
    vi.useFakeTimers();
    let holder: number | undefined;
    const ends: (() => void)[] = [];
    const closed: number[] = [];
    let opened = 0;
    const liveness = await openLiveness({
      async open() {
        const at = (opened += 1);
        return {
          async query<Row>(text: string) {
            if (closed.includes(at)) throw new Error('It is closed.');
            if (text.includes('pg_advisory_lock')) await new Promise(() => {});
            if (text.includes('pg_try_advisory_lock')) holder ??= at;
            return [{ locked: String(holder === at) }] as Row[];
          },
          onNotification: () => {},
          onEnd: (callback) => void ends.push(callback),
          close: () => void closed.push(at),
        };
      },
      lock: '1',
      channel: 'c',
      onWake: () => {},
      isWanted: () => true,
    });
    // Nobody tells the server.
    ends[0]?.();
    await vi.advanceTimersByTimeAsync(1000);
    await expect(liveness.query('select')).rejects.toThrow('has ended');
    const free = () => (holder = undefined);
    return { liveness, closed, free, opened: () => opened };
  }

  test('closes the one that waits for its lock when it is closed', async () => {
    const { liveness, closed, opened } = await reconnected();
    liveness.close();
    expect([opened(), closed]).toEqual([2, [2]]);
    await vi.advanceTimersByTimeAsync(10_000);
    expect([opened(), new Set(closed)]).toEqual([2, new Set([2])]);
  });

  test('has its lock as soon as the server hears of the end', async () => {
    const { liveness, closed, free, opened } = await reconnected();
    free();
    await vi.advanceTimersByTimeAsync(1000);
    expect(await liveness.query('select')).toHaveLength(1);
    expect([opened(), closed]).toEqual([2, []]);
    liveness.close();
  });
});
