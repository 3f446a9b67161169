import { CliError } from '../cli-error.ts';
import { didYouMean } from '../terminal/did-you-mean.ts';
import { printable } from '../terminal/text.ts';

/** Refuses a name that a lifecycle does not have: a typo is no question to be answered. */
export function checkName(option: string, given: string, known: readonly string[]): void {
  if (known.includes(given)) return;
  const shown = printable(JSON.stringify(given.slice(0, 60)));
  throw new CliError(
    `${option}: ${shown} is none of ${known.join(', ')}${didYouMean(given, known)}.`,
  );
}
