import type { Line } from './lines.ts';
import type { Row } from './rows.ts';

/**
 * Reads one JSON object a line.
 *
 * @yields a row for each line that is not empty
 */
export async function* readNdjson(lines: AsyncIterable<Line>): AsyncGenerator<Row> {
  for await (const line of lines) {
    if (!('text' in line)) yield line;
    else if (line.text.trim() !== '') yield { line: line.line, ...parseObject(line.text) };
  }
}

function parseObject(text: string): { fields: Record<string, unknown> } | { fault: string } {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? { fields: value as Record<string, unknown> }
      : { fault: 'the line is JSON, but not an object' };
  } catch (error) {
    // The engine's message quotes the line, which may be long and hold anything.
    const position = /at position \d+/.exec((error as Error).message)?.[0];
    return { fault: `the line is not valid JSON${position === undefined ? '' : ` (${position})`}` };
  }
}
