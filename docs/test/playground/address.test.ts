import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodable } from '../../.vitepress/theme/address.ts';

test.each([
  ['#%', '#%25'],
  ['#s=%E4%', '#s=%25E4%25'],
  ['#s=%ff', '#s=%25ff'],
  ['#ze%C3%BCn', '#ze%C3%BCn'],
  ['#drain', '#drain'],
  ['', ''],
])('the address %j can be decoded as %j', (hash, mended) => {
  expect(decodable(hash)).toBe(mended);
});

test('whatever is behind the #, it can be decoded, and what could be stays', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom('%', 'a', 'C', '3', 'f', '=') }), (hash) => {
      const mended = decodable(hash);
      expect(() => decodeURIComponent(mended)).not.toThrow();
      expect(decodable(mended)).toBe(mended);
    }),
  );
});
