import { describe, expect, test } from 'vitest';
import type { WorkflowEvent } from '../../src/index.ts';
import { OneTicket } from '../support/one-ticket.ts';
import { setUp, type Interference } from '../support/bench.ts';

const staffUserId = 7;

const typesOf = (events: readonly WorkflowEvent[]) => events.map(({ type }) => type).join(' ');

describe('who watches a workflow', () => {
  test('is told every step of a change, as data, in order', async () => {
    const { clock, workflow } = setUp();
    const events: WorkflowEvent[] = [];
    workflow.on((event) => events.push(event));
    await clock.run(workflow.apply('T-open', 'START', { staffUserId }));
    expect(typesOf(events)).toBe(
      'asked queued slot sent answered allowed queued slot sent answered ended',
    );
    expect(events[3]).toMatchObject({
      type: 'sent',
      ticketId: 'T-open',
      changeId: 1,
      call: 'get-ticket',
      method: 'GET',
      template: '/tickets/get/{ticketId}',
      attempt: 1,
    });
    expect(events.at(-2)).toMatchObject({
      type: 'answered',
      call: 'change-status',
      url: 'https://api.series.hr/tickets/T-open/status',
      evidence: 'applied',
      status: 200,
    });
    expect(events.at(-1)).toMatchObject({ type: 'ended', outcome: { kind: 'confirmed' } });
  });

  test('is told why a change is blocked', async () => {
    const { clock, workflow } = setUp();
    const events: WorkflowEvent[] = [];
    workflow.on((event) => events.push(event));
    await clock.run(workflow.apply('T-open', 'CLOSE', { staffUserId, from: 'open' }));
    expect(typesOf(events)).toBe('asked blocked ended');
    expect(events[1]).toMatchObject({ blockers: [{ code: 'no-such-transition' }] });
  });

  test('is told of a doubt and how it was settled', async () => {
    let isLost = false;
    const lostOnce: Interference = async (request, forward) => {
      const response = await forward();
      if (request.method !== 'POST' || isLost) return response;
      isLost = true;
      throw new TypeError('fetch failed');
    };
    const { clock, workflow } = setUp({}, lostOnce);
    const events: WorkflowEvent[] = [];
    workflow.on((event) => events.push(event));
    await clock.run(workflow.apply('T-open', 'START', { staffUserId, from: 'open' }));
    expect(typesOf(events)).toBe(
      'asked allowed queued slot sent answered in-doubt queued slot sent answered settled ended',
    );
    expect(events.find(({ type }) => type === 'settled')).toMatchObject({
      settlement: 'arrived',
      reads: 1,
      observed: 'in-progress',
    });
  });

  test.each([
    ['lost', async () => Promise.reject(new TypeError('fetch failed'))],
    ['from a gateway', async () => new Response('Bad Gateway', { status: 502 })],
    ['from the API', async () => Response.json({ error: { message: 'Oops' } }, { status: 500 })],
  ] as const)(
    'is told until when a request may be under way whose answer is %s',
    async (_, answer) => {
      const { clock, workflow } = setUp({ settleMs: 5000 }, async (request, forward) => {
        const response = await forward();
        return request.method === 'POST' ? answer() : response;
      });
      const events: WorkflowEvent[] = [];
      workflow.on((event) => events.push(event));
      await clock.run(workflow.apply('T-open', 'START', { staffUserId, from: 'open' }));
      const doubt = events.find((event) => event.type === 'in-doubt');
      expect(doubt).toMatchObject({ quietAt: (doubt?.at ?? 0) + 5000 });
    },
  );

  test('is told of a 429, and of the pause of the key', async () => {
    let count = 0;
    const limited: Interference = async (_, forward) =>
      (count += 1) === 1 ? new Response('', { status: 429 }) : forward();
    const { clock, workflow } = setUp({}, limited);
    const events: WorkflowEvent[] = [];
    workflow.on((event) => events.push(event));
    await clock.run(workflow.apply('T-open', 'START', { staffUserId, from: 'open' }));
    expect(events.some(({ type }) => type === 'paused')).toBe(true);
    const answers = events.filter(({ type }) => type === 'answered');
    expect(answers).toMatchObject([
      { evidence: 'limited', status: 429 },
      { evidence: 'applied', status: 200 },
    ]);
  });

  test('may throw, without breaking a change or the others', async () => {
    const { clock, workflow } = setUp();
    const events: WorkflowEvent[] = [];
    workflow.on(() => {
      throw new Error('broken log');
    });
    workflow.on((event) => events.push(event));
    const outcome = await clock.run(workflow.apply('T-open', 'START', { staffUserId }));
    expect(outcome.kind).toBe('confirmed');
    expect(events.length).toBeGreaterThan(5);
  });

  test('is told nothing any more when it has left', async () => {
    const { clock, workflow } = setUp();
    const events: WorkflowEvent[] = [];
    const leave = workflow.on((event) => events.push(event));
    leave();
    await clock.run(workflow.apply('T-open', 'START', { staffUserId }));
    expect(events).toEqual([]);
  });

  test('is told of a guard that is broken', async () => {
    const { clock, workflow } = setUp();
    const events: WorkflowEvent[] = [];
    workflow.on((event) => events.push(event));
    const context = () => {
      throw new Error('no user in session');
    };
    const change = { staffUserId, from: 'open', context } as const;
    await expect(clock.run(workflow.apply('T-open', 'START', change))).rejects.toThrow('no user');
    expect(typesOf(events)).toBe('asked broken');
  });
});

describe('a store that fails', () => {
  test('to answer after the change was sent holds the outcome up for a bounded time', async () => {
    const never = () => new Promise<void>(() => {});
    const { clock, workflow } = setUp({
      store: { get: () => undefined, set: never, delete: never },
    });
    const events: WorkflowEvent[] = [];
    workflow.on((event) => events.push(event));
    const change = { staffUserId, from: 'open' } as const;
    const first = workflow.apply('T-open', 'START', change);
    const second = workflow.apply('T-open', 'RESOLVE', { ...change, from: 'in-progress' });
    const outcomes = await clock.run(Promise.all([first, second]));
    expect(outcomes.map(({ kind }) => kind)).toEqual(['confirmed', 'confirmed']);
    expect(events.find(({ type }) => type === 'store-failed')).toMatchObject({
      error: { message: 'The store did not answer within 2500 ms.' },
    });
  });

  test('to know a ticket may say so by null, as many databases do', async () => {
    const store = { get: () => null as never, set() {}, delete() {} };
    const { clock, workflow } = setUp({ store });
    const outcome = await clock.run(workflow.apply('T-open', 'START', { staffUserId }));
    expect(outcome).toMatchObject({ kind: 'confirmed', from: 'open' });
    expect(await clock.run(workflow.observe('T-open'))).toMatchObject({ previous: undefined });
  });
});

describe('closing a workflow', () => {
  test('sends nothing of what waits, and leaves no timer', async () => {
    const { clock, workflow, sandbox } = setUp({}, undefined, {}, { requestsPerSecond: 1 });
    workflow.watch(['T-closed']);
    const outcomes = ['T-open', 'T-in-progress', 'T-resolved'].map((ticketId) =>
      workflow.moveTo(ticketId, 'closed', { staffUserId }),
    );
    await clock.advance(1500);
    await clock.run(workflow.close());
    const moves = await Promise.all(outcomes);
    for (const { outcome } of moves) expect(['confirmed', 'not-sent']).toContain(outcome.kind);
    const before = sandbox.requests.length;
    const late = await clock.run(workflow.apply('T-open', 'START', { staffUserId }));
    expect(late).toMatchObject({ kind: 'not-sent', error: { reason: 'aborted' } });
    await clock.advance(60_000);
    expect(sandbox.requests).toHaveLength(before);
    expect(clock.pending).toBe(0);
  });

  test('waits for what is under way, and ends a doubt as unknown', async () => {
    const lost: Interference = async () => {
      throw new TypeError('fetch failed');
    };
    const { clock, workflow } = setUp({}, lost);
    const outcome = workflow.apply('T-open', 'START', { staffUserId, from: 'open' });
    await clock.advance(5000);
    await clock.run(workflow.close());
    expect(await outcome).toMatchObject({ kind: 'unknown' });
    expect(clock.pending).toBe(0);
  });
});

describe('times that people are told of are whole milliseconds', () => {
  const failing =
    (status: number, times: number): Interference =>
    async (request, forward) => {
      if (request.method !== 'POST' || times-- <= 0) return forward();
      return Response.json({ success: false, error: { code: status, message: 'no' } }, { status });
    };
  const silent: Interference = async (request, forward) => {
    if (request.method !== 'POST') return forward();
    throw new TypeError('fetch failed');
  };
  const plain: Interference = (_, forward) => forward();

  /** All numbers by these names, wherever they lie. */
  function timesIn(value: unknown, seen = new Set<unknown>()): number[] {
    if (typeof value !== 'object' || value === null || seen.has(value)) return [];
    seen.add(value);
    return Object.entries(value).flatMap(([name, one]) =>
      ['waitedMs', 'afterMs', 'raceWindowMs'].includes(name) && typeof one === 'number'
        ? [one]
        : timesIn(one, seen),
    );
  }

  test.each([
    ['confirmed', plain, 'START'],
    ['blocked', plain, 'CLOSE'],
    ['refused', failing(403, 1), 'START'],
    ['sent again after a 429', failing(429, 2), 'START'],
    ['without an answer', silent, 'START'],
  ] as const)('%s', async (_, interfere, event) => {
    // Each request takes a part of a millisecond.
    const { clock, workflow } = setUp({}, async (...call) => {
      clock.stall(0.37);
      return interfere(...call);
    });
    const events: WorkflowEvent[] = [];
    workflow.on((one) => events.push(one));
    clock.stall(0.21);
    const asked = [1, 2, 3].map(() => workflow.apply('T-open', event, { staffUserId }));
    const outcomes = await clock.run(Promise.all(asked));
    const times = timesIn([outcomes, events]);
    expect(times.length).toBeGreaterThan(3);
    expect(times.filter((ms) => !Number.isInteger(ms) || ms < 0)).toEqual([]);
  });
});

test('every moment that an event tells is a whole number of milliseconds', async () => {
  const ticket = new OneTicket();
  ticket.clock.stall(0.37);
  ticket.onWrite = ({ count, apply, lose, succeed }) => {
    if (count > 1) return succeed();
    apply();
    return lose();
  };
  const workflow = ticket.workflow();
  const moments: [string, unknown][] = [];
  workflow.on((event) => {
    moments.push(...Object.entries(event).filter(([name]) => /(?:^a|A)t$/.test(name)));
  });
  await ticket.clock.run(workflow.moveTo('T-1', 'resolved', { staffUserId: 7 }));
  await ticket.clock.run(workflow.settle('T-1', 'CLOSE', { sentAt: ticket.clock.now() - 0.5 }));
  expect(new Set(moments.map(([name]) => name))).toEqual(new Set(['at', 'quietAt']));
  expect(moments.filter(([, at]) => !Number.isInteger(at))).toEqual([]);
});
