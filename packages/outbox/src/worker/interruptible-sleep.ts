/** A sleep that can be cut short, also by what happened right before it. */
export interface InterruptibleSleep {
  /** Resolves after `ms`, or on `wake`: during the sleep or since the last one. */
  for(ms: number): Promise<void>;
  wake(): void;
  /** Forgets earlier calls of `wake`: the caller is about to do what they ask for. */
  forget(): void;
}

export function createInterruptibleSleep(): InterruptibleSleep {
  let isWoken = false;
  let end = () => {};
  return {
    async for(ms) {
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
    wake() {
      isWoken = true;
      end();
    },
    forget() {
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
