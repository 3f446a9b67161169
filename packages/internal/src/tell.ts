import { isThenable } from './wait-at-most.ts';

/** Calls a function that only watches: what it throws or rejects with must not affect what it watches. */
export function tell(watcher: () => unknown): void {
  try {
    // One that is async says so by what it gives back.
    const told = watcher();
    if (isThenable(told)) told.then(undefined, () => {});
  } catch {
    // Neither does it matter to anybody else.
  }
}
