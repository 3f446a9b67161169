import { randomUUID } from 'node:crypto';
import { FencedError } from '../model/errors.ts';
import type { Life } from '../model/claim.ts';
import { graceMs } from '../worker/permit.ts';

/** The workers of a store in memory: who lives, and who was silent for too long. */
export interface MemoryLives {
  enter(): Life;
  /** False once it is over. */
  renew(life: Life): boolean;
  /** The same, but throws a FencedError. */
  demand(life: Life): void;
  /** Ends it. False where that has happened before. */
  end(id: string): boolean;
  /** How long none has been seen; `undefined` where there was none yet. */
  silentMs(): number | undefined;
  /** All others that were silent for too long. */
  silent(but: Life): readonly { readonly id: string; readonly seenAt: number }[];
}

export function createMemoryLives(): MemoryLives {
  const seen = new Map<string, number>();
  let latest: number | undefined;
  const now = () => performance.now();

  function see(id: string): void {
    latest = now();
    seen.set(id, latest);
  }

  function renew({ id }: Life): boolean {
    if (!seen.has(id)) return false;
    see(id);
    return true;
  }

  return {
    enter() {
      const id = randomUUID();
      see(id);
      return { id };
    },
    renew,
    demand(life) {
      if (!renew(life)) throw new FencedError('Other workers declared this one dead.');
    },
    end: (id) => seen.delete(id),
    silentMs: () => (latest === undefined ? undefined : now() - latest),
    silent: (but) =>
      [...seen]
        .map(([id, seenAt]) => ({ id, seenAt }))
        .filter(({ id, seenAt }) => id !== but.id && seenAt < now() - graceMs),
  };
}
