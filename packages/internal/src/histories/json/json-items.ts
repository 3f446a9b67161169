import { HistoryError } from '../history-error.ts';
import { longestLine, type UnreadableLine } from '../lines.ts';

/** The text of one object, and the line on which it begins. */
export interface JsonItem {
  readonly line: number;
  readonly json: string;
}

const code = (letter: string) => letter.charCodeAt(0);
const [quote, backslash, newline] = [code('"'), code('\\'), code('\n')];
const [openObject, closeObject, openArray, closeArray] = [
  code('{'),
  code('}'),
  code('['),
  code(']'),
];
const [comma, colon] = [code(','), code(':')];

/**
 * Takes JSON texts apart, however they are laid out: the objects of an array, or objects one after
 * the other. Holds one object at a time, of 1 MB at most.
 */
export function createJsonItems(
  visit: (item: JsonItem) => void,
  fault: (line: UnreadableLine) => void,
) {
  let depth = 0;
  /** The depth at which objects are rows: 1 within an array, else 0. */
  let base = 0;
  let line = 1;
  let isInString = false;
  let isEscaped = false;
  let item: { readonly line: number; text: string } | undefined;
  let strayLine = 0;
  /** The name of the first array in the object. */
  let key = '';
  let arrayKey: string | undefined;

  return { read, end, line: () => line };

  function read(text: string): void {
    // Where the part of the item begins that this text holds.
    let start = 0;
    let stringAt = 0;
    for (let at = 0; at < text.length; at += 1) {
      const letter = text.charCodeAt(at);
      if (letter === newline) line += 1;
      if (isInString) {
        if (isEscaped) isEscaped = false;
        else if (letter === backslash) isEscaped = true;
        else if (letter === quote) {
          isInString = false;
          if (depth === base + 1) key = text.slice(stringAt + 1, at);
        }
      } else if (letter === quote) {
        isInString = true;
        stringAt = at;
        if (item === undefined) stray();
      } else if (letter === openObject || letter === openArray) {
        if (item === undefined) {
          if (letter === openObject) {
            item = { line, text: '' };
            start = at;
          } else if (depth === 0) base = 1;
          else stray();
        } else if (letter === openArray && depth === base + 1) arrayKey ??= key;
        depth += 1;
      } else if (letter === closeObject || letter === closeArray) {
        depth -= 1;
        if (item !== undefined && depth <= base) {
          visit({ line: item.line, json: item.text + text.slice(start, at + 1) });
          item = undefined;
          arrayKey = undefined;
        } else if (depth <= 0 && item === undefined) {
          if (depth < 0) stray();
          depth = 0;
          base = 0;
        }
      } else if (item === undefined && letter > 32 && letter !== comma && letter !== colon) stray();
    }
    if (item === undefined) return;
    item.text += text.slice(start);
    if (item.text.length > longestLine) throw tooLong(item.line);
  }

  function end(): void {
    if (item !== undefined) {
      fault({ line: item.line, reason: 'the object is not complete: the file ends within it' });
    } else if (depth > 0) {
      fault({ line, reason: 'the array is not complete: the file ends within it' });
    }
  }

  // Once a line: a number has many digits.
  function stray(): void {
    if (strayLine === line) return;
    strayLine = line;
    fault({ line, reason: 'there is something outside of an object' });
  }

  function tooLong(at: number): HistoryError {
    const remedy =
      arrayKey === undefined
        ? 'Give one object for each row.'
        : `Give the rows alone: jq -c ${JSON.stringify(`.${arrayKey}[]`).replaceAll('"', "'")} FILE`;
    return new HistoryError(
      'file',
      `is one JSON object of more than 1 MB (it begins in line ${at}). ${remedy}`,
    );
  }
}
