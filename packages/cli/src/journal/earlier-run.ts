import { readdir, realpath, rm, symlink } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import type { JournalHead } from './entries.ts';
import { isSameServer } from './head.ts';
import { readEnds } from './journal-ends.ts';

/** A run at the same server, as its journal tells. */
export interface EarlierRun {
  /** What tells its journal from every other file. */
  readonly id: string;
  readonly journal: string;
  readonly startedAt: string;
  readonly isFinished: boolean;
  /** What it applied. */
  readonly input: JournalHead['input'];
  readonly options: JournalHead['options'];
  /** How long its journal is. */
  readonly bytes: number;
}

// A folder may hold anything: of its files so many are opened, and of each its two ends are read.
const mostFiles = 1000;
const suffix = '.journal';

/**
 * Leaves a link beside the file, if its journal lies elsewhere: the same file would not find it. Where
 * none can be made, it goes without. Returns what removes the link again.
 */
export async function linkJournal(link: string, journal: string): Promise<() => Promise<void>> {
  try {
    const target = await realpath(journal);
    if (dirname(target) === (await realpath(dirname(link)))) return async () => {};
    await symlink(target, link);
  } catch {
    return async () => {};
  }
  return () => rm(link, { force: true });
}

/** The latest run of several; one that is not finished goes first. */
export const latestOf = (runs: readonly EarlierRun[]): EarlierRun | undefined =>
  runs.findLast(({ isFinished }) => !isFinished) ?? runs.at(-1);

/** Where the journals of a file are looked for. */
export interface JournalPlaces {
  readonly folders: readonly string[];
  /** The names that the file has. */
  readonly names: readonly string[];
  readonly baseUrl: string;
}

/** What was found there. */
export interface EarlierRuns {
  /** The runs at the server, the oldest first. */
  readonly runs: readonly EarlierRun[];
  /** Files that are named as journals of the file, and can't be read. */
  readonly unreadable: readonly UnreadableJournal[];
}

/** What may be a journal, and tells nothing. */
export interface UnreadableJournal {
  readonly journal: string;
  /** Why it is not trusted, as a sentence; `undefined` where it simply can't be read. */
  readonly why?: string | undefined;
}

/** Finds the runs at a server in the journals of folders. */
export async function findEarlierRuns(places: JournalPlaces): Promise<EarlierRuns> {
  const { folders, names, baseUrl } = places;
  const runs = new Map<string, EarlierRun>();
  const unreadable = new Map<string, UnreadableJournal>();
  const different = new Map(folders.map((folder) => [resolve(folder), folder]));
  for (const folder of different.values()) {
    for (const { name, isLink, isOfFile } of await candidatesIn(folder, names)) {
      const found = join(folder, name);
      // Of a link its target counts, and is named: what was looked at is what is gone on with.
      const journal = isLink ? await targetOf(found) : found;
      const ends = await readEnds(journal);
      if (ends.kind === 'unreadable' && isOfFile) {
        const target = await targetOf(found);
        unreadable.set(target, { journal: target, why: ends.why });
      }
      if (ends.kind !== 'journal' || !isSameServer(ends.head.baseUrl, baseUrl)) continue;
      const { id, isFinished, head, bytes } = ends;
      const { startedAt, input, options } = head;
      // One that is found in its folder and through a link is still one run.
      runs.set(id, { id, journal, startedAt, isFinished, input, options, bytes });
    }
  }
  const sorted = [...runs.values()].sort((one, other) =>
    one.startedAt < other.startedAt ? -1 : 1,
  );
  return { runs: sorted, unreadable: [...unreadable.values()] };
}

const targetOf = (path: string) => realpath(path).catch(() => path);

interface Candidate {
  readonly name: string;
  readonly isLink: boolean;
  /** Whether its name says that it is a journal of the file. */
  readonly isOfFile: boolean;
  readonly isJournal: boolean;
  /** When its run began, as far as its name tells. */
  readonly stamp: string;
}

/** The files that are worth a look: the journals of the file first, then others, the latest first. */
async function candidatesIn(
  folder: string,
  names: readonly string[],
): Promise<readonly Candidate[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  const candidates = entries.flatMap((entry): Candidate[] => {
    const { name } = entry;
    const isJournal = name.endsWith(suffix);
    const isLink = entry.isSymbolicLink();
    if (!entry.isFile() && !(isLink && isJournal)) return [];
    // A name that a person has chosen tells no time: there are few of those.
    const stamp = /\.(\d{8}-\d{6}(?:-\d+)?)\.journal$/.exec(name)?.[1] ?? '~';
    const isOfFile = isJournal && names.some((file) => isNamedAfter(name, file));
    return [{ name, isLink, isOfFile, isJournal, stamp }];
  });
  return candidates.sort(byPromise).slice(0, mostFiles);
}

function byPromise(one: Candidate, other: Candidate): number {
  if (one.isOfFile !== other.isOfFile) return one.isOfFile ? -1 : 1;
  if (one.isJournal !== other.isJournal) return one.isJournal ? -1 : 1;
  return one.stamp + one.name < other.stamp + other.name ? 1 : -1;
}

/** `a.csv.20260101-120000.journal` is a journal of `a.csv`, and not of `a`. */
function isNamedAfter(name: string, file: string): boolean {
  if (!name.startsWith(`${file}.`)) return false;
  const between = name.slice(file.length + 1, -suffix.length);
  return !/\.\d{8}-\d{6}(-\d+)?$/.test(between);
}
