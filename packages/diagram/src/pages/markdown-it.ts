import { DiagramError } from '../errors.ts';
import { loadGraphviz } from '../svg/graphviz.ts';
import { figureOf } from './figure.ts';
import { createPageDrawer, type PageBlock } from './page-drawings.ts';
import type { PagesOptions } from './plugin-options.ts';

export type { Drawn, PagesOptions } from './plugin-options.ts';

/** What the plugin uses of markdown-it. */
interface MarkdownItLike {
  readonly core: {
    readonly ruler: {
      before(name: string, ownName: string, rule: (state: { src: string }) => void): void;
    };
  };
  readonly utils: { unescapeAll(text: string): string };
  readonly renderer: { readonly rules: { fence?: FenceRule | undefined } };
}

// eslint-disable-next-line typescript/no-explicit-any -- the types of markdown-it differ by version
type FenceRule = (...values: any[]) => string;

interface Token {
  readonly info: string;
  readonly content: string;
  readonly map: readonly [first: number, last: number] | null;
}

/**
 * Loads a plugin for markdown-it and VitePress: fences with the language `lifecycle`, and marked
 * blocks, become SVGs when the site is built. A stale block fails the build. Drawing waits for
 * nothing, as markdown-it needs it, so the plugin itself has to be awaited.
 *
 * @throws DiagramError for options that make no sense; the plugin throws one for a stale block or a
 * fence that can't be drawn
 *
 * @example
 * ```ts
 * import { ticketLifecycle } from '@ticket-lifecycle/core';
 * import { markdownItLifecycle } from '@ticket-lifecycle/diagram/markdown-it';
 * import MarkdownIt from 'markdown-it';
 *
 * const lifecycles = { support: ticketLifecycle };
 * const md = new MarkdownIt().use(await markdownItLifecycle({ lifecycles }));
 * const html = md.render('```lifecycle support at=open\n```\n');
 * console.log(html.match(/<figure|<svg/g)); // [ '<figure', '<svg' ]
 * ```
 */
export async function markdownItLifecycle(
  options: PagesOptions,
): Promise<(md: MarkdownItLike) => void> {
  const drawer = createPageDrawer('markdownItLifecycle', options, await loadGraphviz());
  return (md) => {
    md.core.ruler.before('normalize', 'ticket-lifecycle', (state) => {
      if (typeof state.src !== 'string') return;
      state.src = withFences(state.src, drawer.blocksIn(state.src));
    });
    const { fence } = md.renderer.rules;
    md.renderer.rules.fence = (...values: unknown[]) => {
      const [tokens, index] = values as [readonly Token[], number];
      const { info = '', content = '', map } = tokens[index] ?? {};
      const drawing = drawer.draw(md.utils.unescapeAll(info), content, (map?.[0] ?? 0) + 1);
      // Vue leaves what is inside alone: it would take the style sheet out of a picture.
      if (drawing !== undefined) return `${figureOf(drawing, { 'v-pre': '' })}\n`;
      if (fence === undefined) throw new DiagramError('invalid-option', 'No rule for fences.');
      return fence(...values);
    };
  };
}

/** A page with a fence in the place of each marked block, on the same lines. */
function withFences(page: string, blocks: readonly PageBlock[]): string {
  let text = '';
  let end = 0;
  for (const { from, to, before, indent, lineEnd, words } of blocks) {
    const lines = page.slice(from, to).split(lineEnd).length - 1;
    const inside = Array.from({ length: lines - 1 }, () => indent.trimEnd() + lineEnd).join('');
    // Tildes: the words of such a fence may hold backticks.
    text += `${page.slice(end, from)}${before}~~~${escaped(words)}${lineEnd}${inside}${indent}~~~`;
    const rest = page.indexOf(lineEnd, to);
    end = rest === -1 ? page.length : rest;
  }
  return text + page.slice(end);
}

/** Words as a fence has them: Markdown reads these two signs in them. */
const escaped = (words: string): string => words.replaceAll(/[\\&]/g, '\\$&');
