import { createBudget, type Budget, type BudgetOptions } from './budget.ts';

/** The budgets of all keys that are in use. */
export interface Budgets {
  /** The budget of a key; a new one if it has none. */
  of(key: string): Budget;
  /** The same, without remembering a key that nobody used. */
  look(key: string): Budget;
  close(): void;
}

const fewKeys = 100;

/** Forgets keys that are idle, without a timer: a key too many makes it look through the others. */
export function createBudgets(options: Omit<BudgetOptions, 'key'>): Budgets {
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
    // Twice as many as are left may come before the next look, so that a look costs nobody much.
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
    look: (key) => budgets.get(key) ?? create(key),
    close() {
      isClosed = true;
      for (const budget of budgets.values()) budget.close();
    },
  };
}
