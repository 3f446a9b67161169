import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import { defineLifecycle } from '@ticket-lifecycle/core';
import { describe, expect, test } from 'vitest';
import {
  httpSchemas,
  toHttpAnswer,
  toOutcomeRecord,
  toProblem,
  toResponse,
  type Outcome,
} from '../../src/index.ts';
import { setUp, type Interference } from '../support/bench.ts';

type Ask = (bench: ReturnType<typeof setUp>) => Promise<Outcome>;

const ajv = new Ajv2020({ strict: true });
const isOutcome = ajv.compile(httpSchemas.Outcome);
const isArrivedMove = ajv.compile(httpSchemas.Move);
const throughJson = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

/** What the schema says against a value, or nothing. */
const faultsOf = (validate: ValidateFunction, value: unknown): string =>
  validate(value) ? '' : ajv.errorsText(validate.errors);

describe('the body of a change that was made, or was not necessary, is valid by its schema', () => {
  const change = { staffUserId: 7 };
  const losing: Interference = async (request, forward) => {
    const response = await forward();
    if (request.method === 'POST') throw new TypeError('fetch failed');
    return response;
  };
  // Two states of one status, so that a change stays inside of it, and one that must be assumed.
  const lifecycle = defineLifecycle(
    {
      initial: 'open',
      states: {
        open: { on: { START: 'in-progress', FLAG: { target: 'flagged', guard: 'isLead' } } },
        flagged: { meta: { status: 'open' }, on: { START: 'in-progress' } },
        'in-progress': { on: { HOLD: 'waiting', RESOLVE: 'resolved' } },
        waiting: { meta: { status: 'in-progress' }, on: { RESOLVE: 'resolved' } },
        resolved: { on: { REOPEN: 'open' } },
      },
    },
    { guards: { isLead: () => false } },
  );
  const force = { why: 'It is urgent.' };

  test.each<readonly [string, Ask, Partial<Outcome>]>([
    [
      'confirmed by the response, verified',
      ({ workflow }) => workflow.apply('T-open', 'START', { ...change, verify: true }),
      { by: 'response', verified: true, raceWindowMs: expect.any(Number), assumed: true },
    ],
    [
      'by observation',
      ({ workflow }) => workflow.apply('T-open', 'START', change),
      { by: 'observation', reads: expect.any(Number) },
    ],
    [
      'by the lifecycle',
      ({ workflow }) => workflow.apply('T-in-progress', 'HOLD', change),
      { by: 'lifecycle' },
    ],
    [
      'forced by a number',
      ({ workflow }) => workflow.apply('T-open', 'FLAG', { ...change, force: { ...force, by: 1 } }),
      { forced: { ...force, by: 1, overrode: [expect.objectContaining({ code: 'guard' })] } },
    ],
    [
      'forced by a name',
      ({ workflow }) =>
        workflow.apply('T-resolved', 'START', { ...change, force: { ...force, by: 'Ada' } }),
      { forced: { ...force, by: 'Ada', overrode: [expect.any(Object)] } },
    ],
    [
      'unchanged',
      ({ workflow }) => workflow.apply('T-in-progress', 'START', change),
      { kind: 'unchanged' },
    ],
  ])('%s', async (name, ask, expected) => {
    const bench = setUp({ lifecycle }, name === 'by observation' ? losing : undefined);
    const ended = await bench.clock.run(ask(bench));
    expect(ended).toMatchObject(expected);
    const response = await toResponse(ended);
    expect(response.status).toBe(200);
    expect(faultsOf(isOutcome, await response.json())).toBe('');
    expect(faultsOf(isOutcome, throughJson(toHttpAnswer(ended).body))).toBe('');
  });

  test('sent once more', async () => {
    let isLost = false;
    const { clock, workflow } = setUp({}, async (request, forward) => {
      if (request.method !== 'POST' || isLost) return forward();
      isLost = true;
      throw new TypeError('fetch failed');
    });
    const ended = await clock.run(workflow.apply('T-open', 'START', change));
    expect(ended).toMatchObject({ kind: 'confirmed', resent: true });
    expect(faultsOf(isOutcome, throughJson(toOutcomeRecord(ended)))).toBe('');
  });

  test('settled, though it is not known from which state it led', async () => {
    const { clock, workflow } = setUp();
    const ended = await clock.run(workflow.settle('T-open', 'REOPEN', {}));
    expect(ended).toMatchObject({ kind: 'confirmed', from: undefined });
    expect(faultsOf(isOutcome, throughJson(toOutcomeRecord(ended)))).toBe('');
  });

  test.each([['closed'], ['open']])('a move to %s', async (to) => {
    const { clock, workflow } = setUp();
    const asked = toResponse(workflow.moveTo('T-open', to, change));
    const body: unknown = await (await clock.run(asked)).json();
    expect(faultsOf(isArrivedMove, body)).toBe('');
  });

  test('and no problem is an outcome', async () => {
    const { clock, workflow } = setUp();
    const blocked = await clock.run(workflow.apply('T-open', 'CLOSE', change));
    for (const body of [toProblem(blocked), toOutcomeRecord(blocked)])
      expect(isOutcome(throughJson(body))).toBe(false);
  });
});
