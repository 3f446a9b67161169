import { mkdirSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { takeProcessLock, type LockRefusal } from '@ticket-lifecycle/internal/process-lock';
import { DirectoryInUseError } from '../model/errors.ts';

/** Makes the directory of an outbox, and those above it, where they are missing. */
export function makeDirectory(directory: string): void {
  try {
    makeMissing(resolve(directory));
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new Error(`The directory of the outbox can't be made: ${why}. Name another one.`, {
      cause,
    });
  }
}

/** One by one: `recursive` never ends where none can be made, as in /proc. */
function makeMissing(directory: string): void {
  if (isDirectory(directory)) return;
  if (dirname(directory) !== directory) makeMissing(dirname(directory));
  try {
    mkdirSync(directory);
  } catch (error) {
    // Another process may have made it meanwhile.
    if (!isDirectory(directory)) throw error;
  }
}

const isDirectory = (path: string): boolean =>
  statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;

/**
 * Keeps a directory to one outbox of one process: two at once would destroy it. The lock is free
 * again as soon as its process is gone. Gives the function that lets it go.
 *
 * @throws DirectoryInUseError when another has it
 */
export function lockDirectory(directory: string): () => void {
  const lock = join(directory, 'lock');
  const attempt = takeProcessLock(lock);
  if (attempt.isTaken) return attempt.release;
  throw new DirectoryInUseError(whyNot(directory, lock, attempt));
}

function whyNot(directory: string, lock: string, refusal: LockRefusal): string {
  switch (refusal.reason) {
    case 'held': {
      const who = refusal.pid === undefined ? 'another process' : `process ${refusal.pid}`;
      return `The outbox at ${directory} is in use by ${who}. For several processes use Postgres.`;
    }
    case 'no-permission':
      return `The outbox at ${directory} belongs to another user, who may be using it: ${lock} can't be written.`;
    case 'not-a-lock':
      return `${lock} is not a lock of ours. Remove it, or give the outbox another directory.`;
  }
}
