import { open as openFile } from 'node:fs/promises';
import { CliError } from '../cli-error.ts';
import { exitCodes } from '../exit-code.ts';
import { unreadable } from '../rows/input.ts';
import type { DatedOutcome, Intent, OutcomeEntry, JournalHead } from './entries.ts';
import { whyNotOwn } from '../trusted-path.ts';
import { isLikeEntry, parseEntry } from './entry-schema.ts';
import { endStep, intend } from './intents.ts';
import { createLineSet, type LineSet } from './line-set.ts';
import { parseJson } from '@ticket-lifecycle/internal/histories/json/parse-json';
import { createLineReader, type Line } from '@ticket-lifecycle/internal/histories/lines';
import { isCalledJournal, notAJournal } from './not-a-journal.ts';
import { hasArrived, isRetryable } from './line-outcome.ts';

/** A line that an earlier run has begun and not ended. */
export interface OpenLine {
  /** What was written before a change was sent, for steps whose outcome is not known. */
  intents: Intent[];
  /** The steps whose outcome is known. */
  steps: DatedOutcome[];
  /** Where the ticket stood last, as far as the line has come. */
  from: string | undefined;
}

/** What a journal says of the runs before. */
export interface JournalState {
  readonly head: JournalHead;
  /** Where its last whole line ends, or should, in bytes. */
  readonly end: number;
  /** Lines that need no more work. */
  readonly done: LineSet;
  /** Those of them that did not arrive: they say nothing good of where their ticket stands. */
  readonly failed: LineSet;
  readonly open: ReadonlyMap<number, OpenLine>;
}

/**
 * Reads what earlier runs have left: see journal.ts. `count` is given all outcomes of each line
 * that is done.
 */
export async function readJournal(
  file: string,
  count: (outcomes: readonly DatedOutcome[]) => void,
): Promise<JournalState> {
  const done = createLineSet();
  const failed = createLineSet();
  const open = new Map<number, OpenLine>();
  let head: JournalHead | undefined;
  let end = 0;
  let seen = 0;
  let torn: number | undefined;

  const reader = createLineReader(read);
  try {
    const handle = await openFile(file);
    // It names the server that is given the key, and the lifecycle that is executed.
    const why = whyNotOwn(file, await handle.stat());
    if (why !== undefined) throw broken(file, `another user may have written it. ${why}`);
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
  if (head === undefined) {
    if (torn === undefined) throw broken(file, 'it is empty. Start without --resume.');
    throw isCalledJournal(file) ? damaged(torn, 'it is not JSON') : notAJournal(file);
  }
  return { head, end, done, failed, open };

  function read(line: Line): void {
    seen = line.line;
    const value = jsonOf(line.text);
    if (value === undefined) {
      torn ??= line.line;
      return;
    }
    if (head === undefined && !isLikeEntry(value)) throw notAJournal(file);
    // The end may be torn, by a crash or a lost power supply. Nothing comes after the end.
    if (torn !== undefined) {
      throw broken(file, `its line ${torn} can't be read, and others follow. ${mend}`);
    }
    const parsed = parseEntry(value);
    if ('problem' in parsed) throw damaged(line.line, parsed.problem);
    const { entry } = parsed;
    if ((head === undefined) !== (entry.type === 'journal')) {
      throw broken(file, `its line ${line.line} is out of place. ${mend}`);
    }
    switch (entry.type) {
      case 'journal':
        head = entry;
        return;
      case 'intent':
        return intend(lineOf(entry.line).intents, entry);
      case 'outcome':
        return conclude(entry);
      case 'taken-back':
        return takeBack(entry.line);
      case 'resumed':
      case 'finished':
    }
  }

  function damaged(line: number, problem: string): CliError {
    return broken(file, `its line ${line} is damaged: ${problem}. ${mend}`);
  }

  function takeBack(line: number): void {
    const { intents, steps } = lineOf(line);
    intents.pop();
    if (intents.length === 0 && steps.length === 0) open.delete(line);
  }

  function conclude(entry: OutcomeEntry): void {
    const { last, ...outcome } = entry;
    const { line, kind } = outcome;
    const begun = lineOf(line);
    if (!last) {
      endStep(begun.intents, entry);
      begun.steps.push(outcome);
      begun.from = outcome.to;
    } else if (isRetryable(outcome)) {
      begun.intents = [];
      begun.from = outcome.from;
    } else if (kind === 'unknown') {
      // Its last intent stays: the ticket is read before anything else is sent.
      begun.intents = begun.intents.slice(-1);
    } else {
      done.add(line);
      if (!hasArrived(outcome)) failed.add(line);
      count([...begun.steps, outcome]);
      open.delete(line);
    }
  }

  function lineOf(line: number): OpenLine {
    const known = open.get(line);
    if (known !== undefined) return known;
    const fresh: OpenLine = { intents: [], steps: [], from: undefined };
    open.set(line, fresh);
    return fresh;
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

function broken(file: string, what: string): CliError {
  return new CliError(`${file} can't be resumed: ${what} Nothing was sent.`, exitCodes.unreadable);
}
