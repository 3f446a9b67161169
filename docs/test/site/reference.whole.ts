import type { Browser } from 'playwright-core';
import { readdirSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { docsDir } from '../../build/places.ts';
import { axeSource, violationsOn } from './axe.ts';
import { hasChromium, launch, open, type WatchedPage } from './browser.ts';
import { showContents } from './contents.ts';

const pages = readdirSync(`${docsDir}.vitepress/dist/api`, { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.html'))
  .map((path) => `api/${path}`);

// `npm test` looks at a few pages, which show every kind of element. This looks at all.
describe.skipIf(!hasChromium)('the whole reference', () => {
  let browser: Browser;
  let opened: WatchedPage;
  beforeAll(async () => {
    browser = await launch();
    opened = await open(browser, 'api/core/index.html');
    await opened.page.evaluate(axeSource);
  });
  afterAll(() => browser.close());

  test.each(pages)('%s is accessible, light and dark', async (path) => {
    const { page } = opened;
    const dark = (isDark: boolean) =>
      page.evaluate((is) => document.documentElement.classList.toggle('dark', is), isDark);
    await dark(false);
    expect(await showContents(page, path)).toBeGreaterThan(50);
    expect(await violationsOn(page, undefined, 'main')).toEqual([]);
    await dark(true);
    expect(await violationsOn(page, ['color-contrast'], 'main')).toEqual([]);
  });
});
