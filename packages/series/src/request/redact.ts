import type { KeyRing } from './api-key.ts';

/**
 * Redacts keys, control characters and excess length from a text of the server: it ends up on
 * terminals and in logs.
 */
export function tidy(text: string, keys: KeyRing): string {
  return shorten(keys.redact(text)).replace(/\p{Cc}+/gu, ' ');
}

const longestText = 300;

/** Shortens a text from outside to the length of a message. */
export function shorten(text: string): string {
  return text.length > longestText ? `${text.slice(0, longestText)}…` : text;
}
