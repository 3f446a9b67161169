import { defineLifecycle, ticketLifecycle } from '@ticket-lifecycle/core';
import { createSandbox, type FaultKind, type TicketStatus } from '@ticket-lifecycle/sandbox';
import { createRateLimiter } from '@ticket-lifecycle/series';
import { describe, expect, test } from 'vitest';
import { setup } from 'xstate';
import { deliverToSeries, FencedError, type Change, type DeliveryJob } from '../../src/index.ts';
import { jobOf } from '../support/job.ts';
import { change } from '../support/trial.ts';

const settleMs = 1000;

/** Delivers one change to a sandbox, as a worker would hand it over. */
async function deliver(
  status: TicketStatus,
  asked: Change,
  more: Partial<DeliveryJob> = {},
  options: Partial<Parameters<typeof deliverToSeries>[0]> = {},
) {
  const sandbox = createSandbox({ tickets: [{ ticketId: 'TICKET-1', status }] });
  const ending = await deliverToSeries({
    lifecycle: ticketLifecycle,
    apiKey: () => 'example-key',
    fetch: sandbox.fetch,
    settleMs,
    ...options,
  })(jobOf(asked, more));
  return { ending, sandbox, written: sandbox.systemMessages.length };
}

const inDoubt = (sinceMs: number) => ({
  doubt: { sinceMs, fromMs: sinceMs + 200 },
  attempt: 2,
});

describe('an API that can not be reached', () => {
  const away = async () => Promise.reject(new TypeError('fetch failed'));

  test('is an outage where nothing was sent', async () => {
    const { ending } = await deliver('open', change('TICKET-1'), {}, { fetch: away });
    expect(ending).toMatchObject({ kind: 'retry', isOutage: true });
  });

  test('leaves a change in doubt, and parks none', async () => {
    const { fetch } = createSandbox({ tickets: [{ ticketId: 'TICKET-1' }] });
    let isAway = false;
    const going: typeof fetch = async (input, init) => {
      if (isAway) return Response.json({}, { status: 503 });
      isAway = true;
      await fetch(input, init);
      throw new Error('socket hang up');
    };
    const asked = change('TICKET-1', 'START', { from: 'open' });
    const { ending } = await deliver('open', asked, {}, { fetch: going, settleMs: 20 });
    expect(ending).toMatchObject({ kind: 'in-doubt', reason: expect.stringContaining('Unknown') });
    expect(ending).not.toHaveProperty('isOutage');
  });

  test('says nothing about a key that answered a read just before', async () => {
    const { fetch } = createSandbox({ tickets: [{ ticketId: 'TICKET-1' }] });
    let reads = 0;
    const silentWrites: typeof fetch = (input, init) => {
      const { method, signal } = new Request(input, init);
      if (method === 'GET' && (reads += 1) === 1) return fetch(input, init);
      return new Promise((_answer, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason as Error));
      });
    };
    const options = { fetch: silentWrites, settleMs: 20 };
    const again = { ...inDoubt(2000), timeoutMs: 500 };
    const { ending } = await deliver('open', change('TICKET-1'), again, options);
    // So the attempt counts, and a change that is lost each time comes to an end.
    expect(ending).toMatchObject({ kind: 'in-doubt', keyFault: undefined });
    expect(ending).not.toHaveProperty('isOutage');
  });

  test('leaves a key silent whose requests are not answered in time', async () => {
    const silent: typeof fetch = (_, init) =>
      new Promise((_answer, reject) => {
        init?.signal?.addEventListener('abort', () => reject(init.signal?.reason));
      });
    const asked = change('TICKET-1', 'START', { from: 'open' });
    const options = { fetch: silent, settleMs: 20 };
    const { ending } = await deliver('open', asked, { timeoutMs: 20 }, options);
    expect(ending).toMatchObject({ kind: 'in-doubt', keyFault: 'silent' });
    const read = await deliver('open', change('TICKET-1'), { timeoutMs: 20 }, options);
    expect(read.ending).toMatchObject({ kind: 'retry', isOutage: true, keyFault: 'silent' });
    const again = await deliver('open', asked, { ...inDoubt(50), timeoutMs: 20 }, options);
    expect(again.ending).toMatchObject({ kind: 'read-again', isOutage: true, keyFault: 'silent' });
  });

  test.each([401, 403])('is another matter than a key that is refused: %i', async (status) => {
    const refusing = async () =>
      Response.json({ success: false, error: { code: status, message: 'No.' } }, { status });
    const asked = change('TICKET-1', 'START', { from: 'open' });
    for (const more of [{}, inDoubt(50)]) {
      const { ending } = await deliver('open', asked, more, { fetch: refusing });
      expect(ending).toMatchObject({ keyFault: 'unusable' });
    }
  });
});

describe('a change that was never tried', () => {
  test('is sent, and its new state is known', async () => {
    const { ending, written } = await deliver('open', change('TICKET-1', 'START'));
    expect([ending, written]).toEqual([
      { kind: 'done', state: 'in-progress', note: 'confirmed by response' },
      1,
    ]);
  });

  test('is checked by the lifecycle when its turn has come', async () => {
    const { ending, written } = await deliver('closed', change('TICKET-1', 'RESOLVE'));
    expect([ending.kind, written]).toEqual(['dead', 0]);
  });

  test('needs no read where the latest delivery is known', async () => {
    const known = { state: 'open', seenAt: Date.now() };
    const { sandbox } = await deliver('open', change('TICKET-1', 'START'), { known });
    expect(sandbox.requests.map(({ method }) => method)).toEqual(['POST']);
  });

  test('is tried again later where the key lacks something', async () => {
    const { fetch } = createSandbox({ tickets: [{ ticketId: 'TICKET-1' }], subscription: 'none' });
    const { ending } = await deliver('open', change('TICKET-1'), {}, { fetch });
    expect(ending.kind).toBe('retry');
  });

  test.each([
    ['an event that the lifecycle does not have', change('TICKET-1', 'TRIAGE'), 'unknown-event'],
    ['a state that it does not have', change('TICKET-1', 'START', { from: 'w' }), 'unknown-state'],
    ['no way from its state', change('TICKET-1', 'CLOSE'), 'no-such-transition'],
    ['a ticket that is missing', change('TICKET-2'), 'unknown-ticket'],
  ])('is dead with the code of what is in its way: %s', async (_, asked, code) => {
    const { ending } = await deliver('open', asked);
    expect(ending).toMatchObject({ kind: 'dead', codes: expect.arrayContaining([code]) });
  });

  test('is dead where Series knows no such ticket', async () => {
    const { ending } = await deliver('open', change('TICKET-2'));
    expect(ending).toMatchObject({ kind: 'dead', reason: 'Series knows no ticket TICKET-2.' });
  });
});

describe('what is remembered of a ticket', () => {
  const known = { state: 'resolved', seenAt: Date.now() };
  const methods = (sandbox: { requests: readonly { method: string }[] }) =>
    sandbox.requests.map(({ method }) => method);

  test('is no reason to take a change for done: somebody may have moved the ticket', async () => {
    const { ending, sandbox } = await deliver('in-progress', change('TICKET-1', 'RESOLVE'), {
      known,
    });
    expect([ending, methods(sandbox)]).toEqual([
      { kind: 'done', state: 'resolved', note: 'confirmed by response' },
      ['GET', 'POST'],
    ]);
  });

  test('is no reason to forbid one', async () => {
    const { ending, sandbox } = await deliver('open', change('TICKET-1', 'START'), { known });
    expect([ending.kind, methods(sandbox)]).toEqual(['done', ['GET', 'POST']]);
  });

  test('is confirmed by a read, where nothing is to be done', async () => {
    const { ending, sandbox } = await deliver('resolved', change('TICKET-1', 'RESOLVE'), { known });
    expect([ending, methods(sandbox)]).toMatchObject([{ note: 'nothing to do' }, ['GET']]);
  });

  test('tells states of one status apart, whatever its age', async () => {
    const lifecycle = defineLifecycle(
      setup({ types: { events: {} as { type: 'ASK' | 'ANSWER' | 'RESOLVE' } } }).createMachine({
        initial: 'working',
        states: {
          working: { meta: { status: 'in-progress' }, on: { ASK: 'waiting', RESOLVE: 'resolved' } },
          waiting: { meta: { status: 'in-progress' }, on: { ANSWER: 'working' } },
          resolved: { type: 'final' },
        },
      }),
    );
    for (const age of [0, 6 * 60_000, 400 * 24 * 60 * 60_000]) {
      const old = { state: 'waiting', seenAt: Date.now() - age };
      const { ending, written, sandbox } = await deliver(
        'in-progress',
        change('TICKET-1', 'ANSWER'),
        { known: old },
        { lifecycle },
      );
      const done = { kind: 'done', state: 'working', note: 'confirmed by lifecycle' };
      expect([ending, written, methods(sandbox)]).toEqual([done, 0, ['GET']]);
    }
    // Without a request it says nothing of its key.
    const stated = change('TICKET-1', 'ANSWER', { from: 'waiting' });
    const mute = await deliver('in-progress', stated, {}, { lifecycle });
    expect([mute.ending, methods(mute.sandbox)]).toMatchObject([{ askedNothing: true }, []]);
    // A status that was read contradicts it.
    const old = { state: 'waiting', seenAt: 0 };
    const { ending } = await deliver(
      'resolved',
      change('TICKET-1', 'ANSWER'),
      { known: old },
      { lifecycle },
    );
    expect(ending.kind).toBe('dead');
  });

  test('does not count any more when it is old', async () => {
    const old = { state: 'in-progress', seenAt: Date.now() - 10 * 60_000 };
    const { ending, written } = await deliver('closed', change('TICKET-1', 'RESOLVE'), {
      known: old,
    });
    expect([ending.kind, written]).toEqual(['dead', 0]);
  });
});

describe('a key that is not there', () => {
  const keys = {
    throws: () => {
      throw new Error('vault: sealed, token s.12345');
    },
    rejects: () => Promise.reject(new Error('vault: sealed, token s.12345')),
    hangs: () => new Promise<string>(() => {}),
    'is empty': () => '',
    'is none': () => undefined as never,
    'is null': () => null as never,
    'is an ending': () => ({ kind: 'done' }) as never,
    'is not for a header': () => 'one\r\ntwo',
  };

  test.each(Object.entries(keys))('is asked for again later, if it %s', async (_, apiKey) => {
    const { ending, sandbox } = await deliver(
      'open',
      change('TICKET-1'),
      { timeoutMs: 10 },
      { apiKey },
    );
    expect(ending).toMatchObject({ kind: 'retry', keyFault: 'unusable' });
    expect(JSON.stringify(ending)).not.toMatch(/s\.12345|two/);
    expect(sandbox.requests).toEqual([]);
  });

  test.each([
    ['', keys.throws, { kind: 'read-again', keyFault: 'unusable' }],
    [', and where the name is given for it', (name: string) => name, { kind: 'unknown' }],
  ])('ends no doubt%s', async (_, apiKey, expected) => {
    const { ending } = await deliver('open', change('TICKET-1'), inDoubt(settleMs), { apiKey });
    expect(ending).toMatchObject(expected);
  });
});

test('a change that is cut short while it is settled is in doubt, and not given up', async () => {
  const closing = new AbortController();
  const { fetch, faults } = createSandbox({ tickets: [{ ticketId: 'TICKET-1' }] });
  faults.next(1, 'reset-before-reading');
  const { ending } = await deliver(
    'open',
    change('TICKET-1', 'START', { from: 'open' }),
    { signal: closing.signal },
    {
      async fetch(input, init) {
        // The first read is answered, and the second one waits for its time.
        const isLook = input instanceof Request && input.method === 'GET';
        if (isLook) setImmediate(() => closing.abort());
        return fetch(input, init);
      },
    },
  );
  expect(ending).toMatchObject({ kind: 'in-doubt', reason: expect.stringContaining('Unknown') });
});

test('an address that is none is refused before anything is delivered', () => {
  const options = { lifecycle: ticketLifecycle, apiKey: () => 'example-key' };
  expect(() => deliverToSeries({ ...options, baseUrl: 'nowhere' })).toThrow('option "baseUrl"');
});

describe('a timer', () => {
  const timer = change('TICKET-1', 'CLOSE', { whileIn: 'resolved' });

  test('does what it was set for', async () => {
    const { ending, written } = await deliver('resolved', timer);
    expect([ending.kind, written]).toEqual(['done', 1]);
  });

  test('is dropped when somebody has moved the ticket meanwhile', async () => {
    const known = { state: 'resolved', seenAt: 0 };
    const { ending, written } = await deliver('open', timer, { known });
    expect([ending.kind, written]).toEqual(['dropped', 0]);
  });
});

describe('a change whose answer is lost, and whose ticket is where it should go', () => {
  const sent = change('TICKET-1', 'START', { from: 'open' });
  const afterFault = async (fault: FaultKind) => {
    const { fetch, faults } = createSandbox({ tickets: [{ ticketId: 'TICKET-1' }] });
    faults.next(1, fault);
    return (await deliver('open', sent, {}, { fetch, settleMs: 60_000 })).ending;
  };

  test.each([
    'reset-after-applying',
    'cut-body',
    '504-after-applying',
    '500-after-applying',
  ] as const)('may still be under way after %s', async (fault) => {
    const ending = await afterFault(fault);
    expect(ending).toMatchObject({ kind: 'done', note: 'confirmed by observation' });
    const { quietInMs = 0 } = ending as { readonly quietInMs?: number };
    expect(quietInMs).toBeGreaterThan(0);
    expect(quietInMs).toBeLessThanOrEqual(60_000);
  });
});

describe('a change in doubt', () => {
  test('is done when the ticket is where it should go', async () => {
    const { ending, written } = await deliver('in-progress', change('TICKET-1'), inDoubt(0));
    const note = 'confirmed by observation';
    expect(ending).toMatchObject({ kind: 'done', state: 'in-progress', note });
    expect(written).toBe(0);
  });

  test.each([
    ['where it should go', 'in-progress', 'done'],
    ['somewhere else', 'closed', 'unknown'],
  ] as const)(
    'whose ticket is %s tells how long its request may still be under way',
    async (_, status, kind) => {
      const early = await deliver(status, change('TICKET-1'), inDoubt(100));
      const { quietInMs = 0 } = early.ending as { readonly quietInMs?: number };
      expect(early.ending.kind).toBe(kind);
      expect(quietInMs).toBeGreaterThan(0);
      expect(quietInMs).toBeLessThanOrEqual(900);
      const late = await deliver(status, change('TICKET-1'), inDoubt(settleMs));
      expect(late.ending).toMatchObject({ kind, quietInMs: 0 });
    },
  );

  test('waits while the earlier request may still be under way', async () => {
    const { ending, written } = await deliver('open', change('TICKET-1'), inDoubt(100));
    expect([ending.kind, written]).toEqual(['read-again', 0]);
    expect((ending as { delayMs: number }).delayMs).toBeGreaterThan(0);
    expect((ending as { delayMs: number }).delayMs).toBeLessThanOrEqual(900);
  });

  test('is sent when the ticket is as it was, and nothing can be under way', async () => {
    const { ending, written } = await deliver('open', change('TICKET-1'), inDoubt(settleMs));
    expect([ending.kind, written]).toEqual(['done', 1]);
  });

  test('is unknown when the ticket is somewhere else', async () => {
    const { ending, written } = await deliver('closed', change('TICKET-1'), inDoubt(settleMs));
    expect([ending.kind, written]).toEqual(['unknown', 0]);
  });

  test('is unknown when the ticket is gone', async () => {
    const { ending } = await deliver('open', change('TICKET-2'), inDoubt(settleMs));
    expect(ending.kind).toBe('unknown');
  });

  test('is compared with all edges of its event where the last known state has none', async () => {
    const known = { state: 'closed', seenAt: Date.now() };
    const { ending } = await deliver('in-progress', change('TICKET-1'), { ...inDoubt(0), known });
    expect(ending).toMatchObject({ kind: 'done', state: 'in-progress' });
  });

  test('is unknown where before and after look alike, unless it is known where it began', async () => {
    const machine = setup({ types: { events: {} as { type: 'NEXT' } } }).createMachine({
      initial: 'open',
      states: {
        open: { on: { NEXT: 'in-progress' } },
        'in-progress': { on: { NEXT: 'resolved' } },
        resolved: { type: 'final' },
      },
    });
    const options = { lifecycle: defineLifecycle(machine) };
    const next = (more: Partial<Change>) =>
      deliver('in-progress', change('TICKET-1', 'NEXT', more), inDoubt(settleMs), options);
    expect((await next({})).ending.kind).toBe('unknown');
    expect((await next({ from: 'open' })).ending).toMatchObject({
      kind: 'done',
      state: 'in-progress',
    });
  });

  test('is read again when the ticket could not be read', async () => {
    for (const [status, isOutage] of [
      [503, true],
      [500, false],
    ] as const) {
      const fetch = async () => Response.json({}, { status });
      const { ending } = await deliver('open', change('TICKET-1'), inDoubt(0), { fetch });
      expect(ending).toMatchObject({ kind: 'read-again', isOutage });
    }
  });

  test('is read no more often than any other where the answer makes no sense', async () => {
    const fetch = async () => Response.json({ status: 'melted' });
    const { ending } = await deliver('open', change('TICKET-1'), inDoubt(0), { fetch });
    expect(ending).toMatchObject({ kind: 'read-again', isOutage: false });
  });

  test('is read ever more seldom while the reads fail', async () => {
    const fetch = async () => Response.json({}, { status: 500 });
    const delays = async (attempt: number) => {
      const late = { doubt: { sinceMs: 0 }, attempt };
      const reads = Array.from({ length: 20 }, () =>
        deliver('open', change('TICKET-1'), late, { fetch }),
      );
      return (await Promise.all(reads)).map(
        ({ ending }) => (ending as { delayMs: number }).delayMs,
      );
    };
    expect(await delays(1)).toEqual(Array.from({ length: 20 }, () => 1000));
    expect(Math.max(...(await delays(12)))).toBeGreaterThan(2000);
  });
});

test('a change in doubt is not sent again for what a cache remembers of its ticket', async () => {
  let writes = 0;
  const fetch: typeof globalThis.fetch = async (input, init) => {
    if (new Request(input, init).method !== 'GET') writes += 1;
    const data = { Ticket: { TicketId: 'TICKET-1', Status: 'open' } };
    return Response.json({ success: true, data }, { headers: { age: '30' } });
  };
  const { ending } = await deliver('open', change('TICKET-1'), inDoubt(settleMs), { fetch });
  expect([ending.kind, writes]).toEqual(['read-again', 0]);
});

describe('what the lifecycle makes due', () => {
  const withFollowUps = defineLifecycle(
    setup({ types: { events: {} as { type: 'START' | 'RESOLVE' | 'CLOSE' } } }).createMachine({
      initial: 'open',
      states: {
        open: { on: { START: 'in-progress' } },
        'in-progress': { on: { RESOLVE: 'resolved' } },
        resolved: { on: { CLOSE: 'closed' }, meta: { due: { after: 'P7D', event: 'CLOSE' } } },
        closed: { type: 'final' },
      },
    }),
  );
  const options = { lifecycle: withFollowUps, due: { staffUserId: 9 } };
  const week = 7 * 24 * 60 * 60 * 1000;

  test('is set off by the change that leads there, in the name of whom it was said', async () => {
    const before = Date.now();
    const { ending } = await deliver(
      'in-progress',
      change('TICKET-1', 'RESOLVE', { from: 'in-progress', key: 'north' }),
      {},
      options,
    );
    expect(ending).toMatchObject({
      kind: 'done',
      later: [
        {
          change: {
            ticketId: 'TICKET-1',
            key: 'north',
            event: 'CLOSE',
            staffUserId: 9,
            whileIn: 'resolved',
          },
        },
      ],
    });
    const moment = ending.kind === 'done' ? ending.later?.[0]?.notBefore.getTime() : undefined;
    expect(moment).toBeGreaterThanOrEqual(before + week);
    expect(moment).toBeLessThanOrEqual(Date.now() + week);
  });

  test('is set off as well where an earlier attempt turns out to have arrived', async () => {
    const { ending, written } = await deliver(
      'resolved',
      change('TICKET-1', 'RESOLVE'),
      inDoubt(0),
      options,
    );
    expect([written, ending]).toMatchObject([0, { kind: 'done', later: [{}] }]);
  });

  test('is asked with the context of the change that leads there, and carries no payload', async () => {
    const context = { role: 'lead' };
    const asked = { type: 'RESOLVE', solution: 'A new cable.' };
    const { ending } = await deliver(
      'in-progress',
      { ...change('TICKET-1'), event: asked, from: 'in-progress', context },
      {},
      options,
    );
    expect(ending).toMatchObject({
      kind: 'done',
      later: [{ change: { event: 'CLOSE', context } }],
    });
  });

  test('is no reason to doubt a change that is done, where its time can not be told', async () => {
    let asks = 0;
    const calendar = (moment: number) => {
      if ((asks += 1) > 1) throw new Error('no holidays of 2027');
      return moment;
    };
    const due = { staffUserId: 9, calendar };
    const asked = change('TICKET-1', 'RESOLVE', { from: 'in-progress' });
    const { ending } = await deliver('in-progress', asked, {}, { ...options, due });
    expect(ending).toMatchObject({
      kind: 'done',
      note: "confirmed by response. Nothing is made due, as its time can't be told: no holidays of 2027",
    });
    expect(() => deliverToSeries({ ...options, due, apiKey: () => 'example-key' })).toThrow(
      'no holidays',
    );
  });

  test('is left alone unless it was asked for', async () => {
    const asked = change('TICKET-1', 'RESOLVE', { from: 'in-progress' });
    const { ending } = await deliver('in-progress', asked, {}, { lifecycle: withFollowUps });
    expect(ending).toMatchObject({ kind: 'done' });
    expect(ending).not.toHaveProperty('later');
  });
});

test('a worker that has lost the change sends nothing, not even at the last moment', async () => {
  const ensureHeld = async () => {
    throw new FencedError('lost');
  };
  const rateLimiter = {
    ...createRateLimiter(),
    acquire: async () => {
      throw new FencedError('lost');
    },
  };
  const sandbox = createSandbox({ tickets: [{ ticketId: 'TICKET-1' }] });
  const { fetch } = sandbox;
  const options = { ensureHeld, rateLimiter };
  const { ending } = await deliver('open', change('TICKET-1'), options, { fetch });
  expect(ending).toMatchObject({ kind: 'retry', reason: 'lost', isOutage: true });
  expect(sandbox.requests).toEqual([]);
});

test('a key that is stored by its value is not used', async () => {
  const { ending, sandbox } = await deliver(
    'open',
    change('TICKET-1', 'START', { key: 'example-key' }),
  );
  expect(ending).toMatchObject({ kind: 'dead' });
  expect(JSON.stringify(ending)).not.toContain('example-key');
  expect(sandbox.requests).toEqual([]);
});
