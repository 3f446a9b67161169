import { randomUUID } from 'node:crypto';
import { open, readFile, readlink } from 'node:fs/promises';
import { hostname } from 'node:os';

/** Who holds a lock. A number of a process is used again; together with its start it is not. */
export interface Holder {
  readonly pid: number;
  readonly started: string;
  readonly token: string;
  /** Where the number means that process: containers count their own from 1. */
  readonly place: string;
}

/** What is written in a lock, and when its holder last showed life. */
export interface Seen {
  readonly holder: Holder | undefined;
  readonly touchedMs: number;
}

export async function thisProcess(): Promise<Holder> {
  const { pid } = process;
  return { pid, started: await startOf(pid), token: randomUUID(), place: await placeOf() };
}

/** What stands in a lock, or nothing where there is none. What nobody can read has no holder. */
export async function see(file: string): Promise<Seen | undefined> {
  try {
    const handle = await open(file);
    try {
      const { mtimeMs } = await handle.stat();
      return { holder: parse(await handle.readFile('utf8')), touchedMs: mtimeMs };
    } finally {
      await handle.close();
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

function parse(text: string): Holder | undefined {
  try {
    const { pid, started, token, place } = JSON.parse(text) as Partial<Holder>;
    const isProcess = Number.isSafeInteger(pid) && Number(pid) > 0;
    // It becomes part of the name of a file.
    const isToken = typeof token === 'string' && /^[\w-]{1,36}$/.test(token);
    if (!isProcess || !isToken || typeof started !== 'string') return undefined;
    return { pid: Number(pid), started, token, place: String(place) };
  } catch {
    return undefined;
  }
}

/** Whether its process lives. Of one that is counted elsewhere nothing can be said: `undefined`. */
export async function isAlive({ pid, started, place }: Holder): Promise<boolean | undefined> {
  if (place !== (await placeOf())) return undefined;
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
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  // The name before it may hold spaces and parentheses.
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
}

async function placeOf(): Promise<string> {
  const boot = await readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(() => '');
  const numbers = await readlink('/proc/self/ns/pid').catch(() => '');
  return `${hostname()} ${boot.trim()} ${numbers}`;
}
