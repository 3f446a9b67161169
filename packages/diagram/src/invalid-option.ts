import { optionFault } from '@ticket-lifecycle/internal/option-checks';
import { DiagramError } from './errors.ts';

/** Says which option is wrong, what it must be, and what came. */
export const invalidOption = (owner: string, name: string, expected: string, received: unknown) =>
  invalid(optionFault(owner, name, expected, show(received)));

export const invalid = (message: string) => new DiagramError('invalid-option', message);

/** A value from outside in a message, cut where it is long. */
export function show(value: unknown): string {
  if (typeof value !== 'string') {
    if (Array.isArray(value)) return 'a list';
    return typeof value === 'object' && value !== null ? 'an object' : String(value);
  }
  return JSON.stringify(value.length > 60 ? `${value.slice(0, 60)}…` : value);
}
