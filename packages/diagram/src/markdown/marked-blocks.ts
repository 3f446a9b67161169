import { DiagramError } from '../errors.ts';

/** What lies between a pair of markers. */
export interface MarkedBlock {
  /** Behind the word `diagram`, or empty. */
  readonly name: string;
  /** Line of the opening marker, from 1. */
  readonly line: number;
  /** Where the lines between the markers begin and end in the text. */
  readonly from: number;
  readonly to: number;
  /** What stands before the opening marker, and what ends its line. */
  readonly indent: string;
  readonly lineEnd: string;
}

// With four blanks it would be a block of code.
const marker =
  /^(?<indent> {0,3})(?:<!--|\{\/\*)\s*(?<closes>\/?)ticket-lifecycle diagram(?:\s+(?<name>[\w.-]+))?\s*(?:-->|\*\/\})\s*$/;
const fence = /^ {0,3}(?<sign>`{3,}|~{3,})(?<info>.*)$/;

/** Finds the marked blocks of a Markdown or MDX text, in order. */
export function blocksOf(owner: string, text: string): MarkedBlock[] {
  const blocks: MarkedBlock[] = [];
  let opened: Omit<MarkedBlock, 'to'> | undefined;
  let fenced: string | undefined;
  let line = 0;
  for (const { 0: whole, index } of text.matchAll(/[^\n]*\n|[^\n]+$/g)) {
    line += 1;
    const content = whole.replace(/\r?\n$/, '');
    const groups = marker.exec(content)?.groups;
    // Between markers nothing is a fence of the text: what is there will be replaced.
    if (opened === undefined) {
      const wasFenced = fenced !== undefined;
      fenced = fenceAfter(content, fenced);
      if (wasFenced || fenced !== undefined) continue;
    }
    if (groups === undefined) continue;
    const { indent = '', closes = '', name = '' } = groups;
    if (closes === '') {
      if (opened !== undefined) throw unpaired(owner, opened.line, 'has no closing one');
      const lineEnd = whole.slice(content.length) || '\n';
      opened = { name, line, from: index + whole.length, indent, lineEnd };
    } else {
      if (opened === undefined) throw unpaired(owner, line, 'closes what nothing has opened');
      if (opened.name !== name)
        throw unpaired(owner, line, `closes another one than "${opened.name}"`);
      blocks.push({ ...opened, to: index });
      opened = undefined;
    }
  }
  if (opened !== undefined) throw unpaired(owner, opened.line, 'has no closing one');
  return blocks;
}

/** The sign of the fence that a line is inside of, if it is inside of one. */
function fenceAfter(line: string, open: string | undefined): string | undefined {
  const { sign = '', info = '' } = fence.exec(line)?.groups ?? {};
  if (sign === '') return open;
  if (open === undefined) {
    // Backticks in the rest of the line make it code within a line.
    return sign.startsWith('`') && info.includes('`') ? undefined : sign;
  }
  const closes = sign.startsWith(open) && info.trim() === '';
  return closes ? undefined : open;
}

const unpaired = (owner: string, line: number, what: string) =>
  new DiagramError('unpaired-marker', `${owner}: the diagram marker on line ${line} ${what}.`, {
    line,
  });
