import { describe, expect, test } from 'vitest';
import { and } from 'xstate';
import * as z from 'zod';
import { defineLifecycle, ticketLifecycle, type Lifecycle } from '../../src/index.ts';
import { inTimeZone } from '../../src/queries/time-zone.ts';
import { guardsOf } from '../support/blockers-of.ts';
import { machineOf } from '../support/machine-of.ts';

const closing = (ways: object, guards: object, payloads: object = {}): Lifecycle =>
  defineLifecycle(
    machineOf(
      {
        initial: 'open',
        states: { open: { on: { CLOSE: ways } }, closed: { on: { REOPEN: 'open' } } },
      },
      guards,
    ),
    { payloads } as never,
  );

test('a guard that copies its event has not decided before the event carries its data', () => {
  const isShort = ({ event }: { event: { reason?: string } }) =>
    (structuredClone(event).reason ?? '').length < 9;
  const payloads = { CLOSE: z.object({ reason: z.string() }) };
  const lifecycle = closing({ target: 'closed', guard: 'isShort' }, { isShort }, payloads);
  expect(lifecycle.enabled('open')).toMatchObject([{ event: 'CLOSE', needs: ['reason'] }]);
  expect(lifecycle.plan('open', 'closed').kind).toBe('plan');
  const throws = () => {
    throw new Error('broken');
  };
  const broken = closing({ target: 'closed', guard: 'isShort' }, { isShort: throws }, payloads);
  expect(() => broken.enabled('open')).toThrow('broken');
});

const type = z.literal('CLOSE');
const whole = z.object({ type, reason: z.string() });
const either = z.union([z.object({ type, amount: z.number() }), whole]);
test.each<[title: string, schema: z.ZodType, needs: string[]]>([
  ['strict', z.strictObject({ type, reason: z.string() }), ['reason']],
  ['any', whole, ['reason']],
  ['of several', either, []],
  ['of several, inside of others', z.union([either, z.object({ type, by: z.number() })]), []],
])('a schema may describe the whole event: %s', (_, schema, needs) => {
  const lifecycle = closing({ target: 'closed' }, {}, { CLOSE: schema });
  const event = { type: 'CLOSE', reason: 'Answered.' };
  expect(lifecycle.can('open', event)).toBe(true);
  expect(lifecycle.parseEvent(event)).toEqual({ valid: true, event });
  expect(lifecycle.enabled('open')).toMatchObject([{ event: 'CLOSE', needs }]);
  expect(lifecycle.explain('open', 'CLOSE')).toMatchObject({
    blockers: [{ code: 'payload', parameters: { path: needs } }],
  });
});

describe('each reason is told once', () => {
  const no = () => false;
  const guards = { lead: no, big: no, small: no };

  test.each<[title: string, ways: object, names: string[]]>([
    ['of one guard in a list', { target: 'closed', guard: and(['lead', 'lead']) }, ['lead']],
    [
      'of a guard on two ways to one state',
      ['big', 'small'].map((size) => ({ target: 'closed', guard: and(['lead', size]) })),
      ['lead', 'big', 'small'],
    ],
  ])('%s', (_, ways, names) => {
    expect(guardsOf(closing(ways, guards).explain('open', 'CLOSE'))).toEqual(names);
  });
});

test.each<[state: unknown, message: string]>([
  [['open'], 'Expected the name of a state, received an array. The states are '],
  [
    { value: 'open', context: {} },
    'Expected the name of a state, received an object. Pass its "value". The states are ',
  ],
])('a state that is no name is said by its kind: %j', (state, message) => {
  const verdict = ticketLifecycle.explain(state as never, 'START');
  expect(verdict).toMatchObject({ blockers: [{ code: 'unknown-state' }] });
  expect(verdict.allowed ? '' : verdict.blockers[0]?.message).toContain(message);
});

test('a deadline later than a Date can hold is refused, and never due', () => {
  const lifecycle = defineLifecycle({
    initial: 'open',
    states: {
      open: { meta: { due: { after: 'P1D', event: 'CLOSE' } }, on: { CLOSE: 'closed' } },
      closed: { type: 'final' },
    },
  });
  for (const calendar of [undefined, inTimeZone('Europe/Berlin')]) {
    expect(() => lifecycle.deadlines('open', 8.64e15, { calendar })).toThrow(
      new RangeError('deadlines: CLOSE, after P1D, is due later than a Date can hold.'),
    );
    expect(lifecycle.due('open', 8.64e15, 8.64e15, { calendar })).toEqual([]);
  }
});
