import { existsSync, globSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder of the site. */
export const docsDir = fileURLToPath(new URL('..', import.meta.url));

/** The folder of the repository. */
export const rootDir = fileURLToPath(new URL('../..', import.meta.url));

/** The packages that people import from, by the names of their folders. */
export function publishedPackages(): string[] {
  return readdirSync(`${rootDir}packages`).filter((name) => {
    const folder = `${rootDir}packages/${name}`;
    if (!existsSync(`${folder}/src/index.ts`)) return false;
    const { private: isPrivate } = JSON.parse(readFileSync(`${folder}/package.json`, 'utf8')) as {
      private?: boolean;
    };
    return isPrivate !== true;
  });
}

/**
 * What people import, by the name behind the scope, with its source: `core`, and `core/testing`
 * for what a package gives on a path of its own.
 */
export function entryPoints(): { readonly name: string; readonly source: string }[] {
  return publishedPackages().flatMap((name) => {
    const folder = `${rootDir}packages/${name}/`;
    const { exports } = JSON.parse(readFileSync(`${folder}package.json`, 'utf8')) as {
      exports: Readonly<Record<string, string | { '@ticket-lifecycle/source': string }>>;
    };
    return Object.entries(exports).flatMap(([path, entry]) =>
      typeof entry === 'string'
        ? []
        : [
            {
              name: `${name}${path.slice(1)}`,
              source: join(folder, entry['@ticket-lifecycle/source']),
            },
          ],
    );
  });
}

/** The pages that are written by hand, as paths from the folder of the site. */
export function handwrittenPages(): string[] {
  // The site may be written at the same time, so its folders are not even opened.
  const others = ['api', 'command-line.md', 'data', 'node_modules', '.vitepress'];
  return globSync('**/*.md', { cwd: docsDir, exclude: (name) => others.includes(name) }).toSorted();
}
