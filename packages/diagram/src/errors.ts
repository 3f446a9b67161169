import { createErrorBrand } from '@ticket-lifecycle/internal/branded-error';

const brand = createErrorBrand('@ticket-lifecycle/diagram/DiagramError');

/**
 * Names what went wrong: an option, a marker comment without its other half, or the layout.
 *
 * @example
 * ```ts
 * import type { DiagramErrorCode } from '@ticket-lifecycle/diagram';
 *
 * const advice: Record<DiagramErrorCode, string> = {
 *   'invalid-option': 'read the message',
 *   'unpaired-marker': 'look at the line',
 *   'no-layout': 'draw a smaller lifecycle, or use toMermaid',
 * };
 * console.log(advice['unpaired-marker']); // look at the line
 * ```
 */
export type DiagramErrorCode = 'invalid-option' | 'unpaired-marker' | 'no-layout';

/**
 * Is thrown when a diagram can't be drawn as asked, or a marked block has no clear bounds.
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
