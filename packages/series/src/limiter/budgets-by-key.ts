import { createValuesByKey } from '@ticket-lifecycle/internal/values-by-key';
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

export function createBudgetsByKey(options: Omit<BudgetOptions, 'key'>): BudgetsByKey {
  const budgets = createValuesByKey(create, (budget) => budget.isForgettable(options.clock.now()));
  let isClosed = false;

  function create(key: string): Budget {
    const budget = createBudget({ ...options, key });
    if (isClosed) budget.close();
    return budget;
  }

  return {
    of: (key) => budgets.of(key),
    describe: (key) => (budgets.get(key) ?? create(key)).describe(),
    reset: (key) => budgets.get(key)?.reset(),
    close() {
      isClosed = true;
      for (const [, budget] of budgets.entries()) budget.close();
    },
  };
}
