import type { Output } from '../terminal/output.ts';
import { jsonLine } from '../terminal/text.ts';
import { openInput } from './input.ts';
import { scanRows, type Row, type RowOptions } from './rows.ts';

/**
 * Hands over each row of a file, with a function that prints an object as a line of JSON: those
 * of a chunk go out together. Ends early where nobody reads the output any more.
 */
export async function scanFile(
  file: string,
  options: RowOptions,
  output: Output,
  visit: (row: Row, print: (value: object) => void) => void,
): Promise<void> {
  let lines: string[] = [];
  const print = (value: object) => void lines.push(jsonLine(value));
  const input = await openInput(file, output.closed);
  try {
    await scanRows(input, options, (row) => visit(row, print), flush);
  } catch (error) {
    if (!output.closed.aborted) throw error;
  }

  async function flush(): Promise<void> {
    if (lines.length === 0) return;
    const text = lines.join('\n');
    lines = [];
    await output.print(text);
  }
}
