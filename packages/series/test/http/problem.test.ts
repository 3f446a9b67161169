import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import { defineLifecycle, toProblem as toProblemOfVerdict } from '@ticket-lifecycle/core';
import { createSandbox } from '@ticket-lifecycle/sandbox';
import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import {
  createSeriesClient,
  httpSchemas,
  NotSentError,
  OutcomeUnknownError,
  RateLimitedError,
  SeriesApiError,
  SeriesError,
  toHttpAnswer,
  toOutcomeRecord,
  toProblem,
  toResponse,
  type AdapterBlockerCode,
  type NotSentReason,
  type Outcome,
  type RefusalCode,
  type UnknownReason,
} from '../../src/index.ts';
import { setUp } from '../support/bench.ts';

const ajv = new Ajv2020({ strict: true });
const isProblem = ajv.compile(httpSchemas.Problem);
const isChoice = ajv.compile(httpSchemas.EventChoice);
const isPosition = ajv.compile(httpSchemas.TicketPosition);
const throughJson = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

/** What the schema says against a value, or nothing. */
const faultsOf = (validate: ValidateFunction, value: unknown): string =>
  validate(value) ? '' : ajv.errorsText(validate.errors);

function problemOf(ended: Outcome | SeriesError) {
  const problem = toProblem(ended);
  expect(faultsOf(isProblem, throughJson(problem))).toBe('');
  return problem;
}

const base = { ticketId: 'T-1', event: 'CLOSE', from: 'open', to: undefined } as const;
const effort = { attempts: 1, waitedMs: 0 };

// A record over all codes: a new one does not compile without its status.
const blockerCodes: Record<
  | AdapterBlockerCode
  | 'unknown-state'
  | 'unknown-event'
  | 'no-such-transition'
  | 'payload'
  | 'guard',
  number
> = {
  'unknown-ticket': 404,
  'invalid-ticket-id': 422,
  'invalid-staff-user-id': 422,
  'unknown-state': 422,
  'unknown-event': 422,
  payload: 422,
  'claim-not-possible': 422,
  'no-such-transition': 409,
  guard: 409,
  'unknown-status': 409,
  'ambiguous-state': 409,
  stale: 409,
  'not-due': 409,
  unreachable: 409,
  ambiguous: 409,
};
const refusals: Record<RefusalCode, number> = {
  'ticket-not-found': 404,
  'already-claimed': 409,
  'not-claimed': 409,
  conflict: 409,
  'invalid-status': 502,
  'bad-request': 502,
  unauthorized: 502,
  'subscription-required': 502,
  'module-disabled': 502,
  forbidden: 502,
  'not-found': 502,
  'server-error': 502,
  refused: 502,
};
const notSent: Record<NotSentReason, number> = {
  'invalid-request': 422,
  aborted: 503,
  expired: 503,
  'queue-full': 503,
  'no-api-key': 503,
  'could-not-connect': 503,
  'could-not-read': 503,
  'rate-limited': 503,
  stopped: 503,
  'not-kept': 503,
  'not-processed': 503,
};
const unknown: Record<UnknownReason, 202> = {
  timeout: 202,
  'connection-lost': 202,
  'server-error': 202,
  redirect: 202,
  'malformed-answer': 202,
  cached: 202,
  contradiction: 202,
  conflict: 202,
  unverified: 202,
};

const blockedBy = (...codes: string[]): Outcome => {
  const blockers = codes.map((code) => ({ code, message: `No: ${code}.`, parameters: {} }));
  return { kind: 'blocked', ...base, ...effort, enabled: [], blockers } as unknown as Outcome;
};

describe('every outcome has its answer, valid by the published schema', () => {
  test.each(Object.entries(blockerCodes))('blocked by %s: %i', (code, status) => {
    const problem = problemOf(blockedBy(code));
    expect(problem).toMatchObject({ status, blockers: [{ code }], detail: `No: ${code}.` });
    expect(problem?.type).toBe('urn:ticket-lifecycle:blocked');
  });

  test('several blockers all show, and the gravest counts', () => {
    expect(problemOf(blockedBy('payload', 'guard'))).toMatchObject({ status: 422 });
    expect(problemOf(blockedBy('stale', 'invalid-staff-user-id'))).toMatchObject({ status: 422 });
    expect(problemOf(blockedBy('stale', 'guard'))).toMatchObject({ status: 409 });
    const both = problemOf(blockedBy('guard', 'unknown-ticket'));
    expect(both?.status).toBe(404);
    expect(both?.blockers).toHaveLength(2);
  });

  test('what the lifecycle alone blocks has the status that it has in core', () => {
    const codes = ['unknown-state', 'unknown-event', 'no-such-transition', 'payload', 'guard'];
    for (let row = 1; row < 2 ** codes.length; row += 1) {
      const outcome = blockedBy(...codes.filter((_, index) => (row >> index) & 1));
      const { blockers } = outcome as Extract<Outcome, { kind: 'blocked' }>;
      const verdict = { allowed: false, from: 'open', event: 'CLOSE', enabled: [], ever: 'here' };
      const { status } = toProblemOfVerdict({ ...verdict, blockers } as never);
      expect(toProblem(outcome)?.status).toBe(status);
      expect(toHttpAnswer(outcome).status).toBe(status);
    }
  });

  test.each(Object.entries(refusals))('refused as %s: %i', (code, status) => {
    const details = { ...effort, code: code as RefusalCode, httpStatus: 401 };
    const error = new SeriesApiError('No.', { ...details, serverMessage: undefined });
    expect(problemOf({ kind: 'refused', ...base, ...effort, error })).toMatchObject({
      status,
      code,
    });
    expect(problemOf(error)).toMatchObject({ status, code });
  });

  test.each(Object.entries(notSent))('not sent, %s: %i', (reason, status) => {
    const error = new NotSentError('No.', { ...effort, reason: reason as NotSentReason });
    const outcome: Outcome = { kind: 'not-sent', ...base, ...effort, error };
    expect(problemOf(outcome)).toMatchObject({ status, reason });
    expect(toHttpAnswer(outcome).headers['retry-after']).toBe(status === 503 ? '5' : undefined);
    expect(problemOf(error)).toMatchObject({ status, reason });
  });

  test.each(Object.entries(unknown))('unknown, %s: %i', (reason, status) => {
    const error = new OutcomeUnknownError('Hm.', { ...effort, reason: reason as UnknownReason });
    const outcome: Outcome = { kind: 'unknown', ...base, ...effort, error, observed: 'open' };
    const isChange = expect.stringContaining('change');
    expect(problemOf(outcome)).toMatchObject({ status, reason, observed: 'open', title: isChange });
    // Thrown by a read: nothing was to be changed.
    expect(problemOf(error)).toMatchObject({ status: 502, reason });
    expect(problemOf(error)?.title).not.toEqual(isChange);
  });

  test('a code that only a newer copy of this package knows is never a success', () => {
    const details = { ...effort, httpStatus: 410, serverMessage: undefined };
    const code = 'constructor' as RefusalCode;
    expect(toProblem(new SeriesApiError('No.', { ...details, code }))?.status).toBe(502);
    const reason = 'constructor' as NotSentReason;
    expect(toProblem(new NotSentError('No.', { ...effort, reason }))?.status).toBe(503);
    expect(toProblem(blockedBy('constructor'))?.status).toBe(409);
  });

  test.each([
    [0, '1'],
    [1, '1'],
    [1001, '2'],
    [3_600_000, '3600'],
  ])('what the server asks us to wait is passed on: %i ms', (retryAfterMs, header) => {
    const answer = toHttpAnswer(new RateLimitedError('No.', { ...effort, retryAfterMs }));
    expect([answer.status, answer.headers['retry-after']]).toEqual([503, header]);
  });

  test('what the API says to us is never the answer to our caller', () => {
    for (const httpStatus of [401, 403, 429, 500]) {
      const details = { ...effort, code: 'unauthorized', httpStatus } as const;
      const error = new SeriesApiError('No.', { ...details, serverMessage: 'Invalid API key' });
      expect(toHttpAnswer(error).status).toBe(502);
    }
  });

  test('a change that was made, or was not necessary, is no problem', async () => {
    const { clock, workflow } = setUp();
    for (const kind of ['confirmed', 'unchanged']) {
      const outcome = await clock.run(workflow.apply('T-open', 'START', { staffUserId: 7 }));
      expect(outcome.kind).toBe(kind);
      expect(toProblem(outcome)).toBeUndefined();
      expect(toHttpAnswer(outcome)).toMatchObject({ status: 200, body: { kind } });
    }
  });

  test('parameters that JSON can not hold are written as text', () => {
    const loop: Record<string, unknown> = {};
    loop['self'] = loop;
    const outcome = blockedBy('guard') as Extract<Outcome, { kind: 'blocked' }>;
    const parameters = { big: 7n, loop, none: undefined, text: 'a' };
    const blockers = [{ code: 'guard', message: 'No.', parameters }];
    const problem = problemOf({ ...outcome, blockers } as unknown as Outcome);
    expect(problem?.blockers?.[0]?.parameters).toMatchObject({ big: '7', text: 'a' });
  });
});

test('choices and positions of a workflow are valid by their schemas', async () => {
  const START = [{ target: 'resolved', guard: 'isMinor' }, { target: 'in-progress' }];
  const lifecycle = defineLifecycle(
    {
      initial: 'open',
      states: {
        open: { on: { START } },
        'in-progress': { on: { STOP: 'open' } },
        resolved: { on: { STOP: 'open' } },
      },
    },
    {
      guards: { isMinor: ({ event }) => (event as { minor?: boolean }).minor === true },
      payloads: { START: z.object({ minor: z.boolean() }) },
    },
  );
  const { clock, workflow } = setUp({ lifecycle });
  for (const ticketId of ['T-open', 'T-closed']) {
    const position: unknown = throughJson(await clock.run(workflow.where(ticketId)));
    expect(faultsOf(isPosition, position)).toBe('');
    for (const choice of await clock.run(workflow.enabled(ticketId))) {
      expect(faultsOf(isChoice, throughJson(choice))).toBe('');
    }
  }
});

test('an error that the client throws has its problem', async () => {
  const sandbox = createSandbox();
  const client = createSeriesClient({ apiKey: 'key', fetch: sandbox.fetch });
  const error: unknown = await client.getTicket('T-9').catch((reason: unknown) => reason);
  if (!SeriesError.is(error)) throw error;
  expect(problemOf(error)).toMatchObject({ status: 404, code: 'ticket-not-found' });
});

describe('JSON can hold what guards were asked with, and ids from outside', () => {
  const lifecycle = defineLifecycle(
    {
      initial: 'open',
      states: {
        open: {
          on: {
            START: {
              target: 'in-progress',
              guard: { type: 'isBelow', params: { most: 10n, of: new Set([1]) } },
            },
          },
        },
        'in-progress': { on: { STOP: 'open' } },
      },
    },
    { guards: { isBelow: () => false } },
  );
  const params = { most: '10', of: [1] };

  test('in a record', async () => {
    const { clock, workflow } = setUp({ lifecycle });
    const change = { staffUserId: 7, read: 'always' } as const;
    const outcome = await clock.run(workflow.apply('T-open', 'START', change));
    const record = throughJson(toOutcomeRecord(outcome));
    expect(record).toMatchObject({ kind: 'blocked', blockers: [{ parameters: { params } }] });
    const force = { by: 1, why: 'It is urgent.' };
    const forced = await clock.run(workflow.apply('T-open', 'START', { ...change, force }));
    expect(throughJson(toOutcomeRecord(forced))).toMatchObject({
      kind: 'confirmed',
      forced: { ...force, overrode: [{ parameters: { params } }] },
    });
    const strange = await clock.run(workflow.apply(7n as never, 'START', change));
    expect(throughJson(toOutcomeRecord(strange))).toMatchObject({ ticketId: '7' });
    expect(problemOf(strange)).toMatchObject({ ticketId: '7' });
  });

  test('in the choices of a person', async () => {
    const { clock, workflow } = setUp({ lifecycle });
    const choices = throughJson(await clock.run(workflow.enabled('T-open')));
    expect(choices).toMatchObject([{ blockers: [{ parameters: { params } }] }, {}]);
  });
});

describe('toResponse', () => {
  const read = async (response: Response) => ({
    status: response.status,
    type: response.headers.get('content-type'),
    body: await response.json(),
  });

  test('answers with what was asked, its problem, or the problem of an error', async () => {
    const { clock, workflow } = setUp();
    const options = { staffUserId: 7 };
    const { body, ...start } = await read(
      await clock.run(toResponse(workflow.apply('T-open', 'START', options))),
    );
    expect(start).toEqual({ status: 200, type: 'application/json' });
    expect(body).toMatchObject({ kind: 'confirmed', to: 'in-progress' });
    const again = workflow.apply('T-open', 'REOPEN', options);
    expect(await read(await clock.run(toResponse(again)))).toMatchObject({
      status: 409,
      type: 'application/problem+json',
      body: { blockers: [{ code: 'no-such-transition' }] },
    });
    const choices = await read(await clock.run(toResponse(workflow.enabled('T-open', options))));
    expect(choices.status).toBe(200);
    for (const choice of choices.body as unknown[]) expect(faultsOf(isChoice, choice)).toBe('');
    const none = await read(await clock.run(toResponse(workflow.where('T-none'))));
    expect(none.status).toBe(404);
    expect(faultsOf(isProblem, none.body)).toBe('');
  });

  test('answers what applyOrThrow throws for a blocked change', async () => {
    const { clock, workflow } = setUp();
    const asked = workflow.applyOrThrow('T-open', 'CLOSE', { staffUserId: 7 });
    const answer = await read(await clock.run(toResponse(asked)));
    expect(answer).toMatchObject({
      status: 409,
      body: { event: 'CLOSE', from: 'open', blockers: [{ code: 'no-such-transition' }] },
    });
    expect(faultsOf(isProblem, answer.body)).toBe('');
  });

  test('answers a move that has not arrived by its decisive outcome', async () => {
    const { clock, workflow } = setUp();
    const options = { staffUserId: 7 };
    const arrived = await read(
      await clock.run(toResponse(workflow.moveTo('T-open', 'closed', options))),
    );
    expect(arrived).toMatchObject({
      status: 200,
      body: { arrived: true, outcomes: [{ to: 'in-progress' }, { to: 'resolved' }, {}] },
    });
    const lost = setUp({ settle: 'never' }, async (request, forward) =>
      request.method === 'POST' ? new Response('', { status: 500 }) : forward(),
    );
    const stuck = await read(
      await lost.clock.run(toResponse(lost.workflow.moveTo('T-open', 'closed', options))),
    );
    expect(stuck).toMatchObject({ status: 202, body: { event: 'START' } });
    expect(faultsOf(isProblem, stuck.body)).toBe('');
  });

  test('keeps the errors of a list of outcomes', async () => {
    const reason = 'rate-limited';
    const error = new NotSentError('Busy.', { ...effort, reason });
    const outcome: Outcome = { kind: 'not-sent', ...base, ...effort, error };
    const { body } = await read(await toResponse([outcome]));
    expect(body).toMatchObject([{ kind: 'not-sent', error: { message: 'Busy.', reason } }]);
  });

  test('leaves other errors to the framework, and JSON to nobody', async () => {
    const bug = new TypeError('bug');
    await expect(toResponse(Promise.reject(bug))).rejects.toBe(bug);
    expect((await read(await toResponse({ size: 10n }))).body).toEqual({ size: '10' });
  });
});

test('what a guard was asked with keeps no answer from its caller', async () => {
  const loop: Record<string, unknown> = { n: 2n };
  loop['self'] = loop;
  const blockers = [{ code: 'guard', message: 'No.', parameters: { params: loop } }] as never;
  const ticket = { ticketId: 'T-1', from: 'open', to: 'closed', event: 'CLOSE' };
  const spent = { attempts: 1, waitedMs: 0, message: undefined };
  const forced = { by: 'me', why: 'x', overrode: blockers };
  const made = {
    kind: 'confirmed',
    ...ticket,
    ...spent,
    status: 'closed',
    by: 'response',
    forced,
  };
  for (const [answer, read] of [
    [made, (body: never) => body['forced']['overrode']],
    [{ allowed: false, blockers, twice: [ticket, ticket] }, (body: never) => body['blockers']],
  ] as const) {
    const response = await toResponse(answer);
    expect(response.status).toBe(200);
    const body = (await response.json()) as never;
    expect(read(body)).toMatchObject([{ parameters: { params: { n: '2', self: '[circular]' } } }]);
    if ('twice' in answer) expect(body).toMatchObject({ twice: [ticket, ticket] });
  }
});
