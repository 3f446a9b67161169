import type { BudgetState } from './budget-state.ts';
import { createBudget, type Budget, type BudgetOptions } from './budget.ts';

/** The budgets of all keys that are in use. */
export interface BudgetsByKey {
  /** The budget of a key; a new one if it has none. */
  of(key: string): Budget;
  /** The state of a key's budget. Does not remember a key that nobody used. */
  describe(key: string): BudgetState;
  /** Forgets what 429s have taught of a key. */
  reset(key: string): void;
  close(): void;
}

const fewKeys = 100;

/** Forgets idle keys without a timer: one key too many starts a sweep through the others. */
export function createBudgetsByKey(options: Omit<BudgetOptions, 'key'>): BudgetsByKey {
  const budgets = new Map<string, Budget>();
  let most = fewKeys;
  let isClosed = false;

  function create(key: string): Budget {
    const budget = createBudget({ ...options, key });
    if (isClosed) budget.close();
    return budget;
  }

  function forgetIdle(): void {
    const now = options.clock.now();
    for (const [key, budget] of budgets) if (budget.isForgettable(now)) budgets.delete(key);
    // Twice as many may come before the next sweep, so a sweep costs little per key.
    most = Math.max(fewKeys, 2 * budgets.size);
  }

  return {
    of(key) {
      const known = budgets.get(key);
      if (known !== undefined) return known;
      if (budgets.size >= most) forgetIdle();
      const budget = create(key);
      budgets.set(key, budget);
      return budget;
    },
    describe: (key) => (budgets.get(key) ?? create(key)).describe(),
    reset: (key) => budgets.get(key)?.reset(),
    close() {
      isClosed = true;
      for (const budget of budgets.values()) budget.close();
    },
  };
}
