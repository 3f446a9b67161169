import { defineLifecycle } from '@ticket-lifecycle/core';
import { describe, expect, test } from 'vitest';
import { FakeClock } from '../support/fake-clock.ts';
import {
  createMemoryStatusStore,
  createRateLimiter,
  type ChangeEntry,
  type RateLimiter,
} from '../../src/index.ts';
import { setUp, writesIn, type Interference } from '../support/bench.ts';
import { withWaiting } from '../support/with-waiting.ts';

const change = { staffUserId: 7, from: 'open' } as const;
const isWrite = (request: Request) => request.method === 'POST';

/** Does something to the first writes, and lets everything else through. */
const toWrites = (count: number, mishap: Interference): Interference => {
  let left = count;
  return (...call) => (isWrite(call[0]) && left-- > 0 ? mishap(...call) : call[1]());
};

const connectionLost = () => Promise.reject(new TypeError('fetch failed'));
const lostAfter: Interference = async (_, forward) => {
  await forward();
  return connectionLost();
};
const lostBefore: Interference = connectionLost;

describe('when the answer is lost', () => {
  test('after the change was applied, a look at the ticket confirms it, and nothing is sent twice', async () => {
    const { clock, workflow, sandbox } = setUp({}, toWrites(1, lostAfter));
    const before = clock.now();
    const outcome = await clock.run(workflow.apply('T-open', 'START', change));
    expect(outcome).toMatchObject({ kind: 'confirmed', by: 'observation', attempts: 1 });
    expect(sandbox.systemMessages).toHaveLength(1);
    expect(clock.now() - before).toBeLessThan(1000);
  });

  test('before the change was applied, it is sent again once that is sure', async () => {
    const { clock, workflow, sandbox } = setUp({}, toWrites(1, lostBefore));
    const before = clock.now();
    const outcome = await clock.run(workflow.apply('T-open', 'START', change));
    expect(outcome).toMatchObject({ kind: 'confirmed', by: 'response', attempts: 2 });
    expect(sandbox.systemMessages).toHaveLength(1);
    // Longer than the client's own timeout: a request given up might still have been under way.
    expect(clock.now() - before).toBeGreaterThan(10_000);
  });

  test('and the request arrives late, it is found and not repeated', async () => {
    const { clock, workflow, sandbox } = setUp(
      {},
      toWrites(1, async (_, forward) => {
        clock.setTimeout(() => void forward(), 5000);
        return connectionLost();
      }),
    );
    const outcome = await clock.run(workflow.apply('T-open', 'START', change));
    expect(outcome).toMatchObject({ kind: 'confirmed', by: 'observation', attempts: 1 });
    expect(sandbox.systemMessages).toHaveLength(1);
  });

  test('and somebody moves the ticket elsewhere, the outcome is unknown and says what was seen', async () => {
    const { clock, workflow } = setUp(
      {},
      toWrites(1, async (_request, forward, sandbox) => {
        await forward();
        sandbox.tickets.setStatus('T-open', 'closed');
        return connectionLost();
      }),
    );
    const outcome = await clock.run(workflow.apply('T-open', 'START', change));
    expect(outcome).toMatchObject({
      kind: 'unknown',
      observed: 'closed',
      error: { name: 'OutcomeUnknownError', reason: 'connection-lost' },
    });
  });

  test('and the ticket can not be read either, the outcome is unknown', async () => {
    const { clock, workflow } = setUp({}, connectionLost);
    const outcome = await clock.run(workflow.apply('T-open', 'START', change));
    expect(outcome).toMatchObject({ kind: 'unknown', observed: undefined, attempts: 1 });
  });

  test('twice, and nothing was applied, it is surely not sent', async () => {
    const { clock, workflow, sandbox } = setUp({}, toWrites(9, lostBefore));
    const outcome = await clock.run(workflow.apply('T-open', 'START', change));
    expect(outcome).toMatchObject({
      kind: 'not-sent',
      attempts: 2,
      error: { reason: 'not-processed' },
    });
    expect(sandbox.systemMessages).toEqual([]);
  });

  describe.each([301, 302, 303, 307, 308])(
    'to a redirect (%i), which is not followed',
    (status) => {
      const redirect: Interference = async () =>
        new Response(null, { status, headers: { location: 'https://elsewhere.test/' } });

      test('it is read until it is surely not sent, and not sent again: it would be redirected again', async () => {
        const { clock, workflow, sandbox } = setUp({}, toWrites(9, redirect));
        const before = clock.now();
        const outcome = await clock.run(workflow.apply('T-open', 'START', change));
        expect(outcome).toMatchObject({
          kind: 'not-sent',
          attempts: 1,
          error: { reason: 'not-processed', cause: { reason: 'redirect', httpStatus: status } },
        });
        expect(outcome).not.toHaveProperty('resent');
        expect(clock.now() - before).toBeGreaterThanOrEqual(30_000);
        expect(clock.now() - before).toBeLessThan(40_000);
        expect(outcome.reads).toBe(sandbox.requests.length);
        expect(sandbox.systemMessages).toEqual([]);
      });

      test('a change that was made all the same is found, also late', async () => {
        for (const lateMs of [0, 5000, 29_000]) {
          const { clock, workflow } = setUp(
            {},
            toWrites(1, async (...call) => {
              const [request, , sandbox] = call;
              const received = new Request(request, { signal: null });
              clock.setTimeout(() => void sandbox.fetch(received), lateMs);
              return redirect(...call);
            }),
          );
          const outcome = await clock.run(workflow.apply('T-open', 'START', change));
          expect(outcome).toMatchObject({ kind: 'confirmed', by: 'observation', attempts: 1 });
        }
      });

      test('a ticket whose reads are redirected too ends as unknown', async () => {
        const { clock, workflow } = setUp({}, redirect);
        const outcome = await clock.run(workflow.apply('T-open', 'START', change));
        expect(outcome).toMatchObject({ kind: 'unknown', observed: undefined, attempts: 1 });
      });
    },
  );

  test('nothing is looked at when settling is switched off', async () => {
    const { clock, workflow, sandbox } = setUp({ settle: 'never' }, toWrites(1, lostAfter));
    const outcome = await clock.run(workflow.apply('T-open', 'START', change));
    expect(outcome.kind).toBe('unknown');
    expect(sandbox.requests).toHaveLength(1);
  });

  test('the next change of the ticket waits until it is settled', async () => {
    const { clock, workflow, sandbox } = setUp({}, toWrites(1, lostBefore));
    const first = workflow.apply('T-open', 'START', change);
    const second = workflow.apply('T-open', 'RESOLVE', { staffUserId: 7 });
    const outcomes = await clock.run(Promise.all([first, second]));
    expect(outcomes.map(({ kind }) => kind)).toEqual(['confirmed', 'confirmed']);
    expect(sandbox.systemMessages.map(({ to }) => to)).toEqual(['in-progress', 'resolved']);
  });

  test('an abort ends the waiting, not the honesty', async () => {
    const { clock, workflow } = setUp({}, toWrites(1, lostBefore));
    const abort = new AbortController();
    const outcome = workflow.apply('T-open', 'START', { ...change, signal: abort.signal });
    await clock.advance(3000);
    abort.abort();
    expect(await clock.run(outcome)).toMatchObject({ kind: 'unknown' });
  });
});

describe('where only the time at the server is not known well enough', () => {
  const updatedRightBefore = async () => {
    const bench = setUp({ settleForMs: 45_000 });
    const { clock, sandbox } = bench;
    await clock.advance(1234);
    sandbox.tickets.setStatus('T-open', 'closed');
    sandbox.tickets.setStatus('T-open', 'open');
    await clock.advance(80);
    const sentAt = clock.now();
    // In the middle of a second, whose beginning is all that an answer tells.
    await clock.advance(60_500);
    return { ...bench, sentAt };
  };

  test('the ticket is read until that shows that nothing happened', async () => {
    const { clock, workflow, sentAt } = await updatedRightBefore();
    const settled = workflow.settle('T-open', { type: 'START' }, { from: 'open', sentAt });
    const outcome = await clock.run(settled);
    expect(outcome).toMatchObject({ kind: 'not-sent', error: { reason: 'not-processed' } });
    expect(outcome.reads).toBeGreaterThan(1);
  });

  test('and for no longer than "settleForMs"', async () => {
    const { clock, sandbox, sentAt } = await updatedRightBefore();
    const { workflow } = setUp(
      { settleForMs: 1, clock },
      (request) => sandbox.fetch(request),
      {},
      { clock },
    );
    const settled = workflow.settle('T-open', { type: 'START' }, { from: 'open', sentAt });
    const { kind, reads = 0 } = await clock.run(settled);
    // The second one may happen to tell.
    expect(['unknown', 'not-sent']).toContain(kind);
    expect(reads).toBeLessThanOrEqual(2);
  });
});

describe('reading the ticket back', () => {
  const read = (status: string, extra: object = {}, headers: Record<string, string> = {}) =>
    Response.json({ data: { Ticket: { Status: status, ...extra } } }, { headers });

  /** Loses every change, and answers each read with what comes next. */
  const reads = (...answers: (() => Response)[]): Interference => {
    const left = [...answers];
    return async (request) => {
      if (isWrite(request)) return connectionLost();
      const [answer] = left.length > 1 ? left.splice(0, 1) : left;
      return (answer ?? (() => read('open')))();
    };
  };

  test.each(['30', '30, 4'])('of a cache proves nothing (age: %s)', async (age) => {
    const { clock, workflow } = setUp(
      {},
      reads(() => read('in-progress', {}, { age })),
    );
    const outcome = await clock.run(workflow.apply('T-open', 'START', change));
    expect(outcome).toMatchObject({ kind: 'unknown', observed: undefined, attempts: 1 });
    expect(outcome.reads).toBeGreaterThan(1);
  });

  test('of a ticket that was touched meanwhile does not say that nothing arrived', async () => {
    const { clock, workflow } = setUp(
      {},
      reads(
        () => read('open', { UpdatedAt: '2026-01-01T00:00:00.000Z' }),
        () => read('open', { UpdatedAt: '2026-01-01T00:00:09.000Z' }),
      ),
    );
    const outcome = await clock.run(workflow.apply('T-open', 'START', change));
    // At once, after 1, 3, 7 and 15 seconds, and when all is quiet.
    expect(outcome).toMatchObject({ kind: 'unknown', observed: 'open', attempts: 1, reads: 6 });
  });

  test('that was read before the change tells as well that it was touched since', async () => {
    const { clock, workflow } = setUp(
      {},
      reads(
        () => read('open', { UpdatedAt: '2026-01-01T00:00:00.000Z' }),
        () => read('open', { UpdatedAt: '2026-01-01T00:00:09.000Z' }),
      ),
    );
    const outcome = await clock.run(workflow.apply('T-open', 'START', { staffUserId: 7 }));
    expect(outcome).toMatchObject({ kind: 'unknown', observed: 'open', attempts: 1, reads: 6 });
  });

  test("tells by the server's own clock that it was touched since", async () => {
    const date = (): string =>
      new Date(Date.UTC(2026, 0, 1) + clock.now() - startedAt).toUTCString();
    const { clock, workflow }: ReturnType<typeof setUp> = setUp(
      {},
      reads(
        () => read('open', {}, { date: date() }),
        // A second after the change, in which the ticket was touched.
        () => read('open', { UpdatedAt: '2026-01-01T00:00:00.900Z' }, { date: date() }),
      ),
    );
    const startedAt = clock.now();
    const outcome = await clock.run(workflow.apply('T-open', 'START', change));
    expect(outcome).toMatchObject({ kind: 'unknown', observed: 'open', reads: 6 });
  });

  test('knows that the clock of the server was set since the change, which was stated', async () => {
    const begun = new FakeClock().now();
    let slowMs = 9000;
    const { clock, workflow, sandbox } = setUp({}, async (request, forward, its, time) => {
      const { body, status } = await forward();
      if (isWrite(request)) {
        // An automation undoes it, and then the clock is set right.
        its.tickets.setStatus('T-open', 'open');
        slowMs = 0;
        return connectionLost();
      }
      const serverNow = Number(its.tickets.get('T-closed')?.createdAt) + time.now() - begun;
      const date = new Date(serverNow + 9000 - slowMs).toUTCString();
      return new Response(body, { status, headers: { 'content-type': 'application/json', date } });
    });
    await clock.run(workflow.observe('T-closed'));
    const outcome = await clock.run(workflow.apply('T-open', 'START', change));
    expect(outcome).toMatchObject({ kind: 'unknown', attempts: 1 });
    expect(writesIn(sandbox)).toHaveLength(1);
  });

  test('does not mistake what was done before the change for what came after', async () => {
    const midnight = Date.parse('2026-01-01T00:00:00Z');
    const begun = new FakeClock().now();
    let now = () => begun;
    const { clock, workflow } = setUp({}, async (request) => {
      if (isWrite(request)) return connectionLost();
      const date = new Date(midnight + now() - begun).toUTCString();
      return read('open', { UpdatedAt: '2025-12-31T23:59:58.500Z' }, { date });
    });
    now = clock.now;
    const outcome = await clock.run(workflow.apply('T-open', 'START', change));
    expect(outcome).toMatchObject({ kind: 'not-sent', attempts: 2 });
  });

  test('is taken again while the server is down, for a bounded time', async () => {
    let isDown = true;
    const { clock, workflow, sandbox } = setUp({}, (request, forward) =>
      isDown ? lostOnceThen(request, forward) : forward(),
    );
    async function lostOnceThen(
      request: Request,
      forward: () => Promise<Response>,
    ): Promise<Response> {
      if (isWrite(request)) await forward();
      throw Object.assign(new Error('connect'), { code: isWrite(request) ? '' : 'ECONNREFUSED' });
    }
    const outcome = workflow.apply('T-open', 'START', change);
    await clock.advance(15_000);
    isDown = false;
    expect(await clock.run(outcome)).toMatchObject({ kind: 'confirmed', by: 'observation' });
    expect(sandbox.systemMessages).toHaveLength(1);
  });
});

describe('a limiter of somebody else', () => {
  /** Works until the first request was sent, and then no more. */
  function brokenLimiter(release: () => void): RateLimiter {
    let isBroken = false;
    return {
      async acquire() {
        if (isBroken) throw new Error('out of reach');
        return {
          waitedMs: 0,
          release() {
            isBroken = true;
            return release();
          },
        };
      },
      describe: (key) => createRateLimiter().describe(key),
    };
  }
  const throwing = () => {
    throw new Error('out of reach');
  };
  const rejecting = (() => Promise.reject(new Error('out of reach'))) as () => void;

  test.each([
    ['throws', throwing],
    ['rejects', rejecting],
  ])('that %s after a change was sent does not take its outcome back', async (_, release) => {
    const rateLimiter = brokenLimiter(release);
    const { clock, workflow } = setUp({}, undefined, {}, { rateLimiter });
    const outcome = await clock.run(workflow.apply('T-open', 'START', change));
    expect(outcome.kind).toBe('confirmed');
  });

  /** Gives slots until it has given so many, and then no more. */
  function limiterOf(slots: number): RateLimiter {
    const real = createRateLimiter();
    let given = 0;
    return {
      async acquire() {
        if ((given += 1) > slots) throw new Error('redis down');
        return { waitedMs: 0, release() {} };
      },
      describe: (key) => real.describe(key),
    };
  }

  test.each([
    ['a 504 that changed nothing', 504, 7, { reason: 'stopped', cause: { message: 'redis down' } }],
    ['a 429', 429, 1, { reason: 'rate-limited' }],
  ] as const)('that fails after %s rejects nothing', async (_, status, slots, error) => {
    const rateLimiter = limiterOf(slots);
    const store = createMemoryStatusStore();
    const entries: ChangeEntry[] = [];
    const onChange = (entry: ChangeEntry) => void entries.push(entry);
    const mishap: Interference = async () => Response.json({}, { status });
    const { clock, workflow } = setUp(
      { store, onChange },
      toWrites(9, mishap),
      {},
      { rateLimiter },
    );
    await store.set('T-open', { state: 'open', seenAt: clock.now() });
    const events: string[] = [];
    workflow.on(({ type }) => void events.push(type));
    const outcome = await clock.run(workflow.apply('T-open', 'START', { staffUserId: 7 }));
    expect(outcome).toMatchObject({ kind: 'not-sent', attempts: 1, error });
    expect(events).toContain('ended');
    expect(entries).toMatchObject([{ kind: 'not-sent' }]);
    expect(await store.get('T-open')).toMatchObject({ state: 'open' });
  });

  test('and a guard that throws after a 429 rejects nothing either', async () => {
    const machine = {
      initial: 'open',
      states: {
        open: { on: { START: { target: 'in-progress', guard: 'isOnDuty' } } },
        'in-progress': { type: 'final' },
      },
    } as const;
    let isBroken = false;
    const isOnDuty = () => {
      if (isBroken) throw new Error('no roster');
      return true;
    };
    const lifecycle = defineLifecycle(machine, { guards: { isOnDuty } });
    const { clock, workflow } = setUp(
      { lifecycle },
      toWrites(1, async () => {
        isBroken = true;
        return Response.json({}, { status: 429 });
      }),
    );
    const outcome = await clock.run(workflow.apply('T-open', 'START', change));
    expect(outcome).toMatchObject({
      kind: 'not-sent',
      attempts: 1,
      error: { reason: 'stopped', message: expect.stringContaining('no roster') },
    });
  });

  test('that breaks before the look at a ticket leaves its change unknown', async () => {
    const rateLimiter = brokenLimiter(() => {});
    const { clock, workflow } = setUp({}, toWrites(1, lostAfter), {}, { rateLimiter });
    const outcome = await clock.run(workflow.apply('T-open', 'START', change));
    expect(outcome).toMatchObject({ kind: 'unknown', observed: undefined, attempts: 1 });
  });
});

describe('a change in doubt that nobody looks into', () => {
  test('holds its ticket until it can no longer be under way', async () => {
    const late = toWrites(1, async (_, forward) => {
      clock.setTimeout(() => void forward(), 8000);
      return connectionLost();
    });
    const { clock, workflow, sandbox } = setUp({ settle: 'never' }, late);
    const first = await clock.run(workflow.apply('T-open', 'START', change));
    expect(first.kind).toBe('unknown');
    const second = await clock.run(workflow.apply('T-open', 'RESOLVE', { staffUserId: 7 }));
    expect(second.kind).toBe('confirmed');
    // Without the hold the late request would have set a resolved ticket back.
    expect(sandbox.systemMessages.map(({ to }) => to)).toEqual(['in-progress', 'resolved']);
  });

  test('holds no other ticket, and an abort ends the waiting', async () => {
    const { clock, workflow } = setUp({ settle: 'never' }, toWrites(1, lostBefore));
    await clock.run(workflow.apply('T-open', 'START', change));
    const other = await clock.run(workflow.apply('T-resolved', 'CLOSE', { staffUserId: 7 }));
    expect(other).toMatchObject({ kind: 'confirmed' });
    const abort = new AbortController();
    const held = workflow.apply('T-open', 'START', { staffUserId: 7, signal: abort.signal });
    await clock.advance(1000);
    abort.abort();
    expect(await clock.run(held)).toMatchObject({ kind: 'not-sent', error: { reason: 'aborted' } });
  });
});

describe('settling a change that a process before us has sent', () => {
  test('confirms it when the ticket is there', async () => {
    const { clock, workflow, sandbox } = setUp();
    const outcome = await clock.run(workflow.settle('T-in-progress', 'START', { from: 'open' }));
    expect(outcome).toMatchObject({ kind: 'confirmed', by: 'observation', attempts: 0, reads: 1 });
    expect(sandbox.requests.map(({ method }) => method)).toEqual(['GET']);
  });

  test('says that it was surely not processed, once that is sure', async () => {
    const { clock, workflow } = setUp();
    const before = clock.now();
    const sent = { from: 'open', sentAt: before } as const;
    const outcome = await clock.run(workflow.settle('T-open', 'START', sent));
    expect(outcome).toMatchObject({ kind: 'not-sent', error: { reason: 'not-processed' } });
    expect(clock.now() - before).toBeGreaterThan(10_000);
  });

  test.each(['aborted', 'closed'])(
    'leaves it unknown when it is %s before its turn: the change may have been made',
    async (how) => {
      const entries: ChangeEntry[] = [];
      const onChange = (entry: ChangeEntry) => void entries.push(entry);
      const { clock, workflow } = setUp({ onChange }, toWrites(1, lostAfter));
      const abort = new AbortController();
      const start = workflow.apply('T-open', 'START', { ...change, signal: abort.signal });
      await clock.run(start);
      const sent = { from: 'open', sentAt: clock.now(), signal: abort.signal } as const;
      const settling = workflow.settle('T-open', 'START', sent);
      await clock.advance(5000);
      if (how === 'closed') await clock.run(workflow.close());
      else abort.abort();
      expect(await clock.run(settling)).toMatchObject({
        kind: 'unknown',
        observed: undefined,
        error: { delivery: 'unknown', readError: { reason: 'aborted' } },
      });
      await clock.advance(1000);
      expect(entries.map(({ kind }) => kind)).toEqual(['confirmed', 'unknown']);
    },
  );

  test.each([
    ['START', 'open', 'confirmed'],
    ['RESOLVE', 'in-progress', 'not-sent'],
  ] as const)('keeps what was noted since %s: the ticket waits', async (event, from, kind) => {
    const { clock, workflow } = setUp({ lifecycle: withWaiting });
    const { staffUserId } = change;
    const sentAt = clock.now();
    await clock.run(workflow.apply('T-open', 'START', { staffUserId }));
    await clock.advance(5000);
    await clock.run(workflow.apply('T-open', 'ASK', { staffUserId }));
    await clock.advance(100_000);
    const settled = workflow.settle('T-open', event, { from, sentAt: sentAt + 1000 });
    expect((await clock.run(settled)).kind).toBe(kind);
    expect((await clock.run(workflow.where('T-open'))).state).toBe('waiting');
  });

  test('leaves it unknown when the ticket is elsewhere', async () => {
    const { clock, workflow } = setUp();
    const outcome = await clock.run(workflow.settle('T-closed', 'START', { from: 'open' }));
    expect(outcome).toMatchObject({ kind: 'unknown', observed: 'closed' });
  });

  test.each([
    ['unreachable', 'T-open', 'CLOSE', 'open'],
    ['unknown-event', 'T-open', 'GONE', 'open'],
    ['unknown-state', 'T-open', 'START', 'gone'],
    ['invalid-ticket-id', '..', 'START', 'open'],
  ])('reads nothing for what can not have been sent: %s', async (code, ticketId, event, from) => {
    const { clock, workflow, sandbox } = setUp();
    const outcome = await clock.run(workflow.settle(ticketId, event as 'START', { from }));
    expect(outcome).toMatchObject({ kind: 'blocked', blockers: [{ code }] });
    expect(sandbox.requests).toEqual([]);
  });
});

describe('when the server answers', () => {
  const answer =
    (status: number, body: unknown): Interference =>
    async () =>
      Response.json(body, { status });
  const applyThen =
    (status: number, body: unknown): Interference =>
    async (_, forward) => {
      await forward();
      return Response.json(body, { status });
    };
  const no = { success: false, error: { code: 500, message: 'Try later' } };

  test('500 after applying, the change is confirmed by a look', async () => {
    const { clock, workflow, sandbox } = setUp({}, toWrites(1, applyThen(500, no)));
    const outcome = await clock.run(workflow.apply('T-open', 'START', change));
    expect(outcome).toMatchObject({ kind: 'confirmed', by: 'observation' });
    expect(sandbox.systemMessages).toHaveLength(1);
  });

  test('503 and did nothing, again and again, it has refused', async () => {
    const { clock, workflow, sandbox } = setUp({}, toWrites(9, answer(503, no)));
    const outcome = await clock.run(workflow.apply('T-open', 'START', change));
    expect(outcome).toMatchObject({
      kind: 'refused',
      attempts: 2,
      error: { httpStatus: 503, code: 'server-error', serverMessage: 'Try later' },
    });
    expect(sandbox.systemMessages).toEqual([]);
  });

  test('200 with success: false and did nothing, it has refused at once', async () => {
    const { clock, workflow } = setUp({}, toWrites(9, answer(200, no)));
    const outcome = await clock.run(workflow.apply('T-open', 'START', change));
    expect(outcome).toMatchObject({ kind: 'refused', attempts: 1, error: { httpStatus: 200 } });
  });

  test('200 with success: false after applying, the change is confirmed by a look', async () => {
    const { clock, workflow } = setUp({}, toWrites(1, applyThen(200, no)));
    const outcome = await clock.run(workflow.apply('T-open', 'START', change));
    expect(outcome).toMatchObject({ kind: 'confirmed', by: 'observation' });
  });

  test('404, the ticket is gone and our memory of it as well', async () => {
    const { clock, workflow, sandbox } = setUp();
    await clock.run(workflow.apply('T-open', 'START', change));
    sandbox.tickets.delete('T-open');
    const refused = await clock.run(workflow.apply('T-open', 'RESOLVE', { staffUserId: 7 }));
    expect(refused).toMatchObject({ kind: 'refused', error: { code: 'ticket-not-found' } });
    const blocked = await clock.run(workflow.apply('T-open', 'RESOLVE', { staffUserId: 7 }));
    expect(blocked).toMatchObject({ kind: 'blocked', blockers: [{ code: 'unknown-ticket' }] });
  });

  test('429, the whole key pauses and the change is confirmed without being sent twice', async () => {
    const { clock, workflow, sandbox } = setUp({}, toWrites(1, answer(429, {})));
    const outcome = await clock.run(workflow.apply('T-open', 'START', change));
    expect(outcome).toMatchObject({ kind: 'confirmed', attempts: 2 });
    expect(outcome.waitedMs).toBeGreaterThanOrEqual(1000);
    expect(writesIn(sandbox)).toHaveLength(1);
  });
});
