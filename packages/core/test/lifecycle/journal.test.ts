import { describe, expect, test } from 'vitest';
import { ticketLifecycle, type Lifecycle } from '../../src/index.ts';
import {
  journalEntry,
  journalEntrySchema,
  type JournalEntry,
} from '../../src/lifecycle/journal.ts';

const facts = { ticketId: 'T-1', by: 4711, at: new Date('2026-11-25T12:00:00Z') };
const lifecycle = ticketLifecycle as unknown as Lifecycle;

const hidden = new Proxy(
  {},
  {
    ownKeys() {
      throw new Error('no');
    },
  },
);

class Order {
  readonly id = 1n;
}

test('an allowed change is written with where it leads', () => {
  const entry = journalEntry(lifecycle, lifecycle.explain('open', 'START'), facts);
  expect(entry).toEqual({
    ticketId: 'T-1',
    at: '2026-11-25T12:00:00.000Z',
    by: 4711,
    asked: { from: 'open', event: 'START' },
    decided: { allowed: true, to: 'in-progress', status: 'in-progress', changesStatus: true },
    fingerprint: ticketLifecycle.fingerprint,
  });
});

test('a refused one is written with every reason, and with what it carried', () => {
  const verdict = lifecycle.explain('opne', 'STRAT');
  const payload = { note: 'please' };
  const entry = journalEntry(lifecycle, verdict, { ...facts, by: 'night job', payload });
  expect(entry).toMatchObject({
    by: 'night job',
    asked: { from: 'opne', event: 'STRAT', payload },
    decided: { allowed: false, blockers: [{ code: 'unknown-state' }, { code: 'unknown-event' }] },
  });
});

test('an entry comes back from a file as it was', () => {
  for (const event of ['START', 'CLOSE', 'CLOES']) {
    const entry = journalEntry(lifecycle, lifecycle.explain('open', event), facts);
    expect(journalEntrySchema.parse(JSON.parse(JSON.stringify(entry)))).toEqual(entry);
  }
});

const circle: { self?: object } = {};
circle.self = circle;

test.each<[title: string, name: unknown, text: string]>([
  ['a symbol', Symbol('open'), 'Symbol(open)'],
  ['a BigInt', 5n, '5'],
  ['null', null, 'null'],
  ['nothing', undefined, 'undefined'],
  ['an object that has no text', Object.create(null), 'object'],
  ['an object that holds itself', circle, '[object Object]'],
])('%s that was asked about is written as text', (_, name, text) => {
  const verdict = lifecycle.explain(name as string, 'START');
  const entry = journalEntry(lifecycle, verdict, { ...facts, payload: { name } });
  expect(entry.asked).toMatchObject({ from: text, event: 'START' });
  expect(JSON.parse(JSON.stringify(entry))).toEqual(entry);
});

test.each<[title: string, value: unknown, kept: unknown]>([
  ['a BigInt as text', 5n, '5'],
  ['what holds itself up to there', circle, { self: '[circular]' }],
  [
    'one bad leaf beside good ones',
    { order: { id: 1n, reason: 'late' } },
    { order: { id: '1', reason: 'late' } },
  ],
  [
    'bad leaves at any depth',
    [[{ at: new Date(Number.NaN), n: Number.NaN, of: [Symbol('x'), 2] }]],
    [[{ at: null, n: 'NaN', of: ['Symbol(x)', 2] }]],
  ],
  [
    'a getter that throws',
    {
      get a() {
        throw new Error('no');
      },
    },
    { a: '[unreadable]' },
  ],
  [
    'what stands beside a getter that throws',
    {
      reason: 'late',
      get a() {
        throw new Error('no');
      },
      order: { id: 1n },
    },
    { reason: 'late', a: '[unreadable]', order: { id: '1' } },
  ],
  [
    'an object whose fields nobody can read, as text, beside good ones',
    [hidden, 1],
    ['[object Object]', 1],
  ],
  ['a Map as its entries', new Map([['a', { id: 1n }]]), [['a', { id: '1' }]]],
  ['a Set as its items', new Set([1n, 'a']), ['1', 'a']],
  ['an error as text', { cause: new RangeError('late') }, { cause: 'RangeError: late' }],
  ['a RegExp as text', [/late/i], ['/late/i']],
  ['an instance as its fields', new Order(), { id: '1' }],
  [
    'a text in an object',
    { a: 'b', c: true, d: false, e: null },
    { a: 'b', c: true, d: false, e: null },
  ],
  ['no field that is undefined', { a: undefined, b: 1 }, { b: 1 }],
  ['what is shared, each time', [[1], [1]], [[1], [1]]],
  ['a date as JSON has it', facts.at, '2026-11-25T12:00:00.000Z'],
  ['a list as it is', [1, 'two', null], [1, 'two', null]],
])('of what an event carried, %s is kept', (_, value, kept) => {
  const verdict = lifecycle.explain('open', 'START');
  const entry = journalEntry(lifecycle, verdict, { ...facts, payload: { value } });
  expect(entry.asked.payload).toEqual({ value: kept });
});

test.each<[change: object, message: string]>([
  [
    { ticketId: undefined },
    'journalEntry, ticketId: Expected the id of a ticket, received nothing.',
  ],
  [{ ticketId: '' }, 'journalEntry, ticketId: Expected the id of a ticket, received "".'],
  [
    { at: '2026-11-25T12:00:00Z' },
    'journalEntry, at: Expected a Date, received "2026-11-25T12:00:00Z".',
  ],
  [{ at: new Date(Number.NaN) }, 'journalEntry, at: Expected a Date, received an object.'],
  [{ by: '' }, 'journalEntry, by: Expected the id of a staff user, or a name, received "".'],
  [{ by: 0.5 }, 'journalEntry, by: Expected the id of a staff user, or a name, received 0.5.'],
  [{ payload: 'x' }, 'journalEntry, payload: Expected an object, received "x".'],
  [{ forced: true }, 'journalEntry, forced: Expected an object, received true.'],
  [
    { forced: { by: 1, why: '', overrode: [] } },
    'journalEntry, forced.why: Expected a reason in words, received "".',
  ],
  [
    { forced: { by: null, why: 'x', overrode: [] } },
    'journalEntry, forced.by: Expected the id of a staff user, or a name, received null.',
  ],
  [
    { forced: { by: 1, why: 'x' } },
    'journalEntry, forced.overrode: Expected a list of blockers, received nothing.',
  ],
  [
    { payloads: {} },
    'journalEntry: there is no option "payloads". Expected one of ticketId, by, at, payload, forced. Did you mean payload?',
  ],
])('of what is missing or wrong, %o is named', (change, message) => {
  const verdict = lifecycle.explain('open', 'START');
  expect(() => journalEntry(lifecycle, verdict, { ...facts, ...change })).toThrow(
    new TypeError(message),
  );
});

test.each<[verdict: unknown, received: string]>([
  [null, 'null'],
  [undefined, 'nothing'],
  ['START', '"START"'],
  [{}, 'an object'],
  [{ allowed: false }, 'an object'],
])('what is no verdict is refused: %o', (verdict, received) => {
  expect(() => journalEntry(lifecycle, verdict as never, facts)).toThrow(
    new TypeError(`journalEntry, verdict: Expected a verdict, received ${received}.`),
  );
});

test.each<[place: string, its: object, verdict: object, change: object]>([
  ['fingerprint', {}, {}, {}],
  ['decided.blockers', lifecycle, { allowed: false, blockers: [] }, {}],
  ['at', lifecycle, {}, { at: new Date('+010000-01-01T00:00:00Z') }],
])('what no entry can hold is named: %s', (place, its, part, change) => {
  const verdict = { ...lifecycle.explain('open', 'START'), ...part } as never;
  expect(() => journalEntry(its as Lifecycle, verdict, { ...facts, ...change })).toThrow(
    new TypeError(`journalEntry, ${place}: An entry can't hold this.`),
  );
});

describe('what is no entry is refused', () => {
  const { fingerprint } = lifecycle;
  const makeEntry = () => journalEntry(lifecycle, lifecycle.explain('open', 'CLOSE'), facts);
  const broken: [title: string, change: Partial<Record<keyof JournalEntry, unknown>>][] = [
    ['without a ticket', { ticketId: '' }],
    ['without a time', { at: undefined }],
    ['with a time that names no zone', { at: '2026-11-25T12:00:00' }],
    ['with a day alone', { at: '2026-11-25' }],
    ['by nobody', { by: '' }],
    ['by a part of somebody', { by: 0.5 }],
    ['with a fingerprint that is none', { fingerprint: 'XYZ' }],
    ['with a longer fingerprint', { fingerprint: `${fingerprint}0` }],
    ['with a refusal that gives no reason', { decided: { allowed: false, blockers: [] } }],
    ['with a decision that is neither', { decided: { allowed: 'perhaps' } }],
    [
      'with a status that the API does not have',
      { decided: { allowed: true, to: 'a', status: 'gone', changesStatus: true } },
    ],
    ['with nothing asked', { asked: {} }],
  ];

  test('while the entry itself is one', () => {
    const entry = makeEntry();
    expect(journalEntrySchema.safeParse(entry).success).toBe(true);
    expect(
      journalEntrySchema.safeParse({ ...entry, at: '2026-11-25T13:00:00+01:00' }).success,
    ).toBe(true);
  });

  test.each(broken)('%s', (_, change) => {
    expect(journalEntrySchema.safeParse({ ...makeEntry(), ...change }).success).toBe(false);
  });
});

test('an override is written with who decided it, why, and what was overridden', () => {
  const refused = lifecycle.explain('open', 'CLOSE');
  if (refused.allowed) throw new Error('CLOSE is not possible in "open".');
  const forced = { by: 4711, why: 'The customer has left.', overrode: refused.blockers };
  const verdict = {
    ...({ allowed: true, from: 'open', to: 'closed', event: 'CLOSE' } as const),
    ...({ status: 'closed', changesStatus: true } as const),
  };
  const entry = journalEntry(lifecycle, verdict, { ...facts, forced });
  expect(entry.forced).toMatchObject({ by: 4711, overrode: [{ code: 'no-such-transition' }] });
  expect(journalEntrySchema.parse(JSON.parse(JSON.stringify(entry)))).toEqual(entry);
});
