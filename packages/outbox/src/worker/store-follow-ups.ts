import { checkAcceptOptions, checkChange } from '../model/change.ts';
import type { LaterChange } from '../model/delivery.ts';
import { InvalidChangeError } from '../model/errors.ts';
import type { Store } from '../model/store.ts';
import { timeOrderedId } from '../model/time-ordered-id.ts';

const retryMs = 250;

/** Stores what a change sets off. False when that was not possible before `signal`. */
export async function storeFollowUps(
  store: Pick<Store<never>, 'accept'>,
  changes: readonly LaterChange[],
  { signal, onError }: { readonly signal: AbortSignal; readonly onError: (error: unknown) => void },
): Promise<boolean> {
  for (const { change, notBefore } of changes) {
    for (let tries = 1; ; tries += 1) {
      try {
        checkAcceptOptions({ notBefore });
        await store.accept([{ id: timeOrderedId(), change: checkChange(change), notBefore }]);
        break;
      } catch (error) {
        if (tries === 1) onError(error);
        // One that can't be stored at all must not hold up the ticket.
        if (InvalidChangeError.is(error)) break;
        if (signal.aborted) return false;
        await new Promise((resolve) => setTimeout(resolve, retryMs));
      }
    }
  }
  return true;
}
