import { randomUUID } from 'node:crypto';
import { link, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { CliError } from './cli-error.ts';
import { exitCodes } from './exit-code.ts';

/** What a process does to a file that no other may do at the same time. */
type Doing = 'applied' | 'written';

/**
 * Keeps a file to one process: two would send the same change. Gives the way to unlock it.
 *
 * The lock is a file beside it. That of a process that has died is taken over.
 */
export async function lockFile(file: string, doing: Doing): Promise<() => Promise<void>> {
  const lock = `${file}.lock`;
  const mine = JSON.stringify({ pid: process.pid, host: hostname(), token: randomUUID() });
  for (let tries = 0; tries < 3; tries += 1) {
    if (await create(lock, mine)) return async () => rm(lock, { force: true });
    const holder = await readFile(lock, 'utf8').catch(() => '');
    const pid = pidOf(holder);
    if (pid !== undefined && isAlive(pid)) throw locked(file, doing, lock, pid);
    await takeAway(lock, holder);
  }
  throw locked(file, doing, lock, undefined);
}

/** Puts a lock there with all that is in it at once, or answers that there is one. */
async function create(lock: string, content: string): Promise<boolean> {
  const draft = `${lock}.${randomUUID()}`;
  try {
    await writeFile(draft, content, { flag: 'wx', mode: 0o600 });
    await link(draft, lock);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  } finally {
    await rm(draft, { force: true });
  }
}

/** Removes a dead process's lock, but never one that somebody else has put there meanwhile. */
async function takeAway(lock: string, holder: string): Promise<void> {
  const aside = `${lock}.${randomUUID()}`;
  try {
    await rename(lock, aside);
    if ((await readFile(aside, 'utf8')) !== holder) await link(aside, lock);
    await rm(aside, { force: true });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'ENOENT' && code !== 'EEXIST') throw error;
  }
}

/** The process that holds a lock, as far as this machine can know it. */
function pidOf(holder: string): number | undefined {
  try {
    const { pid, host } = JSON.parse(holder) as { pid: unknown; host: unknown };
    // Of another machine's processes nothing is known here, so they are taken to be alive.
    if (host !== hostname()) return Number.MAX_SAFE_INTEGER;
    return typeof pid === 'number' ? pid : undefined;
  } catch {
    // Somebody has cleared it.
    return undefined;
  }
}

function isAlive(pid: number): boolean {
  if (pid === process.pid) return false;
  if (pid === Number.MAX_SAFE_INTEGER) return true;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it is there, and somebody else's.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function locked(file: string, doing: Doing, lock: string, pid: number | undefined): CliError {
  const who =
    pid === undefined || pid === Number.MAX_SAFE_INTEGER ? 'another process' : `process ${pid}`;
  return new CliError(
    `${file} is being ${doing} by ${who}. Wait until it has ended; if that is no ticket-lifecycle, delete ${lock}.`,
    exitCodes.notSent,
  );
}
