import { preview, type Plugin } from 'vite';
import { readFileSync, statSync } from 'node:fs';
import { docsDir } from './places.ts';

/** A site that is served. */
export interface ServedSite {
  /** Where it is, with a slash at the end. */
  readonly url: string;
  readonly close: () => Promise<void>;
}

const dist = `${docsDir}.vitepress/dist`;

function isFile(path: string): boolean {
  try {
    return statSync(`${dist}${decodeURI(path)}`).isFile();
  } catch {
    return false;
  }
}

/** Answers an address that does not exist with the site's own page, as a real host does. */
const notFoundPage: Plugin = {
  name: 'not-found-page',
  configurePreviewServer: ({ middlewares }) => {
    const page = readFileSync(`${dist}/404.html`);
    return () => {
      middlewares.use(({ method, url = '/' }, response, next) => {
        // By now the address of a page that exists ends with its file.
        if (isFile(new URL(url, 'http://site').pathname)) return next();
        response.writeHead(404, { 'content-type': 'text/html; charset=utf-8' });
        response.end(method === 'HEAD' ? undefined : page);
      });
    };
  },
};

/** Serves the built site to this machine alone. */
export async function serveSite(port: number): Promise<ServedSite> {
  const server = await preview({
    configFile: false,
    root: docsDir,
    appType: 'mpa',
    logLevel: 'silent',
    plugins: [notFoundPage],
    build: { outDir: '.vitepress/dist' },
    preview: { host: '127.0.0.1', port },
  });
  const url = server.resolvedUrls?.local[0];
  if (url === undefined) throw new Error('The site is served nowhere.');
  return { url, close: () => server.close() };
}
