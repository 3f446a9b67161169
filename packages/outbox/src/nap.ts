/** A sleep that can be cut short. */
export interface Nap {
  /** Resolves after `ms`, or when somebody wakes it. */
  take(ms: number): Promise<void>;
  wake(): void;
}

export function createNap(): Nap {
  let wake = () => {};
  return {
    take: (ms) =>
      new Promise((resolve) => {
        const timer = setTimeout(resolve, ms);
        wake = () => {
          clearTimeout(timer);
          resolve();
        };
      }),
    wake: () => wake(),
  };
}

/** Waits for a moment of the monotonic clock. A timer alone may fire a little before its time. */
export async function sleepUntil(moment: number): Promise<void> {
  for (let left = moment - performance.now(); left > 0; left = moment - performance.now()) {
    await new Promise((resolve) => setTimeout(resolve, Math.ceil(left)));
  }
}
