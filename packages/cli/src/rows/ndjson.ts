import type { Line } from './lines.ts';
import type { Row } from './rows.ts';

/** Reads the JSON object of a line; an empty one has none. */
export function readNdjson(given: Line): Row | undefined {
  if (given.fault !== undefined) return given;
  const { line, text } = given;
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? { line, fields: value as Record<string, unknown> }
      : { line, fault: 'the line is JSON, but not an object' };
  } catch (error) {
    // Looked at here and not before: nearly no line is empty.
    if (text.trim() === '') return undefined;
    // The engine's message quotes the line, which may be long and hold anything.
    const position = /at position \d+/.exec((error as Error).message)?.[0];
    return {
      line,
      fault: `the line is not valid JSON${position === undefined ? '' : ` (${position})`}`,
    };
  }
}
