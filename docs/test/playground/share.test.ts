import { expect, test } from 'vitest';
import fc from 'fast-check';
import { beginning } from '../../playground/presets.ts';
import { pack, portionFor, unpack, type Shared } from '../../playground/share.ts';

const shared = fc.record<Shared>({
  text: fc.string({ unit: 'binary' }),
  at: fc.string(),
  target: fc.string(),
  fault: fc.string(),
  answers: fc.dictionary(fc.string(), fc.constant(true)),
  history: fc.string({ unit: 'grapheme' }),
  map: fc.string(),
  timeZone: fc.string(),
  ignore: fc.string(),
  ticketColumn: fc.string(),
  isOneTicket: fc.boolean(),
  complete: fc.boolean(),
  count: fc.integer({ min: 1, max: 500 }),
  reads: fc.boolean(),
  verify: fc.boolean(),
  limit: fc.string(),
  form: fc.string(),
  colleague: fc.string(),
});

test('what is packed into an address comes out of it again', async () => {
  await fc.assert(
    fc.asyncProperty(shared, async (given) => {
      const packed = await pack(given);
      expect(packed).toMatch(/^[\w-]+$/);
      expect(await unpack(packed)).toEqual({ ...given, answers: { ...given.answers } });
    }),
  );
});

test.each([
  [20_000_000, 500],
  [501, 500],
  [0, 1],
  [-5, 1],
])('%i changes in an address are %i: no link stops the page', async (count, kept) => {
  const found = await unpack(await pack({ ...beginning, count }));
  expect(found?.count).toBe(kept);
});

test('anything else in an address opens no playground and crashes nothing', async () => {
  await fc.assert(
    fc.asyncProperty(fc.string(), async (text) => {
      expect(await unpack(text)).toBeUndefined();
    }),
  );
});

test('a lifecycle that is too long for an address is given none', () => {
  expect(portionFor({ ...beginning, text: ' '.repeat(250_000) })).toBeUndefined();
});

test('a bomb in an address is not unpacked', async () => {
  const bomb = { text: 'a'.repeat(5_000_000) } as Shared;
  expect(await unpack(await pack(bomb))).toBeUndefined();
});

test.each([
  ['of one letter', (length: number) => 'a'.repeat(length)],
  ['of letters that take three bytes', (length: number) => '→'.repeat(length / 3)],
  [
    'that hardly gets smaller',
    (length: number) =>
      Array.from({ length }, (_, at) => String.fromCharCode(33 + ((at * at * 7919) % 89))).join(''),
  ],
])(
  'a log %s: what an address is given comes out of it again, or is left out',
  async (_, textOf) => {
    const [few] = fc.sample(shared, { numRuns: 1, seed: 1 });
    if (few === undefined) throw new Error('There is nothing to share.');
    for (const length of [150_000, 300_000]) {
      const whole: Shared = { ...few, history: textOf(length) };
      const portion = portionFor(whole);
      expect(portion).toEqual(length > 200_000 ? { ...whole, history: '' } : whole);
      expect(await unpack(await pack(portion ?? whole))).toEqual(portion);
    }
  },
);
