import type { Line } from './lines.ts';
import type { Row } from './rows.ts';

/** Reads one JSON object a line: a row for each line that is not empty. */
export function readNdjson(lines: readonly Line[]): Row[] {
  const rows: Row[] = [];
  for (const line of lines) {
    if ('fault' in line) rows.push(line);
    else if (line.text.trim() !== '') rows.push(parseObject(line.line, line.text));
  }
  return rows;
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
