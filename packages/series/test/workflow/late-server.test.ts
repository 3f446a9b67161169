import { describe, expect, test, vi } from 'vitest';
import { setUp, writesIn, type Interference } from '../support/bench.ts';

const staffUserId = 7;
const isWrite = ({ method }: Request) => method === 'POST';
const never = () => new Promise<Response>(() => {});
const connectionLost = () => Promise.reject(new TypeError('fetch failed'));

/** A server that answers the first change by `answer`, and carries it out after `lateMs`. */
const lateOnce = (lateMs: number, answer: () => Promise<Response>): Interference => {
  let isFirst = true;
  return (request, forward, sandbox, clock) => {
    if (!isWrite(request) || !isFirst) return forward();
    isFirst = false;
    // It goes on working when nobody waits for it any more.
    const received = new Request(request, { signal: null });
    clock.setTimeout(() => void sandbox.fetch(received), lateMs);
    return answer();
  };
};

const patience = [50, 500, 5000].flatMap((timeoutMs) =>
  [1000, 3000, 20_000, 29_000].map((lateMs) => ({ timeoutMs, lateMs })),
);

test.each(patience)(
  'a client that waits for $timeoutMs ms sends once to a server that takes $lateMs ms',
  async ({ timeoutMs, lateMs }) => {
    const bench = setUp({}, lateOnce(lateMs, never), {}, { timeoutMs });
    const { clock, workflow, sandbox } = bench;
    const start = await clock.run(workflow.apply('T-open', 'START', { staffUserId }));
    const resolve = await clock.run(workflow.apply('T-open', 'RESOLVE', { staffUserId }));
    await clock.advance(60_000);
    expect(start).toMatchObject({ kind: 'confirmed', attempts: 1 });
    expect(resolve.kind).toBe('confirmed');
    expect(sandbox.systemMessages.map(({ to }) => to)).toEqual(['in-progress', 'resolved']);
  },
);

test('a change that can no longer be under way is settled by one read', async () => {
  const { clock, workflow, sandbox } = setUp();
  const sentAt = clock.now();
  // The clock of a process also stands between two milliseconds.
  await clock.advance(60_000.5);
  const settled = await clock.run(workflow.settle('T-open', 'START', { sentAt }));
  expect(settled).toMatchObject({ kind: 'not-sent', reads: 1 });
  expect(sandbox.requests).toHaveLength(1);
});

describe('while the first request may be under way, the next change of its ticket waits', () => {
  const answers: Record<string, () => Promise<Response>> = {
    'a 504': async () => new Response('', { status: 504 }),
    'a 502 of a proxy': async () => new Response('<h1>Bad gateway</h1>', { status: 502 }),
    'a 502 in the API’s form': async () =>
      Response.json({ success: false, error: { message: 'Bad gateway' } }, { status: 502 }),
    'a 408': async () => Response.json({ error: { message: 'Too slow' } }, { status: 408 }),
    'a 500 that is not the API’s': async () => new Response('Oops', { status: 500 }),
    'a reset': connectionLost,
    silence: never,
    'a page in place of an answer': async () => new Response('<h1>Hello</h1>'),
    'half an answer': async () => new Response('{"success":tr'),
    'an empty answer': async () => new Response(null, { status: 204 }),
    'a redirect': async () => new Response('', { status: 307, headers: { location: '/' } }),
    'a cached answer': async () =>
      Response.json({ success: true, data: {} }, { headers: { age: '12' } }),
  };
  const found = { arrived: 'resolved', elsewhere: 'open', undecided: undefined } as const;
  const cases = Object.keys(answers).flatMap((answer) =>
    (Object.keys(found) as (keyof typeof found)[]).map((verdict) => ({ answer, verdict })),
  );

  test.each(cases)('after $answer, when the ticket is read as $verdict', async (one) => {
    const writtenAt: number[] = [];
    const late = lateOnce(12_000, answers[one.answer] ?? never);
    const bench = setUp({}, (request, forward, sandbox, clock) => {
      const status = found[one.verdict];
      if (!isWrite(request)) {
        const noKey = { success: false, error: { message: 'Invalid API key' } };
        return status === undefined
          ? Promise.resolve(Response.json(noKey, { status: 401 }))
          : forward();
      }
      writtenAt.push(clock.now());
      // A colleague is faster than our late request.
      if (status !== undefined && writtenAt.length === 1) {
        sandbox.tickets.setStatus('T-in-progress', status);
      }
      return late(request, forward, sandbox, clock);
    });
    const { clock, workflow, sandbox } = bench;
    // After a doubt the ticket is read first, unless that is forbidden: here it can't be.
    const read = one.verdict === 'undecided' ? 'never' : 'when-unknown';
    const [first, second] = await clock.run(
      Promise.all([
        workflow.apply('T-in-progress', 'RESOLVE', { staffUserId, from: 'in-progress' }),
        workflow.apply('T-in-progress', 'CLOSE', { staffUserId, from: 'resolved', read }),
      ]),
    );
    const isConfirmed = one.verdict === 'arrived';
    expect(first).toMatchObject({
      kind: isConfirmed ? 'confirmed' : 'unknown',
      attempts: 1,
    });
    expect(second.kind).toBe('confirmed');
    expect(sandbox.tickets.get('T-in-progress')?.status).toBe('closed');
    const [sent = 0, next = 0] = writtenAt;
    expect(next - sent).toBeGreaterThanOrEqual(30_000);
  });

  test.each([500, 503, 200])(
    'also after the API itself has said no with %i: it may go on all the same',
    async (status) => {
      const no = { success: false, error: { code: status, message: 'Try later' } };
      let isFirst = true;
      const { clock, workflow, sandbox } = setUp({}, async (request, forward) => {
        if (!isWrite(request) || !isFirst) return forward();
        isFirst = false;
        await forward();
        return Response.json(no, { status });
      });
      const before = clock.now();
      const options = { staffUserId } as const;
      const first = await clock.run(
        workflow.apply('T-in-progress', 'RESOLVE', { ...options, from: 'in-progress' }),
      );
      expect(first).toMatchObject({ kind: 'confirmed', by: 'observation' });
      const second = await clock.run(workflow.apply('T-in-progress', 'CLOSE', options));
      expect(second.kind).toBe('confirmed');
      expect(writesIn(sandbox)).toHaveLength(1 + 1);
      expect(clock.now() - before).toBeGreaterThanOrEqual(30_000);
    },
  );

  test('and after settling only while the request may still be under way', async () => {
    const { clock, workflow } = setUp();
    await clock.advance(3_600_000);
    for (const [sentAt, waits] of [
      [clock.now() - 3_600_000, false],
      [undefined, true],
    ] as const) {
      const before = clock.now();
      const sent = { from: 'open', sentAt } as const;
      const ending = await clock.run(workflow.settle('T-in-progress', 'START', sent));
      expect(ending).toMatchObject({ kind: 'confirmed', by: 'observation' });
      await clock.run(workflow.explain('T-in-progress', 'RESOLVE'));
      await clock.run(workflow.apply('T-in-progress', 'FORGET', { staffUserId }));
      const waited = clock.now() - before;
      if (waits) expect(waited).toBeGreaterThanOrEqual(30_000);
      else expect(waited).toBeLessThan(1000);
    }
  });
});

describe('a change that was made and taken back at once', () => {
  const cases = [1, 500, 990].flatMap((startMs) =>
    [0, 1, 50, 900].flatMap((backMs) =>
      ([undefined, 'open'] as const).flatMap((from) =>
        [true, false].map((hasFraction) => ({ startMs, backMs, from, hasFraction })),
      ),
    ),
  );

  test.each(cases)(
    'is not taken for one that never arrived ($startMs ms into a second, back after $backMs ms, from: $from, fractions: $hasFraction)',
    async ({ startMs, backMs, from, hasFraction }) => {
      const bench = setUp({}, async (request, forward, sandbox, clock) => {
        const response = await forward();
        if (isWrite(request)) {
          await clock.sleep(backMs);
          sandbox.tickets.setStatus('T-open', 'open');
          return connectionLost();
        }
        if (hasFraction) return response;
        const text = (await response.text()).replaceAll(/(:\d\d)\.\d{3}Z/g, '$1Z');
        return new Response(text, response);
      });
      const { clock, workflow, sandbox } = bench;
      await clock.advance(startMs);
      const change = workflow.apply('T-open', 'START', { staffUserId, from });
      expect(await clock.run(change)).toMatchObject({
        kind: 'unknown',
        observed: 'open',
        attempts: 1,
      });
      expect(writesIn(sandbox)).toHaveLength(1);
    },
  );
});

describe("a change with resend: 'never'", () => {
  const lostBefore: Interference = (request, forward) =>
    isWrite(request) ? connectionLost() : forward();

  test.each([
    ['of the workflow', { resend: 'never' }, {}],
    ['of the change', {}, { resend: 'never' }],
    ['of the change, against the workflow', { resend: 'once' }, { resend: 'never' }],
  ] as const)('%s is settled by reading and ends as not sent', async (_, ofWorkflow, ofChange) => {
    const { clock, workflow } = setUp(ofWorkflow, lostBefore);
    const options = { staffUserId, ...ofChange };
    const outcome = await clock.run(workflow.apply('T-open', 'START', options));
    expect(outcome).toMatchObject({
      kind: 'not-sent',
      attempts: 1,
      error: { reason: 'not-processed' },
    });
    expect(outcome.reads).toBeGreaterThan(1);
  });

  test('is sent again where the change says so', async () => {
    const { clock, workflow } = setUp({ resend: 'never' }, lostBefore);
    const options = { staffUserId, resend: 'once' } as const;
    expect(await clock.run(workflow.apply('T-open', 'START', options))).toMatchObject({
      kind: 'not-sent',
      attempts: 2,
      resent: true,
    });
  });

  test.each([
    ['once', true],
    ['never', undefined],
  ] as const)(
    'the outcome says whether it was sent once more (resend: %s)',
    async (resend, said) => {
      const { clock, workflow } = setUp({ resend }, lateOnce(45_000, never));
      const change = workflow.apply('T-open', 'START', { staffUserId });
      expect((await clock.run(change)).resent).toBe(said);
    },
  );

  test('a change that is stopped before it leaves again was not sent once more', async () => {
    const { clock, workflow, sandbox } = setUp({}, lostBefore);
    const beforeSend = vi.fn<() => void>().mockImplementation(() => {
      if (beforeSend.mock.calls.length === 2) throw new Error('No more.');
    });
    const options = { staffUserId, beforeSend } as const;
    const outcome = await clock.run(workflow.apply('T-open', 'START', options));
    expect(outcome).toMatchObject({ kind: 'not-sent', attempts: 1, error: { reason: 'stopped' } });
    expect(outcome).not.toHaveProperty('resent');
    expect(writesIn(sandbox)).toHaveLength(0);
  });

  test('a context that fails before it leaves again hides nothing of how it ended', async () => {
    let lost = 0;
    const context = () => {
      if (lost > 0) throw new Error('No context.');
      return {};
    };
    const { clock, workflow } = setUp({}, (request, forward) => {
      if (!isWrite(request)) return forward();
      lost += 1;
      return connectionLost();
    });
    const change = workflow.apply('T-open', 'START', { staffUserId, context });
    const outcome = await clock.run(change);
    expect(outcome).toMatchObject({ kind: 'not-sent', attempts: 1, error: { reason: 'stopped' } });
  });

  test('is written once even by a server that takes longer than settleMs', async () => {
    const bench = setUp({}, lateOnce(45_000, never));
    const { clock, workflow, sandbox } = bench;
    const options = { staffUserId, resend: 'never' } as const;
    const outcome = await clock.run(workflow.apply('T-open', 'START', options));
    await clock.advance(60_000);
    expect(outcome.attempts).toBe(1);
    expect(sandbox.systemMessages).toHaveLength(1);
  });

  test.each(['once', 'never'] as const)('holds for each step of a move (%s)', async (resend) => {
    const { clock, workflow } = setUp({}, lostBefore);
    const move = await clock.run(workflow.moveTo('T-open', 'closed', { staffUserId, resend }));
    expect(move.outcome).toMatchObject({ kind: 'not-sent', attempts: resend === 'once' ? 2 : 1 });
  });
});
