import { open, stat, type FileHandle } from 'node:fs/promises';
import type { Stats } from 'node:fs';
import { whyNotOwn } from '../trusted-path.ts';
import type { JournalHead } from './entries.ts';
import { parseEntry } from './entry-schema.ts';

/** What the two ends of a file show. */
export type Ends =
  | {
      readonly kind: 'journal';
      readonly head: JournalHead;
      readonly isFinished: boolean;
      readonly id: string;
      readonly bytes: number;
    }
  /** It is empty, or gone, or its head never reached the disk whole: nothing was sent. */
  | { readonly kind: 'empty' }
  /** It is not a journal, or one that can't be read. `why` is present where it is not trusted. */
  | { readonly kind: 'unreadable'; readonly why?: string | undefined };

const beginning = '{"type":"journal"';
// A list of tickets and a context make a head long; a file of something else has no end of a line.
const firstBytes = 4096;
const mostHeadBytes = 16 * 1024 * 1024;
const tailBytes = 200;

/** What tells a file from every other, by whichever name or link it is reached. */
export const idOf = ({ dev, ino }: Pick<Stats, 'dev' | 'ino'>): string => `${dev} ${ino}`;

/** Reads the head of a file that may be a journal, and whether its run is finished. */
export async function readEnds(file: string): Promise<Ends> {
  try {
    // A lock of ours is an empty file. To open and close it would let the lock go: see
    // internal/process-lock.ts.
    const about = await stat(file);
    if (about.size === 0 || !about.isFile()) return { kind: 'empty' };
    const handle = await open(file, 'r');
    try {
      return await endsOf(file, handle);
    } finally {
      await handle.close();
    }
  } catch (error) {
    const isGone = (error as NodeJS.ErrnoException).code === 'ENOENT';
    return { kind: isGone ? 'empty' : 'unreadable' };
  }
}

async function endsOf(file: string, handle: FileHandle): Promise<Ends> {
  const status = await handle.stat();
  // Who could have put it here would choose what is sent, and where to.
  const why = whyNotOwn(file, status);
  if (why !== undefined) return { kind: 'unreadable', why };
  let text = '';
  let end = -1;
  for (let length = firstBytes; end === -1; length *= 2) {
    // An editor may have put a byte order mark before it.
    text = (await textAt(handle, 0, length)).replace(/^\u{FEFF}/u, '');
    end = text.indexOf('\n');
    const known = text.slice(0, beginning.length);
    if (!beginning.startsWith(known)) return { kind: 'unreadable' };
    if (length >= status.size || length >= mostHeadBytes) break;
  }
  const parsed = parseEntry(jsonOf(end === -1 ? text : text.slice(0, end)));
  if (!('entry' in parsed) || parsed.entry.type !== 'journal') {
    return { kind: end === -1 && status.size < mostHeadBytes ? 'empty' : 'unreadable' };
  }
  const tail = await textAt(handle, Math.max(0, status.size - tailBytes), tailBytes);
  const last = tail.trimEnd().split('\n').at(-1) ?? '';
  return {
    kind: 'journal',
    head: parsed.entry,
    isFinished: last.startsWith('{"type":"finished"'),
    id: idOf(status),
    bytes: status.size,
  };
}

async function textAt(handle: FileHandle, position: number, length: number): Promise<string> {
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(length), 0, length, position);
  return buffer.toString('utf8', 0, bytesRead);
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
