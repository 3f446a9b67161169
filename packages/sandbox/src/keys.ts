import type { RateLimit } from './admission.ts';

export interface KnownKey {
  /** What the record shows: the key itself must not end up in a log. */
  readonly label: string;
  readonly limit: RateLimit | undefined;
}

// Labels number the keys as they first appear: unlike a hash, they give nothing away.
export function createKeys(createLimit: (keysBefore: number) => RateLimit | undefined) {
  const keys = new Map<string, KnownKey>();
  return {
    identify(key: string | null | undefined): KnownKey | undefined {
      if (!key) return undefined;
      const known = keys.get(key);
      if (known !== undefined) return known;
      const added = { label: `key-${keys.size + 1}`, limit: createLimit(keys.size) };
      keys.set(key, added);
      return added;
    },
    fills(now: number): Readonly<Record<string, number>> {
      const known = [...keys.values()];
      return Object.fromEntries(known.map(({ label, limit }) => [label, limit?.fill(now) ?? 0]));
    },
  };
}
