import { open, readdir, realpath, rm, stat, symlink } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { whyNotOwn } from '../trusted-path.ts';
import type { JournalHead } from './entries.ts';
import { isSameServer } from './head.ts';
import { parseEntry } from './entry-schema.ts';

/** A run at the same server, as its journal tells. */
export interface EarlierRun {
  readonly journal: string;
  readonly startedAt: string;
  readonly isFinished: boolean;
  /** What it applied. */
  readonly input: JournalHead['input'];
  /** How long its journal is. */
  readonly bytes: number;
}

// A folder may hold anything: of its files these are opened, and of each its two ends are read.
const mostFiles = 1000;
const headBytes = 64 * 1024;
const tailBytes = 200;
const beginning = '{"type":"journal"';

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

/** The latest run of a content; one that is not finished goes first. */
export function latestOf(runs: readonly EarlierRun[], sha256: string): EarlierRun | undefined {
  const same = runs.filter(({ input }) => input.sha256 === sha256);
  return same.findLast(({ isFinished }) => !isFinished) ?? same.at(-1);
}

/** Finds the runs at a server in the journals of folders, the oldest first. */
export async function findEarlierRuns(
  folders: readonly string[],
  baseUrl: string,
): Promise<readonly EarlierRun[]> {
  const runs = new Map<string, EarlierRun>();
  const different = new Map(folders.map((folder) => [resolve(folder), folder]));
  for (const folder of different.values()) {
    const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
    const linked = entries.filter((entry) => entry.isSymbolicLink() && isJournal(entry.name));
    const links = new Set(linked.map(({ name }) => name));
    const files = entries.filter((entry) => entry.isFile());
    const names = [...files, ...linked].map(({ name }) => name);
    for (const name of names.sort(byPromise).slice(0, mostFiles)) {
      const found = join(folder, name);
      // Of a link its target counts, and is named: what was looked at is what is gone on with.
      const journal = links.has(name) ? await realpath(found).catch(() => found) : found;
      const ends = await readEnds(journal).catch(() => undefined);
      if (ends === undefined || !isSameServer(ends.head.baseUrl, baseUrl)) continue;
      const { isFinished, head } = ends;
      const { startedAt, input } = head;
      // One that is found in its folder and through a link is still one run.
      const { dev, ino, size } = ends.status;
      runs.set(`${dev} ${ino}`, { journal, startedAt, isFinished, input, bytes: size });
    }
  }
  return [...runs.values()].sort((one, other) => (one.startedAt < other.startedAt ? -1 : 1));
}

const isJournal = (name: string) => name.endsWith('.journal');

/** What is called a journal comes first, and the latest of those. */
function byPromise(one: string, other: string): number {
  if (isJournal(one) !== isJournal(other)) return isJournal(one) ? -1 : 1;
  return one < other ? 1 : -1;
}

async function readEnds(file: string) {
  // A lock of ours is an empty file. To open and close it would let the lock go: see
  // internal/process-lock.ts.
  const about = await stat(file);
  if (about.size === 0 || !about.isFile()) return undefined;
  const handle = await open(file, 'r');
  try {
    if ((await textAt(0, beginning.length)) !== beginning) return undefined;
    const [line = ''] = (await textAt(0, headBytes)).split('\n');
    const parsed = parseEntry(JSON.parse(line));
    if (!('entry' in parsed) || parsed.entry.type !== 'journal') return undefined;
    const status = await handle.stat();
    // Who could have put it here would choose what is sent, and where to.
    if (whyNotOwn(file, status) !== undefined) return undefined;
    const { size } = status;
    const tail = await textAt(Math.max(0, size - tailBytes), tailBytes);
    const last = tail.trimEnd().split('\n').at(-1) ?? '';
    return { head: parsed.entry, isFinished: last.startsWith('{"type":"finished"'), status };
  } finally {
    await handle.close();
  }

  async function textAt(position: number, length: number): Promise<string> {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(length), 0, length, position);
    return buffer.toString('utf8', 0, bytesRead);
  }
}
