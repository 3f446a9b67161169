import { randomUUID } from 'node:crypto';
import { FencedError } from '../model/errors.ts';
import type { Life } from '../model/claim.ts';
import { graceMs } from '../worker/permit.ts';

/** The workers of a store in memory: who lives, and who was silent for too long. */
export function createMemoryLives() {
  const seen = new Map<string, number>();
  let latest: number | undefined;
  const now = () => performance.now();

  function see(id: string): void {
    latest = now();
    seen.set(id, latest);
  }

  /** False once it is over. */
  function renew({ id }: Life): boolean {
    if (!seen.has(id)) return false;
    see(id);
    return true;
  }

  return {
    enter(): Life {
      const id = randomUUID();
      see(id);
      return { id };
    },
    renew,
    /** The same, but throws a FencedError. */
    demand(life: Life): void {
      if (!renew(life)) throw new FencedError('Other workers declared this one dead.');
    },
    /** Ends it. False where that has happened before. */
    end: (id: string) => seen.delete(id),
    /** How long none has been seen; `undefined` where there was none yet. */
    silentMs: () => (latest === undefined ? undefined : now() - latest),
    /** All others that were silent for too long. */
    silent: (but: Life) =>
      [...seen]
        .map(([id, seenAt]) => ({ id, seenAt }))
        .filter(({ id, seenAt }) => id !== but.id && seenAt < now() - graceMs),
  };
}
