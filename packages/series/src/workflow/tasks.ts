/** The work of a workflow that has not ended. */
export interface Tasks {
  /**
   * Runs a task with a signal that aborts when the given one does, or when everything is stopped.
   * After a stop it is aborted from the start.
   */
  run<Result>(
    signal: AbortSignal | undefined,
    task: (stop: AbortSignal) => Promise<Result>,
  ): Promise<Result>;
  readonly isStopped: boolean;
  /** Ends all waiting, and resolves when what is under way has ended as well. */
  stop(): Promise<void>;
}

export function createTasks(): Tasks {
  const tasks = new Map<AbortController, Promise<unknown>>();
  let isStopped = false;
  return {
    get isStopped() {
      return isStopped;
    },
    async run(signal, task) {
      const stop = new AbortController();
      // Followed by hand and let go in the end: one signal may be passed to a million changes.
      const follow = () => stop.abort(signal?.reason);
      if (isStopped || signal?.aborted === true) follow();
      else signal?.addEventListener('abort', follow, { once: true });
      const work = task(stop.signal);
      tasks.set(stop, work);
      try {
        return await work;
      } finally {
        signal?.removeEventListener('abort', follow);
        tasks.delete(stop);
      }
    },
    async stop() {
      isStopped = true;
      for (const stop of tasks.keys()) stop.abort();
      await Promise.allSettled(tasks.values());
    },
  };
}
