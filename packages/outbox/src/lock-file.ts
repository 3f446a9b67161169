import { randomUUID } from 'node:crypto';
import { link, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { DirectoryInUseError } from './errors.ts';

/** Who holds the lock. A number of a process is used again; together with its start it is not. */
interface Holder {
  readonly pid: number;
  readonly started: string;
  readonly token: string;
}

/**
 * Takes the lock of a directory, or throws. The lock of a process that is gone is taken over.
 * Gives the function that lets it go.
 */
export async function takeLock(file: string): Promise<() => Promise<void>> {
  const mine: Holder = {
    pid: process.pid,
    started: await startOf(process.pid),
    token: randomUUID(),
  };
  for (let attempt = 0; attempt < 5; attempt += 1) {
    try {
      await writeFile(file, JSON.stringify(mine), { flag: 'wx' });
      return async () => {
        if ((await read(file))?.token === mine.token) await rm(file, { force: true });
      };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      const holder = await read(file);
      if (holder !== undefined && (await isAlive(holder))) {
        throw new DirectoryInUseError(
          `The outbox at ${file} is in use by process ${holder.pid}. For several processes use Postgres.`,
          { cause: error },
        );
      }
      await putAside(file, holder?.token);
    }
  }
  throw new DirectoryInUseError(`The lock ${file} could not be taken. Remove it by hand.`);
}

/** Removes a dead lock, and no other: somebody may have been faster and have taken it over. */
async function putAside(file: string, token: string | undefined): Promise<void> {
  const aside = `${file}.${randomUUID()}`;
  await rename(file, aside).catch(() => {});
  const moved = await read(aside);
  if (moved !== undefined && moved.token !== token) await link(aside, file).catch(() => {});
  await rm(aside, { force: true });
}

async function read(file: string): Promise<Holder | undefined> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as Holder;
  } catch {
    return undefined;
  }
}

async function isAlive({ pid, started }: Holder): Promise<boolean> {
  try {
    process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
  const now = await startOf(pid);
  return now === '' || started === '' || now === started;
}

/** When a process began, as Linux tells it; elsewhere nothing, and its number has to do. */
async function startOf(pid: number): Promise<string> {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
    // The name before it may hold spaces and parentheses.
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
  } catch {
    return '';
  }
}
