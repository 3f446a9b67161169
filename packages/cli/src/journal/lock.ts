import { takeProcessLock, type LockRefusal } from '@ticket-lifecycle/internal/process-lock';
import { CliError } from '../cli-error.ts';
import { exitCodes } from '../exit-code.ts';

/**
 * Keeps a file to one process: two would send the same changes. The lock lies beside the file and
 * is free again as soon as its process is gone. Gives the function that lets it go.
 *
 * @throws CliError when another process has it
 * @throws the error of the file system when nothing can be put beside the file
 */
export function lockFile(file: string, doing: 'applying' | 'writing'): () => void {
  const attempt = takeProcessLock(`${file}.lock`);
  if (attempt.isTaken) return attempt.release;
  throw new CliError(whyNot(file, doing, attempt), exitCodes.notSent);
}

function whyNot(file: string, doing: string, refusal: LockRefusal): string {
  switch (refusal.reason) {
    case 'held': {
      const who = refusal.pid === undefined ? 'another process' : `process ${refusal.pid}`;
      return `${file} is in use by ${who} (${doing} it). Wait for it to finish.`;
    }
    case 'no-permission':
      return `${file} may be in use by another user, who owns ${file}.lock. If it is not in use, delete ${file}.lock.`;
    case 'not-a-lock':
      return `${file} can't be locked: ${file}.lock is not a lock of ours. Move it away.`;
  }
}
