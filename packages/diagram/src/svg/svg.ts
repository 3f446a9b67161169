import type { Lifecycle } from '@ticket-lifecycle/core';
import { describe } from '../picture/description.ts';
import { placeAll } from './layout.ts';
import { checkArguments, type SvgOptions } from '../options.ts';
import { pictureOf } from '../picture/picture.ts';
import { paint } from './paint.ts';
import { measure } from './measure.ts';

/**
 * Draws a lifecycle as an SVG, with Graphviz in WASM and without a browser. The same lifecycle and
 * options always give the same text.
 *
 * It takes its ink from `currentColor` where it stands inside a page, and follows the reader's
 * light or dark scheme as a file of its own. The CSS variables `--lifecycle-current`,
 * `--lifecycle-enabled`, `--lifecycle-blocked` and `--lifecycle-font` change its looks. It keeps
 * its size: put it in an element with `overflow-x: auto` where it may be too wide.
 *
 * Each state is a `g` with `data-state`, each edge one with `data-from`, `data-to` and
 * `data-event`, for scripts and styles of your own.
 *
 * @throws DiagramError that names an option that makes no sense.
 *
 * @example
 * ```ts
 * import { ticketLifecycle } from '@ticket-lifecycle/core';
 * import { toSvg } from '@ticket-lifecycle/diagram';
 *
 * const svg = await toSvg(ticketLifecycle, { at: 'resolved', title: 'Support' });
 * console.log(svg.slice(0, 4)); // <svg
 * console.log(svg.match(/data-event="[^"]+"/g)?.length); // 5
 * ```
 */
export function toSvg<State extends string, Context>(
  lifecycle: Lifecycle<State, { type: string }, Context>,
  options?: SvgOptions<NoInfer<State>, NoInfer<Context>>,
): Promise<string>;
export async function toSvg(lifecycle: Lifecycle, options: SvgOptions = {}): Promise<string> {
  checkArguments('toSvg', 'svg', lifecycle, options);
  const picture = pictureOf('toSvg', lifecycle, options);
  const drawing = measure(picture);
  const layout = await placeAll(drawing.plan);
  return paint(drawing, layout, {
    title: picture.title,
    description: describe(picture),
    idPrefix: options.idPrefix ?? 'lifecycle',
  });
}
