import { expect, test } from 'vitest';
import type { Session } from '../../src/sql/database.ts';
import { sharesBackends } from '../../src/sql/liveness.ts';

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
