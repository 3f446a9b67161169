import { optionFault } from '@ticket-lifecycle/internal/option-checks';
import { createErrorBrand } from '@ticket-lifecycle/internal/branded-error';

const brand = createErrorBrand('@ticket-lifecycle/diagram/DiagramError');

/**
 * What went wrong: an option, a marker without its other half, a comment that is almost a marker, a text that is no MDX, the layout,
 * what a PNG needs, or a page whose marked block does not show the lifecycle as it is.
 */
export type DiagramErrorCode =
  | 'invalid-option'
  | 'unpaired-marker'
  | 'malformed-marker'
  | 'unreadable-mdx'
  | 'no-layout'
  | 'no-renderer'
  | 'no-font'
  | 'stale';

/**
 * Thrown when a diagram can't be drawn as asked, or a marked block has no clear bounds.
 *
 * @example
 * ```ts
 * import { ticketLifecycle } from '@ticket-lifecycle/core';
 * import { DiagramError, toMermaid } from '@ticket-lifecycle/diagram';
 *
 * try {
 *   toMermaid(ticketLifecycle, { at: JSON.parse('"opne"') });
 * } catch (error) {
 *   if (DiagramError.is(error)) console.log(error.code); // invalid-option
 * }
 * ```
 */
export class DiagramError extends Error {
  override readonly name = 'DiagramError';
  readonly code: DiagramErrorCode;
  /** Line of the text that was read, from 1, where there is one. */
  readonly line: number | undefined;

  constructor(
    code: DiagramErrorCode,
    message: string,
    { line, ...options }: ErrorOptions & { readonly line?: number } = {},
  ) {
    super(message, options);
    this.code = code;
    this.line = line;
    brand.mark(this);
  }

  static is(value: unknown): value is DiagramError {
    return brand.isOn(value);
  }
}

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
