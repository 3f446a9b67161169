/** Makes a sleep that can be cut short, also by what happened right before it. */
export function createInterruptibleSleep() {
  let isWoken = false;
  let end = () => {};
  return {
    /** Resolves after `ms`, or on `wake`: during the sleep or since the last one. */
    async for(ms: number): Promise<void> {
      if (!isWoken) {
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, ms);
          end = () => {
            clearTimeout(timer);
            resolve();
          };
        });
      }
      isWoken = false;
    },
    wake(): void {
      isWoken = true;
      end();
    },
    /** Forgets earlier calls of `wake`: the caller is about to do what they ask for. */
    forget(): void {
      isWoken = false;
    },
  };
}

/** Waits for a moment of the monotonic clock. A timer alone may fire a little before its time. */
export async function sleepUntil(moment: number): Promise<void> {
  for (let left = moment - performance.now(); left > 0; left = moment - performance.now()) {
    await new Promise((resolve) => setTimeout(resolve, Math.ceil(left)));
  }
}
