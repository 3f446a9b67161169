import { fromMarkdown, type Extension as FromMarkdown } from 'mdast-util-from-markdown';
import { frontmatterFromMarkdown } from 'mdast-util-frontmatter';
import { mdxExpressionFromMarkdown } from 'mdast-util-mdx-expression';
import { frontmatter } from 'micromark-extension-frontmatter';
import { mdxExpression } from 'micromark-extension-mdx-expression';
import { mdxMd } from 'micromark-extension-mdx-md';
import { DiagramError } from '../errors.ts';
import type { Syntax } from './marker.ts';

/** For each way to write a comment, the lines (from 1) on which a comment may stand. */
export type Markup = Readonly<Record<Syntax, ReadonlySet<number>>>;

interface Placed {
  readonly type: string;
  readonly value?: string;
  readonly children?: readonly Placed[];
  readonly position?: {
    readonly start: { readonly line: number };
    readonly end: { readonly line: number };
  };
}

const matters = ['yaml', 'toml'] as const;
// In these a comment is a text like any other.
const opaque =
  /^<(?:pre|script|style|textarea|!--(?!\s*\/?ticket-lifecycle\s+diagram)|\?|!(?!--))/i;

/** Reads a text as far as comments go. */
export function readMarkup(text: string, syntaxes: readonly Syntax[]): Markup {
  const empty: ReadonlySet<number> = new Set();
  return {
    html: syntaxes.includes('html') ? htmlLines(parse(text)) : empty,
    mdx: syntaxes.includes('mdx') ? expressionLines(parseMdx(text)) : empty,
  };
}

/** The line of the fence, or of indented code, around a line. */
export function codeFenceAround(text: string, line: number): number | undefined {
  const code = all(parse(text)).find(
    ({ type, position }) =>
      type === 'code' &&
      position !== undefined &&
      position.start.line <= line &&
      line <= position.end.line,
  );
  return code?.position?.start.line;
}

/**
 * Footnotes, definitions and the boxes and tabs of MkDocs hold what is indented below them, as an
 * item of a list does. The parser knows items only, so each is read as one.
 */
const asItems = (text: string): string =>
  text.replaceAll(
    /^([\s>]*)(?:\[\^[^\]\s]+\]:|!!!\+?|\?\?\?\+?|===[!+]?(?=\s+["'])|:(?=\s{3}|\t))(?=\s|$)/gm,
    '$1-  ',
  );

const parse = (text: string): Placed =>
  fromMarkdown(asItems(text), {
    extensions: [frontmatter([...matters])],
    mdastExtensions: [frontmatterFromMarkdown([...matters])],
  }) as Placed;

function parseMdx(text: string): Placed {
  const mdast: FromMarkdown[] = [
    frontmatterFromMarkdown([...matters]),
    mdxExpressionFromMarkdown(),
  ];
  try {
    return fromMarkdown(asItems(text), {
      extensions: [frontmatter([...matters]), mdxExpression(), mdxMd()],
      mdastExtensions: mdast,
    }) as Placed;
  } catch (error) {
    const { line = 1, reason = String(error) } = error as { line?: number; reason?: string };
    throw new DiagramError('unreadable-mdx', `This is not MDX, from line ${line} on: ${reason}.`, {
      line,
    });
  }
}

function htmlLines(tree: Placed): ReadonlySet<number> {
  const lines = all(tree)
    .filter(({ type, value = '' }) => type === 'html' && !opaque.test(value.trimStart()))
    .flatMap(linesOfNode);
  return new Set(lines);
}

const expressionLines = (tree: Placed): ReadonlySet<number> =>
  new Set(
    all(tree).flatMap(({ type, position }) =>
      /^mdx(?:Flow|Text)Expression$/.test(type) && position !== undefined
        ? [position.start.line]
        : [],
    ),
  );

// What somebody took for a marker: another case, a slip of the pen, more than one line.
const almost = String.raw`\/?\s*ticket[-_]li\w*\s+diag\w*`;
const almostHtml = new RegExp(String.raw`<!--+\s*${almost}`, 'gi');
const almostMdx = new RegExp(String.raw`\{\s*\/[*\/]+\s*${almost}`, 'gi');
const raw = /^<(?:pre|script|style|textarea|\?|!(?!--))/i;

/** Whether a text may hold a marker, or almost one: all other texts need no parser. */
export const mayHoldMarkers = (text: string): boolean => new RegExp(almost, 'i').test(text);

/** The lines on which a comment begins that is a marker, or almost one. The first comes first. */
export function almostMarkers(text: string): number[] {
  const nodes = all(parse(text));
  const html = nodes
    .filter(({ type, value = '' }) => type === 'html' && !raw.test(value.trimStart()))
    .flatMap(({ position, value = '' }) => linesWith(almostHtml, value, position?.start.line));
  const literal = new Set(
    nodes.filter(({ type }) => /^(?:code|inlineCode|html)$/.test(type)).flatMap(linesOfNode),
  );
  const mdx = linesWith(almostMdx, text).filter((line) => !literal.has(line));
  const expressions = mdx.length === 0 ? new Set() : expressionLines(parseMdx(text));
  return [...html, ...mdx.filter((line) => expressions.has(line))].toSorted((a, b) => a - b);
}

const linesOfNode = ({ position }: Placed): number[] =>
  position === undefined ? [] : rangeOf(position.start.line, position.end.line);

const linesWith = (pattern: RegExp, text: string, first = 1): number[] =>
  Array.from(
    text.matchAll(pattern),
    ({ index }) => first + text.slice(0, index).split('\n').length - 1,
  );

const rangeOf = (first: number, last: number): number[] =>
  Array.from({ length: last - first + 1 }, (_, index) => first + index);

function all(node: Placed): Placed[] {
  const found: Placed[] = [];
  const open = [node];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    found.push(next);
    open.push(...(next.children ?? []));
  }
  return found;
}
