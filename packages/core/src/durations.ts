/** An ISO 8601 duration by its parts. */
export type Duration = Readonly<Record<(typeof units)[number] | 'milliseconds', number>>;

const units = ['years', 'months', 'weeks', 'days', 'hours', 'minutes', 'seconds'] as const;
const grammar =
  /^P(?=[\dT])(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?(?:T(?=\d)(?:(\d+(?:[.,]\d{1,9}(?=H$))?)H)?(?:(\d+(?:[.,]\d{1,9}(?=M$))?)M)?(?:(\d+(?:[.,]\d{1,9})?)S)?)?$/;

// All parts at once still make a moment that a Date can hold.
const mostOf = (index: number): number => (index < 4 ? 100_000 : 1_000_000_000);

/**
 * The parts of a duration, or nothing where the text is none. The smallest time may have a
 * fraction, of which whole milliseconds count. test/durations.test.ts compares it with
 * Temporal, which would cost each page 5 KB.
 */
export function parseDuration(text: unknown): Duration | undefined {
  const parts = typeof text === 'string' ? grammar.exec(text)?.slice(1) : undefined;
  if (parts === undefined) return undefined;
  let milliseconds = 0;
  const numbers = parts.map((part: string | undefined, index) => {
    const [whole, fraction] = (part ?? '').split(/[.,]/);
    if (fraction !== undefined) milliseconds = fractionOf(index, fraction);
    return Number(whole);
  });
  if (numbers.some((number, index) => number > mostOf(index))) return undefined;
  const named = Object.fromEntries(units.map((unit, index) => [unit, numbers[index] ?? 0]));
  return { ...named, milliseconds } as Duration;
}

/** Counted in whole nanoseconds, so that no digit is lost on the way. */
function fractionOf(index: number, fraction: string): number {
  const unitMs = [3_600_000, 60_000, 1000][index - 4] ?? 0;
  return Math.floor((Number(fraction.padEnd(9, '0')) * unitMs) / 1e9);
}
