/** Lets one task at a time work on a ticket, in the order in which they asked. */
export interface Turns {
  /**
   * Waits for the turn and runs the task. When the signal aborts first, the task never runs and
   * the promise resolves to `undefined`.
   */
  take<Result>(
    ticketId: string,
    signal: AbortSignal | undefined,
    task: () => Promise<Result>,
  ): Promise<Result | undefined>;
  /** Whether anybody works on a ticket or waits for it. */
  isTaken(ticketId: string): boolean;
}

export function createTurns(): Turns {
  // The end of the line for each ticket that anybody works on or waits for.
  const tails = new Map<string, Promise<void>>();
  return {
    isTaken: (ticketId) => tails.has(ticketId),
    async take(ticketId, signal, task) {
      const { promise: left, resolve: leave } = Promise.withResolvers<undefined>();
      const leaveEarly = () => leave(undefined);
      if (signal?.aborted === true) return undefined;
      signal?.addEventListener('abort', leaveEarly, { once: true });
      const run = (tails.get(ticketId) ?? Promise.resolve()).then(() => {
        signal?.removeEventListener('abort', leaveEarly);
        return signal?.aborted === true ? undefined : task();
      });
      const tail = run.then(
        () => {},
        () => {},
      );
      tails.set(ticketId, tail);
      void tail.then(() => {
        if (tails.get(ticketId) === tail) tails.delete(ticketId);
      });
      return Promise.race([run, left]);
    },
  };
}
