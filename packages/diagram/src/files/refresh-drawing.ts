import type { Lifecycle } from '@ticket-lifecycle/core';
import { toDot } from '../dot/dot.ts';
import { DiagramError, invalid, invalidOption, show } from '../errors.ts';
import { givenOf, optionsOf, optionWords, textNames } from '../kept-options.ts';
import { toMermaid } from '../mermaid/mermaid.ts';
import {
  checkArguments,
  checkWritten,
  unwrittenNames,
  type DiagramOptions,
  type SvgOptions,
} from '../options.ts';
import { toSvg } from '../svg/svg.ts';

/** Options of a drawing that is a file of its own. */
export interface DrawingFileOptions<
  State extends string = string,
  Context = unknown,
> extends SvgOptions<State, Context> {
  /**
   * What the file holds. The options of an SVG alone are for an SVG.
   *
   * @defaultValue 'svg'
   */
  readonly format?: 'svg' | 'mermaid' | 'dot' | undefined;
}

const svgNames = ['idPrefix', 'width', 'scheme', 'playable', 'legend'] as const;

/** How each format writes a comment, which is the last line of the file. */
const comments = {
  svg: { begin: '<!-- ', end: ' -->' },
  mermaid: { begin: '%% ', end: '' },
  dot: { begin: '// ', end: '' },
} as const;
const names = 'ticket-lifecycle diagram';

/**
 * Draws a file anew that holds a drawing and nothing else. A file that is fresh comes back as it is,
 * so a check compares the two texts.
 *
 * The last line of the file is a comment that keeps what it was drawn with, as a marker in Markdown
 * does: `<!-- ticket-lifecycle diagram at=resolved playable=true -->`. What you pass comes before
 * what the file keeps. `context`, `counts`, `guardLabels`, `messages` and `words` are not text: the comment
 * only names them, and they have to be passed again.
 *
 * @param text what is in the file, or an empty text for a new one
 *
 * @throws DiagramError for an option that makes no sense, and for one that has to be passed again.
 *
 * @example
 * ```ts
 * import { ticketLifecycle } from '@ticket-lifecycle/core';
 * import { refreshDrawing } from '@ticket-lifecycle/diagram';
 *
 * const svg = await refreshDrawing('', ticketLifecycle, { at: 'resolved' });
 * console.log(svg.trimEnd().split('\n').at(-1)); // <!-- ticket-lifecycle diagram at=resolved -->
 * console.log((await refreshDrawing(svg, ticketLifecycle)) === svg); // true
 * ```
 */
export function refreshDrawing<State extends string, Context>(
  text: string,
  lifecycle: Lifecycle<State, { type: string }, Context>,
  options?: DrawingFileOptions<NoInfer<State>, NoInfer<Context>>,
): Promise<string>;
export async function refreshDrawing(
  text: string,
  lifecycle: Lifecycle,
  options: DrawingFileOptions = {},
): Promise<string> {
  const owner = 'refreshDrawing';
  if (typeof text !== 'string') {
    throw invalid(`${owner}: expected a text, received ${show(text)}.`);
  }
  const { format = 'svg', ...given } = givenOf(options);
  if (!Object.hasOwn(comments, format)) {
    throw invalidOption(owner, 'format', 'one of "svg", "mermaid", "dot"', format);
  }
  const kind = format === 'svg' ? 'svg' : 'diagram';
  checkArguments(owner, kind, lifecycle, given);
  const { kept, needed } = readComment(text, format);
  try {
    checkWritten(owner, kind, lifecycle, kept);
  } catch (error) {
    if (!DiagramError.is(error)) throw error;
    const message = `${error.message.replace(/\.$/, '')}, in the comment on the last line.`;
    throw new DiagramError(error.code, message, { cause: error });
  }
  const missing = needed.filter((name) => !Object.hasOwn(given, name)).join(' and ');
  if (missing !== '') {
    throw invalid(
      `${owner}: the file was drawn with ${missing}, which it does not keep. Give ${missing} again, or delete the file to draw it without.`,
    );
  }
  const all = { ...kept, ...given };
  const drawn = (await draw(lifecycle, format, all)) + writeComment(format, all);
  // Git may have given the file the line ends of Windows.
  return text.replaceAll('\r\n', '\n') === drawn ? text : drawn;
}

async function draw(
  lifecycle: Lifecycle,
  format: keyof typeof comments,
  options: SvgOptions,
): Promise<string> {
  if (format === 'svg') return toSvg(lifecycle, options);
  // Those of an SVG alone were refused.
  const plain: DiagramOptions = options;
  return format === 'dot' ? toDot(lifecycle, plain) : toMermaid(lifecycle, plain);
}

/** The options that a file keeps, and those that it only names. */
function readComment(text: string, format: keyof typeof comments) {
  const { begin, end } = comments[format];
  const line =
    text
      .trimEnd()
      .split(/\r\n|\n|\r/)
      .at(-1) ?? '';
  const start = `${begin}${names} `;
  if (!line.startsWith(start) || !line.endsWith(end)) return { kept: {}, needed: [] };
  const { with: others, ...kept } = optionsOf(line.slice(start.length, line.length - end.length));
  const needed = typeof others === 'string' ? others.split(',') : [];
  return { kept, needed };
}

/** The line that keeps the options, if any were given. */
function writeComment(format: keyof typeof comments, options: SvgOptions): string {
  const { begin, end } = comments[format];
  const needed = unwrittenNames.filter((name) => options[name] !== undefined);
  const words = [
    ...optionWords([...textNames, ...svgNames], options),
    ...(needed.length === 0 ? [] : [`with=${needed.join(',')}`]),
  ];
  return words.length === 0 ? '' : `${begin}${names} ${words.join(' ')}${end}\n`;
}
