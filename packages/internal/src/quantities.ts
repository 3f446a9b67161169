/*
 * Quantities as people read them
 *
 * The command line and the playground show the same figures, so they write them alike.
 */

/** A number as people read it: 2,183. Intl would take longer to load than most commands run. */
export const count = (value: number): string =>
  String(Math.round(value)).replace(/\B(?=(\d{3})+$)/g, ',');

/** `1 line`, `2 lines`. */
export const several = (value: number, noun: string, nouns = `${noun}s`): string =>
  `${count(value)} ${value === 1 ? noun : nouns}`;

/** A span of days and hours as people say it: 45 min, 3.5 h, 12 d. */
export function span(milliseconds: number): string {
  const seconds = milliseconds / 1000;
  if (seconds < 60) return `${Math.round(seconds)} s`;
  const [size, unit] =
    seconds < 3600 ? [60, 'min'] : seconds < 172_800 ? [3600, 'h'] : [86_400, 'd'];
  const value = seconds / size;
  return `${value < 10 ? Number(value.toFixed(1)) : count(value)} ${unit}`;
}
