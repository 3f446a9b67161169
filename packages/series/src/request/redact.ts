import type { KeyRing } from './api-key.ts';

/**
 * Cleans a text from outside for terminals and logs: without the key, and without control and format
 * characters, which could steer a terminal or hide what is there. Judge a text before you clean it.
 */
export function tidy(text: string, keys: KeyRing): string {
  return shorten(keys.redact(text)).replace(/[\p{Cc}\p{Cf}]+/gu, ' ');
}

const longestText = 300;

/** Shortens a text from outside to the length of a message. */
export function shorten(text: string): string {
  return text.length > longestText ? `${text.slice(0, longestText)}…` : text;
}
