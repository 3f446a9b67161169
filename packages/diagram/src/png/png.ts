import type { Resvg } from '@resvg/resvg-js';
import type { Lifecycle } from '@ticket-lifecycle/core';
import { DiagramError } from '../errors.ts';
import { checkArguments, type SvgOptions } from '../options.ts';
import { withGraphviz } from '../svg/graphviz.ts';
import { drawSvg } from '../svg/svg.ts';
import { plainStyleOf } from '../svg/svg-style.ts';

/** Options of a PNG. */
export interface PngOptions<State extends string = string, Context = unknown> extends Omit<
  SvgOptions<State, Context>,
  'idPrefix' | 'playable' | 'scheme'
> {
  /**
   * The paper and the ink. An image can't follow its page.
   *
   * @defaultValue 'light'
   */
  readonly scheme?: 'light' | 'dark' | undefined;
  /**
   * How many pixels of the image a pixel of the drawing takes. With 2 it is sharp on a fine screen.
   *
   * @defaultValue 2
   */
  readonly scale?: number | undefined;
  /**
   * Paths of fonts (TTF or OTF) to write with, for a machine that has none, or to have the same
   * image everywhere.
   *
   * @defaultValue the fonts of the machine
   */
  readonly fontFiles?: readonly string[] | undefined;
}

interface Renderer {
  readonly Resvg: typeof Resvg;
}

/**
 * Draws a lifecycle as a PNG, for what shows no SVG: chats, slides, mail. It needs the package
 * `@resvg/resvg-js`, which you install beside this one, and a font.
 *
 * The same lifecycle and options give the same image on machines with the same fonts.
 *
 * @throws DiagramError that names an option that makes no sense, or says that the renderer or a font
 * is missing.
 *
 * @example
 * ```ts
 * import { ticketLifecycle } from '@ticket-lifecycle/core';
 * import { toPng } from '@ticket-lifecycle/diagram/png';
 *
 * const png = await toPng(ticketLifecycle, { at: 'resolved' });
 * console.log(String.fromCharCode(...png.slice(1, 4))); // PNG
 * ```
 */
export function toPng<State extends string, Context>(
  lifecycle: Lifecycle<State, { type: string }, Context>,
  options?: PngOptions<NoInfer<State>, NoInfer<Context>>,
): Promise<Uint8Array>;
export async function toPng(lifecycle: Lifecycle, options: PngOptions = {}): Promise<Uint8Array> {
  checkArguments('toPng', 'png', lifecycle, options);
  const { scale = 2, fontFiles, ...drawing } = options;
  const { scheme = 'light' } = drawing;
  const renderer = await load();
  const font =
    fontFiles === undefined
      ? { loadSystemFonts: true }
      : { loadSystemFonts: false, fontFiles: [...fontFiles] };
  if (new renderer.Resvg(probe, { font }).getBBox() === undefined) {
    throw new DiagramError(
      'no-font',
      fontFiles === undefined
        ? 'toPng: this machine has no font. Install one (Debian: fonts-dejavu-core), or name font files in "fontFiles".'
        : `toPng: no font in "fontFiles" can be read: ${fontFiles.join(', ')}.`,
    );
  }
  const svg = await withGraphviz((layOut) =>
    drawSvg('toPng', layOut, lifecycle, { ...drawing, scheme }),
  );
  const plain = svg
    .replace(/<style>.*?<\/style>/s, () => `<style>${plainStyleOf(scheme)}</style>`)
    .replace(/ font-family="[^"]*"/, ` font-family="${families}"`);
  return new renderer.Resvg(plain, { font, fitTo: { mode: 'zoom', value: scale } })
    .render()
    .asPng();
}

// The renderer knows no "sans-serif" but by a name. Whichever of these is there is taken, else any.
const families =
  'Inter, Segoe UI, Helvetica Neue, Helvetica, Arial, Roboto, Noto Sans, Liberation Sans, DejaVu Sans, sans-serif';
const probe = `<svg xmlns="http://www.w3.org/2000/svg" width="99" height="99"><text y="50" font-family="${families}">open</text></svg>`;

async function load(): Promise<Renderer> {
  try {
    // CommonJS: everything is in its default.
    const loaded = (await import('@resvg/resvg-js')) as Renderer & { readonly default?: Renderer };
    return loaded.default ?? loaded;
  } catch (cause) {
    throw new DiagramError(
      'no-renderer',
      'toPng: a PNG needs the package @resvg/resvg-js. Install it: npm install @resvg/resvg-js',
      { cause },
    );
  }
}
