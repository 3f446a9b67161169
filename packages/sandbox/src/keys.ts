import type { RateLimit } from './admission.ts';

export interface KnownKey {
  /** What the record shows: the key itself must not end up in a log. */
  readonly label: string;
  readonly limit: RateLimit | undefined;
}

// Labels number the keys as they first appear: unlike a hash, they give nothing away.
export function createKeys(createLimit: (keysBefore: number) => RateLimit | undefined) {
  const keys = new Map<string, KnownKey>();
  return (headers: Headers): KnownKey | undefined => {
    const key = headers.get('apikey') || headers.get('x-api-key');
    if (!key) return undefined;
    const known = keys.get(key) ?? { label: `key-${keys.size + 1}`, limit: createLimit(keys.size) };
    keys.set(key, known);
    return known;
  };
}
