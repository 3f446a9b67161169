import { CliError } from '../cli-error.ts';
import { unknownName } from '../terminal/did-you-mean.ts';

/** Refuses a name that a lifecycle does not have, such as a typo. */
export function checkName(
  option: string,
  kind: string,
  given: string,
  known: readonly string[],
): void {
  if (!known.includes(given)) throw new CliError(`${option}: ${unknownName(kind, given, known)}.`);
}
