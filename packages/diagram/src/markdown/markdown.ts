import type { Lifecycle } from '@ticket-lifecycle/core';
import { toDot } from '../dot/dot.ts';
import { blocksOf, type MarkedBlock } from './marked-blocks.ts';
import { invalid, show } from '../errors.ts';
import { toMermaid } from '../mermaid/mermaid.ts';
import { checkArguments, type MarkdownOptions } from '../options.ts';

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
 * in MDX between the same words in braces. Each marker is a line of its own. Inside a fence they
 * are an example, not a marker.
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
  const { blocks, draw } = prepare('refreshMarkdown', text, lifecycle, options);
  let refreshed = '';
  let end = 0;
  for (const block of blocks) {
    refreshed += text.slice(end, block.from) + draw(block);
    end = block.to;
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
  const { blocks, draw } = prepare('checkMarkdown', text, lifecycle, options);
  return blocks.map((block) => ({
    line: block.line,
    isFresh: text.slice(block.from, block.to) === draw(block),
  }));
}

function prepare(owner: string, text: string, lifecycle: Lifecycle, options: MarkdownOptions) {
  if (typeof text !== 'string') {
    throw invalid(`${owner}: expected a text, received ${show(text)}.`);
  }
  checkArguments(owner, 'markdown', lifecycle, options);
  const { format = 'mermaid', name, ...diagram } = options;
  const drawn = format === 'dot' ? toDot(lifecycle, diagram) : toMermaid(lifecycle, diagram);
  // Blank lines around the fence, as formatters of Markdown put them.
  const lines = ['', `\`\`\`${format}`, ...drawn.trimEnd().split('\n'), '```', ''];
  return {
    blocks: blocksOf(owner, text).filter((block) => block.name === (name ?? '')),
    draw: ({ indent, lineEnd }: MarkedBlock) =>
      lines.map((line) => `${line === '' ? '' : indent}${line}${lineEnd}`).join(''),
  };
}
