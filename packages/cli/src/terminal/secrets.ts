import { secretPattern } from '@ticket-lifecycle/internal/secret-pattern';

/** Keeps secrets out of everything that is written, whoever put them there. */
export interface Secrets {
  add(secret: string | undefined): void;
  hide(text: string): string;
}

// Taking something as short as this out of every text would destroy more than it protects.
const shortest = 8;

/** Starts without any secret. */
export function createSecrets(): Secrets {
  const patterns = new Map<string, RegExp>();
  return {
    add(secret = '') {
      if (secret.length >= shortest) patterns.set(secret, secretPattern(secret));
    },
    hide(text) {
      let hidden = text;
      for (const pattern of patterns.values()) hidden = hidden.replaceAll(pattern, '[redacted]');
      return hidden;
    },
  };
}
