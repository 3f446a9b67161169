import { existsSync, lstatSync, mkdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, isAbsolute, join } from 'node:path';
import { whyNotTrusted } from './trusted-path.ts';

/**
 * The folder for what Node.js has compiled, which it executes unseen: in the user's own cache
 * folder, readable and writable for nobody else. `undefined` where there is none that is safe.
 */
export function compileCacheFolder(
  env: Readonly<Record<string, string | undefined>> = process.env,
): string | undefined {
  try {
    const folder = join(cacheFolder(env), 'ticket-lifecycle', 'compiled');
    const missing = missingFolders(folder);
    if (whyNotTrusted(missing[0] === undefined ? folder : dirname(missing[0])) !== undefined)
      return undefined;
    // One by one: `recursive` never ends where none can be made, as in /proc.
    for (const one of missing) mkdirSync(one, { mode: 0o700 });
    // It may have been there, and be open to others.
    const isPrivate = process.platform === 'win32' || (lstatSync(folder).mode & 0o077) === 0;
    return isPrivate && whyNotTrusted(folder) === undefined ? folder : undefined;
  } catch {
    return undefined;
  }
}

/** What has to be made of a folder, the one above first. */
const missingFolders = (folder: string): readonly string[] =>
  existsSync(folder) || dirname(folder) === folder
    ? []
    : [...missingFolders(dirname(folder)), folder];

function cacheFolder({
  XDG_CACHE_HOME,
  LOCALAPPDATA,
  HOME,
}: Parameters<typeof compileCacheFolder>[0] & object): string {
  // As its specification says: a relative path is to be ignored.
  if (XDG_CACHE_HOME !== undefined && isAbsolute(XDG_CACHE_HOME)) return XDG_CACHE_HOME;
  const home = HOME ?? homedir();
  // One that is not there is not made either: some users have none, and are given a name for it.
  if (!isAbsolute(home) || !existsSync(home)) throw new Error('There is no home folder.');
  switch (process.platform) {
    case 'win32':
      return LOCALAPPDATA ?? join(home, 'AppData', 'Local');
    case 'darwin':
      return join(home, 'Library', 'Caches');
    default:
      return join(home, '.cache');
  }
}
