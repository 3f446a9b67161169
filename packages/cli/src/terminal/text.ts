/** A number as people read it: 2,183. Intl would take longer to load than most commands run. */
export const count = (value: number): string =>
  String(Math.round(value)).replace(/\B(?=(\d{3})+$)/g, ',');

/** A share as people read it: 99.4 %. */
export const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;

/** `1 line`, `2 lines`. */
export const several = (value: number, noun: string, nouns = `${noun}s`): string =>
  `${count(value)} ${value === 1 ? noun : nouns}`;

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

/** As a shell takes it for one word. */
export const quoted = (word: string): string =>
  /^[\w./:@%+=-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`;

/** A length of time as people say it: 12 s, 3 min, 2.5 h. */
export function duration(seconds: number): string {
  if (seconds > 0 && seconds < 1) return 'a second';
  if (seconds < 99.5) return `${Math.round(seconds)} s`;
  return seconds < 5940 ? `${Math.round(seconds / 60)} min` : `${(seconds / 3600).toFixed(1)} h`;
}

/** A span of days and hours as people say it: 45 min, 3.5 h, 12 d. */
export function span(milliseconds: number): string {
  const seconds = milliseconds / 1000;
  if (seconds < 60) return `${Math.round(seconds)} s`;
  const [size, unit] =
    seconds < 3600 ? [60, 'min'] : seconds < 172_800 ? [3600, 'h'] : [86_400, 'd'];
  const value = seconds / size;
  return `${value < 10 ? Number(value.toFixed(1)) : count(value)} ${unit}`;
}
