import { DiagramError } from '../errors.ts';
import { parseMarker } from '../markdown/marker.ts';
import { withGraphviz } from '../svg/graphviz.ts';
import { figureOf } from './figure.ts';
import { readHtml } from './html-tree.ts';
import {
  createPageDrawer,
  type PageBlock,
  type PageDrawer,
  type PageDrawing,
} from './page-drawings.ts';
import { readPagesOptions, type PagesOptions } from './plugin-options.ts';

export type { Drawn, PagesOptions } from './plugin-options.ts';

/** What the plugin uses of a tree of Markdown (mdast). */
interface MarkdownNode {
  type: string;
  lang?: string | null | undefined;
  meta?: string | null | undefined;
  value?: string;
  children?: MarkdownNode[];
  position?: { readonly start: { readonly line: number } } | undefined;
  data?: object;
}

interface PageFile {
  readonly path?: string | undefined;
  toString(): string;
}

/**
 * A plugin for remark, and so for Docusaurus, Starlight, Astro and all that reads MDX: fences with
 * the language `lifecycle`, and marked blocks, become SVGs when the site is built. A stale block
 * fails the build, and so does a fence that can't be drawn.
 *
 * @throws DiagramError for options that make no sense
 *
 * @example
 * ```ts
 * import { ticketLifecycle } from '@ticket-lifecycle/core';
 * import { remarkLifecycle } from '@ticket-lifecycle/diagram/remark';
 * import rehypeStringify from 'rehype-stringify';
 * import remarkParse from 'remark-parse';
 * import remarkRehype from 'remark-rehype';
 * import { unified } from 'unified';
 *
 * const site = unified()
 *   .use(remarkParse)
 *   .use(remarkLifecycle, { lifecycles: { support: ticketLifecycle } })
 *   .use(remarkRehype)
 *   .use(rehypeStringify);
 * const html = String(await site.process('```lifecycle support at=open\n```\n'));
 * console.log(html.match(/<figure|<svg/g)); // [ '<figure', '<svg' ]
 * ```
 */
export function remarkLifecycle(
  options: PagesOptions,
): (tree: { type: string }, file: PageFile) => Promise<void> {
  // Now, and not at the first page: a mistake in the configuration shows at once.
  readPagesOptions('remarkLifecycle', options);
  return async (tree, file) => {
    const page = file.toString();
    try {
      await withGraphviz((layOut) => {
        const drawer = createPageDrawer('remarkLifecycle', options, layOut);
        drawInto(tree, drawer, drawer.blocksIn(page));
      });
    } catch (error) {
      if (!DiagramError.is(error) || file.path === undefined) throw error;
      throw new DiagramError(error.code, `${file.path}: ${error.message}`, {
        cause: error,
        ...(error.line === undefined ? {} : { line: error.line }),
      });
    }
  };
}

function drawInto(node: MarkdownNode, drawer: PageDrawer, blocks: readonly PageBlock[]): void {
  const { children } = node;
  if (children === undefined) return;
  const drawn: MarkdownNode[] = [];
  for (let index = 0; index < children.length; index += 1) {
    const child = children[index];
    if (child === undefined) continue;
    const block = blocks.find(({ line }) => isMarker(child, 'opens', line));
    const length =
      block === undefined ? 0 : children.slice(index).findIndex((one) => isMarker(one, 'closes'));
    if (block !== undefined && length > 0) {
      drawn.push(drawnAs(drawer.draw(block.words, '', block.line)) ?? child);
      index += length;
    } else {
      drawn.push(fenceOf(child, drawer) ?? child);
      drawInto(child, drawer, blocks);
    }
  }
  node.children = drawn;
}

function fenceOf({ type, lang, meta, value, position }: MarkdownNode, drawer: PageDrawer) {
  if (type !== 'code' || lang !== 'lifecycle') return undefined;
  return drawnAs(drawer.draw(`lifecycle ${meta ?? ''}`, value ?? '', position?.start.line ?? 1));
}

function isMarker(
  { type, value = '', position }: MarkdownNode,
  kind: 'opens' | 'closes',
  line?: number,
): boolean {
  const comment = type === 'html' ? value : `{${value}}`;
  if (type !== 'html' && type !== 'mdxFlowExpression') return false;
  const marker = parseMarker(comment.trim(), position?.start.line ?? 0);
  return (
    marker !== undefined &&
    marker.closes === (kind === 'closes') &&
    (line === undefined || line === marker.line)
  );
}

/** A node that becomes HTML in every pipeline, in MDX too, where raw HTML is not allowed. */
function drawnAs(drawing: PageDrawing | undefined): MarkdownNode | undefined {
  if (drawing === undefined) return undefined;
  const { tagName, properties, children } = readHtml(figureOf(drawing));
  return {
    type: 'lifecycleDiagram',
    data: { hName: tagName, hProperties: properties, hChildren: children },
  };
}
