import fc from 'fast-check';
import { expect, test } from 'vitest';
import { wildcard } from '../../src/histories/wildcard.ts';

test.each([
  ['T-*', 'T-1', true],
  ['T-*', 'T-', true],
  ['T-*', 't-1', false],
  ['*', '', true],
  ['*-1', 'T-1', true],
  ['*-1', 'T-11', false],
  ['a*a', 'a', false],
  ['a*b*b', 'ab', false],
  ['a*b*b', 'abxb', true],
  ['**', 'any\nthing', true],
  ['T.1', 'T-1', false],
])('%j on %j: %s', (pattern, value, fits) => {
  expect(wildcard(pattern)(value)).toBe(fits);
});

test('says what a regular expression of the same meaning says', () => {
  const text = fc.string({ unit: fc.constantFrom('a', 'b', '*'), maxLength: 8 });
  fc.assert(
    fc.property(text, text, (pattern, value) => {
      const expression = new RegExp(`^${pattern.split('*').join('.*')}$`);
      expect(wildcard(pattern)(value)).toBe(expression.test(value));
    }),
  );
});

// Never ends where every place of every part is tried.
test('a pattern of many parts is soon done with a long value that it does not fit', () => {
  const pattern = `${'*a'.repeat(50)}*b*`;
  expect(wildcard(pattern)('a'.repeat(100_000))).toBe(false);
});
