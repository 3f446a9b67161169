import { quote } from './blockers.ts';
import { nearestName } from './nearest-name.ts';
import { expected, isRecord } from './values.ts';

/**
 * Refuses options that are no object, and names that are no option.
 *
 * @throws TypeError that names the function, the option and what was expected
 */
export function checkOptionNames(where: string, options: unknown, known: readonly string[]): void {
  if (options === undefined) return;
  if (!isRecord(options)) {
    throw new TypeError(`${where}, options: ${expected('an object', options)}`);
  }
  const unknown = Object.keys(options).find((name) => !known.includes(name));
  if (unknown === undefined) return;
  const nearest = nearestName(unknown, known);
  const hint = nearest === undefined ? '' : ` Did you mean ${nearest}?`;
  throw new TypeError(
    `${where}: there is no option ${quote(unknown)}. Expected one of ${known.join(', ')}.${hint}`,
  );
}
