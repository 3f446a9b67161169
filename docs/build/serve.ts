import { preview } from 'vite';
import { docsDir } from './places.ts';

/** A site that is served. */
export interface ServedSite {
  /** Where it is, with a slash at the end. */
  readonly url: string;
  readonly close: () => Promise<void>;
}

/** Serves the built site to this machine alone. */
export async function serveSite(port: number): Promise<ServedSite> {
  const server = await preview({
    configFile: false,
    root: docsDir,
    appType: 'mpa',
    logLevel: 'silent',
    build: { outDir: '.vitepress/dist' },
    preview: { host: '127.0.0.1', port },
  });
  const url = server.resolvedUrls?.local[0];
  if (url === undefined) throw new Error('The site is served nowhere.');
  return { url, close: () => server.close() };
}
