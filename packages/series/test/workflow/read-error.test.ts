import { describe, expect, test } from 'vitest';
import { toOutcomeRecord } from '../../src/index.ts';
import { setUp } from '../support/bench.ts';

const staffUserId = 7;

/** A change that is applied and whose answer is lost, before a server that answers reads like this. */
const unreadable = (answer: () => Response | Promise<Response>) =>
  setUp({}, async (request, forward) => {
    if (request.method !== 'POST') return answer();
    await forward();
    throw new TypeError('fetch failed');
  });
const failure = (status: number, message: string) => () =>
  Response.json({ success: false, error: { code: status, message } }, { status });

describe('an unknown outcome says why the ticket could not be read back', () => {
  test.each([
    [401, 'Who are you?', 'unauthorized'],
    [403, 'Premium or Enterprise required', 'subscription-required'],
    [404, 'Ticket not found', 'ticket-not-found'],
  ])('%i ends the reading at once', async (status, message, code) => {
    const { clock, workflow } = unreadable(failure(status, message));
    const before = clock.now();
    const options = { staffUserId, from: 'open' } as const;
    const outcome = await clock.run(workflow.apply('T-open', 'START', options));
    expect(outcome).toMatchObject({
      kind: 'unknown',
      observed: undefined,
      reads: 1,
      error: {
        reason: 'connection-lost',
        readError: { name: 'SeriesApiError', httpStatus: status, code },
      },
    });
    expect('error' in outcome && outcome.error.message).toContain(message);
    expect(clock.now() - before).toBeLessThan(1000);
    expect(JSON.parse(JSON.stringify(toOutcomeRecord(outcome)))).toMatchObject({
      error: {
        readError: { name: 'SeriesApiError', delivery: 'refused', httpStatus: status, code },
      },
    });
  });

  test.each([
    ['a 503', failure(503, 'Down'), { delivery: 'unknown', httpStatus: 503 }],
    ['a page', () => new Response('<h1>Hello</h1>'), { reason: 'malformed-answer' }],
    ['a cache', () => new Response('{}', { headers: { age: '5' } }), { reason: 'cached' }],
    ['a reset', () => Promise.reject(new TypeError('fetch failed')), { reason: 'connection-lost' }],
    ['silence', () => new Promise<Response>(() => {}), { reason: 'timeout' }],
  ])('%s is read again, until the time is up', async (_, answer, readError) => {
    const { clock, workflow } = unreadable(answer);
    const before = clock.now();
    const options = { staffUserId, from: 'open' } as const;
    const outcome = await clock.run(workflow.apply('T-open', 'START', options));
    expect(outcome).toMatchObject({ kind: 'unknown', observed: undefined, error: { readError } });
    const waitedMs = clock.now() - before;
    expect(waitedMs).toBeGreaterThanOrEqual(30_000);
    // 30 s, then 10 more for a ticket that can't be read, and what the last read takes.
    expect(waitedMs).toBeLessThan(30_000 + 10_000 + 50_000);
  });

  test('also where a change that was sent before is settled', async () => {
    const { clock, workflow } = unreadable(failure(401, 'Invalid API key'));
    const outcome = await clock.run(workflow.settle('T-open', 'START', { from: 'open' }));
    expect(outcome).toMatchObject({ kind: 'unknown', error: { readError: { httpStatus: 401 } } });
  });

  test('also where a success was to be verified', async () => {
    const { clock, workflow } = setUp({}, async (request, forward) =>
      request.method === 'POST' ? forward() : failure(401, 'Invalid API key')(),
    );
    const options = { staffUserId, from: 'open', verify: true } as const;
    const outcome = await clock.run(workflow.apply('T-open', 'START', options));
    expect(outcome).toMatchObject({
      kind: 'unknown',
      reads: 1,
      error: { reason: 'unverified', readError: { httpStatus: 401 } },
    });
  });

  test('and nothing of it where the ticket was seen', async () => {
    const { clock, workflow } = unreadable(() =>
      Response.json({ data: { Ticket: { Status: 'closed' } } }),
    );
    const options = { staffUserId, from: 'open' } as const;
    const outcome = await clock.run(workflow.apply('T-open', 'START', options));
    expect(outcome).toMatchObject({
      kind: 'unknown',
      observed: 'closed',
      error: { readError: undefined },
    });
    expect(JSON.stringify(toOutcomeRecord(outcome))).not.toContain('readError');
  });
});
