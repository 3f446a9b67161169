import { nearestName } from '@ticket-lifecycle/internal/histories/nearest-name';
import { printable } from './text.ts';

export { nearestName as nearest } from '@ticket-lifecycle/internal/histories/nearest-name';

/** The same as the end of a message: empty where nothing is near. */
export function didYouMean(given: unknown, names: readonly string[]): string {
  const near = typeof given === 'string' ? nearestName(given, names) : undefined;
  return near === undefined ? '' : ` (did you mean ${near}?)`;
}

/** Names a value that is not one of the known ones, and what was expected; without a full stop. */
export function unknownName(kind: string, given: unknown, names: readonly string[]): string {
  const shown = printable(JSON.stringify(given).slice(0, 60));
  return `Unknown ${kind} ${shown}. Expected one of ${names.join(', ')}${didYouMean(given, names)}`;
}
