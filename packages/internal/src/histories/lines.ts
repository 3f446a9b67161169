/** A line that can't be read, and why. Lines are counted from 1. */
export interface UnreadableLine {
  readonly line: number;
  readonly reason: string;
}

/** A line of a file. */
export type Line =
  | { readonly line: number; readonly text: string; readonly reason?: undefined }
  | (UnreadableLine & { readonly text?: undefined });

/** How the bytes of a file stand for letters. */
export type Encoding = 'utf-8' | 'utf-16le' | 'utf-16be' | 'windows-1252';

// Nothing that describes a change is longer; a file without line ends must not fill the memory.
export const longestLine = 1024 * 1024;

const newline = 0x0a;
const carriageReturn = 0x0d;
const byteOrderMark = 0xfeff;

/** Splits bytes into lines, the empty ones too. */
export interface LineReader {
  readonly read: (chunk: Uint8Array) => void;
  /** Gives the last line, if nothing ends it. */
  readonly end: () => void;
  /** `undefined` as long as all is ASCII. */
  readonly encoding: () => Encoding | undefined;
}

/**
 * Takes whole lines together, all of ASCII: a letter is where its byte is. Answers the number of
 * the line behind them, or `undefined` to be given them one by one.
 */
export type VisitBlock = (text: string, bytes: Uint8Array, line: number) => number | undefined;

/**
 * Starts at the beginning of a file. Never holds more than one line of bounded length beside the
 * chunk.
 *
 * Lines are handed over by a call: to wait for each would take longer than reading it.
 *
 * @param encoding - `'detect'` takes UTF-8, unless the first line with a letter beyond ASCII is not
 *   UTF-8: then Windows-1252, which has all of Latin-1
 * @param visitBlock - takes whole lines of ASCII together
 */
export function createLineReader(
  visit: (line: Line) => void,
  encoding: Encoding | 'detect' = 'utf-8',
  visitBlock?: VisitBlock,
): LineReader {
  let found = encoding === 'detect' ? undefined : encoding;
  if (found === 'utf-16le' || found === 'utf-16be') return createWideReader(visit, found);
  let decoder = decoderOf(found ?? 'utf-8');
  let parts: Uint8Array[] = [];
  let length = 0;
  let line = 1;

  return {
    read(chunk) {
      const end = chunk.lastIndexOf(newline) + 1;
      if (end > 0) {
        const start = length === 0 ? 0 : chunk.indexOf(newline) + 1;
        if (start > 0) {
          keep(chunk.subarray(0, start - 1));
          visit(take());
        }
        if (start < end) split(chunk.subarray(start, end));
      }
      if (end < chunk.length) keep(chunk.subarray(end));
    },
    end() {
      if (length > 0) visit(take());
    },
    encoding: () => found,
  };

  function split(block: Uint8Array): void {
    if (block.length > longestLine || block.includes(0)) return splitBytes(block);
    let text = decode(block);
    // Each letter of UTF-8 beyond ASCII takes several bytes, and fewer units of a text.
    const isAscii = text?.length === block.length && found !== 'windows-1252';
    if (!isAscii && found === undefined) {
      detect(block);
      text = decode(block);
    }
    if (text === undefined) return splitBytes(block);
    const next = isAscii ? visitBlock?.(text, block, line) : undefined;
    if (next === undefined) splitText(text);
    else line = next;
  }

  function splitText(text: string): void {
    let start = 0;
    for (let end = text.indexOf('\n'); end !== -1; end = text.indexOf('\n', start)) {
      const from = text.charCodeAt(start) === byteOrderMark ? start + 1 : start;
      const to = text.charCodeAt(end - 1) === carriageReturn ? end - 1 : end;
      visit({ line, text: text.slice(from, Math.max(from, to)) });
      line += 1;
      start = end + 1;
    }
  }

  // Something is wrong with one of these lines. The others are as good as ever.
  function splitBytes(block: Uint8Array): void {
    let start = 0;
    for (let end = block.indexOf(newline); end !== -1; end = block.indexOf(newline, start)) {
      keep(block.subarray(start, end));
      visit(take());
      start = end + 1;
    }
  }

  function keep(part: Uint8Array): void {
    length += part.length;
    // The next chunk may come in the same memory.
    if (length <= longestLine) parts.push(part.slice());
    else parts = [];
  }

  function take(): Line {
    const read = readLine();
    parts = [];
    length = 0;
    line += 1;
    return read;
  }

  function readLine(): Line {
    if (length > longestLine) return { line, reason: 'the line is longer than 1 MB' };
    const bytes = joined(parts, length);
    if (found === undefined) detect(bytes);
    const text = decode(bytes);
    if (text === undefined) {
      return { line, reason: 'the line is not valid UTF-8 (save the file as UTF-8)' };
    }
    if (text.includes('\0')) return { line, reason: 'the line holds a NUL byte' };
    const start = text.charCodeAt(0) === byteOrderMark ? 1 : 0;
    return { line, text: text.slice(start).replace(/\r$/, '') };
  }

  /** The text of whole lines, or `undefined` where a byte is none of the encoding. */
  function decode(bytes: Uint8Array): string | undefined {
    try {
      return decoder.decode(bytes);
    } catch {
      return undefined;
    }
  }

  function detect(block: Uint8Array): void {
    const text = decode(block);
    // Each letter of UTF-8 beyond ASCII takes several bytes, and fewer units of a text.
    if (text?.length === block.length) return;
    const first = block.findIndex((byte) => byte > 0x7f);
    if (first === -1) return;
    const start = block.lastIndexOf(newline, first) + 1;
    const end = block.indexOf(newline, first);
    const isUtf8 = decode(block.subarray(start, end === -1 ? block.length : end)) !== undefined;
    found = isUtf8 ? 'utf-8' : 'windows-1252';
    decoder = decoderOf(found);
  }
}

/** Two bytes a letter: a line end is no longer a byte, so the text is decoded before it is split. */
function createWideReader(visit: (line: Line) => void, encoding: Encoding): LineReader {
  const decoder = decoderOf(encoding);
  let rest = '';
  let isTooLong = false;
  let line = 1;
  return {
    read: (chunk) => add(decode(chunk, true)),
    end() {
      add(decode(new Uint8Array(), false));
      if (rest !== '' || isTooLong) take(rest);
    },
    encoding: () => encoding,
  };

  function decode(chunk: Uint8Array, stream: boolean): string {
    try {
      return decoder.decode(chunk, { stream });
    } catch {
      return '\u{FFFD}';
    }
  }

  function add(text: string): void {
    let start = 0;
    for (let end = text.indexOf('\n'); end !== -1; end = text.indexOf('\n', start)) {
      take(rest + text.slice(start, end));
      start = end + 1;
    }
    rest += text.slice(start);
    if (rest.length <= longestLine) return;
    rest = '';
    isTooLong = true;
  }

  function take(whole: string): void {
    const text = (line === 1 ? whole.replace(/^\u{FEFF}/u, '') : whole).replace(/\r$/, '');
    if (isTooLong || text.length > longestLine) {
      visit({ line, reason: 'the line is longer than 1 MB' });
    } else if (text.includes('\u{FFFD}')) {
      visit({ line, reason: `the line is not valid ${encoding.toUpperCase()}` });
    } else visit({ line, text });
    rest = '';
    isTooLong = false;
    line += 1;
  }
}

// A mark at the beginning is taken off by line: decoders would take it off each block.
const decoderOf = (encoding: Encoding) =>
  new TextDecoder(encoding, { fatal: true, ignoreBOM: true });

/** Parts of a file as one, which is so long. */
export function joined(parts: readonly Uint8Array[], length: number): Uint8Array {
  const [only] = parts;
  if (only !== undefined && parts.length === 1) return only;
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}
