import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { nearestName } from '../src/nearest-name.ts';

/** How many letters two names have different, by trying every way: swapped neighbours are one. */
function off(a: string, b: string): number {
  if (a === '' || b === '') return a.length + b.length;
  const [restA, restB] = [a.slice(1), b.slice(1)];
  if (a[0] === b[0]) return off(restA, restB);
  const isSwapped = a.length > 1 && a[0] === b[1] && a[1] === b[0];
  return Math.min(
    1 + off(restA, b),
    1 + off(a, restB),
    1 + off(restA, restB),
    isSwapped ? 1 + off(a.slice(2), b.slice(2)) : Infinity,
  );
}

const name = fc.stringMatching(/^[abcAB]{0,7}$/);

test('the nearest name is the first of those with the fewest letters off', () => {
  const sought = fc.property(name, fc.array(name, { maxLength: 4 }), (given, known) => {
    const most = Math.min(2, Math.floor(given.length / 3));
    const distances = known
      .filter((one) => one !== given)
      .map((one) => ({ one, letters: off(given.toLowerCase(), one.toLowerCase()) }))
      .filter(({ letters }) => letters <= most);
    const fewest = Math.min(...distances.map(({ letters }) => letters));
    expect(nearestName(given, known)).toBe(
      distances.find(({ letters }) => letters === fewest)?.one,
    );
  });
  fc.assert(sought, { numRuns: 1500 });
});

test.each([
  ['abc', ['abc'], undefined],
  ['ABC', ['abc'], 'abc'],
  ['acb', ['abc'], 'abc'],
  ['cab', ['abc'], undefined],
  ['CLOSED', ['CLOSURE', 'CLOSE'], 'CLOSE'],
  ['CLOSED', ['CLOSERS', 'CLOSE'], 'CLOSE'],
  ['a'.repeat(40), ['a'.repeat(39)], 'a'.repeat(39)],
  ['a'.repeat(41), ['a'.repeat(40)], undefined],
])('for %s among %j it is %s', (given, known, nearest) => {
  expect(nearestName(given, known)).toBe(nearest);
});
