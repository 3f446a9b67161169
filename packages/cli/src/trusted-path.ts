import { lstatSync, readlinkSync, type Stats } from 'node:fs';
import { dirname, join, parse, resolve } from 'node:path';

// On a shared machine, what we execute, believe or keep compiled must not be in the hands of another
// user. A path is trusted if everything on the way to it is: each folder, each link, and the file
// itself belong to the user or to root, and nobody else may write them. A folder in which
// everybody may only touch what is theirs (sticky, as /tmp) is fine on the way, for what lies in it
// is asked as well. As the very folder of a file it is not: others could put files beside it.

/** What is asked of the file system, and for whom. */
export interface TrustOptions {
  /**
   * The user; `undefined` where the system has none, as on Windows.
   * @defaultValue the one that this process runs as
   */
  readonly user?: number | undefined;
  /** Further owners that are trusted. */
  readonly alsoOwners?: readonly number[];
  /**
   * Whether it is asked who may write, or only who owns.
   * @defaultValue 'writers'
   */
  readonly asked?: 'writers' | 'owners';
  readonly look?: (path: string) => Pick<Stats, 'uid' | 'mode' | 'isSymbolicLink' | 'isDirectory'>;
  readonly follow?: (link: string) => string;
}

const othersMayWrite = 0o022;
const sticky = 0o1000;
const mostLinks = 40;

/**
 * Says who else could change what a path leads to, and what to do about it; `undefined` if only the
 * user and root can. Reads the file system.
 *
 * @throws the error of the file system for a path that leads to nothing
 */
export function whyNotTrusted(
  path: string,
  {
    user = process.geteuid?.(),
    alsoOwners = [],
    asked = 'writers',
    look = lstatSync,
    follow = readlinkSync,
  }: TrustOptions = {},
): string | undefined {
  if (user === undefined) return undefined;
  const { root } = parse(resolve(path));
  let todo = partsOf(resolve(path), root);
  let folder = root;
  let links = 0;
  let beside = true;
  const owners = [0, user, ...alsoOwners];
  const whyNot = asked === 'writers' ? whyNotOne : whyNotOwned;
  const ofFolder = whyNot(root, look(root), owners, true);
  if (ofFolder !== undefined) return ofFolder;

  for (let part = todo.shift(); part !== undefined; part = todo.shift()) {
    const at = part === '..' ? dirname(folder) : join(folder, part);
    const status = look(at);
    if (status.isSymbolicLink()) {
      links += 1;
      if (links > mostLinks) return `${at} is a link that leads back to itself.`;
      if (!owners.includes(status.uid)) return foreign(at, status.uid);
      const target = follow(at);
      if (target.startsWith('/')) folder = root;
      todo = [...partsOf(target, ''), ...todo];
      continue;
    }
    beside = !status.isDirectory();
    const why = whyNot(at, status, owners, status.isDirectory());
    if (why !== undefined) return why;
    if (!beside) folder = at;
  }
  if (asked === 'owners') return undefined;
  const isShared = (look(folder).mode & othersMayWrite) !== 0;
  return isShared && beside ? writable(folder) : undefined;
}

/**
 * Says why a file that is open already may hold the words of another user; `undefined` if it holds
 * only those of the user and root. How it was reached is not asked.
 */
export function whyNotOwn(
  path: string,
  status: Pick<Stats, 'uid' | 'mode'>,
  user = process.geteuid?.(),
): string | undefined {
  return user === undefined ? undefined : whyNotOne(path, status, [0, user], false);
}

function partsOf(path: string, root: string): string[] {
  return path
    .slice(root.length)
    .split(/[/\\]/)
    .filter((part) => part !== '' && part !== '.');
}

function whyNotOne(
  path: string,
  { uid, mode }: Pick<Stats, 'uid' | 'mode'>,
  owners: readonly number[],
  mayBeSticky: boolean,
): string | undefined {
  if (!owners.includes(uid)) return foreign(path, uid);
  const isOpen = (mode & othersMayWrite) !== 0;
  return isOpen && !(mayBeSticky && (mode & sticky) !== 0) ? writable(path) : undefined;
}

const whyNotOwned = (path: string, { uid }: Pick<Stats, 'uid'>, owners: readonly number[]) =>
  owners.includes(uid) ? undefined : foreign(path, uid);

const foreign = (path: string, uid: number) =>
  `${path} belongs to another user (${uid}). Copy it to a folder of your own.`;

const writable = (path: string) =>
  `Others may write ${path}. Keep it to yourself: chmod go-w, or copy it to a folder of your own.`;
