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
const opaque = /^<(?:pre|script|style|textarea|!--(?!\s*\/?ticket-lifecycle diagram)|\?|!(?!--))/i;

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

const parse = (text: string): Placed =>
  fromMarkdown(text, {
    extensions: [frontmatter([...matters])],
    mdastExtensions: [frontmatterFromMarkdown([...matters])],
  }) as Placed;

function parseMdx(text: string): Placed {
  const mdast: FromMarkdown[] = [
    frontmatterFromMarkdown([...matters]),
    mdxExpressionFromMarkdown(),
  ];
  try {
    return fromMarkdown(text, {
      extensions: [frontmatter([...matters]), mdxExpression(), mdxMd()],
      mdastExtensions: mdast,
    }) as Placed;
  } catch (error) {
    const { line = 1, reason = String(error) } = error as { line?: number; reason?: string };
    throw new DiagramError('unreadable-mdx', `This is no MDX, from line ${line} on: ${reason}.`, {
      line,
    });
  }
}

function htmlLines(tree: Placed): ReadonlySet<number> {
  const lines = all(tree)
    .filter(({ type, value = '' }) => type === 'html' && !opaque.test(value.trimStart()))
    .flatMap(({ position }) =>
      position === undefined ? [] : rangeOf(position.start.line, position.end.line),
    );
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
