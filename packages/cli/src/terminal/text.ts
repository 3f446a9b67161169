export { count, several, span } from '@ticket-lifecycle/internal/quantities';

/** A share as people read it: 99.4 %. */
export const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;

// They drive a terminal, break a line in two, or show a text in another order than it has.
const driving = /[\p{Cc}\p{Bidi_Control}\p{Zl}\p{Zp}]/gu;

/** Takes the characters out of a text from outside that could drive the terminal. */
export const printable = (text: string): string => text.replace(driving, '\u{FFFD}');

/**
 * A value as a line of JSON. What could drive the terminal is escaped, as JSON allows it for every
 * character: who reads it gets the same value.
 */
export const jsonLine = (value: unknown): string => JSON.stringify(value).replace(driving, escaped);

const escaped = (character: string) =>
  `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;

/** White space at the beginning of a line. */
export const indent = (width: number): string => ' '.repeat(width);

/** As a shell takes it for one word; on Windows, as all of its shells do. */
export function quoted(word: string, isWindows = process.platform === 'win32'): string {
  if (/^[\w./:@%+=-]+$/.test(word)) return word;
  return isWindows ? `"${word}"` : `'${word.replaceAll("'", String.raw`'\''`)}'`;
}

/** A length of time as people say it: 12 s, 3 min, 2.5 h. */
export function duration(seconds: number): string {
  if (seconds > 0 && seconds < 1) return 'a second';
  if (seconds < 99.5) return `${Math.round(seconds)} s`;
  return seconds < 5940 ? `${Math.round(seconds / 60)} min` : `${(seconds / 3600).toFixed(1)} h`;
}
