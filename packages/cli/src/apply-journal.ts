import { realpath, rm } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import type { ApplyOptions } from './apply.ts';
import { CliError } from './cli-error.ts';
import type { Definition } from './definition.ts';
import { seriesUrl } from './destination.ts';
import { exitCodes } from './exit-code.ts';
import { unreadable, type Measured } from './input.ts';
import type { JournaledOptions, JournalHead } from './journal-entries.ts';
import { lockJournal } from './journal-lock.ts';
import { readJournal, type JournalState } from './journal-state.ts';
import { JournalError, openJournal, type Journal } from './journal.ts';
import { createTally, type Tally } from './tally.ts';
import type { Terminal } from './terminal.ts';

/** A run that is written down. */
export interface RecordedRun {
  readonly journal: Journal;
  /** What earlier runs have written. */
  readonly before: JournalState | undefined;
  /** In which earlier runs are counted already. */
  readonly tally: Tally;
  /** Whether there is something in the journal to go on with: else it goes with the run. */
  readonly isKept: () => boolean;
  /** Lets others have the journal. */
  readonly release: () => Promise<void>;
}

/** Names the journal of a run after its file and the time. */
function journalName(file: string, now: Date): string {
  const stamp = now.toISOString().replace(/[-:]/g, '').replace('T', '-').replace(/\..*/, '');
  return join(dirname(file), `${basename(file)}.${stamp}.journal`);
}

/** Fills in what the journal to be resumed says of the run that began. */
export async function withJournaledOptions(
  file: string | undefined,
  options: ApplyOptions,
): Promise<{ readonly file: string | undefined; readonly options: ApplyOptions }> {
  if (options.resume === undefined) return { file, options };
  const { head } = await readJournal(options.resume, () => {});
  const { baseUrl, definition, options: journaled } = head;
  const { plan, staffUserId, format, only, where, context } = journaled;
  const filled: ApplyOptions = {
    ...(plan ? { plan } : {}),
    ...(staffUserId === undefined ? {} : { staffUserId }),
    ...(format === undefined ? {} : { format }),
    ...(only.length === 0 ? {} : { only }),
    ...(where.length === 0 ? {} : { where }),
    ...(context === undefined ? {} : { context }),
    baseUrl,
    ...(definition.file === undefined ? {} : { definition: definition.file }),
    ...options,
  };
  return { file: file ?? head.input.file, options: filled };
}

/** Starts a journal, or opens the one to be resumed; `undefined` where none is to be kept. */
export async function recordRun(
  file: string,
  measured: Measured | undefined,
  definition: Definition,
  options: ApplyOptions,
  { secrets }: Terminal,
): Promise<RecordedRun | undefined> {
  if (options.journal === false) return undefined;
  if (measured === undefined) {
    if (options.resume === undefined && options.journal === undefined) return undefined;
    throw new CliError(
      'A journal needs a file that can be read again: save standard input to a file first.',
    );
  }
  const head = await headOf(file, measured, definition, options);
  const named = typeof options.journal === 'string' ? options.journal : undefined;
  if (named?.trim() === '') throw new CliError(`--journal: "${named}" is no name for a file.`);
  const name = options.resume ?? named ?? journalName(file, new Date());
  const unlock = await lockJournal(name).catch((error: unknown) => {
    throw notWritable(name, error);
  });
  try {
    return options.resume === undefined ? await start() : await goOn();
  } catch (error) {
    await unlock();
    throw error;
  }

  async function start(): Promise<RecordedRun> {
    const journal = await openJournal({ file: name, secrets }).catch((error: unknown) => {
      throw notWritable(name, error);
    });
    const abandon = async () => {
      await journal.close();
      await rm(name, { force: true });
    };
    await journal.append(head).catch(async (error: unknown) => {
      await abandon();
      throw error instanceof JournalError ? failed(error) : error;
    });
    // A head alone is a run that never began.
    const isKept = () => journal.lines > 1 || journal.failure !== undefined;
    const release = async () => {
      if (isKept()) await journal.close();
      else await abandon();
      await unlock();
    };
    return { journal, before: undefined, tally: createTally(), isKept, release };
  }

  async function goOn(): Promise<RecordedRun> {
    const tally = createTally();
    const before = await readJournal(name, (records) => tally.add(records));
    checkSame(name, before.head, head);
    const { end } = before;
    const journal = await openJournal({ file: name, secrets, end }).catch((error: unknown) => {
      throw notWritable(name, error);
    });
    await journal.append({ type: 'resumed', at: Date.now() }).catch(async (error: unknown) => {
      await journal.close();
      throw error instanceof JournalError ? failed(error) : error;
    });
    const release = async () => {
      await journal.close();
      await unlock();
    };
    return { journal, before, tally, isKept: () => true, release };
  }
}

async function headOf(
  file: string,
  { bytes, sha256 }: Measured,
  { file: definition, lifecycle }: Definition,
  options: ApplyOptions,
): Promise<JournalHead> {
  const { plan = false, staffUserId, format, only = [], where = [], context } = options;
  const journaled: JournaledOptions = { plan, staffUserId, format, only, where, context };
  return {
    type: 'journal',
    version: 1,
    startedAt: new Date().toISOString(),
    input: { file: await realpath(file), bytes, sha256 },
    definition: {
      file: definition === undefined ? undefined : resolve(definition),
      fingerprint: lifecycle.fingerprint,
    },
    baseUrl: URL.parse(options.baseUrl ?? seriesUrl)?.href ?? '',
    options: journaled,
  };
}

/** To go on with another file, lifecycle or server would be to send what nobody has asked for. */
function checkSame(name: string, before: JournalHead, now: JournalHead): void {
  const differences = [
    before.input.sha256 === now.input.sha256
      ? undefined
      : `its file was ${before.input.file} with ${before.input.bytes} bytes, and ${now.input.file} is not the same`,
    before.definition.fingerprint === now.definition.fingerprint
      ? undefined
      : `its lifecycle was ${before.definition.file ?? 'the default'} (${before.definition.fingerprint}), and this one is ${now.definition.fingerprint}`,
    before.baseUrl === now.baseUrl
      ? undefined
      : `its changes went to ${before.baseUrl}, and not to ${now.baseUrl}`,
    ...(Object.keys(now.options) as (keyof JournaledOptions)[]).map((option) =>
      JSON.stringify(before.options[option]) === JSON.stringify(now.options[option])
        ? undefined
        : `it began with another ${optionNames[option]}`,
    ),
  ].filter((difference) => difference !== undefined);
  if (differences.length === 0) return;
  throw new CliError(
    `${name} belongs to another run: ${differences.join('; ')}. Nothing was sent.`,
  );
}

const optionNames: Readonly<Record<keyof JournaledOptions, string>> = {
  plan: '--plan',
  staffUserId: '--staff-user-id',
  format: '--format',
  only: '--only',
  where: '--where',
  context: '--context',
};

/** What the journal's failure means for the run. */
export const failed = (error: JournalError): CliError =>
  new CliError(error.message, exitCodes.notSent);

function notWritable(name: string, error: unknown): unknown {
  const { code } = error as NodeJS.ErrnoException;
  switch (code) {
    case 'EEXIST':
      return new CliError(
        `${name} exists already. --resume goes on with it; for a new run give --journal another name.`,
      );
    case 'EACCES':
    case 'EROFS':
    case 'EPERM':
    case 'ENOTDIR':
      return new CliError(
        `The journal ${name} may not be written there. Give it another place with --journal FILE, or do without: --no-journal.`,
      );
    case 'ENOSPC':
    case 'EDQUOT':
      return new CliError(
        `The journal ${name} can't be written: the disk is full. Nothing was sent.`,
        exitCodes.notSent,
      );
    default:
      return code === 'ENOENT' ? unreadable(dirname(name), error) : error;
  }
}
