/** A line of a file, or why it can't be read. Counted from 1. */
export type Line =
  | { readonly line: number; readonly text: string }
  | { readonly line: number; readonly fault: string };

// Nothing that describes a change is longer; a file without line ends must not fill the memory.
export const longestLine = 1024 * 1024;

const newline = 0x0a;

/**
 * Splits bytes into lines, and never holds more than one line of bounded length.
 *
 * @yields every line, also the empty ones
 */
export async function* readLines(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Line> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let parts: Uint8Array[] = [];
  let length = 0;
  let line = 1;

  for await (const chunk of chunks) {
    let start = 0;
    for (let end = chunk.indexOf(newline); end !== -1; end = chunk.indexOf(newline, start)) {
      keep(chunk.subarray(start, end));
      yield take();
      start = end + 1;
    }
    keep(chunk.subarray(start));
  }
  if (length > 0) yield take();

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
    if (length > longestLine) return { line, fault: 'the line is longer than 1 MB' };
    try {
      const text = decoder.decode(Buffer.concat(parts)).replace(/\r$/, '');
      return text.includes('\0') ? { line, fault: 'the line holds a NUL byte' } : { line, text };
    } catch {
      return { line, fault: 'the line is not valid UTF-8 (save the file as UTF-8)' };
    }
  }
}
