import { optionsOf, optionWords, textNames } from '../kept-options.ts';
import type { MarkdownOptions } from '../options.ts';

/** How a comment is written. */
export type Syntax = 'html' | 'mdx';

const keptNames = ['format', ...textNames] as const;

/** The options of a drawing that its marker keeps, so that a check need not be told them again. */
export type KeptOptions = Pick<MarkdownOptions, (typeof keptNames)[number]>;

/** A line that opens or closes a block. */
export interface Marker {
  readonly syntax: Syntax;
  /** From 1. */
  readonly line: number;
  /** What is before it on its line: of a list's item, or of a quotation. */
  readonly before: string;
  readonly closes: boolean;
  /** Behind the word `diagram`, or empty. */
  readonly name: string;
  /** Behind the name, as they are written. Unknown ones too: the drawing refuses them by name. */
  readonly options: Readonly<Record<string, unknown>>;
}

const pattern =
  /^(?<before>(?:[\s>]|[-+*]\s|\d{1,9}[.)]\s|\[\^[^\]\s]+\]:\s|:\s)*)(?<sign><!--|\{\/\*)\s*(?<closes>\/?)ticket-lifecycle\s+diagram(?:\s+(?<name>[\w.-]+)(?=\s))?(?<options>(?:\s+\w+=(?:"(?:[^"\\]|\\.)*"|'[^']*'|[^\s"']+))*)\s*(?<end>-->|\*\/\})\s*$/;

/** Reads a line as a marker; whether it is one there, the text around it decides. */
export function parseMarker(text: string, line: number): Marker | undefined {
  const groups = pattern.exec(text)?.groups;
  if (groups === undefined) return undefined;
  const { before = '', sign, closes, name = '', options = '', end } = groups;
  const syntax = sign === '<!--' ? 'html' : 'mdx';
  if ((end === '-->') !== (syntax === 'html')) return undefined;
  return { syntax, line, before, closes: closes !== '', name, options: optionsOf(options) };
}

/** The line of an opening marker that keeps these options. */
export function writeMarker({ syntax, before, name }: Marker, kept: KeptOptions): string {
  const words = optionWords(keptNames, kept);
  const inside = ['ticket-lifecycle diagram', ...(name === '' ? [] : [name]), ...words].join(' ');
  return syntax === 'html' ? `${before}<!-- ${inside} -->` : `${before}{/* ${inside} */}`;
}

/** The options that a marker keeps, of those that were given. */
export const keptOf = (options: MarkdownOptions): KeptOptions =>
  Object.fromEntries(
    keptNames.flatMap((key) => (options[key] === undefined ? [] : [[key, options[key]]])),
  );
