import { open } from 'node:fs/promises';
import { CliError } from '../cli-error.ts';
import { exitCodes } from '../exit-code.ts';
import { unreadable } from '../rows/input.ts';
import { whyNotOwn } from '../trusted-path.ts';
import { parseJson } from '@ticket-lifecycle/internal/histories/json/parse-json';
import { createLineReader, type Line } from '@ticket-lifecycle/internal/histories/lines';
import type { RunEntry } from './entries.ts';
import { isLikeEntry, parseEntry } from './entry-schema.ts';
import { isCalledJournal, notAJournal } from './not-a-journal.ts';

/**
 * Goes through the entries of a journal. A torn last line is passed over; damage elsewhere is refused,
 * and so is a file that is no journal. To be resumed, it may only belong to the user.
 *
 * @returns where its last whole line ends, or should, in bytes
 */
export async function walkJournal(
  file: string,
  purpose: 'shown' | 'resumed',
  visit: (entry: RunEntry) => void,
): Promise<number> {
  let end = 0;
  let seen = 0;
  let torn: number | undefined;
  let hasHead = false;
  const reader = createLineReader(read);
  try {
    const handle = await open(file);
    // It names the server that is given the key, and the lifecycle that is executed.
    const why = purpose === 'resumed' ? whyNotOwn(file, await handle.stat()) : undefined;
    if (why !== undefined) throw broken(`another user may have written it. ${why}`);
    for await (const block of wholeLines(handle.createReadStream())) {
      const isSound = torn === undefined;
      const before = seen;
      reader.read(block);
      // Counted in what the file holds: a line's text may lack its `\r` or byte order mark.
      if (torn === undefined) end += block.length;
      else if (isSound) end += lengthOf(block, torn - before - 1);
    }
  } catch (error) {
    throw error instanceof CliError ? error : unreadable(file, error);
  }
  if (hasHead) return end;
  if (torn === undefined) throw broken('it is empty. Delete it, and apply the file anew.');
  throw isCalledJournal(file) ? damaged(torn, 'it is not JSON') : notAJournal(file);

  function read(line: Line): void {
    seen = line.line;
    const value = jsonOf(line.text);
    if (value === undefined) {
      torn ??= line.line;
      return;
    }
    if (!hasHead && !isLikeEntry(value)) throw notAJournal(file);
    // The end may be torn, by a crash or a lost power supply. Nothing comes after the end.
    if (torn !== undefined) {
      throw broken(`its line ${torn} can't be read, and others follow. ${mend}`);
    }
    const parsed = parseEntry(value);
    if ('isLater' in parsed) throw broken('a later version of this tool has written it. Use that.');
    if ('problem' in parsed) throw damaged(line.line, parsed.problem);
    if (hasHead === (parsed.entry.type === 'journal')) {
      throw broken(`its line ${line.line} is out of place. ${mend}`);
    }
    hasHead = true;
    visit(parsed.entry);
  }

  function damaged(line: number, problem: string): CliError {
    return broken(`its line ${line} is damaged: ${problem}. ${mend}`);
  }

  function broken(what: string): CliError {
    const sent = purpose === 'resumed' ? ' Nothing was sent.' : '';
    return new CliError(`${file} can't be ${purpose}: ${what}${sent}`, exitCodes.unreadable);
  }
}

/**
 * Leaves out what follows the last line end, if it was not written to its own: of a torn entry,
 * nothing was sent yet. One that is whole has only lost its line end, to an editor.
 *
 * @yields blocks that begin and end with a line
 */
async function* wholeLines(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let rest: Uint8Array[] = [];
  for await (const chunk of chunks) {
    const end = chunk.lastIndexOf(newline) + 1;
    if (end > 0) {
      yield Buffer.concat([...rest, chunk.subarray(0, end)]);
      rest = [];
    }
    rest.push(chunk.subarray(end));
  }
  const last = Buffer.concat(rest);
  if (jsonOf(last.toString()) !== undefined) yield Buffer.concat([last, Buffer.from('\n')]);
}

/** How many bytes the first lines of a block take. */
function lengthOf(block: Uint8Array, lines: number): number {
  let length = 0;
  for (let left = lines; left > 0; left -= 1) length = block.indexOf(newline, length) + 1;
  return length;
}

function jsonOf(text = ''): unknown {
  try {
    return parseJson(text);
  } catch {
    return undefined;
  }
}

const newline = 0x0a;
const mend = 'Put a sound copy of the journal in its place.';
