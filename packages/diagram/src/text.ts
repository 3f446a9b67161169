import type { LabelWidth } from './label-width.ts';
import { textWidth } from './text-size.ts';

// What no format can hold, or what would turn the text behind it around (U+202A to U+202E, U+2066
// to U+2069). A byte order mark inside a text is a mistake as well.
const unprintable = /[\p{Cc}\u202A-\u202E\u2066-\u2069\uFEFF\uFFFE\uFFFF]/gu;
const lineEnd = /\r\n|[\n\r\v\f\u0085\u2028\u2029]/g;

/** A text from outside in a form that every format can hold: printable, `\n` for a new line. */
export function clean(text: string): string {
  return text
    .toWellFormed()
    .replaceAll(lineEnd, '\n')
    .replaceAll('\t', ' ')
    .split('\n')
    .map((line) => line.replaceAll(unprintable, '\u{FFFD}'))
    .join('\n');
}

/** The same on one line. */
export const oneLine = (text: string): string => clean(text).replaceAll(/\s+/g, ' ').trim();

const rightToLeft =
  /^\P{L}*[\p{sc=Hebrew}\p{sc=Arabic}\p{sc=Syriac}\p{sc=Thaana}\p{sc=Nko}\p{sc=Adlam}]/u;

/** Whether a text is read from right to left: its first letter tells. */
export const isRightToLeft = (text: string): boolean => rightToLeft.test(text);

let segmenter: Intl.Segmenter | undefined;

/** What a reader takes for one letter each. Made when first needed: Mermaid never does. */
function graphemesOf(text: string): string[] {
  segmenter ??= new Intl.Segmenter('en', { granularity: 'grapheme' });
  return Array.from(segmenter.segment(text), ({ segment }) => segment);
}

/** Breaks a text into lines that fit; what does not fit at all ends in `…`. */
export function fit(text: string, { width, lines: most }: LabelWidth): string[] {
  const lines = clean(text)
    .split('\n')
    .flatMap((line) => wrap(line.trim(), width, most));
  if (lines.length <= most) return lines;
  const last = graphemesOf(lines[most - 1] ?? '');
  while (textWidth(`${last.join('')}…`) > width) last.pop();
  return [...lines.slice(0, most - 1), `${last.join('').trimEnd()}…`];
}

function wrap(line: string, width: number, most: number): string[] {
  const lines: string[] = [];
  let current = '';
  for (const word of piecesOf(line)) {
    if (lines.length > most) break;
    if (textWidth(current + word.trimEnd()) <= width) {
      current += word;
      continue;
    }
    if (current !== '') lines.push(current.trimEnd());
    current = word;
    // A word that is too long for any line is broken where a reader sees a letter end.
    while (textWidth(current.trimEnd()) > width && lines.length <= most) {
      const head = headOf(current, width);
      lines.push(head);
      current = current.slice(head.length);
    }
  }
  return [...lines, current.trimEnd()];
}

/** Words with what separates them; a name may also be broken behind its hyphens and dots. */
const piecesOf = (line: string): string[] => line.match(/[^\s\-_./]*[\s\-_./]+|[^\s\-_./]+/g) ?? [];

/** How wide the widest part of a text is that is not broken while there is room. */
export const widestPiece = (text: string): number =>
  Math.max(0, ...piecesOf(clean(text)).map((piece) => textWidth(piece.trimEnd())));

function headOf(word: string, width: number): string {
  let head = '';
  for (const letter of graphemesOf(word)) {
    if (head !== '' && textWidth(head + letter) > width) break;
    head += letter;
  }
  return head;
}
