import { LimiterClosedError, WaitExpiredError, type LeaseAnswer } from '@ticket-lifecycle/series';
import { afterEach, expect, test, vi } from 'vitest';
import type { Release, Taken } from '../../src/model/claim.ts';
import { moment } from '../../src/model/moment.ts';
import type { Store } from '../../src/model/store.ts';
import { createFleetLimiter } from '../../src/worker/fleet-limiter.ts';

type TakeSlots = Store<never>['takeSlots'];

const never = new Promise<never>(() => {});

/** A store that has as many slots as anybody asks for. */
function plenty(): TakeSlots {
  let token = 0;
  return async (wants) => ({
    slots: Object.entries(wants).flatMap(([key, count]) =>
      Array.from({ length: count }, () => ({
        key,
        slot: 1,
        token: (token += 1),
        sendAt: performance.now(),
        sendBy: { since: moment(), ms: 2000 },
      })),
    ),
    nextInMs: null,
  });
}

function setUp(takeSlots: TakeSlots = plenty(), pace: 'even' | 'measured' = 'measured') {
  const released: Omit<Release, 'at'>[] = [];
  const ledger = { release: released.push.bind(released) };
  const onError = (error: unknown) => expect(error).toBeUndefined();
  const options = { requestsPerSecond: 25, maxQueue: 10, pace, onError };
  return { limiter: createFleetLimiter({ takeSlots }, ledger, options), released };
}

test.each([
  ['a time that is over', { maxWaitMs: 20 }, WaitExpiredError],
  ['no time at all', { maxWaitMs: 0 }, WaitExpiredError],
  ['a signal', { signal: AbortSignal.timeout(20) }, DOMException],
])('a wait ends by %s though the store never answers', async (_, options, error) => {
  const { limiter } = setUp(() => never);
  await expect(limiter.acquire('key', 'T1', options)).rejects.toThrow(error);
  expect(limiter.describe('key')).toMatchObject({ waiting: 0, lanes: 0 });
});

test('asks for one slot for each lane that waits, less those that are on their way', async () => {
  const asked: unknown[] = [];
  let give: PromiseWithResolvers<Taken>['resolve'] = () => {};
  const { limiter } = setUp((wants) => {
    asked.push(wants);
    return new Promise((resolve) => (give = resolve));
  });
  const waiting = ['T1', 'T1', 'T2'].map((lane) => limiter.acquire('key', lane));
  expect(asked).toEqual([{ key: 1 }]);
  const later = performance.now() + 3_600_000;
  const sendBy = { since: moment(), ms: 3_600_000 };
  give({ slots: [{ key: 'key', slot: 1, token: 1, sendAt: later, sendBy }], nextInMs: 5 });
  await expect.poll(() => asked.length).toBe(2);
  expect(asked[1]).toEqual({ key: 1 });
  limiter.stop();
  for (const lease of waiting) await expect(lease).rejects.toThrow(LimiterClosedError);
});

test('a slot whose answer came too late goes back, and whoever waits gets another one', async () => {
  const good = plenty();
  let isLate = true;
  const { limiter, released } = setUp(async (wants) => {
    const taken = await good(wants);
    if (!isLate) return taken;
    isLate = false;
    // Handed out long ago: the store takes it back before a request would be answered.
    const sendBy = { since: moment(), ms: 0 };
    return { ...taken, slots: taken.slots.map((slot) => ({ ...slot, sendBy })) };
  });
  const lease = await limiter.acquire('key', 'T1');
  expect(released).toMatchObject([{ token: 1, answer: { kind: 'not-sent' } }]);
  lease.release({ kind: 'answered' });
  expect(released).toMatchObject([{}, { token: 2, answer: { kind: 'answered' } }]);
});

test.each([{ priority: 'urgent' as 'high' }, { maxWaitMs: '5' as unknown as number }])(
  'refuses %o, and nobody waits',
  async (options) => {
    const { limiter } = setUp();
    await expect(limiter.acquire('key', 'T1', options)).rejects.toThrow(TypeError);
    expect(limiter.describe('key').waiting).toBe(0);
  },
);

/** Sends one request after the other, and tells what the store was told of the path. */
async function pathsOf(answers: readonly LeaseAnswer[], pace: 'even' | 'measured') {
  const { limiter, released } = setUp(plenty(), pace);
  for (const [index, answer] of answers.entries()) {
    const lease = await limiter.acquire(`key`, `T${index}`);
    expect(lease.measuresPath).toBe(pace === 'measured');
    lease.release(answer);
  }
  limiter.stop();
  return released.map(({ answer }) => ('pathMs' in answer ? answer.pathMs : undefined));
}

test('by `measured`, a slot is free sooner by the way back: half of the shortest path', async () => {
  const answers = [90, 60, 80].map((pathMs) => ({ kind: 'answered', pathMs }) as const);
  expect(await pathsOf(answers, 'measured')).toEqual([45, 30, 30]);
});

test('after a 429, no slot is free sooner until the path is measured again', async () => {
  const answered = { kind: 'answered', pathMs: 90 } as const;
  const limiterAnswers = [answered, { kind: 'limited', pathMs: 90, retryAfterMs: 0 } as const];
  expect(await pathsOf(limiterAnswers, 'measured')).toEqual([45, 0]);
});

test('by `even`, what a request says of the path counts for nothing', async () => {
  expect(await pathsOf([{ kind: 'answered', pathMs: 90 }], 'even')).toEqual([0]);
});

test('a key in use keeps its figures, however many others come and go', async () => {
  const { limiter } = setUp();
  const held = await limiter.acquire('held', 'T1');
  for (let index = 0; index < 300; index += 1) {
    (await limiter.acquire(`key-${index}`, 'T1')).release({ kind: 'answered' });
  }
  expect(limiter.describe('held').underWay).toBe(1);
  held.release({ kind: 'answered' });
  expect(limiter.describe('held')).toMatchObject({ underWay: 0, sent: 1 });
});

test('a wait whose time is over gets no slot, though its timer is as late as the slot', async () => {
  const given = Promise.withResolvers<Taken>();
  const { limiter, released } = setUp(() => given.promise);
  const waiting = limiter.acquire('key', 'T1', { maxWaitMs: 20 });
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 40);
  given.resolve(await plenty()({ key: 1 }));
  await expect(waiting).rejects.toThrow(WaitExpiredError);
  expect(released).toMatchObject([{ token: 1, answer: { kind: 'not-sent' } }]);
  limiter.stop();
});

test('asks the store to keep slots for requests of changes under way, and for no others', async () => {
  const asked: (readonly unknown[])[] = [];
  const { limiter } = setUp(async (...wants) => {
    asked.push(wants);
    return { slots: [], nextInMs: 5 };
  });
  const waiting = [
    limiter.acquire('own', 'T1'),
    limiter.acquireForChange('delivered', 'T1'),
    limiter.acquire('both', 'T1'),
    limiter.acquireForChange('both', 'T2'),
  ];
  await expect.poll(() => asked.length).toBeGreaterThan(1);
  expect(asked[1]).toEqual([
    { own: 1, delivered: 1, both: 2 },
    { own: 0, delivered: 1, both: 1 },
  ]);
  limiter.stop();
  for (const lease of waiting) await expect(lease).rejects.toThrow(LimiterClosedError);
});

afterEach(() => vi.restoreAllMocks());

test.each([
  ['while the process waits', () => vi.spyOn(performance, 'now'), () => performance.now()],
  ['while the machine sleeps', () => vi.spyOn(Date, 'now'), () => Date.now()],
] as const)('a slot whose time ends %s carries no request any more', async (_, spy, now) => {
  const { limiter } = setUp();
  const lease = await limiter.acquire('key', 'T1');
  expect(lease.isInTime?.()).toBe(true);
  spy().mockReturnValue(now() + 2001);
  expect(lease.isInTime?.()).toBe(false);
  limiter.stop();
});

test('a 429 of one request holds back the others that have slots already', async () => {
  const { limiter } = setUp();
  const [refused, other] = await Promise.all([
    limiter.acquire('key', 'T1'),
    limiter.acquire('key', 'T2'),
  ]);
  const ofOtherKey = await limiter.acquire('another key', 'T1');
  expect(other.mayLeave?.()).toBe(true);
  refused.release({ kind: 'limited', retryAfterMs: 5000 });
  expect([other.mayLeave?.(), ofOtherKey.mayLeave?.()]).toEqual([false, true]);
  limiter.stop();
});
