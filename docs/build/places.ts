import { existsSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** The folder of the site. */
export const docsDir = fileURLToPath(new URL('..', import.meta.url));

/** The folder of the repository. */
export const rootDir = fileURLToPath(new URL('../..', import.meta.url));

/** The packages that people import from, by the names of their folders. */
export function publishedPackages(): string[] {
  return readdirSync(`${rootDir}packages`).filter((name) =>
    existsSync(`${rootDir}packages/${name}/src/index.ts`),
  );
}

/** The pages that are written by hand, as paths from the folder of the site. */
export function handwrittenPages(): string[] {
  const generated = ['api/', 'data/', 'node_modules/', '.vitepress/'];
  return readdirSync(docsDir, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.md') && !generated.some((dir) => path.startsWith(dir)))
    .toSorted();
}
