import type { KeyRing } from './api-key.ts';

// Characters that steer a terminal, end a line of a log, hide what is there, or are none.
const harmful = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]+/gu;

/**
 * Cleans a text from outside for terminals and logs: without the key, and without characters that are
 * not seen and do harm. Judge a text before you clean it.
 */
export function tidy(text: string, keys: KeyRing): string {
  return shorten(keys.redact(text.slice(0, mostRead))).replace(harmful, ' ');
}

const longestText = 300;
// Far more than is shown: a key at the end must not be cut before it is found.
const mostRead = 16_384;

/** Shortens a text from outside to the length of a message. */
function shorten(text: string): string {
  return text.length > longestText ? `${text.slice(0, longestText)}…` : text;
}
