import {
  chmodSync,
  closeSync,
  existsSync,
  openSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  writeFileSync,
  type BigIntStats,
} from 'node:fs';
import { hostname } from 'node:os';
import { resolve } from 'node:path';
import type * as Sqlite from 'node:sqlite';
import type { DatabaseSync } from 'node:sqlite';

// A lock between processes, held by the kernel: it is free as soon as its holder is gone, however
// that died, and it stays while its holder is stopped. SQLite takes it, as an exclusive transaction
// on an empty database: Node has no other way to such a lock without a native dependency. Nothing
// is ever written to the database, so the file stays empty, and one that is not empty is no lock.
//
// The holder removes the file when it lets go. Who opened it before that holds the lock of a file
// that is gone, while the next one makes a new file; so whoever has locked a file makes sure that
// it still has its name, and else begins again.
//
// A process must never read the lock file itself: by POSIX, closing a file drops every lock that
// the process has on it. So the number of the holder is kept in a file of its own, `FILE.pid`.
//
// Why this and no file protocol: docs/contributing/decisions/process-lock.md

/** What became of taking a lock. */
export type LockAttempt = { readonly isTaken: true; readonly release: () => void } | LockRefusal;

/** Why a lock was not taken. */
export type LockRefusal =
  /** `pid` is `undefined` where it is not known, or is counted in another container. */
  | { readonly isTaken: false; readonly reason: 'held'; readonly pid: number | undefined }
  /** The file is there, and this user may not write it. */
  | { readonly isTaken: false; readonly reason: 'no-permission' }
  /** Something else has that name. */
  | { readonly isTaken: false; readonly reason: 'not-a-lock' };

// A database that nothing refers to is closed by the garbage collector, and its lock is gone.
const held = new Set<DatabaseSync>();

// Each further try is another holder who let go right then.
const mostTries = 10;

/**
 * Takes the lock of this name, if no process holds it (nor this one already), and makes the file.
 *
 * @throws the error of the file system when the file can't be made
 */
export function takeProcessLock(name: string): LockAttempt {
  const file = resolve(name);
  const { DatabaseSync } = loadSqlite();
  for (let tries = mostTries; tries > 0; tries -= 1) {
    const status = statusOf(file);
    if (status !== undefined && !(status.isFile() && status.size === 0n)) {
      return { isTaken: false, reason: 'not-a-lock' };
    }
    let database: DatabaseSync;
    try {
      database = new DatabaseSync(file);
    } catch (error) {
      return whyNotOpened(file, error);
    }
    const refusal = lock(database, file);
    if (refusal !== undefined) {
      database.close();
      return refusal;
    }
    if (status !== undefined && isSame(status, file)) {
      writePid(file);
      held.add(database);
      const release = () => {
        if (held.delete(database)) giveUp(file, status, database);
      };
      return { isTaken: true, release };
    }
    if (status === undefined) share(file);
    database.close();
  }
  return { isTaken: false, reason: 'held', pid: undefined };
}

function lock(database: DatabaseSync, file: string): LockRefusal | undefined {
  try {
    // Others who try at the same moment hold it briefly: without a wait, all of them could be refused.
    database.exec('pragma busy_timeout = 100');
    // A journal would be one more file. The write, which stays in memory, fails for a file that
    // may only be read: SQLite opens such a one, but others can then lock it as well.
    database.exec('pragma journal_mode = memory; begin exclusive; pragma user_version = 1');
    return undefined;
  } catch (error) {
    switch (((error as { readonly errcode?: number }).errcode ?? 0) & 0xff) {
      case sqlite.busy:
        return { isTaken: false, reason: 'held', pid: readPid(file) };
      case sqlite.readOnly:
        return { isTaken: false, reason: 'no-permission' };
      default:
        database.close();
        throw error;
    }
  }
}

const sqlite = { busy: 5, readOnly: 8 };

function giveUp(file: string, status: BigIntStats, database: DatabaseSync): void {
  // Somebody may have removed it by hand, and then it is another's now.
  const isOurs = isSame(status, file);
  if (isOurs) remove(`${file}.pid`);
  // Windows removes no file that is open, so there nobody else can have it open either.
  if (isOurs && process.platform !== 'win32') remove(file);
  database.close();
  if (isOurs && process.platform === 'win32') remove(file);
}

/** Removes a file, if that is possible: an empty one that stays is in nobody's way. */
function remove(file: string): void {
  try {
    rmSync(file, { force: true });
  } catch {
    // So it stays.
  }
}

const statusOf = (file: string): BigIntStats | undefined =>
  statSync(file, { bigint: true, throwIfNoEntry: false });

/** Whether a name still leads to the same file. A later one may get the same number. */
function isSame({ dev, ino, birthtimeNs }: BigIntStats, file: string): boolean {
  const now = statusOf(file);
  return now?.dev === dev && now.ino === ino && now.birthtimeNs === birthtimeNs;
}

/** Lets others take the lock after a crash, as far as the umask allows: SQLite is stricter. */
function share(file: string): void {
  try {
    chmodSync(file, 0o666 & ~process.umask());
  } catch {
    // Another process was faster, and it is that one's file.
  }
}

/** SQLite only says that it could not open a file. The file system knows why. */
function whyNotOpened(file: string, cause: unknown): LockRefusal {
  const isThere = existsSync(file);
  try {
    closeSync(openSync(file, 'a'));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (isThere && (code === 'EACCES' || code === 'EPERM')) {
      return { isTaken: false, reason: 'no-permission' };
    }
    throw error;
  }
  throw cause;
}

function writePid(file: string): void {
  try {
    remove(`${file}.pid`);
    // Never through a link that somebody has put there.
    writeFileSync(`${file}.pid`, `${process.pid} ${placeOf()}\n`, { flag: 'wx' });
  } catch {
    // It is only for the message.
  }
}

function readPid(file: string): number | undefined {
  try {
    const [pid, ...place] = readFileSync(`${file}.pid`, 'utf8').trim().split(' ');
    return place.join(' ') === placeOf() && /^\d{1,9}$/.test(pid ?? '') ? Number(pid) : undefined;
  } catch {
    return undefined;
  }
}

/** Where a number means that process: each container counts its own from 1. */
function placeOf(): string {
  try {
    return `${hostname()} ${readlinkSync('/proc/self/ns/pid')}`;
  } catch {
    return hostname();
  }
}

/** Loads SQLite without the warning that it is experimental, which says nothing to our users. */
function loadSqlite(): typeof Sqlite {
  const emitWarning = Reflect.get(process, 'emitWarning') as () => void;
  process.emitWarning = (...args: readonly unknown[]) => {
    if (args[1] !== 'ExperimentalWarning') Reflect.apply(emitWarning, process, args);
  };
  try {
    // Not an import: bundlers drop the prefix `node:`, and without it there is no such module.
    const module: unknown = process.getBuiltinModule('node:sqlite');
    if (module !== undefined) return module as typeof Sqlite;
    throw new Error('This Node.js has no node:sqlite. Use Node.js 22.13 or newer.');
  } finally {
    process.emitWarning = emitWarning;
  }
}
