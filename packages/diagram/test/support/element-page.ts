import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import axe from 'axe-core';
import { build } from 'esbuild';
import { chromium, type Page } from 'playwright-core';
import { chromiumFlags, chromiumPath } from '../../../../.ci/chromium.ts';

const resolveDir = fileURLToPath(new URL('../..', import.meta.url));

/** The element with all that it needs, as a page loads it. */
export async function bundleElement(): Promise<Uint8Array> {
  const { outputFiles } = await build({
    stdin: { contents: `import '@ticket-lifecycle/diagram/element';`, resolveDir },
    bundle: true,
    format: 'esm',
    platform: 'browser',
    conditions: ['@ticket-lifecycle/source'],
    minify: true,
    write: false,
  });
  return outputFiles[0]?.contents ?? new Uint8Array();
}

/** What a page shows that people see, hear and press. */
export interface Look {
  readonly scheme?: 'light' | 'dark';
  readonly width?: number;
  /** Properties that the element has before its script runs. */
  readonly before?: object;
}

interface AxeResults {
  readonly violations: readonly { readonly id: string; readonly nodes: readonly object[] }[];
}

const typeOf = (url: string): string => {
  if (url.endsWith('.js')) return 'text/javascript';
  return url.endsWith('.svg') ? 'image/svg+xml' : 'text/html';
};

/** A server with files and a browser, for pages that hold the element. */
export async function openElementPages() {
  const script = await bundleElement();
  const files = new Map<string, string>();
  const server = createServer(({ url = '/' }, response) => {
    // Strict, as careful sites are: no inline script or style, nothing from elsewhere.
    response.setHeader('content-security-policy', "default-src 'self'; base-uri 'none'");
    if (url === '/element.js') {
      response.setHeader('content-type', 'text/javascript').end(script);
      return;
    }
    const file = files.get(url);
    const type = typeOf(url);
    response.setHeader('content-type', `${type}; charset=utf-8`);
    response.writeHead(file === undefined ? 404 : 200).end(file);
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const browser = await chromium.launch({
    executablePath: chromiumPath ?? '',
    args: chromiumFlags,
  });

  return {
    files,
    /** Opens a page with this body, and collects what must not happen. */
    async open(body: string, { scheme = 'light', width = 880, before = {} }: Look = {}) {
      const context = await browser.newContext({
        colorScheme: scheme,
        viewport: { width, height: 900 },
        bypassCSP: false,
      });
      const page = await context.newPage();
      page.setDefaultTimeout(120_000);
      const faults: string[] = [];
      page.on('pageerror', ({ message }) => faults.push(message));
      page.on('dialog', (dialog) => {
        faults.push(`dialog: ${dialog.message()}`);
        void dialog.dismiss();
      });
      page.on('request', (request) => {
        if (!request.url().startsWith(origin)) faults.push(`request to ${request.url()}`);
      });
      files.set(
        '/before.js',
        `for (const one of document.querySelectorAll('ticket-lifecycle')) Object.assign(one, ${JSON.stringify(before)});`,
      );
      files.set(
        '/',
        `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="color-scheme" content="light dark"><title>Test</title><main><h1>Tickets</h1>${body}</main><script src="/before.js"></script><script type="module" src="/element.js"></script>`,
      );
      await page.goto(origin);
      return { page, faults, close: () => context.close() };
    },
    async close() {
      await browser.close();
      await new Promise((resolve) => void server.close(resolve));
    },
  };
}

/** What axe finds, each with its place. */
export async function axeFaults(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  const { violations } = await page.evaluate<AxeResults>('axe.run()');
  return violations.map(({ id, nodes }) => `${id}: ${JSON.stringify(nodes).slice(0, 300)}`);
}
