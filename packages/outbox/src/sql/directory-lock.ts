import { link, rename, rm, utimes, writeFile } from 'node:fs/promises';
import { DirectoryInUseError } from '../model/errors.ts';
import { isAlive, see, thisProcess, type Holder, type Seen } from './holder.ts';

const touchMs = 500;
// Opening PGlite lets no timer run for seconds, and for longer where the machine is busy.
const patienceMs = 15_000;
// Each is another who was faster. Endless ones are of what is no file, such as a link to nothing.
const mostTries = 100;

/**
 * Takes the lock of a directory, or throws. The lock of a process that is gone is taken over; one
 * of another host or container is watched for a while, since its holder touches it.
 * Gives the function that lets it go.
 */
export async function takeLock(
  file: string,
  { watchMs = patienceMs }: { readonly watchMs?: number } = {},
): Promise<() => Promise<void>> {
  const mine = await thisProcess();
  // Written aside first, so that nobody ever sees half of it.
  const draft = `${file}.${mine.token}.new`;
  await writeFile(draft, JSON.stringify(mine));
  try {
    await take(file, { mine, draft, watchMs });
  } finally {
    await rm(draft, { force: true });
  }
  const touching = setInterval(() => {
    const now = new Date();
    utimes(file, now, now).catch(() => {});
  }, touchMs);
  touching.unref();
  return async () => {
    clearInterval(touching);
    if ((await see(file))?.holder?.token === mine.token) await rm(file, { force: true });
  };
}

interface Taker {
  readonly mine: Holder;
  readonly draft: string;
  readonly watchMs: number;
}

/**
 * Makes a file ours. The right to replace that of a dead holder is a file of the same kind, named
 * after that holder: so only one of those who found it dead can have it.
 */
async function take(file: string, taker: Taker): Promise<void> {
  for (let tries = 0; tries < mostTries; tries += 1) {
    if (await isCreated(file, taker)) return;
    const seen = await see(file);
    if (seen === undefined) continue;
    await demandDead(file, seen, taker.watchMs);
    const token = seen.holder?.token ?? 'unreadable';
    const right = `${file}.${token}`;
    await take(right, taker);
    const now = await see(file);
    // Somebody who had the right before may have used it.
    if (now !== undefined && (now.holder?.token ?? 'unreadable') === token) {
      return rename(right, file);
    }
    await rm(right, { force: true });
  }
  throw new DirectoryInUseError(`The lock ${file} could not be taken. Remove it by hand.`);
}

/** Whether there was no such file, so that it is ours now. */
async function isCreated(file: string, { mine, draft }: Taker): Promise<boolean> {
  try {
    await link(draft, file).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'EEXIST') throw error;
      // Some file systems have no links.
      return writeFile(file, JSON.stringify(mine), { flag: 'wx' });
    });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

async function demandDead(file: string, { holder, touchedMs }: Seen, watchMs: number) {
  if (holder === undefined) return;
  let lives = await isAlive(holder);
  if (lives === undefined) {
    await new Promise((resolve) => setTimeout(resolve, watchMs));
    const later = await see(file);
    lives = later !== undefined && later.touchedMs !== touchedMs;
  }
  if (!lives) return;
  throw new DirectoryInUseError(
    `The outbox at ${file} is in use by process ${holder.pid}. For several processes use Postgres.`,
  );
}
