import type { Line } from './lines.ts';
import type { Row } from './rows.ts';

/** Reads the JSON object of a line; an empty one has none. */
export function readNdjson(line: Line): Row | undefined {
  if (line.fault !== undefined) return line;
  return line.text.trim() === '' ? undefined : parseObject(line.line, line.text);
}

function parseObject(line: number, text: string): Row {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? { line, fields: value as Record<string, unknown> }
      : { line, fault: 'the line is JSON, but not an object' };
  } catch (error) {
    // The engine's message quotes the line, which may be long and hold anything.
    const position = /at position \d+/.exec((error as Error).message)?.[0];
    return {
      line,
      fault: `the line is not valid JSON${position === undefined ? '' : ` (${position})`}`,
    };
  }
}
