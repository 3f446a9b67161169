import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core';
import { inject } from 'vitest';
import { chromiumFlags, chromiumPath } from '../../../.ci/chromium.ts';

/** Whether this machine has the browser; the tests that need it say so when it hasn't. */
export const hasChromium = chromiumPath !== undefined;
if (!hasChromium) {
  console.log(
    'Skipped what needs a browser: there is no /usr/bin/chromium (apt install chromium).',
  );
}

export const launch = (): Promise<Browser> =>
  chromium.launch({ executablePath: chromiumPath ?? '', args: chromiumFlags });

/** A page that notes what must not happen. */
export interface WatchedPage {
  readonly page: Page;
  /** Errors on the console, errors thrown, and requests to anywhere else. */
  readonly faults: readonly string[];
  readonly close: () => Promise<void>;
}

export interface Look {
  readonly scheme?: 'light' | 'dark';
  readonly width?: number;
}

/** Opens a page of the site in a profile of its own. */
export async function open(
  browser: Browser,
  path: string,
  { scheme = 'light', width = 1280 }: Look = {},
): Promise<WatchedPage> {
  const context = await browser.newContext({
    colorScheme: scheme,
    viewport: { width, height: 900 },
    reducedMotion: 'reduce',
  });
  return { ...(await openIn(context, path)), close: () => context.close() };
}

/** Opens a page beside others: what they share is loaded once. */
export async function openIn(context: BrowserContext, path: string): Promise<WatchedPage> {
  const siteUrl = inject('siteUrl');
  const page = await context.newPage();
  // Only a page that hangs may fail for want of time.
  page.setDefaultTimeout(120_000);
  const faults: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error') faults.push(`console: ${message.text()}`);
  });
  page.on('pageerror', (error) => faults.push(`thrown: ${error.message}`));
  page.on('request', (request) => {
    if (!request.url().startsWith(siteUrl)) faults.push(`request to ${request.url()}`);
  });
  await page.goto(new URL(path, siteUrl).href, { waitUntil: 'load' });
  // A button is there before anything listens to it.
  await page.waitForFunction(() => {
    const app = document.querySelector('#app');
    return app === null || '__vue_app__' in app;
  });
  return { page, faults, close: () => page.close() };
}
