import { isUtf8 } from 'node:buffer';

/** A line that can't be read, and why. Lines are counted from 1. */
export interface UnreadableLine {
  readonly line: number;
  readonly reason: string;
}

/** A line of a file. */
export type Line =
  | { readonly line: number; readonly text: string; readonly reason?: undefined }
  | (UnreadableLine & { readonly text?: undefined });

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
}

/**
 * Starts at the beginning of a file. Never holds more than one line of bounded length beside the
 * chunk.
 *
 * Lines are handed over by a call: to wait for each would take longer than reading it.
 */
export function createLineReader(visit: (line: Line) => void): LineReader {
  const decoder = new TextDecoder('utf-8', { fatal: true });
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
  };

  function split(block: Uint8Array): void {
    const isSound = block.length <= longestLine && isUtf8(block) && !block.includes(0);
    if (isSound) splitText(Buffer.from(block.buffer, block.byteOffset, block.length));
    else splitBytes(block);
  }

  function splitText(block: Buffer): void {
    const text = block.toString('utf8');
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
    if (length <= longestLine) parts.push(part);
    else parts = [];
  }

  function take(): Line {
    const read = decode();
    parts = [];
    length = 0;
    line += 1;
    return read;
  }

  function decode(): Line {
    if (length > longestLine) return { line, reason: 'the line is longer than 1 MB' };
    try {
      const text = decoder.decode(Buffer.concat(parts)).replace(/\r$/, '');
      return text.includes('\0') ? { line, reason: 'the line holds a NUL byte' } : { line, text };
    } catch {
      return { line, reason: 'the line is not valid UTF-8 (save the file as UTF-8)' };
    }
  }
}
