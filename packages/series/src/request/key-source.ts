import type { ApiKeySource } from './api-key.ts';

/** Where a client takes its key from. */
export interface KeySource {
  readonly apiKey: ApiKeySource;
  /** The name that the user gave it, if any. */
  readonly keyId?: string | undefined;
}

/** By client. It is asked whether two clients have one key; the key leaves its client in no other way. */
export const keySources = new WeakMap<object, KeySource>();
