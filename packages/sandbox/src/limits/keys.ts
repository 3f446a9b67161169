import { keepLatestEntries } from '../keep-latest.ts';
import type { RateLimit } from './rate-limit.ts';

export interface KnownKey {
  /** What the record shows: the key itself must not end up in a log. */
  readonly label: string;
  readonly limit: RateLimit | undefined;
}

/** No client has this many; a program that makes up a key for each request must not fill memory. */
export const mostKeys = 10_000;

export type Keys = ReturnType<typeof createKeys>;

// Labels number the keys as they first appear: unlike a hash, they give nothing away.
export function createKeys(createLimit: (keysBefore: number) => RateLimit | undefined) {
  const keys = new Map<string, KnownKey>();
  let seen = 0;
  return {
    identify(key: string | null | undefined): KnownKey | undefined {
      if (!key) return undefined;
      const known = keys.get(key);
      if (known !== undefined) return known;
      const added = { label: `key-${seen + 1}`, limit: createLimit(seen) };
      seen += 1;
      keys.set(key, added);
      keepLatestEntries(keys, mostKeys);
      return added;
    },
    fills(now: number): Readonly<Record<string, number>> {
      const known = [...keys.values()];
      return Object.fromEntries(known.map(({ label, limit }) => [label, limit?.fill(now) ?? 0]));
    },
  };
}
