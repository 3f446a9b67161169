import { checkArguments, checkWritten, type MarkdownOptions, type SvgOptions } from '../options.ts';
import { DiagramError } from '../errors.ts';
import { optionsOf } from '../kept-options.ts';
import { drawBlocks } from '../markdown/markdown.ts';
import { drawSvg } from '../svg/svg.ts';
import { wordsOf } from '../words.ts';
import type { LayOut } from '../svg/graphviz.ts';
import { lifecycleCalled, readPagesOptions, type PagesOptions } from './plugin-options.ts';

/*
 * What both plugins do, whatever reads the Markdown. A fence with the language `lifecycle` is drawn:
 *
 *     ```lifecycle support at=resolved
 *     The caption, if there is one.
 *     ```
 *
 * So is a marked block, whose Mermaid is for places that draw Mermaid only. It is compared with the
 * lifecycle first: a page with a stale one is refused, so that no site shows what its source does not.
 */

/** A drawing for a page. */
export interface PageDrawing {
  readonly svg: string;
  readonly caption: string;
  readonly as: 'svg' | 'img';
  /** What its frame is called. */
  readonly label: string;
  readonly isPlayable: boolean;
}

/** A marked block of a page: its lines, from 1, and the words of the fence that it is drawn as. */
export interface PageBlock {
  readonly line: number;
  readonly from: number;
  readonly to: number;
  readonly before: string;
  readonly indent: string;
  readonly lineEnd: string;
  readonly words: string;
}

/** Draws for the pages of a site, with a Graphviz that is loaded. */
export interface PageDrawer {
  /** Draws a fence, by the words behind its three backticks. `undefined` for one that is not ours. */
  draw(info: string, content: string, line: number): PageDrawing | undefined;
  /** The marked blocks of a page, none of which is stale. */
  blocksIn(page: string): readonly PageBlock[];
}

export function createPageDrawer(owner: string, given: PagesOptions, layOut: LayOut): PageDrawer {
  const options = readPagesOptions(owner, given);
  return {
    draw(info, content, line) {
      const words = /^lifecycle(?:\s+(?<rest>.*))?$/s.exec(info.trim());
      if (words === null) return undefined;
      const { name, own } = readWords(owner, words.groups?.['rest'] ?? '', line);
      const where = `${owner}: the fence on line ${line}`;
      const { lifecycle, options: defaults } = lifecycleCalled(options, name, where);
      const all = { idPrefix: idFor(`${line} ${info}`), ...defaults, ...own };
      checkWritten(where, 'svg', lifecycle, own);
      checkArguments(where, 'svg', lifecycle, all);
      const svg = drawSvg(where, layOut, lifecycle, all);
      return {
        svg,
        caption: content.trim(),
        as: options.as,
        label: wordsOf(all.words).figure,
        isPlayable: all.playable === true,
      };
    },
    blocksIn(page) {
      const drawn = drawBlocks(owner, page, ({ name, line }) => {
        const where = `${owner}: the marker on line ${line}`;
        const { lifecycle, options: defaults } = lifecycleCalled(options, name, where);
        return { lifecycle, options: textOptions(defaults) };
      });
      for (const { line, from, to, now } of drawn) {
        if (page.slice(from, to) === now) continue;
        throw new DiagramError(
          'stale',
          `${owner}: the diagram on line ${line} is stale. Draw it again: ticket-lifecycle diagram --write, with this page.`,
          { line },
        );
      }
      return drawn.map(({ block: { opening, indent, lineEnd }, line, from, to }) => {
        const { format: _, ...kept } = opening.options;
        const words = Object.entries(kept).map(([key, value]) => `${key}=${JSON.stringify(value)}`);
        return {
          line,
          from,
          to,
          before: opening.before,
          indent,
          lineEnd,
          words: ['lifecycle', opening.name, ...words].filter((word) => word !== '').join(' '),
        };
      });
    },
  };
}

/** What a drawing as text has of the options of an SVG. Its marker keeps the others. */
const textOptions = ({
  context,
  counts,
  guardLabels,
  messages,
  words,
}: SvgOptions): MarkdownOptions => ({ context, counts, guardLabels, messages, words });

/** Reads `support at=resolved width=390`. */
function readWords(owner: string, words: string, line: number) {
  const pattern =
    /^(?<name>[\w.-]+(?=\s|$))?(?<options>(?:\s*\w+=(?:"(?:[^"\\]|\\.)*"|'[^']*'|[^\s"']+))*)\s*$/;
  const groups = pattern.exec(words.trim())?.groups;
  if (groups === undefined) {
    throw new DiagramError(
      'invalid-option',
      `${owner}: the fence on line ${line} must be like \`lifecycle NAME at=STATE title="…"\`, received ${JSON.stringify(words)}.`,
      { line },
    );
  }
  return { name: groups['name'] ?? '', own: optionsOf(groups['options'] ?? '') };
}

/** An id that is the same at every build. Two fences of one page are on two lines. */
function idFor(text: string): string {
  let hash = 0x811c9dc5;
  for (const sign of text) hash = Math.imul(hash ^ (sign.codePointAt(0) ?? 0), 0x01000193);
  return `lifecycle-${(hash >>> 0).toString(36)}`;
}
