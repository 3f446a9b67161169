import { createReadStream } from 'node:fs';
import { CliError } from '../cli-error.ts';
import { exitCodes } from '../exit-code.ts';
import { unreadable } from '../rows/input.ts';
import { parseJson } from '@ticket-lifecycle/internal/histories/json/parse-json';
import { createLineReader } from '@ticket-lifecycle/internal/histories/lines';
import type { RunEntry } from './entries.ts';
import { isLikeEntry, parseEntry } from './entry-schema.ts';
import { isCalledJournal, notAJournal } from './not-a-journal.ts';

/**
 * Goes through a journal to show it. A torn last line is passed over, as in a run that goes on; a
 * file that does not begin as a journal is refused.
 */
export async function walkJournal(file: string, visit: (entry: RunEntry) => void): Promise<void> {
  let torn: number | undefined;
  let isEmpty = true;
  const reader = createLineReader(({ line, text = '' }) => {
    if (torn !== undefined) throw damaged(torn, 'it is not JSON');
    const value = jsonOf(text);
    if (value === undefined && line > 1) {
      torn = line;
      return;
    }
    if (line === 1 && !isLikeEntry(value)) {
      const isDamaged = value === undefined && isCalledJournal(file);
      throw isDamaged ? damaged(1, 'it is not JSON') : notAJournal(file);
    }
    const parsed = parseEntry(value);
    if ('problem' in parsed) throw damaged(line, parsed.problem);
    if ((line === 1) !== (parsed.entry.type === 'journal'))
      throw damaged(line, 'it is not a journal');
    isEmpty = false;
    visit(parsed.entry);
  });
  try {
    for await (const chunk of createReadStream(file)) reader.read(chunk as Uint8Array);
    reader.end();
    if (isEmpty) throw damaged(1, 'there is none');
  } catch (error) {
    throw error instanceof CliError ? error : unreadable(file, error);
  }

  function damaged(line: number, problem: string): CliError {
    const message = `${file} can't be shown: its line ${line} is damaged: ${problem}.`;
    return new CliError(message, exitCodes.unreadable);
  }
}

function jsonOf(text: string): unknown {
  try {
    return parseJson(text);
  } catch {
    return undefined;
  }
}
