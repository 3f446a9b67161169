import { existsSync, lstatSync, statSync } from 'node:fs';
import { realpath, rm } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { checkAppliedBefore } from './applied-before.ts';
import type { ApplyOptions } from './apply-options.ts';
import { CliError } from '../../cli-error.ts';
import { fillIn, readProfile } from '../../api/profile.ts';
import type { LoadedLifecycle } from '../../lifecycle/load-lifecycle.ts';
import { writeErrorText } from '../../error-text.ts';
import { exitCodes } from '../../exit-code.ts';
import { isNoName, type Measured } from '../../rows/input.ts';
import { linkJournal } from '../../journal/earlier-run.ts';
import { idOf } from '../../journal/journal-ends.ts';
import { checkSame, headOf } from '../../journal/head.ts';
import type { LineSet } from '../../journal/line-set.ts';
import { readJournal, type JournalState } from '../../journal/read-journal.ts';
import type { LineOutcome } from '../../journal/line-outcome.ts';
import { JournalError, openJournal, type Journal } from '../../journal/journal.ts';
import { lockFile } from '../../journal/lock.ts';
import { createTally, type Tally } from '../../bulk/tally.ts';
import type { Terminal } from '../../terminal/terminal.ts';

/** A run that is written down. */
export interface JournaledRun {
  readonly journal: Journal;
  /** What earlier runs have written. */
  readonly before: JournalState | undefined;
  /** In which earlier runs are counted already. */
  readonly tally: Tally;
  /** Whether there is something in the journal to go on with: else it goes with the run. */
  readonly isKept: () => boolean;
  /** Notes that nothing is left to go on with. */
  readonly finish: () => Promise<void>;
}

/** Names the journal of a run after its file and the time. Several may begin in one second. */
function journalName(file: string, now: Date): string {
  const stamp = now.toISOString().replace(/[-:]/g, '').replace('T', '-').replace(/\..*/, '');
  for (let count = 1; ; count += 1) {
    const moment = count === 1 ? stamp : `${stamp}-${count}`;
    const name = join(dirname(file), `${basename(file)}.${moment}.journal`);
    if (isFree(name)) return name;
  }
}

/** A link whose journal is gone has its name too. One that is too long shows when it is written. */
function isFree(name: string): boolean {
  try {
    return lstatSync(name, { throwIfNoEntry: false }) === undefined;
  } catch {
    return true;
  }
}

/**
 * Fills in what the profile says, and what the journal to be resumed says of the run that began. The
 * profile may not lead to another server than the journal: `checkSame` refuses that.
 */
export async function withJournaledOptions(
  file: string | undefined,
  options: ApplyOptions,
  terminal: Terminal,
): Promise<{
  readonly file: string | undefined;
  readonly options: ApplyOptions;
  /** Lines that an earlier run has ended. */
  readonly done: LineSet | undefined;
}> {
  const profile = await readProfile(options, terminal);
  const given = fillIn(profile, options);
  if (options.resume === undefined) return { file, options: given, done: undefined };
  const { head, done } = await readJournal(options.resume, () => {});
  const { baseUrl, definition, input } = head;
  const journaled = { ...head.options, baseUrl, definition: definition.file };
  const { staffUserId = journaled.staffUserId } = options;
  const filled = { ...journaled, ...given, staffUserId };
  return { file: file ?? input.file, options: filled, done };
}

/** A run whose file is locked: a journal of it is not always kept. */
export interface LockedRun {
  readonly journaled: JournaledRun | undefined;
  /** Lets others have the file, and the journal. */
  readonly release: () => Promise<void>;
}

/**
 * Locks the file, and starts a journal, or opens the one to be resumed. See journal/journal.ts.
 * `count` is given the outcomes of lines that earlier runs have ended.
 */
export async function journalRun(
  file: string,
  measured: Measured | undefined,
  definition: LoadedLifecycle,
  options: ApplyOptions,
  signal: AbortSignal,
  terminal: Terminal,
  count: (outcomes: readonly LineOutcome[]) => void = () => {},
): Promise<LockedRun> {
  if (measured === undefined) {
    if (options.resume === undefined && typeof options.journal !== 'string') {
      return { journaled: undefined, release: async () => {} };
    }
    throw new CliError(
      'A journal needs a file that can be read again: save standard input to a file first.',
    );
  }
  const head = await headOf(file, measured, definition, options);
  const named = typeof options.journal === 'string' ? options.journal : undefined;
  if (named !== undefined && isNoName(named)) {
    throw new CliError(`--journal: "${named}" is not a file name.`);
  }
  if (named !== undefined && resolve(named) === resolve(file)) {
    throw new CliError(`--journal: ${named} is the file of the changes. Give another name.`);
  }
  // One journal has one lock, through whichever link it is named.
  const own = options.resume === undefined ? undefined : await realpath(options.resume);
  const unlockInput = lockInput(head.input.file, terminal);
  let unlockJournal: (() => void) | undefined;
  const unlock = () => {
    unlockJournal?.();
    unlockInput();
  };
  const name = own ?? named ?? journalName(file, new Date());
  const refuse = (error: unknown): never => {
    throw notWritable(name, error);
  };
  try {
    if (options.resume === undefined && !existsSync(name)) await askAgain();
    // To write nothing down is no reason to make the same changes twice at once: so it comes last.
    if (options.journal === false) return { journaled: undefined, release: async () => unlock() };
    unlockJournal = lockJournal(name);
    return await open();
  } catch (error) {
    unlock();
    throw error;
  }

  /** The same command a second time would make every change a second time. */
  function askAgain(before?: JournalState): Promise<void> {
    const { file: realFile, sha256 } = head.input;
    const { lifecycle } = definition;
    const resumed = before && {
      id: idOf(statSync(name)),
      startedAt: before.head.startedAt,
      sha256: before.head.input.sha256,
      isDone: (line: number) => before.done.has(line),
    };
    const journalFolder = dirname(name);
    const about = { file, realFile, sha256: async () => sha256, journalFolder, lifecycle };
    return checkAppliedBefore({ ...about, options, signal, resumed }, terminal);
  }

  async function open(): Promise<LockedRun> {
    const tally = createTally();
    const isResumed = options.resume !== undefined;
    const countAll = (steps: readonly LineOutcome[]) => {
      tally.add(steps);
      count(steps);
    };
    const before = isResumed ? await readJournal(name, countAll) : undefined;
    if (before !== undefined) {
      checkSame(name, before.head, head);
      await askAgain(before);
    }
    const journal = await openJournal({
      file: name,
      secrets: terminal.secrets,
      end: before?.end,
    }).catch(refuse);
    let unlink: (() => Promise<void>) | undefined;
    // A head alone is a run that never began.
    const isKept = () =>
      isResumed || journal.lines > 1 || (journal.lines === 1 && journal.failure !== undefined);
    const close = async () => {
      await journal.close();
      if (isKept()) return;
      await rm(name, { force: true });
      await unlink?.();
    };
    const first = isResumed ? { type: 'resumed', at: Date.now() } : head;
    await journal.append(first).catch(async (error: unknown) => {
      await close();
      throw error instanceof JournalError ? failed(error) : error;
    });
    if (!isResumed) unlink = await linkJournal(journalName(head.input.file, new Date()), name);
    const release = async () => {
      await close();
      unlock();
    };
    // Without it, another run only has nothing to do.
    const finish = () => journal.append({ type: 'finished', at: Date.now() }).catch(() => {});
    return { journaled: { journal, before, tally, isKept, finish }, release };
  }
}

/**
 * Keeps others from making the same changes meanwhile: a job that is started again before it has
 * ended. Where nothing can be put beside the file, it goes without.
 */
function lockInput(file: string, { messages }: Terminal): () => void {
  try {
    return lockFile(file, 'applying');
  } catch (error) {
    if (error instanceof CliError) throw error;
    messages.show(
      `${file} can't be locked: nothing can be put beside it. Make sure that it is applied once at a time.`,
    );
    return () => {};
  }
}

function lockJournal(name: string): () => void {
  try {
    return lockFile(name, 'writing');
  } catch (error) {
    throw notWritable(name, error);
  }
}

/** What the journal's failure means for the run. */
export const failed = (error: JournalError): CliError =>
  new CliError(error.message, exitCodes.notSent);

function notWritable(name: string, error: unknown): unknown {
  const { code } = error as NodeJS.ErrnoException;
  if (error instanceof CliError || code === undefined) return error;
  if (code === 'EEXIST') {
    return new CliError(
      `${name} exists already. --resume goes on with it; for a new run give --journal another name.`,
    );
  }
  const isFull = code === 'ENOSPC' || code === 'EDQUOT';
  const cure = isFull
    ? 'Nothing was sent.'
    : 'Give it another place with --journal FILE, or do without: --no-journal. A resumed run goes on in its own: make that writable.';
  return new CliError(
    `The journal ${name} can't be written: ${writeErrorText(error)}. ${cure}`,
    isFull ? exitCodes.notSent : exitCodes.usage,
  );
}
