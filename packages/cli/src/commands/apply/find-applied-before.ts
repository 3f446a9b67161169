import type { Lifecycle } from '@ticket-lifecycle/core';
import { existsSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { seriesUrl } from '../../api/api-key.ts';
import { createChangeParser, isReport } from '../../bulk/change-line.ts';
import { createEarlierChanges, type EarlierChange } from '../../bulk/earlier-changes.ts';
import { createSelection } from '../../bulk/select.ts';
import {
  findEarlierRuns,
  latestOf,
  type EarlierRun,
  type UnreadableJournal,
} from '../../journal/earlier-run.ts';
import { readJournal, type JournalState } from '../../journal/read-journal.ts';
import { openInput } from '../../rows/input.ts';
import { scanRows } from '../../rows/rows.ts';
import type { ApplyOptions } from './apply-options.ts';

/** A file that was applied before, or lines of it. */
export interface AppliedBefore {
  readonly run: EarlierRun;
  /** `undefined` where the whole file is the same. */
  readonly lines: RepeatedLines | undefined;
}

/** Journals that can't be read: what they hold may be repeated. */
export interface UnreadableJournals {
  readonly unreadable: readonly UnreadableJournal[];
}

/** Lines of a file that runs of other files have something to do with. */
export interface RepeatedLines {
  /** Lines whose change was made. */
  readonly made: number;
  /** Lines whose ticket was left in doubt. */
  readonly inDoubt: number;
  /** Until when a request of those may be under way: milliseconds since the epoch. */
  readonly openUntil: number;
}

/** What is about to be applied. */
export interface ToBeApplied {
  readonly file: string;
  /** What tells its content from any other; `undefined` for what gives its lines only once. */
  readonly sha256: () => Promise<string | undefined>;
  /** Where a link has led to; else the same. */
  readonly realFile: string;
  /** Where its journal is to lie, if not beside it. */
  readonly journalFolder?: string | undefined;
  readonly lifecycle: Lifecycle;
  readonly options: ApplyOptions;
  readonly signal?: AbortSignal | undefined;
  /** The run that is gone on with: only what others have done since it began counts. */
  readonly resumed?: ResumedRun | undefined;
}

/** A run that is gone on with. */
interface ResumedRun {
  /** What tells its journal from every other file. */
  readonly id: string;
  readonly startedAt: string;
  readonly sha256: string;
  /** Whether it has nothing left to do of a line. */
  readonly isDone: (line: number) => boolean;
}

// Journals of finished runs may gather for years: of those the latest are read, up to so much.
const mostFinishedBytes = 256 * 1024 * 1024;

/**
 * Finds out whether a file would make changes once more that runs before it have made, or have left
 * in doubt: the same lines of the same content, or lines that ask for the same. Only reads.
 */
export async function findAppliedBefore(
  what: ToBeApplied,
): Promise<AppliedBefore | UnreadableJournals | undefined> {
  const { file, realFile, journalFolder = dirname(file), options } = what;
  // Where each ticket is asked first, requests of earlier runs are waited for all the same.
  if (options.again === true && options.read !== 'always') return undefined;
  const { runs, unreadable } = await findEarlierRuns({
    folders: [dirname(file), dirname(realFile), journalFolder],
    names: [basename(file), basename(realFile)],
    baseUrl: options.baseUrl ?? seriesUrl,
  });
  const found = await findIn(runs, what);
  // The way to go on with a run that is not finished is worth more than that another can't be read.
  const isOpen = found !== undefined && 'run' in found && !found.run.isFinished;
  return unreadable.length === 0 || isOpen || asksFirst(options) ? found : { unreadable };
}

async function findIn(
  runs: readonly EarlierRun[],
  what: ToBeApplied,
): Promise<AppliedBefore | UnreadableJournals | undefined> {
  if (what.resumed !== undefined) return findLines(runs, what);
  const sha256 = runs.length === 0 ? undefined : await what.sha256();
  if (sha256 === undefined) return undefined;
  // A run of other lines of it says nothing of these.
  const same = latestOf(
    runs.filter((run) => run.input.sha256 === sha256 && hasSameLines(run, what.options)),
  );
  if (same === undefined || what.options.again === true) return findLines(runs, what, sha256);
  return { run: same, lines: undefined };
}

const hasSameLines = (run: EarlierRun, { only = [], where = [] }: ApplyOptions): boolean =>
  JSON.stringify([run.options.only, run.options.where]) === JSON.stringify([only, where]);

/** Whether no earlier run is relied on: each ticket is asked, or each line is wanted as it is. */
const asksFirst = ({ again, read }: ApplyOptions) => again === true || read === 'always';

async function findLines(
  runs: readonly EarlierRun[],
  { file, lifecycle, options, signal, resumed }: ToBeApplied,
  sha256?: string,
): Promise<AppliedBefore | UnreadableJournals | undefined> {
  // A run that began earlier may have been gone on with later.
  const since = resumed === undefined ? undefined : Date.parse(resumed.startedAt);
  const earlier = createEarlierChanges<EarlierRun>(since);
  const unreadable: UnreadableJournal[] = [];
  const ofThisContent = new Map<EarlierRun, JournalState>();
  const others = runs.filter((one) => !isSameRun(one, resumed));
  for (const run of worthReading(others, sha256)) {
    const state = await readJournal(run.journal, earlier.add(run)).catch(() => undefined);
    if (state !== undefined) {
      earlier.end(run, state.open);
      if (run.input.sha256 === sha256) ofThisContent.set(run, state);
    }
    // One that never began takes its journal with it.
    else if (existsSync(run.journal)) unreadable.push({ journal: run.journal });
  }
  /** In the same content, a line is known by its number. */
  const madeIn = (line: number) =>
    [...ofThisContent].find(([, { done, failed }]) => done.has(line) && !failed.has(line))?.[0];
  if (unreadable.length > 0 && !asksFirst(options)) return { unreadable };
  if (earlier.isEmpty) return undefined;

  const counts = new Map<EarlierRun, { made: number; inDoubt: number; openUntil: number }>();
  const parse = createChangeParser(lifecycle, options.staffUserId);
  const { selects } = createSelection(options);
  const rows = { format: options.format, allowEmpty: true, checkColumns: () => undefined };
  await scanRows(await openInput(file, signal), rows, (row) => {
    if (!('fields' in row) || isReport(row.fields) || !selects(row.fields)) return;
    if (resumed?.isDone(row.line) === true) return;
    const parsed = parse(row.fields);
    if (!('change' in parsed)) return;
    const madeBy = madeIn(row.line);
    const found: EarlierChange<EarlierRun> | undefined =
      earlier.of(parsed.change) ?? (madeBy && { kind: 'made', run: madeBy });
    if (found === undefined) return;
    const counted = counts.get(found.run) ?? { made: 0, inDoubt: 0, openUntil: 0 };
    counts.set(found.run, counted);
    if (found.kind === 'made') counted.made += 1;
    else counted.inDoubt += 1;
    counted.openUntil = Math.max(counted.openUntil, found.openUntil ?? 0);
  });
  const found = [...counts.keys()].toSorted(byImportance);
  const [run] = found;
  if (run === undefined) return undefined;
  const all = [...counts.values()];
  return {
    run,
    lines: {
      made: all.reduce((sum, { made }) => sum + made, 0),
      inDoubt: all.reduce((sum, { inDoubt }) => sum + inDoubt, 0),
      openUntil: Math.max(...all.map(({ openUntil }) => openUntil)),
    },
  };
}

/** Whether a journal is that of the run that is gone on with, or a copy of it. */
const isSameRun = (run: EarlierRun, resumed: ResumedRun | undefined): boolean =>
  run.id === resumed?.id ||
  (run.startedAt === resumed?.startedAt && run.input.sha256 === resumed.sha256);

/** One that is not finished goes first, and of several the latest. */
function byImportance(one: EarlierRun, other: EarlierRun): number {
  if (one.isFinished !== other.isFinished) return one.isFinished ? 1 : -1;
  return one.startedAt < other.startedAt ? 1 : -1;
}

/** Those of this content, those that are not finished, and the latest of the others; the oldest first. */
function worthReading(
  runs: readonly EarlierRun[],
  sha256: string | undefined,
): readonly EarlierRun[] {
  let left = mostFinishedBytes;
  const isWanted = ({ isFinished, bytes, input }: EarlierRun) => {
    if (!isFinished || input.sha256 === sha256) return true;
    left -= bytes;
    return left >= 0;
  };
  return runs.toReversed().filter(isWanted).toReversed();
}
