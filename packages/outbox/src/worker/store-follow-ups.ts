import { createHash } from 'node:crypto';
import { checkAcceptOptions, checkChange } from '../model/change.ts';
import type { LaterChange } from '../model/delivery.ts';
import { InvalidChangeError } from '../model/errors.ts';
import type { Store } from '../model/store.ts';

const retryMs = 250;

/** Stores what a change sets off. False when that was not possible before `signal`. */
export async function storeFollowUps(
  store: Pick<Store<never>, 'accept'>,
  changes: readonly LaterChange[],
  {
    id,
    signal,
    onError,
  }: {
    /** That of the change that sets them off. */
    readonly id: string;
    readonly signal: AbortSignal;
    readonly onError: (error: unknown) => void;
  },
): Promise<boolean> {
  for (const [at, { change, notBefore }] of changes.entries()) {
    for (let tries = 1; ; tries += 1) {
      try {
        checkAcceptOptions({ notBefore });
        const stored = checkChange(change);
        await store.accept([{ id: idOf([id, at, stored]), change: stored, notBefore }]);
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

/** The same for the same: a lost answer, or another attempt, stores nothing a second time. */
function idOf(what: unknown): string {
  const hex = createHash('sha256').update(JSON.stringify(what)).digest('hex');
  return hex.replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12}).*$/, '$1-$2-8$3-8$4-$5');
}
