/** A sleep that can be cut short, also by what happened right before it. */
export interface Nap {
  /** Resolves after `ms`, or when somebody wakes it or has done so since the last nap. */
  take(ms: number): Promise<void>;
  wake(): void;
  /** Forgets who has woken it: what they came for is about to be seen to. */
  begin(): void;
}

export function createNap(): Nap {
  let isWoken = false;
  let end = () => {};
  return {
    async take(ms) {
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
    begin() {
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
