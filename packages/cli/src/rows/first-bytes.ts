import { headBytes, sniff } from '@ticket-lifecycle/internal/histories/sniff';
import type { Encoding } from '@ticket-lifecycle/internal/histories/lines';
import { CliError } from '../cli-error.ts';
import { exitCodes } from '../exit-code.ts';

/**
 * Tells by its first bytes how the letters of a file are stored.
 *
 * @throws CliError for a file that is neither CSV nor NDJSON: it names what it is, and the cure
 */
export function encodingOf(name: string, chunk: Uint8Array): Encoding {
  const head = chunk.subarray(0, headBytes);
  const sniffed = sniff(head, false);
  if ('looksLike' in sniffed) {
    // A line that holds a NUL byte is named by itself.
    if (sniffed.looksLike === 'binary') return 'utf-8';
    throw unusable(name, `looks like ${sniffed.looksLike}. ${sniffed.cure}`);
  }
  const { format, encoding } = sniffed;
  if (format === 'xes') throw unusable(name, 'looks like XES. Give CSV, or one object a line.');
  if (format === 'json' && isDocument(head)) {
    throw unusable(
      name,
      `is one JSON document. Give one object a line: jq -c '.[]', or jq -c '.data[]' where they are in "data".`,
    );
  }
  return encoding === 'detect' ? 'utf-8' : encoding;
}

/** Whether an object goes on behind its line. A line that is only broken is named by itself. */
function isDocument(head: Uint8Array): boolean {
  const [first = ''] = new TextDecoder().decode(head).trimStart().split('\n');
  return /^\{\s*$|[[{,]\s*$/.test(first);
}

/** Says why a file can't be used at all. */
export const unusable = (name: string, what: string): CliError =>
  new CliError(`${name} ${what}`, exitCodes.unreadable);
