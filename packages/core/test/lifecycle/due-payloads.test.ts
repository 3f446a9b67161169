import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import * as mini from 'zod/mini';
import type { PayloadSchema } from '../../src/index.ts';
import { defineLifecycle } from '../../src/index.ts';
import { defineLeanLifecycle } from '../../src/lifecycle/lean.ts';
import { faultsOf, machineOf } from '../support/machine-of.ts';

const due = { after: 'P7D', event: 'CLOSE' };
const machineWith = (resolved: unknown = due, open?: unknown) =>
  machineOf({
    initial: 'open',
    states: {
      open: { meta: open === undefined ? {} : { due: open }, on: { RESOLVE: 'resolved' } },
      resolved: { meta: { due: resolved }, on: { CLOSE: 'closed', EXPIRE: 'closed' } },
      closed: { type: 'final' },
    },
  });
const standard = (validate: (value: unknown) => unknown): PayloadSchema => ({
  '~standard': { validate },
});
const codesWith = (schema: PayloadSchema) =>
  faultsOf(machineWith(), { payloads: { CLOSE: schema } }).map(({ code }) => code);

test('a deadline whose event needs data is a fault, with state, event, field and cure', () => {
  const payloads = { CLOSE: z.object({ reason: z.string(), note: z.string().optional() }) };
  expect(faultsOf(machineWith(), { payloads })).toEqual([
    {
      code: 'due-without-payload',
      path: 'states.resolved.meta.due',
      message:
        'CLOSE becomes due in state "resolved" without data, and its payload schema refuses that. Invalid payload for CLOSE at "reason": Invalid input: expected string, received undefined. Let options.payloads.CLOSE accept an event without data, or name another event.',
    },
  ]);
});

test('each state with such a deadline is named, and each event of it once', () => {
  const twice = [due, { after: 'P14D', event: 'CLOSE' }, { after: 'P21D', event: 'EXPIRE' }];
  const needy = z.object({ reason: z.string() });
  const payloads = { CLOSE: needy, EXPIRE: needy, RESOLVE: needy };
  const faults = faultsOf(machineWith(twice, { after: 'P1D', event: 'RESOLVE' }), { payloads });
  expect(faults.map(({ path, message }) => [path, message.split(' ')[0]])).toEqual([
    ['states.open.meta.due', 'RESOLVE'],
    ['states.resolved.meta.due', 'CLOSE'],
    ['states.resolved.meta.due', 'EXPIRE'],
  ]);
});

test('an event that no deadline names may need what it likes', () => {
  const payloads = { EXPIRE: z.object({ reason: z.string() }) };
  expect(faultsOf(machineWith(), { payloads })).toEqual([]);
});

describe('what refuses an event without data', () => {
  test.each<[title: string, schema: PayloadSchema]>([
    ['zod', z.object({ reason: z.string() })],
    ['zod, by a rule of the whole', z.looseObject({}).refine((it) => 'reason' in it, 'Say why.')],
    ['zod/mini', mini.object({ reason: mini.string() })],
    ['another library', standard(() => ({ issues: [{ message: 'No.' }] }))],
    [
      'a function, as of arktype',
      Object.assign(
        () => {},
        standard(() => ({ issues: [{ message: 'No.' }] })),
      ),
    ],
  ])('%s', (_, schema) => {
    expect(codesWith(schema)).toEqual(['due-without-payload']);
  });
});

describe('what is no clear refusal is no fault', () => {
  test.each<[title: string, schema: PayloadSchema]>([
    ['fields that may be missing', z.object({ reason: z.string().optional() })],
    ['fields with a default', z.object({ reason: z.string().default('late') })],
    ['one that is async', z.object({ reason: z.string().optional() }).refine(async () => false)],
    [
      'one that throws',
      standard(() => {
        throw new Error('no database');
      }),
    ],
    ['one whose answer is refused later', standard(() => Promise.reject(new Error('late')))],
    ['one that answers nothing', standard(() => undefined)],
    ['one whose issues are no list', standard(() => ({ issues: 5 }))],
  ])('%s', (_, schema) => {
    expect(codesWith(schema)).toEqual([]);
  });

  test('nor does what is no schema get a second one', () => {
    expect(codesWith({ reason: 'text' } as never)).toEqual(['wrong-type']);
    const payloads = { CLOSE: z.object({ reason: z.string() }) };
    const unknown = machineWith({ after: 'P7D', event: 'CLOSED' });
    expect(faultsOf(unknown, { payloads }).map(({ code }) => code)).toEqual(['due-without-event']);
  });
});

test('a lifecycle is accepted exactly where what comes due is not blocked by its payload', () => {
  const field = fc.constantFrom<z.ZodType>(
    z.string(),
    z.string().optional(),
    z.number().default(1),
    z.unknown(),
    z.literal(5),
    z.null().optional(),
    z.object({ id: z.number() }),
    z.array(z.string()).optional(),
  );
  const payload = fc.dictionary(fc.constantFrom('reason', 'hours', 'order'), field, { maxKeys: 3 });
  fc.assert(
    fc.property(payload, (fields) => {
      const payloads = { CLOSE: z.object(fields) };
      // A lean lifecycle reads no deadlines, and asks the same schemas.
      const isOpen = defineLeanLifecycle(machineWith(), { payloads }).can('resolved', 'CLOSE');
      const isAccepted = faultsOf(machineWith(), { payloads }).length === 0;
      expect(isAccepted).toBe(isOpen);
      if (!isAccepted) return;
      const lifecycle = defineLifecycle(machineWith(), { payloads });
      const [event = ''] = lifecycle.due('resolved', 0, Date.UTC(2000, 0));
      expect(lifecycle.can('resolved', event)).toBe(true);
    }),
  );
});
