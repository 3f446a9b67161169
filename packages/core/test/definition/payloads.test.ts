import { beforeEach, describe, expect, test } from 'vitest';
import { and, setup } from 'xstate';
import * as z from 'zod';
import * as mini from 'zod/mini';
import { defineLifecycle, LifecycleDefinitionError, type PayloadSchema } from '../../src/index.ts';
import { blockersOf, codesOf, guardsOf, parameterOf } from '../support/blockers-of.ts';
import { faultsOf } from '../support/machine-of.ts';

const machine = setup({
  types: {
    context: {} as { role: string },
    events: {} as
      | { type: 'CLOSE'; reason: string; hours?: number }
      | { type: 'DROP' }
      | { type: 'REOPEN' },
  },
  guards: {
    isLead: ({ context }) => context.role === 'lead',
    isShort: ({ event }) => event.type === 'CLOSE' && event.reason.trim().length < 20,
  },
}).createMachine({
  context: { role: 'agent' },
  initial: 'open',
  states: {
    open: { on: { DROP: 'closed', CLOSE: { target: 'resolved', guard: 'isShort' } } },
    resolved: { on: { CLOSE: { target: 'closed', guard: 'isLead' } } },
    closed: { on: { REOPEN: 'open' } },
  },
});
const payloads = {
  CLOSE: z.object({ reason: z.string().min(3), hours: z.number().optional() }),
};
const make = () => defineLifecycle(machine, { payloads });
let lifecycle: ReturnType<typeof make>;
// Made anew for each test, so that a test also judges how it is made.
beforeEach(() => {
  lifecycle = make();
});
const lead = { role: 'lead' };
const agent = { role: 'agent' };

test('an event that carries what it should is judged by its guards', () => {
  expect(lifecycle.can('resolved', { type: 'CLOSE', reason: 'Answered.' }, lead)).toBe(true);
  const close = { type: 'CLOSE', reason: 'Answered.' } as const;
  expect(guardsOf(lifecycle.explain('resolved', close, agent))).toEqual(['isLead']);
});

test('each thing that it lacks is a reason of its own, with its place, beside the guards', () => {
  const close = { type: 'CLOSE', reason: '?', hours: 'two' } as never;
  const verdict = lifecycle.explain('resolved', close, agent);
  expect(codesOf(verdict)).toEqual(['payload', 'payload', 'guard']);
  expect(blockersOf(verdict)[0]).toEqual({
    code: 'payload',
    message:
      'Invalid payload for CLOSE at "reason": Too small: expected string to have >=3 characters.',
    parameters: {
      event: 'CLOSE',
      path: ['reason'],
      problem: 'Too small: expected string to have >=3 characters',
    },
  });
  expect(parameterOf(blockersOf(verdict)[1], 'path')).toEqual(['hours']);
  expect(verdict).toMatchObject({ allowed: false, ever: 'here' });
  expect(lifecycle.can('resolved', close, lead)).toBe(false);
  expect(() => lifecycle.next('resolved', close, lead)).toThrow('at "reason"');
});

test('an event that carries nothing is blocked as what it is', () => {
  const verdict = lifecycle.explain('resolved', 'CLOSE' as never, lead);
  expect(codesOf(verdict)).toEqual(['payload']);
  expect(verdict).toMatchObject({ ever: 'here', enabled: [] });
});

test('a guard that stumbles over a wrong payload is no fault of the definition', () => {
  // isShort would throw: there is no reason to trim.
  expect(codesOf(lifecycle.explain('open', { type: 'CLOSE' } as never, agent))).toEqual([
    'payload',
  ]);
  expect(lifecycle.can('open', { type: 'CLOSE', reason: 'Answered.' }, agent)).toBe(true);
});

test('a guard that throws for another reason than missing data breaks the list of what is open', () => {
  const broken = machine.provide({
    guards: {
      isLead: () => {
        throw new Error('no directory');
      },
    },
  });
  const list = () => defineLifecycle(broken, { payloads }).enabled('resolved', lead);
  expect(list).toThrow(LifecycleDefinitionError);
  expect(list).toThrow('The guard "isLead" threw when CLOSE was asked in resolved: no directory.');
});

test('a problem deep inside a payload is shown with the whole way to it', () => {
  const booked = defineLifecycle(machine, {
    payloads: { CLOSE: z.object({ times: z.array(z.object({ hours: z.number() })) }) },
  });
  const close = { type: 'CLOSE', times: [{ hours: 1 }, { hours: 'two' }] } as never;
  expect(blockersOf(booked.explain('resolved', close, lead))[0]?.message).toContain(
    'for CLOSE at "times.1.hours": ',
  );
});

test.each([
  ['Use 1.5 hours or more', 'Use 1.5 hours or more.'],
  ['Use more!', 'Use more!'],
])('a problem is told as a sentence: %s', (problem, sentence) => {
  const asking = defineLifecycle(machine, {
    payloads: { CLOSE: z.object({ hours: z.number(problem) }) },
  });
  expect(blockersOf(asking.explain('resolved', 'CLOSE' as never, lead))[0]?.message).toBe(
    `Invalid payload for CLOSE at "hours": ${sentence}`,
  );
});

test('a whole payload that is wrong has no place in it', () => {
  const strict = defineLifecycle(machine, {
    payloads: { CLOSE: z.strictObject({ reason: z.string() }) },
  });
  const close = { type: 'CLOSE', reason: 'Done.', hours: 2 } as const;
  expect(blockersOf(strict.explain('resolved', close, lead))[0]).toMatchObject({
    message: 'Invalid payload for CLOSE: Unrecognized key: "hours".',
    parameters: { path: [] },
  });
});

test('the lists of what is open name what an event still needs', () => {
  const open = lifecycle.enabled('open', agent).map(({ event, needs }) => [event, needs]);
  expect(open).toEqual([
    ['DROP', undefined],
    ['CLOSE', ['reason']],
  ]);
  expect(lifecycle.payloads).toHaveProperty('CLOSE');
  const verdicts = lifecycle.enabled('resolved', lead, { includeBlocked: true });
  expect(verdicts.map((verdict) => codesOf(verdict))).toEqual([
    ['no-such-transition'],
    [],
    ['no-such-transition'],
  ]);
  const blocked = lifecycle.enabled('resolved', agent, { includeBlocked: true });
  expect(blocked.map((verdict) => codesOf(verdict))[1]).toContain('guard');
});

test('a guard that asks for data which is not there yet decides nothing, and others do', () => {
  const desk = (guard: (args: { event: object; context: object }) => boolean) =>
    defineLifecycle(
      {
        initial: 'open',
        states: {
          open: { on: { CLOSE: { target: 'closed', guard: 'g' } } },
          closed: { type: 'final' },
        },
      },
      { guards: { g: guard }, payloads: { CLOSE: z.object({ reason: z.string() }) } },
    );
  const needs = [{ event: 'CLOSE', to: 'closed', needs: ['reason'] }];
  type Closing = { event: { reason?: string; order?: { id: number } } };
  const undecided = [
    ({ event }: Closing) => event.reason === 'Answered.',
    ({ event }: Closing) => 'reason' in event,
    ({ event }: Closing) => Object.keys(event).length > 1,
    ({ event }: Closing) => Object.hasOwn(event, 'reason'),
    ({ event }: Closing) => Object.getOwnPropertyDescriptor(event, 'reason')?.value === 'No.',
    ({ event }: Closing) => JSON.stringify(event).includes('Answered.'),
    ({ event }: Closing) => Object.entries({ ...event }).length > 1,
  ];
  for (const guard of undecided) {
    expect(desk(guard).enabled('open')).toMatchObject(needs);
    expect(desk(guard).plan('open', 'closed')).toMatchObject({ kind: 'plan', steps: needs });
    expect(desk(guard).can('open', 'CLOSE' as never)).toBe(false);
  }
  expect(desk(() => true).enabled('open')).toMatchObject(needs);
  expect(desk(() => false).enabled('open')).toEqual([]);
  expect(desk(({ event }) => (event as { type: string }).type === 'DROP').enabled('open')).toEqual(
    [],
  );
  expect(desk(() => false).plan('open', 'closed').kind).toBe('blocked');
});

test('what an event lacks while only its name is known is no reason, nor is a guard that waits for it', () => {
  const desk = defineLifecycle(
    {
      initial: 'open',
      states: {
        open: { on: { NOTE: 'in-progress' } },
        'in-progress': { on: { CLOSE: { target: 'closed', guard: 'both' } } },
        closed: { type: 'final' },
      },
    },
    {
      guards: {
        both: and(['isLong', 'isLead']) as never,
        isLong: ({ event }) => (event as { reason?: string }).reason?.length === 3,
        isLead: () => false,
      },
      payloads: { NOTE: z.object({ text: z.string() }), CLOSE: z.object({ reason: z.string() }) },
    },
  );
  const all = desk.enabled('in-progress', undefined, { includeBlocked: true });
  expect(all.map((verdict) => guardsOf(verdict))[1]).toEqual(['isLead']);
  const isLead = { code: 'guard', parameters: { guard: 'isLead' } };
  expect(desk.plan('open', 'closed')).toMatchObject({ kind: 'blocked', blockers: [isLead] });
  // What is given is judged.
  const given = { payloads: { NOTE: { text: 1 as never }, CLOSE: { reason: 'No.' } } };
  expect(desk.plan('open', 'closed', given)).toMatchObject({
    blockers: [{ code: 'payload', parameters: { event: 'NOTE' } }, isLead],
  });
});

test('an event needs the fields that it must carry, each once and by its first name', () => {
  const needsOf = (payload: z.ZodType) => {
    const config = {
      initial: 'open',
      states: { open: { on: { CLOSE: 'closed' } }, closed: { type: 'final' } },
    } as const;
    const [open] = defineLifecycle(config, { payloads: { CLOSE: payload } }).enabled('open');
    return open?.needs;
  };
  const order = z.object({ id: z.number(), of: z.object({ day: z.number() }) });
  expect(needsOf(z.object({ order, why: z.string(), note: z.optional(z.string()) }))).toEqual([
    'order',
    'why',
  ]);
  expect(needsOf(z.object({ note: z.optional(z.string()) }))).toBeUndefined();
});

test('a plan asks with the payloads that it is given', () => {
  const bare = lifecycle.plan('resolved', 'closed', { context: lead });
  expect(bare).toMatchObject({ kind: 'plan', steps: [{ event: 'CLOSE', needs: ['reason'] }] });
  const unknown = { context: lead, payloads: { CLOSE: undefined } };
  expect(lifecycle.plan('resolved', 'closed', unknown)).toEqual(bare);
  const wrong = lifecycle.plan('resolved', 'closed', {
    context: lead,
    payloads: { CLOSE: {} as never },
  });
  expect(wrong).toMatchObject({ kind: 'blocked', blockers: [{ code: 'payload' }] });
  const plan = lifecycle.plan('resolved', 'closed', {
    context: lead,
    payloads: { CLOSE: { reason: 'Answered.' } },
  });
  expect(plan).toMatchObject({ kind: 'plan', steps: [{ event: 'CLOSE', to: 'closed' }] });
  const named = lifecycle.plan('resolved', 'closed', {
    context: agent,
    payloads: { CLOSE: { reason: 'Answered.' } },
  });
  expect(named).toMatchObject({ kind: 'blocked', blockers: [{ code: 'guard' }] });
});

test('a payload cannot say that it is another event', () => {
  const plan = lifecycle.plan('resolved', 'closed', {
    context: lead,
    payloads: { CLOSE: { reason: 'Answered.', type: 'REOPEN' } as { reason: string } },
  });
  expect(plan).toMatchObject({ kind: 'plan', steps: [{ event: 'CLOSE' }] });
});

test('schemas of zod/mini, and of whoever follows Standard Schema, do as well', () => {
  const small = defineLifecycle(machine, {
    payloads: { CLOSE: mini.object({ reason: mini.string() }) },
  });
  expect(codesOf(small.explain('resolved', 'CLOSE' as never, lead))).toEqual(['payload']);
  const own = defineLifecycle(machine, {
    payloads: {
      CLOSE: {
        '~standard': {
          validate: () => ({ issues: [{ message: 'No.', path: [{ key: 'a' }, 0] }] }),
        },
      },
    },
  });
  expect(blockersOf(own.explain('resolved', 'CLOSE' as never, lead))[0]?.parameters).toEqual({
    event: 'CLOSE',
    path: ['a', '0'],
    problem: 'No.',
  });
});

test('a schema may be a function, as those of arktype are', () => {
  const validate = () => ({ issues: [{ message: 'No.' }] });
  const callable = Object.assign(() => {}, { '~standard': { validate } });
  const own = defineLifecycle(machine, { payloads: { CLOSE: callable } });
  expect(codesOf(own.explain('resolved', 'CLOSE' as never, lead))).toEqual(['payload']);
});

test('an event without a guard is asked for its payload as well', () => {
  const desk = defineLifecycle(
    {
      initial: 'open',
      states: { open: { on: { CLOSE: 'closed' } }, closed: { type: 'final' } },
    },
    { payloads: { CLOSE: z.object({ reason: z.string() }) } },
  );
  expect(desk.can('open', { type: 'CLOSE', reason: 'Answered.' })).toBe(true);
  expect(desk.can('open', { type: 'CLOSE' } as never)).toBe(false);
  expect(desk.enabled('open')).toMatchObject([{ event: 'CLOSE', needs: ['reason'] }]);
  expect(desk.explain('open', { type: 'CLOSE', reason: 'Answered.' })).toEqual(
    defineLifecycle(desk.machine).explain('open', 'CLOSE'),
  );
});

test('a problem that names no place has none', () => {
  const vague = defineLifecycle(machine, {
    payloads: { CLOSE: { '~standard': { validate: () => ({ issues: [{ message: 'No.' }] }) } } },
  });
  expect(blockersOf(vague.explain('resolved', 'CLOSE' as never, lead))[0]).toMatchObject({
    message: 'Invalid payload for CLOSE: No.',
    parameters: { path: [] },
  });
});

describe('a schema that is broken never passes', () => {
  const failure = new Error('no database');
  const promise = 'is async, or a check threw';
  test.each<[title: string, schema: PayloadSchema, problem: string]>([
    ['one that is async', z.object({}).refine(async () => true), promise],
    [
      'one of zod that throws',
      z.object({}).refine(() => {
        throw failure;
      }),
      promise,
    ],
    [
      'one whose answer is refused later',
      { '~standard': { validate: () => Promise.reject(failure) } },
      promise,
    ],
    ...[undefined, false, true, 5, 'no'].map((answer): [string, PayloadSchema, string] => [
      `one that answers ${String(answer)}`,
      { '~standard': { validate: () => answer } },
      promise,
    ]),
    ...[null, { issues: 5 }, { issues: [null] }, { issues: [{ message: 'No.', path: 5 }] }].map(
      (answer): [string, PayloadSchema, string] => [
        `one that answers ${JSON.stringify(answer)}`,
        { '~standard': { validate: () => answer } },
        'threw',
      ],
    ),
    [
      'one of another library that throws',
      {
        '~standard': {
          validate() {
            throw failure;
          },
        },
      },
      'threw',
    ],
  ])('%s', (_, schema, problem) => {
    const message = `The payload schema of CLOSE ${problem}.`;
    const broken = defineLifecycle(machine, { payloads: { CLOSE: schema } });
    const faults = [{ code: 'broken-payload', path: 'options.payloads.CLOSE', message }];
    const close = { type: 'CLOSE', reason: 'Answered.' } as const;
    for (const ask of [
      () => broken.can('resolved', close, lead),
      () => broken.explain('resolved', close, lead),
      () => broken.enabled('resolved', lead),
    ]) {
      expect(ask).toThrow(LifecycleDefinitionError);
      expect(ask).toThrow(expect.objectContaining({ faults }));
    }
  });
});

test('what a schema threw is kept as the cause', () => {
  const cause = new Error('no database');
  const broken = defineLifecycle(machine, {
    payloads: {
      CLOSE: {
        '~standard': {
          validate() {
            throw cause;
          },
        },
      },
    },
  });
  expect(() => broken.can('resolved', 'CLOSE' as never, agent)).toThrow(
    expect.objectContaining({ cause }),
  );
});

test.each([null, 5, {}, { '~standard': null }, { '~standard': {} }])(
  'a schema that is %o is a fault',
  (schema) => {
    const [fault] = faultsOf(machine, { payloads: { CLOSE: schema as never } });
    expect(fault).toMatchObject({ code: 'wrong-type', path: 'options.payloads.CLOSE' });
    expect(fault?.message).toMatch(
      /^Expected a Standard Schema \(zod 3\.24 or later, valibot, arktype\), received /,
    );
  },
);

test('a schema for an event that does not exist is a fault, for it would never be asked', () => {
  expect(faultsOf(machine, { payloads: { CLSOE: payloads.CLOSE } })).toEqual([
    {
      code: 'unknown-event',
      path: 'options.payloads.CLSOE',
      message: 'There is no such event. The events are DROP, CLOSE, REOPEN. Did you mean CLOSE?',
    },
  ]);
});

test('a schema named like what every object has is not mistaken for one', () => {
  const odd = defineLifecycle({
    initial: 'open',
    states: { open: { on: { toString: 'closed' } }, closed: { type: 'final' } },
  });
  expect(odd.can('open', 'toString')).toBe(true);
  expect(odd.plan('open', 'closed', { payloads: {} }).kind).toBe('plan');
});
