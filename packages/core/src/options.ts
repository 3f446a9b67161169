import { quote } from './blockers.ts';
import { suggestName } from './nearest-name.ts';
import { expected, isRecord, kindOf } from './values.ts';

/**
 * Refuses options that are no object, and names that are no option.
 *
 * @throws TypeError that names the function, the option and what was expected
 */
export function checkOptionNames(where: string, options: unknown, known: readonly string[]): void {
  if (!isRecord(options)) {
    throw new TypeError(`${where}, options: ${expected('an object', options)}`);
  }
  const unknown = Object.keys(options).find((name) => !known.includes(name));
  if (unknown === undefined) return;
  const hint = suggestName(unknown, known);
  throw new TypeError(
    `${where}: there is no option ${quote(unknown)}. Expected one of ${known.join(', ')}.${hint}`,
  );
}

/**
 * The same, and refuses values of another type.
 *
 * @param types - by the options' names, such as `a boolean`; empty where anything will do
 * @throws TypeError that names the function, the option and what was expected
 */
export function checkOptionTypes(
  where: string,
  options: unknown,
  types: Readonly<Record<string, string>>,
): void {
  if (options === undefined) return;
  checkOptionNames(where, options, Object.keys(types));
  for (const [name, value] of Object.entries(options as Readonly<Record<string, unknown>>)) {
    const type = types[name] ?? '';
    if (value === undefined || type === '' || kindOf(value) === type) continue;
    throw new TypeError(`${where}, ${name}: ${expected(type, value)}`);
  }
}
