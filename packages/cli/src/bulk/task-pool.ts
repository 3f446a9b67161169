/** Lets a bounded number of tasks be under way at once. */
export function createTaskPool(capacity: number) {
  let underWay = 0;
  let failure: { readonly cause: unknown } | undefined;
  let news = Promise.withResolvers<void>();
  const isAtLeast = (limit: number) => underWay >= limit;

  async function untilFewerThan(limit: number): Promise<void> {
    while (isAtLeast(limit)) await news.promise;
    if (failure !== undefined) throw failure.cause;
  }

  async function carryOut(task: () => Promise<void>): Promise<void> {
    underWay += 1;
    try {
      await task();
    } catch (cause) {
      failure ??= { cause };
    }
    underWay -= 1;
    news.resolve();
    news = Promise.withResolvers();
  }

  return {
    /** Resolves when the task has started; throws what an earlier one threw. */
    async start(task: () => Promise<void>): Promise<void> {
      await untilFewerThan(capacity);
      void carryOut(task);
    },
    /** Resolves when no task is under way any more; throws what one of them threw. */
    drain: () => untilFewerThan(1),
  };
}
