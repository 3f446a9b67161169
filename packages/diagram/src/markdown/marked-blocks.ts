import { DiagramError } from '../errors.ts';
import {
  almostMarkers,
  codeFenceAround,
  mayHoldMarkers,
  readMarkup,
  type Markup,
} from './markup.ts';
import { parseMarker, type Marker } from './marker.ts';

/** What lies between a pair of markers. */
export interface MarkedBlock {
  readonly opening: Marker;
  /** Where the opening marker's line begins and ends, and where the closing one's begins. */
  readonly from: number;
  readonly contentFrom: number;
  readonly to: number;
  /** What begins each line inside: the blanks of a list's item, or the sign of a quotation. */
  readonly indent: string;
  readonly lineEnd: string;
}

/** A line that looks like a marker, and is an example. */
export interface UnusedMarker {
  /** From 1. */
  readonly line: number;
  /** Where the fence begins that it is inside of, if it is inside of one. */
  readonly fenceLine: number | undefined;
}

interface Line {
  readonly text: string;
  readonly from: number;
  readonly end: string;
}

/*
 * Whether a line is a marker is for a parser of Markdown to say: a fence, a list, a quotation and a
 * comment decide it together. What is between two markers is not looked at. It is to be replaced, and
 * may be torn, so it is blanked before the rest of the text is parsed again.
 */

/** Finds the marked blocks of a Markdown or MDX text, in order. */
export function blocksOf(owner: string, text: string): MarkedBlock[] {
  if (!mayHoldMarkers(text)) return [];
  const lines = linesOf(text);
  const markers = markersOf(lines);
  const blanked = lines.map((line) => line.text);
  refuseAlmostMarkers(owner, blanked, markers);
  const blocks: MarkedBlock[] = [];
  let done = 0;
  for (;;) {
    const open = markers.filter(({ line }) => line > done);
    if (open.length === 0) return blocks;
    const markup = markupOf(blanked, open);
    const opening = open.find((marker) => isTaken(marker, markup));
    if (opening === undefined) return blocks;
    if (opening.closes) throw unpaired(owner, opening.line, 'closes what nothing has opened');
    const closing = open.find(({ line }) => line > opening.line);
    if (closing?.closes !== true) throw unpaired(owner, opening.line, 'has no closing one');
    if (closing.name !== opening.name) {
      throw unpaired(owner, closing.line, `closes another one than "${opening.name}"`);
    }
    blankBetween(blanked, opening, closing);
    if (!isBehindDrawing(closing, opening, blanked)) {
      const isCode = /(?: {4}|\t)[ \t]*$/.test(closing.before);
      const cure = isCode ? ': four blanks make it code. Indent both by fewer' : '';
      throw unpaired(owner, opening.line, `has its closing one inside of something else${cure}`);
    }
    blocks.push(blockOf(lines, opening, closing));
    done = closing.line;
  }
}

/** The lines of a text that look like opening markers and are none, so that nobody waits for a drawing. */
export function unusedMarkers(text: string): UnusedMarker[] {
  const lines = linesOf(text);
  const blocks = blocksOf('unusedMarkers', text).map(({ opening, to }) => ({
    first: opening.line,
    last: lines.findIndex(({ from }) => from === to) + 1,
  }));
  const outside = markersOf(lines).filter(
    ({ line, closes }) => !closes && blocks.every(({ first, last }) => line < first || line > last),
  );
  return outside.map(({ line }) => ({ line, fenceLine: codeFenceAround(text, line) }));
}

/**
 * Whether a closing marker is one once there is a drawing before it. What was between them may have
 * hidden it, and the blank lines around a drawing end the element that both were in.
 */
function isBehindDrawing(closing: Marker, opening: Marker, blanked: readonly string[]): boolean {
  const isEmpty = closing.line === opening.line + 1;
  const text = isEmpty ? blanked.toSpliced(opening.line, 0, closing.before.trimEnd()) : blanked;
  const marker = isEmpty ? { ...closing, line: closing.line + 1 } : closing;
  return isTaken(marker, readMarkup(text.join('\n'), [closing.syntax]));
}

/** Reads a text whose drawings may be torn, and so leave a page that is no MDX. */
function markupOf(lines: readonly string[], markers: readonly Marker[]): Markup {
  const syntaxes = markers.map(({ syntax }) => syntax);
  try {
    return readMarkup(lines.join('\n'), syntaxes);
  } catch (error) {
    if (!DiagramError.is(error)) throw error;
    const blanked = [...lines];
    for (const [opening, closing] of pairsOf(markers)) blankBetween(blanked, opening, closing);
    return readMarkup(blanked.join('\n'), syntaxes);
  }
}

/** Opening markers with a closing one next, whether or not the text around takes them for markers. */
const pairsOf = (markers: readonly Marker[]): (readonly [Marker, Marker])[] =>
  markers.flatMap((closing, index) => {
    const opening = markers[index - 1];
    return opening !== undefined && !opening.closes && closing.closes ? [[opening, closing]] : [];
  });

function blankBetween(lines: string[], opening: Marker, closing: Marker): void {
  for (let line = opening.line + 1; line < closing.line; line += 1) {
    lines[line - 1] = /^[\s>]*/.exec(lines[line - 1] ?? '')?.[0] ?? '';
  }
}

/** A comment that somebody took for a marker must not leave a stale drawing unseen. */
function refuseAlmostMarkers(
  owner: string,
  lines: readonly string[],
  markers: readonly Marker[],
): void {
  const text = [...lines];
  for (const [opening, closing] of pairsOf(markers)) blankBetween(text, opening, closing);
  const own = new Set(markers.map(({ line }) => line));
  const [line] = almostMarkers(text.join('\n')).filter((one) => !own.has(one));
  if (line === undefined) return;
  throw new DiagramError(
    'malformed-marker',
    `${owner}: the comment on line ${line} is almost a diagram marker. Write it alone on its line, as <!-- ticket-lifecycle diagram --> or <!-- /ticket-lifecycle diagram -->, in MDX with {/* … */}, and its options as at=STATE or title="…".`,
    { line },
  );
}

const isTaken = ({ line, syntax }: Marker, markup: Markup): boolean => markup[syntax].has(line);

function blockOf(lines: readonly Line[], opening: Marker, closing: Marker): MarkedBlock {
  const first = lines[opening.line - 1];
  const last = lines[closing.line - 1];
  const from = first?.from ?? 0;
  return {
    opening,
    from,
    contentFrom: from + (first?.text.length ?? 0) + (first?.end.length ?? 0),
    to: last?.from ?? 0,
    indent: closing.before,
    lineEnd: first?.end ?? '\n',
  };
}

const markersOf = (lines: readonly Line[]): Marker[] =>
  lines.flatMap(({ text }, index) => parseMarker(text, index + 1) ?? []);

/** Lines as Markdown counts them. */
function linesOf(text: string): Line[] {
  return Array.from(
    text.matchAll(/([^\r\n]*)(\r\n|\n|\r|$)/g),
    ({ 1: line = '', 2: end = '', index }) => ({
      text: line,
      from: index,
      end,
    }),
  ).filter(({ text: line, end }) => line !== '' || end !== '');
}

const unpaired = (owner: string, line: number, what: string) =>
  new DiagramError('unpaired-marker', `${owner}: the diagram marker on line ${line} ${what}.`, {
    line,
  });
