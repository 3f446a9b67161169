import { expect, test } from 'vitest';
import type { Claimed } from '../../src/model/claim.ts';
import { createHoldings } from '../../src/worker/holdings.ts';
import type { WorkerLife } from '../../src/worker/lives.ts';

test('a delivery that has ended stands in the way of its own claim, not of the one after its end', () => {
  const holdings = createHoldings();
  const life = { id: 'life', permit: { isHeld: () => true } } as WorkerLife;
  const claimOf = (fence: number) => ({ id: 'one', fence }) as Claimed;
  const holding = holdings.add(life, claimOf(1));
  expect([1, 2].map((fence) => holdings.has(claimOf(fence)))).toEqual([true, true]);

  holding.end();
  // A store that does not know of the end hands the same claim out again: it may have been sent.
  expect([1, 2].map((fence) => holdings.has(claimOf(fence)))).toEqual([true, false]);

  holdings.remove(holding);
  expect(holdings.has(claimOf(1))).toBe(false);
});
