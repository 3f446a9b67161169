import type { Lifecycle } from '@ticket-lifecycle/core';
import { toDot } from '../dot/dot.ts';
import { DiagramError, invalid, show } from '../errors.ts';
import { givenOf } from '../kept-options.ts';
import { toMermaid } from '../mermaid/mermaid.ts';
import { checkArguments, checkWritten, type MarkdownOptions } from '../options.ts';
import { blocksOf, type MarkedBlock } from './marked-blocks.ts';
import { keptOf, writeMarker, type Marker } from './marker.ts';

/** A marked block, and whether it is fresh. */
export interface CheckedBlock {
  /** Line of the opening marker, from 1. */
  readonly line: number;
  readonly isFresh: boolean;
}

/**
 * Draws a lifecycle anew into the marked blocks of a Markdown or MDX text, and gives the text back
 * with nothing else touched. A text without such a block comes back as it is.
 *
 * A block lies between `<!-- ticket-lifecycle diagram -->` and `<!-- /ticket-lifecycle diagram -->`,
 * in MDX between the same words in braces. Each marker is a line of its own, in a list or a quotation
 * too. Inside code it is an example: {@link unusedMarkers} lists those.
 *
 * The opening marker keeps what it was drawn with: `<!-- ticket-lifecycle diagram at=resolved
 * direction=down -->`. So a check needs no options, except those that are not
 * text: `context`, `counts`, `guardLabels`, `messages` and `words`.
 * What you pass comes before what a marker keeps.
 *
 * @throws DiagramError for an option that makes no sense, and for a marker without its other half.
 *
 * @example
 * ```ts
 * import { ticketLifecycle } from '@ticket-lifecycle/core';
 * import { refreshMarkdown } from '@ticket-lifecycle/diagram';
 *
 * const readme = `# Support
 *
 * <!-- ticket-lifecycle diagram -->
 * <!-- /ticket-lifecycle diagram -->
 * `;
 * const fresh = refreshMarkdown(readme, ticketLifecycle);
 * console.log(fresh.split('\n')[4]); // ```mermaid
 * console.log(refreshMarkdown(fresh, ticketLifecycle) === fresh); // true
 * ```
 */
export function refreshMarkdown<State extends string, Context>(
  text: string,
  lifecycle: Lifecycle<State, { type: string }, Context>,
  options?: MarkdownOptions<NoInfer<State>, NoInfer<Context>>,
): string;
export function refreshMarkdown(
  text: string,
  lifecycle: Lifecycle,
  options: MarkdownOptions = {},
): string {
  let refreshed = '';
  let end = 0;
  for (const { from, to, now } of blocksAsTheyShouldBe(
    'refreshMarkdown',
    text,
    lifecycle,
    options,
  )) {
    refreshed += text.slice(end, from) + now;
    end = to;
  }
  return refreshed + text.slice(end);
}

/**
 * Says for each marked block of a text whether it shows the lifecycle as it is, in order. Empty
 * for a text without one: a check that found no block should say so.
 *
 * @throws DiagramError for an option that makes no sense, and for a marker without its other half.
 *
 * @example
 * ```ts
 * import { ticketLifecycle } from '@ticket-lifecycle/core';
 * import { checkMarkdown } from '@ticket-lifecycle/diagram';
 *
 * const page = '<!-- ticket-lifecycle diagram -->\nold\n<!-- /ticket-lifecycle diagram -->\n';
 * console.log(checkMarkdown(page, ticketLifecycle)); // [ { line: 1, isFresh: false } ]
 * ```
 */
export function checkMarkdown<State extends string, Context>(
  text: string,
  lifecycle: Lifecycle<State, { type: string }, Context>,
  options?: MarkdownOptions<NoInfer<State>, NoInfer<Context>>,
): readonly CheckedBlock[];
export function checkMarkdown(
  text: string,
  lifecycle: Lifecycle,
  options: MarkdownOptions = {},
): readonly CheckedBlock[] {
  return blocksAsTheyShouldBe('checkMarkdown', text, lifecycle, options).map(
    ({ line, from, to, now }) => ({ line, isFresh: text.slice(from, to) === now }),
  );
}

function blocksAsTheyShouldBe(
  owner: string,
  text: string,
  lifecycle: Lifecycle,
  options: MarkdownOptions,
) {
  if (typeof text !== 'string') {
    throw invalid(`${owner}: expected a text, received ${show(text)}.`);
  }
  checkArguments(owner, 'markdown', lifecycle, options);
  return drawBlocks(owner, text, ({ name }) =>
    options.name === undefined || options.name === name ? { lifecycle, options } : undefined,
  );
}

/**
 * Draws each block for which there is something to draw.
 *
 * @returns each from its opening marker to before its closing one, as it should be
 */
export function drawBlocks(
  owner: string,
  text: string,
  what: (
    opening: Marker,
  ) => { readonly lifecycle: Lifecycle; readonly options: MarkdownOptions } | undefined,
) {
  return blocksOf(owner, text).flatMap((block) => {
    const { opening, from, contentFrom, to } = block;
    const drawn = what(opening);
    if (drawn === undefined) return [];
    const given = givenOf(drawn.options);
    const kept = keptOf(given);
    const isKept = Object.entries(kept).every(([key, value]) => opening.options[key] === value);
    const all = { ...opening.options, ...given };
    const marker = isKept
      ? text.slice(from, contentFrom)
      : writeMarker(opening, { ...opening.options, ...kept }) + block.lineEnd;
    const now = marker + draw(owner, block, drawn.lifecycle, all);
    return [{ block, line: opening.line, from, to, now }];
  });
}

function draw(
  owner: string,
  { opening, indent, lineEnd }: MarkedBlock,
  lifecycle: Lifecycle,
  options: MarkdownOptions,
): string {
  try {
    checkWritten(owner, 'markdown', lifecycle, opening.options);
  } catch (error) {
    if (!DiagramError.is(error)) throw error;
    const place = `in the marker on line ${opening.line}`;
    throw new DiagramError(error.code, `${error.message.replace(/\.$/, '')}, ${place}.`, {
      line: opening.line,
      cause: error,
    });
  }
  const { format = 'mermaid', name: _, ...diagram } = options;
  const drawn = format === 'dot' ? toDot(lifecycle, diagram) : toMermaid(lifecycle, diagram);
  // Blank lines around the fence, as formatters of Markdown put them.
  return ['', `\`\`\`${format}`, ...drawn.trimEnd().split('\n'), '```', '']
    .map((line) => `${line === '' ? indent.trimEnd() : indent}${line}${lineEnd}`)
    .join('');
}
