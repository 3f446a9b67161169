import type { Lifecycle } from '@ticket-lifecycle/core';
import { setTimeout as pause } from 'node:timers/promises';
import { seriesUrl } from '../../api/api-key.ts';
import { createChangeParser, isReport } from '../../bulk/change-line.ts';
import { createEarlierChanges } from '../../bulk/earlier-changes.ts';
import { createSelection } from '../../bulk/select.ts';
import { CliError } from '../../cli-error.ts';
import { findEarlierRuns, latestOf, type EarlierRun } from '../../journal/earlier-run.ts';
import { readJournal } from '../../journal/read-journal.ts';
import { openInput } from '../../rows/input.ts';
import { scanRows } from '../../rows/rows.ts';
import { confirm } from '../../terminal/confirm.ts';
import type { Terminal } from '../../terminal/terminal.ts';
import { duration, several } from '../../terminal/text.ts';
import type { ApplyOptions } from './apply-options.ts';
import { resumeCommand } from './resume-command.ts';

/** A file that was applied before, or lines of it. */
export interface AppliedBefore {
  readonly run: EarlierRun;
  /** `undefined` where the whole file is the same. */
  readonly lines: RepeatedLines | undefined;
}

/** Lines of a file that runs of other files have something to do with. */
interface RepeatedLines {
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
  /** Where journals are looked for. */
  readonly folders: readonly string[];
  readonly lifecycle: Lifecycle;
  readonly options: ApplyOptions;
  readonly signal?: AbortSignal | undefined;
  /** The run that is gone on with: only what others have done since then counts. */
  readonly resumed?: ResumedRun | undefined;
}

/** A run that is gone on with. */
interface ResumedRun {
  readonly startedAt: string;
  /** Whether it has nothing left to do of a line. */
  readonly isDone: (line: number) => boolean;
}

// Journals of finished runs may gather for years: of those the latest are read, up to so much.
const mostFinishedBytes = 256 * 1024 * 1024;

/**
 * Finds out whether a file would make changes once more that runs before it have made, or have left
 * in doubt: the same content, or lines that ask for the same. Only reads.
 */
async function findAppliedBefore(what: ToBeApplied): Promise<AppliedBefore | undefined> {
  const { folders, options, resumed } = what;
  // Where each ticket is asked first, requests of earlier runs are waited for all the same.
  if (options.again === true && options.read !== 'always') return undefined;
  const runs = await findEarlierRuns(folders, options.baseUrl ?? seriesUrl);
  if (resumed !== undefined) {
    const since = runs.filter(({ startedAt }) => startedAt > resumed.startedAt);
    return findLines(since, what);
  }
  const sha256 = runs.length === 0 ? undefined : await what.sha256();
  if (sha256 === undefined) return undefined;
  const same = latestOf(runs, sha256);
  if (same === undefined || options.again === true) return findLines(runs, what);
  return { run: same, lines: undefined };
}

async function findLines(
  runs: readonly EarlierRun[],
  { file, lifecycle, options, signal, resumed }: ToBeApplied,
): Promise<AppliedBefore | undefined> {
  const earlier = createEarlierChanges<EarlierRun>();
  for (const run of worthReading(runs)) {
    const note = earlier.add(run);
    // Who can't read a journal can't go on with it either, and it says nothing that would count.
    const state = await readJournal(run.journal, note).catch(ignored);
    if (state !== undefined) earlier.end(run, state.open);
  }
  if (earlier.isEmpty) return undefined;

  const counts = new Map<EarlierRun, { made: number; inDoubt: number; openUntil: number }>();
  const parse = createChangeParser(lifecycle, options.staffUserId);
  const { selects } = createSelection(options);
  const rows = { format: options.format, allowEmpty: true, checkColumns: () => undefined };
  await scanRows(await openInput(file, signal), rows, (row) => {
    if (!('fields' in row) || isReport(row.fields) || !selects(row.fields)) return;
    if (resumed?.isDone(row.line) === true) return;
    const parsed = parse(row.fields);
    const found = 'change' in parsed ? earlier.of(parsed.change) : undefined;
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

const ignored = (): undefined => undefined;

/** One that is not finished goes first, and of several the latest. */
function byImportance(one: EarlierRun, other: EarlierRun): number {
  if (one.isFinished !== other.isFinished) return one.isFinished ? 1 : -1;
  return one.startedAt < other.startedAt ? 1 : -1;
}

/** Those that are not finished, and the latest of the others; the oldest first. */
function worthReading(runs: readonly EarlierRun[]): readonly EarlierRun[] {
  let left = mostFinishedBytes;
  const isWanted = ({ isFinished, bytes }: EarlierRun) => {
    if (isFinished) left -= bytes;
    return !isFinished || left >= 0;
  };
  return runs.toReversed().filter(isWanted).toReversed();
}

/** Lets nothing be sent once more that nobody has asked for once more. */
export async function checkAppliedBefore(
  what: ToBeApplied & { readonly signal: AbortSignal },
  terminal: Terminal,
): Promise<void> {
  const found = await findAppliedBefore(what);
  if (found === undefined) return;
  const { run, lines } = found;
  const { options, signal } = what;
  if (lines !== undefined && options.read === 'always') return waitFor(lines, signal, terminal);
  const said = saidOf(what, found);
  if (!run.isFinished) throw new CliError(`${said} Nothing was sent. ${waysOn(what, found)}`);
  const question = `${said} Apply ${lines === undefined ? 'it' : 'them'} once more?`;
  const otherwise = `Nothing was sent. ${waysOn(what, found)}`;
  await confirm(question, { yes: false, signal, otherwise }, terminal);
}

/** What `apply` would say of a file, for a dry run; `undefined` where it would simply apply it. */
export async function foretold(what: ToBeApplied): Promise<string | undefined> {
  const found = await findAppliedBefore(what);
  if (found === undefined) return undefined;
  if (found.lines !== undefined && what.options.read === 'always') return undefined;
  return `${saidOf(what, found)} Without --dry-run, this would stop. ${waysOn(what, found)}`;
}

/** A ticket tells nothing of a request that may still arrive: to send another would be too early. */
async function waitFor(
  { openUntil }: RepeatedLines,
  signal: AbortSignal,
  { messages }: Terminal,
): Promise<void> {
  const waitMs = openUntil - Date.now();
  if (waitMs <= 0) return;
  messages.note(
    `A request of an earlier run may still arrive: waiting ${duration(waitMs / 1000)} before anything is sent.`,
  );
  await pause(waitMs, undefined, { signal }).catch(ignored);
}

function saidOf({ file }: ToBeApplied, { run, lines }: AppliedBefore): string {
  const { startedAt, isFinished, journal } = run;
  const state = isFinished ? `is finished (${journal})` : 'is not finished';
  if (lines === undefined) {
    return `${file} was applied before: the run of ${startedAt} ${state}.`;
  }
  return `${file} repeats another run: ${countText(lines)}. The run of ${startedAt} ${state}.`;
}

function countText({ made, inDoubt }: RepeatedLines): string {
  const changed = `${several(made, 'of its lines was', 'of its lines were')} carried out already`;
  const doubted = `${several(inDoubt, 'is', 'are')} in doubt`;
  if (inDoubt === 0) return changed;
  return made === 0
    ? `${several(inDoubt, 'of its lines is', 'of its lines are')} in doubt`
    : `${changed}, and ${doubted}`;
}

function waysOn({ file, options, resumed }: ToBeApplied, { run, lines }: AppliedBefore): string {
  const { isFinished, journal, input } = run;
  if (lines === undefined) {
    if (isFinished) return 'Add --again to apply it once more.';
    return `To go on with it:\n\n  ${resumeCommand(file, journal, options)}\n\nTo start from the first line instead, add --again.`;
  }
  if (resumed !== undefined) {
    return 'Apply the file without --resume, with --again --read always, to ask each ticket first. Or add --again to go on with every line as it is.';
  }
  const ask =
    'Add --read always to ask each ticket first, or --again to apply every line as it is.';
  if (isFinished) return ask;
  return `${ask} To go on with that run, with ${input.file} as it was:\n\n  ${resumeCommand(input.file, journal, options)}`;
}
