import type { KeyRing } from './api-key.ts';

/** What a server says ends up on terminals and in logs: nothing in it may steer them, or be the key. */
export function tidy(text: string, keys: KeyRing): string {
  return shorten(keys.redact(text)).replace(/\p{Cc}+/gu, ' ');
}

const longestText = 300;

/** Keeps a text from outside to the length of a message. */
export function shorten(text: string): string {
  return text.length > longestText ? `${text.slice(0, longestText)}…` : text;
}
