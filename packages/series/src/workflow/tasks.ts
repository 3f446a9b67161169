/** The unfinished tasks of a workflow. */
export interface Tasks {
  /**
   * Runs a task with a signal that aborts with the given one, or when everything is stopped. After
   * a stop it is aborted from the start.
   */
  run<Result>(
    signal: AbortSignal | undefined,
    task: (stop: AbortSignal) => Promise<Result>,
  ): Promise<Result>;
  readonly isStopped: boolean;
  /** Aborts all tasks, and resolves when they have ended. */
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
      // Not AbortSignal.any: one signal may be passed to a million changes, so each lets go of it.
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
