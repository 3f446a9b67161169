import { randomUUID } from 'node:crypto';
import { link, readFile, readlink, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { CliError } from '../cli-error.ts';
import { exitCodes } from '../exit-code.ts';

/** What a process does to a file that no other may do at the same time. */
type Doing = 'applying' | 'writing';

/**
 * Keeps a file to one process: two would send the same change. Gives the way to unlock it.
 *
 * The lock is a file beside it. That of a process that has died is taken over; one of another
 * container is watched for a while, since its holder touches it.
 */
export async function lockFile(
  file: string,
  doing: Doing,
  { watchMs = 10 * touchMs }: { readonly watchMs?: number } = {},
): Promise<() => Promise<void>> {
  const lock = `${file}.lock`;
  const place = await placeOf();
  const who = { pid: process.pid, host: hostname(), place, token: randomUUID() };
  const mine = JSON.stringify(who);
  const holder = await take(lock, mine, watchMs);
  if (holder !== 'ours') throw locked(file, doing, lock, holder.pid);
  const touching = setInterval(() => {
    const now = new Date();
    utimes(lock, now, now).catch(() => {});
  }, touchMs);
  touching.unref();
  return async () => {
    clearInterval(touching);
    await giveUp(lock, mine);
  };
}

const touchMs = 500;

interface Holder {
  /** `undefined` where that is not known. */
  readonly pid: number | undefined;
}

// Every try is another who came first, or another who died while it took over.
const mostTries = 10;

/** Takes a lock, or says who has it. */
async function take(
  lock: string,
  mine: string,
  watchMs: number,
  tries = mostTries,
): Promise<Holder | 'ours'> {
  if (tries === 0) return { pid: undefined };
  if (await create(lock, mine)) return 'ours';
  const text = await contentOf(lock);
  if (text === undefined) return take(lock, mine, watchMs, tries - 1);
  const pid = await livingIn(lock, text, watchMs);
  if (pid !== undefined) return { pid };

  // Of all who see that the holder has died, the one with this second lock follows it. Without
  // one, somebody could take away the lock of who was faster.
  const heir = `${lock}.heir`;
  const other = await take(heir, mine, watchMs, tries - 1);
  if (other !== 'ours') return other;
  let isStillThere = false;
  try {
    isStillThere = (await contentOf(lock)) === text;
    if (isStillThere) await put(lock, mine, rename);
  } finally {
    await giveUp(heir, mine);
  }
  return isStillThere ? 'ours' : take(lock, mine, watchMs, tries - 1);
}

/** Puts a lock there, or answers that there is one. */
async function create(lock: string, content: string): Promise<boolean> {
  try {
    await put(lock, content, link);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** Puts a lock there with all that is in it at once. */
async function put(lock: string, content: string, place: typeof link): Promise<void> {
  const draft = `${lock}.${randomUUID()}`;
  try {
    await writeFile(draft, content, { flag: 'wx' });
    await place(draft, lock);
  } finally {
    await rm(draft, { force: true });
  }
}

/** Removes a lock, unless somebody has deleted it meanwhile and it is another's now. */
async function giveUp(lock: string, mine: string): Promise<void> {
  if ((await contentOf(lock)) === mine) await rm(lock, { force: true });
}

const contentOf = (lock: string): Promise<string | undefined> =>
  readFile(lock, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    // Another person's, of whom nothing is known here: like another machine's, it names no host.
    if (error.code === 'EACCES') return '{}';
    throw error;
  });

/** The process that lives and holds a lock, as far as this can be known here. */
async function livingIn(lock: string, text: string, watchMs: number): Promise<number | undefined> {
  const { pid, host, place } = parse(text);
  // Of another machine's processes nothing is known here, so they are taken to be alive.
  if (host !== hostname()) return somewhere;
  if (typeof pid !== 'number') return undefined;
  if (place === undefined || place === (await placeOf())) return isAlive(pid) ? pid : undefined;
  const before = await touchedAt(lock);
  await sleep(watchMs);
  return (await touchedAt(lock)) === before ? undefined : somewhere;
}

/** In the place of a number that is not known. */
const somewhere = Number.MAX_SAFE_INTEGER;

/** What stands in a lock. Somebody may have cleared it: then nobody holds it. */
function parse(text: string): { pid?: unknown; host?: unknown; place?: unknown } {
  try {
    return Object(JSON.parse(text)) as object;
  } catch {
    return { host: hostname() };
  }
}

/** Where a number means a process: containers with the same host name count their own from 1. */
const placeOf = (): Promise<string> => readlink('/proc/self/ns/pid').catch(() => '');

const touchedAt = (lock: string): Promise<number | undefined> =>
  stat(lock).then(
    ({ mtimeMs }) => mtimeMs,
    () => undefined,
  );

function isAlive(pid: number): boolean {
  if (pid === process.pid) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it is there, and somebody else's.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function locked(file: string, doing: Doing, lock: string, pid: number | undefined): CliError {
  const who = pid === undefined || pid === somewhere ? 'another process' : `process ${pid}`;
  const it = pid === undefined || pid === somewhere ? 'it' : who;
  return new CliError(
    `${file} is in use by ${who} (${doing} it). Wait for it to finish. If ${it} is not ticket-lifecycle, delete ${lock}.`,
    exitCodes.notSent,
  );
}
