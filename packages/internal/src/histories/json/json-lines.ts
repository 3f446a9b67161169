import type { Line, UnreadableLine, VisitBlock } from '../lines.ts';
import { createLayouts } from './layouts.ts';
import { DuplicateKeyError, parseJson } from './parse-json.ts';

/** Values by name, as a file gave them. */
export type Fields = Readonly<Record<string, unknown>>;

/** What a line says: the fields of an object, or why it can't be read. */
export type JsonLine = { readonly line: number; readonly fields: Fields } | UnreadableLine;

/** Reads lines of JSON, one by one or together. */
export interface JsonLines {
  readonly readLine: (line: Line) => void;
  /** Absent where lines are kept. */
  readonly readBlock?: VisitBlock | undefined;
}

/**
 * Reads one JSON object a line, without loss: a number that JavaScript would write in another way
 * is given as the text that stands there, and a key that stands twice is refused. Empty lines are
 * passed over.
 *
 * Most lines of a file are laid out like the one before. Such a line is read by its layout
 * (layouts.ts), which is several times as quick as to parse it.
 *
 * @param isTransient - whether lines are used up when the call returns. Their values are then parts
 *   of a larger text: to keep one keeps all of that in memory
 */
export function createJsonLines(visit: (line: JsonLine) => void, isTransient: boolean): JsonLines {
  const layouts = createLayouts();
  return {
    readLine: (line) => void parse(line),
    ...(isTransient && { readBlock }),
  };

  /** Takes whole lines of ASCII: the letters of the text are where its bytes are. */
  function readBlock(text: string, bytes: Uint8Array, first: number): number {
    let line = first;
    for (let start = 0; start < bytes.length; line += 1) {
      const read = layouts.read(text, bytes, start);
      if (read === undefined) {
        const end = text.indexOf('\n', start);
        const own = text.slice(start, end).replace(/\r$/, '');
        const fields = parse({ line, text: own });
        if (fields !== undefined) layouts.learn(own, fields);
        start = end + 1;
      } else {
        start = layouts.end();
        visit({ line, fields: read });
      }
    }
    return line;
  }

  /** Answers the fields of a line that is sound. */
  function parse(given: Line): Fields | undefined {
    if (given.reason !== undefined) {
      visit(given);
      return undefined;
    }
    const { line, text } = given;
    let value: unknown;
    try {
      value = parseJson(text, { keepDigits: true });
    } catch (error) {
      // Looked at here and not before: nearly no line is empty.
      if (text.trim() !== '') visit({ line, reason: `the line ${jsonFault(error)}` });
      return undefined;
    }
    if (isFields(value)) {
      visit({ line, fields: value });
      return value;
    }
    visit({ line, reason: 'the line is JSON, but not an object' });
    return undefined;
  }
}

/** Whether a value is an object with names. */
export const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * Says what is wrong with a text, after its name. The engine's message quotes the text, which may
 * be long and hold anything.
 */
export function jsonFault(error: unknown): string {
  const { message } = error as Error;
  if (error instanceof DuplicateKeyError) return message;
  if (error instanceof RangeError) return 'is nested too deeply';
  const position = /at position \d+/.exec(message)?.[0];
  return `is not valid JSON${position === undefined ? '' : ` (${position})`}`;
}
