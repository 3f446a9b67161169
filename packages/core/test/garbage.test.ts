import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { createMachine } from 'xstate';
import { defineLifecycle, LifecycleDefinitionError } from '../src/index.ts';

// Whatever is passed as a definition and its options, nothing but a LifecycleDefinitionError comes
// out, and it never falls back on "can't be read", which only a hostile object earns.
// LIFECYCLE_FUZZ_RUNS=100000 makes the run longer.
const runs = Number(process.env['LIFECYCLE_FUZZ_RUNS'] ?? 2000);
const word = fc.constantFrom(
  'open',
  'closed',
  'in-progress',
  'resolved',
  'x',
  '#x',
  '#open',
  '.open',
  'a.b',
  'a\\b',
  '\\',
  '',
  '*',
  '__proto__',
  'constructor',
  'toString',
  'CLOSE',
  'xstate.init',
  '1',
  '#(machine).open',
  'not',
  'id',
);
const junk = fc.oneof(
  word,
  fc.constantFrom<unknown>(
    null,
    undefined,
    0,
    -0,
    Number.NaN,
    1n,
    true,
    Symbol('x'),
    () => true,
    /a/g,
    new Date(0),
  ),
  fc.constantFrom<unknown>(
    [],
    {},
    [[]],
    new Map(),
    new Set([1]),
    Object.create(null),
    Promise.resolve(),
  ),
  fc.jsonValue({ maxDepth: 2 }),
  fc.object({ maxDepth: 2 }),
);
const mostly = <Value>(value: fc.Arbitrary<Value>): fc.Arbitrary<unknown> =>
  fc.oneof({ weight: 6, arbitrary: value }, { weight: 1, arbitrary: junk });
const record = (model: Record<string, fc.Arbitrary<unknown>>, key = word) =>
  fc
    .tuple(
      fc.record(model, { requiredKeys: [] }),
      fc.dictionary(key, junk, { maxKeys: 1 }),
      fc.nat(5),
    )
    .map(([fields, extra, chance]) => (chance === 0 ? { ...fields, ...extra } : fields));

const guard = mostly(fc.oneof(word, record({ type: mostly(word), params: junk })));
const transition = mostly(
  fc.oneof(
    word,
    record({
      target: mostly(fc.oneof(word, fc.array(word, { maxLength: 2 }))),
      guard,
      actions: junk,
      meta: junk,
      description: junk,
      cond: junk,
      reenter: junk,
    }),
  ),
);
const on = mostly(
  fc.dictionary(word, fc.oneof(transition, fc.array(transition, { maxLength: 2 })), { maxKeys: 3 }),
);
const due = record({ after: mostly(fc.constantFrom('P1D', 'P', 'PT0S')), event: mostly(word) });
const meta = mostly(
  record({
    status: mostly(word),
    due: mostly(fc.oneof(due, fc.array(due))),
    default: mostly(fc.boolean()),
    label: junk,
    sla: mostly(fc.dictionary(word, mostly(fc.constantFrom('run', 'stop', 'pause')))),
  }),
);
const hours = mostly(fc.oneof(fc.constant('09:00-17:00'), fc.array(word, { maxLength: 2 })));
const calendar = mostly(
  record({
    timeZone: mostly(fc.constantFrom('UTC', 'Europe/Berlin', 'Mars')),
    hours: mostly(record({ monday: hours, sunday: hours })),
    holidays: mostly(fc.array(mostly(fc.constant('2026-12-25')), { maxLength: 2 })),
    days: mostly(fc.dictionary(fc.oneof(word, fc.constant('2026-12-24')), hours, { maxKeys: 2 })),
  }),
);
const clock = mostly(
  record({
    target: mostly(fc.constantFrom('PT1H', 'P1D')),
    calendar: mostly(word),
    per: mostly(fc.constantFrom('ticket', 'stay')),
    afterStop: mostly(fc.constantFrom('ended', 'continues')),
  }),
);
const rootMeta = mostly(
  record({
    sla: mostly(
      record({
        clocks: mostly(fc.dictionary(word, clock, { maxKeys: 2 })),
        calendars: mostly(fc.dictionary(word, calendar, { maxKeys: 2 })),
      }),
    ),
  }),
);
const always = [
  'after',
  'always',
  'invoke',
  'onDone',
  'route',
  'states',
  'history',
  'entry',
  'exit',
  'id',
  'tags',
  'output',
  'description',
];
const others = Object.fromEntries(
  always.map((key) => [
    key,
    fc.oneof({ weight: 9, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: junk }),
  ]),
);
const state = mostly(
  record({ on, meta, type: mostly(fc.constantFrom(undefined, 'final')), ...others }),
);
const config = mostly(
  record({
    initial: mostly(word),
    states: mostly(fc.dictionary(word, state, { maxKeys: 4 })),
    on,
    context: junk,
    types: junk,
    meta: fc.oneof(fc.constant(undefined), rootMeta),
    ...others,
  }),
);
const options = fc.oneof(
  { weight: 2, arbitrary: fc.constant(undefined) },
  {
    weight: 3,
    arbitrary: mostly(
      record({
        guards: mostly(fc.dictionary(word, mostly(fc.constant(() => true)))),
        guardMessages: mostly(fc.dictionary(word, junk)),
        payloads: mostly(fc.dictionary(word, junk)),
      }),
    ),
  },
);

/** What comes out that should not. */
function oddityOf(definition: unknown, given: unknown): string | undefined {
  try {
    defineLifecycle(definition as never, given as never);
    return undefined;
  } catch (error) {
    if (!LifecycleDefinitionError.is(error)) return `raw: ${String(error)}`;
    const odd = error.faults.find(({ code }) => code === 'unreadable');
    return odd?.message;
  }
}

test(`${runs} garbage definitions: every error is a LifecycleDefinitionError`, () => {
  let made = 0;
  fc.assert(
    fc.property(config, options, (definition, given) => {
      const oddity = oddityOf(definition, given);
      if (oddity !== undefined) throw new Error(oddity);
      made += 1;
    }),
    { numRuns: runs, seed: 16 },
  );
  expect(made).toBe(runs);
});

test('so it is where XState itself makes a machine of the garbage', () => {
  fc.assert(
    fc.property(config, options, (definition, given) => {
      let machine: unknown;
      try {
        machine = createMachine(definition as never);
      } catch {
        return;
      }
      expect(oddityOf(machine, given) ?? '').not.toMatch(/^raw/);
    }),
    { numRuns: runs / 10, seed: 16 },
  );
});

test.each<[title: string, definition: unknown]>([
  [
    'a getter that throws',
    Object.defineProperty({}, 'states', {
      get: () => {
        throw new Error('no');
      },
    }),
  ],
  [
    'a proxy that throws',
    new Proxy(
      {},
      {
        get: () => {
          throw new Error('no');
        },
      },
    ),
  ],
])('%s gives one too', (_, definition) => {
  expect(() => defineLifecycle(definition as never)).toThrow(LifecycleDefinitionError);
});

test.each<[title: string, options: unknown]>([
  ['null', null],
  ['a text', 'guards'],
  ['a list', []],
])('%s is no options', (_, given) => {
  const definition = {
    initial: 'open',
    states: { open: { on: { GO: 'closed' } }, closed: { type: 'final' } },
  } as const;
  expect(() => defineLifecycle(definition, given as never)).toThrow(
    expect.objectContaining({
      faults: [expect.objectContaining({ code: 'wrong-type', path: 'options' })],
    }),
  );
});
