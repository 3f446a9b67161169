import type { Lifecycle } from '@ticket-lifecycle/core';
import { describe } from '../picture/description.ts';
import { fitInto } from './fit-into.ts';
import { checkArguments, type SvgOptions } from '../options.ts';
import { pictureOf } from '../picture/picture.ts';
import { verdictsOf } from '../picture/verdicts.ts';
import { withGraphviz, type LayOut } from './graphviz.ts';
import { legendOf } from './legend.ts';
import { paint } from './paint.ts';

// The width of a README on GitHub.
const readmeWidth = 880;

/**
 * Draws a lifecycle as an SVG, with Graphviz in WASM and without a browser. The same lifecycle and
 * options always give the same text.
 *
 * Inside a page it takes its ink from `currentColor`. As a file of its own it follows the reader's
 * light or dark scheme, on a paper of its own. `scheme` fixes both. The CSS variables
 * `--lifecycle-current`, `--lifecycle-enabled`, `--lifecycle-blocked` and `--lifecycle-font` change
 * its looks. Its texts keep their size; `width` says how wide it may be.
 *
 * Each state is a `g` with `data-state` and `data-status`, each edge one with `data-from`, `data-to`
 * and `data-event`, for your own scripts and styles. Edges of one pair of states that look the same
 * share an arrow: it is in the `g` of the first. A change of `counts` that is no edge is a `g` with
 * `data-seen-from` and `data-seen-to`. With `playable` it also holds what `<ticket-lifecycle>` of
 * `@ticket-lifecycle/diagram/element` needs, so that readers can press its events.
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
  return withGraphviz((layOut) => drawSvg('toSvg', layOut, lifecycle, options));
}

/** Draws with a Graphviz that is loaded. The options are checked. */
export function drawSvg(
  owner: string,
  layOut: LayOut,
  lifecycle: Lifecycle,
  options: SvgOptions,
): string {
  const {
    width = readmeWidth,
    idPrefix = 'lifecycle',
    scheme = 'auto',
    playable,
    legend,
  } = options;
  const { picture, drawing, layout } = fitInto(layOut, width, options, (form) =>
    pictureOf(owner, lifecycle, { ...options, ...form }),
  );
  const labels = new Map(picture.states.map(({ name, label }) => [name, label]));
  const verdicts =
    playable === true
      ? verdictsOf(lifecycle, (state) => labels.get(state) ?? state, options.context, {
          messages: options.messages ?? {},
          words: picture.words,
        })
      : undefined;
  return paint(drawing, layout, {
    title: picture.title,
    name: picture.words.title,
    description: describe(picture),
    idPrefix,
    scheme,
    verdicts,
    width,
    legend:
      legend === false
        ? undefined
        : legendOf(picture, playable === true, Math.max(layout.size.width, 200)),
  });
}
