import { createValueCache, type Scalar, type ValueCache } from './value-cache.ts';

/*
 * How a line of JSON is read by its layout
 *
 * Programs write all lines of a file alike: the same keys in the same order, with the same spaces.
 * A layout is what stays the same from line to line: the bytes between the values, and whether a
 * value stands in quotes.
 *
 *   {"ticketId":"T-1","staffUserId":7}
 *   ~~~~~~~~~~~~~   ~~~~~~~~~~~~~~~~ ~    three literals, a text and a number
 *
 * A line that was parsed, and found to be an object without double keys, teaches its layout. The
 * next line is compared with it byte by byte, and its values are cut out.
 *
 * Why nothing is lost. A line fits a layout only if
 * - every literal is the same, byte by byte: so the keys are the same, and none stands twice;
 * - a value in quotes holds no quote, no backslash and no control character: so it ends where it
 *   seems to, and it means what stands there;
 * - any other value is `true`, `false`, `null`, or a whole number of at most 15 digits that
 *   JavaScript writes as it stands there;
 * - the line ends with the last literal.
 * Whatever fits is sound JSON, and JSON.parse gives the same of it. Whatever does not fit is parsed
 * as ever, whether it is sound or not. json-lines.test.ts compares both on lines of all kinds.
 */

interface Part {
  /** The bytes before the value. */
  readonly literal: Uint8Array;
  readonly key: string;
  readonly isText: boolean;
  readonly cache: ValueCache;
}

interface Layout {
  readonly parts: readonly Part[];
  /** The bytes behind the last value. */
  readonly end: Uint8Array;
  readonly values: Scalar[];
  readonly sample: Readonly<Record<string, unknown>>;
}

const [quote, backslash, comma, brace] = [0x22, 0x5c, 0x2c, 0x7d];
const [newline, carriageReturn, space] = [0x0a, 0x0d, 0x20];

// Lines of a few kinds may alternate.
const mostLayouts = 4;
// Where every line has a layout of its own, to learn them would be in vain.
const mostLearnt = 1000;

/** Starts without a layout. */
export function createLayouts() {
  const layouts: Layout[] = [];
  let latest = 0;
  let end = 0;
  // What learning may still cost. Each line that is read by a layout pays for some.
  let credit = mostLearnt;

  return {
    /** Where the line that was read ends. */
    end: () => end,
    read,
    learn,
  };

  /** Reads the line that begins there, if it fits a layout. The text and the bytes are ASCII, and end with a line end. */
  function read(
    text: string,
    bytes: Uint8Array,
    start: number,
  ): Readonly<Record<string, unknown>> | undefined {
    for (let tried = 0; tried < layouts.length; tried += 1) {
      const number = (latest + tried) % layouts.length;
      const layout = layouts[number] as Layout;
      const after = follow(layout, text, bytes, start);
      if (after === -1) continue;
      latest = number;
      end = after;
      if (credit < mostLearnt) credit += 1;
      return fieldsOf(layout);
    }
    return undefined;
  }

  /** Learns the layout of a sound object without double keys. */
  function learn(text: string, fields: Readonly<Record<string, unknown>>): void {
    if (credit === 0) return;
    credit -= 1;
    const layout = layoutOf(text, fields);
    if (layout === undefined) return;
    latest = layouts.length < mostLayouts ? layouts.length : (latest + 1) % mostLayouts;
    layouts[latest] = layout;
  }
}

/** Puts the values of a line into its layout; answers where the next line begins, or -1. */
function follow(
  { parts, end, values }: Layout,
  text: string,
  bytes: Uint8Array,
  start: number,
): number {
  let at = start;
  for (let index = 0; index < parts.length; index += 1) {
    const { literal, isText, cache } = parts[index] as Part;
    for (let offset = 0; offset < literal.length; offset += 1) {
      if (bytes[at + offset] !== literal[offset]) return -1;
    }
    at += literal.length;
    const from = at;
    // A line end is a control character, so no value reaches beyond its line.
    let byte = bytes[at] ?? newline;
    if (isText) {
      while (byte !== quote) {
        if (byte < space || byte === backslash) return -1;
        at += 1;
        byte = bytes[at] ?? newline;
      }
    } else {
      while (byte !== comma && byte !== brace && byte > space) {
        at += 1;
        byte = bytes[at] ?? newline;
      }
    }
    const value = cache.find(text, bytes, from, at);
    if (value === undefined) return -1;
    values[index] = value;
  }
  for (let offset = 0; offset < end.length; offset += 1) {
    if (bytes[at + offset] !== end[offset]) return -1;
  }
  at += end.length;
  if (bytes[at] === carriageReturn) at += 1;
  return bytes[at] === newline ? at + 1 : -1;
}

function fieldsOf({ parts, values, sample }: Layout): Readonly<Record<string, unknown>> {
  // A copy has all keys in their order at once, which is quicker than to add one after the other.
  const fields: Record<string, unknown> = { ...sample };
  for (let index = 0; index < parts.length; index += 1) {
    fields[(parts[index] as Part).key] = values[index];
  }
  return fields;
}

// A key, and the value behind it: a text, or what is none. Of sound JSON only.
const pair = /\s*[{,]\s*("(?:[^"\\]|\\.)*")\s*:\s*(?:"((?:[^"\\]|\\.)*)"|([^\s"{}[\],]+))/y;

/** `undefined` where something is not flat, or not ASCII. */
function layoutOf(text: string, fields: Readonly<Record<string, unknown>>): Layout | undefined {
  const parts: Part[] = [];
  let done = 0;
  pair.lastIndex = 0;
  for (let match = pair.exec(text); match !== null; match = pair.exec(text)) {
    const [whole, name = '', quoted, plain = ''] = match;
    const at = match.index + whole.length;
    const isText = quoted !== undefined;
    const valueStart = isText ? at - 1 - quoted.length : at - plain.length;
    const literal = bytesOf(text.slice(done, valueStart));
    const key = String(JSON.parse(name));
    // To set this one would set something else.
    if (literal === undefined || key === '__proto__') return undefined;
    parts.push({ literal, key, isText, cache: createValueCache(isText) });
    done = isText ? at - 1 : at;
  }
  const end = bytesOf(text.slice(done));
  if (end === undefined || parts.length !== Object.keys(fields).length) return undefined;
  // What is left may hold an object or an array.
  if (!/^"?\s*\}\s*$/.test(text.slice(done))) return undefined;
  return { parts, end, values: [], sample: { ...fields } };
}

function bytesOf(text: string): Uint8Array | undefined {
  const bytes = Uint8Array.from(text, (letter) => letter.charCodeAt(0));
  // eslint-disable-next-line no-control-regex
  return /^[\0-\x7f]*$/.test(text) ? bytes : undefined;
}
