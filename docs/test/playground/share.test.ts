import { expect, test } from 'vitest';
import fc from 'fast-check';
import { pack, unpack, type Shared } from '../../playground/share.ts';

const shared = fc.record<Shared>({
  text: fc.string({ unit: 'binary' }),
  at: fc.string(),
  target: fc.string(),
  fault: fc.string(),
  answers: fc.dictionary(fc.string(), fc.constant(true)),
  history: fc.string({ unit: 'grapheme' }),
  map: fc.string(),
  timeZone: fc.string(),
  count: fc.integer(),
  reads: fc.boolean(),
  verify: fc.boolean(),
  limit: fc.string(),
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

test('anything else in an address opens no playground and crashes nothing', async () => {
  await fc.assert(
    fc.asyncProperty(fc.string(), async (text) => {
      expect(await unpack(text)).toBeUndefined();
    }),
  );
});

test('a bomb in an address is not unpacked', async () => {
  const bomb = { text: 'a'.repeat(5_000_000) } as Shared;
  expect(await unpack(await pack(bomb))).toBeUndefined();
});
