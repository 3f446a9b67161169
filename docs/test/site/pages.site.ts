import type { Browser, BrowserContext, Page } from 'playwright-core';
import { readdirSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { docsDir, handwrittenPages } from '../../build/places.ts';
import { axeSource, violationsOn } from './axe.ts';
import { hasChromium, launch, open, openIn } from './browser.ts';
import { oneOfEachKind, shapesOf } from './kinds-of-pages.ts';

const pages = [...handwrittenPages(), 'command-line.md'];
const handwritten = pages.map((page) => page.replace(/\.md$/, '.html'));
const dist = `${docsDir}.vitepress/dist/`;
const reference = readdirSync(`${dist}api`, { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.html'))
  .map((path) => `${dist}api/${path}`);
const paths = [
  ...handwritten,
  'api/index.html',
  'api/series/index.html',
  ...oneOfEachKind(reference).map((path) => path.slice(dist.length)),
];
/** The elements that are wider than their place, each with what is missing of it and how it begins. */
async function cutOff(page: Page, selector: string): Promise<string[]> {
  return page.locator(selector).evaluateAll((elements) =>
    elements.flatMap((element) => {
      const box = element.getBoundingClientRect();
      // What overflows visibly is not cut off, unless the window ends.
      const isCut = getComputedStyle(element).overflowX !== 'visible';
      const hidden = Math.max(
        isCut ? element.scrollWidth - element.clientWidth : 0,
        box.right - document.documentElement.clientWidth,
        -box.left,
      );
      const start = (element.textContent ?? '').trim().slice(0, 60);
      return box.width > 0 && hidden > 1 ? [`${Math.round(hidden)} px: ${start}`] : [];
    }),
  );
}

describe.skipIf(!hasChromium)('in a browser', () => {
  let browser: Browser;
  let context: BrowserContext;
  beforeAll(async () => {
    browser = await launch();
    context = await browser.newContext({ reducedMotion: 'reduce' });
  });
  afterAll(() => browser.close());

  // One visit for all that holds for every page: opening it takes longer than looking at it.
  test.each(paths)('%s is accessible, shows all of itself, and asks nobody else', async (path) => {
    const { page, faults, close } = await openIn(context, path);
    await page.setViewportSize({ width: 1280, height: 900 });
    if (path === 'playground.html') await page.getByTestId('playground').waitFor();
    await page.evaluate(axeSource);
    expect(await violationsOn(page)).toEqual([]);
    const isHandwritten = handwritten.includes(path);
    if (isHandwritten) expect(await cutOff(page, 'main pre')).toEqual([]);
    // Colours are all that the other scheme changes.
    await page.evaluate(() => document.documentElement.classList.add('dark'));
    expect(await violationsOn(page, ['color-contrast'])).toEqual([]);
    await page.setViewportSize({ width: 390, height: 844 });
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(390);
    if (isHandwritten) {
      expect(await cutOff(page, 'main figure, main figure .picture, main figure svg')).toEqual([]);
    }
    expect(faults).toEqual([]);
    await close();
  });

  test('a search finds the guide and leads to it', async () => {
    const { page, faults, close } = await open(browser, 'index.html');
    await page.getByRole('button', { name: 'Search' }).click();
    await page.getByRole('combobox', { name: 'Search the documentation' }).fill('answer is lost');
    const result = page.getByRole('option', { name: /answer is lost/ }).first();
    await result.waitFor();
    await result.click();
    await page.waitForURL(/guides\/outcomes/);
    expect(faults).toEqual([]);
    await close();
  });

  test('the scheme follows the reader, and a switch changes it', async () => {
    const { page, close } = await open(browser, 'get-started.html', { scheme: 'dark' });
    const isDark = () => page.evaluate(() => document.documentElement.classList.contains('dark'));
    expect(await isDark()).toBe(true);
    await page.getByRole('switch', { name: 'Appearance' }).first().click();
    expect(await isDark()).toBe(false);
    await close();
  });

  test('the guide draws its Mermaid block, in both schemes', async () => {
    const { page, faults, close } = await open(browser, 'guides/diagrams.html');
    const drawn = page.locator('figure.mermaid-drawn');
    await drawn.locator('.picture.light svg').waitFor();
    const texts = await drawn.locator('.picture.light svg text').allTextContents();
    expect(texts.join(' ')).toMatch(/in-progress.*REOPEN|REOPEN.*in-progress/s);
    expect(await drawn.locator('.picture.dark').isVisible()).toBe(false);
    await page.evaluate(() => document.documentElement.classList.add('dark'));
    await drawn.locator('.picture.dark svg').waitFor();
    expect(await drawn.locator('.picture.light').isVisible()).toBe(false);
    expect(faults).toEqual([]);
    await close();
  });

  test.each(['no-such-page', 'no-such-page.html', 'guides/', 'guides/none/at/all', '%zz'])(
    'the address %s gets a page that says so, with its status and title',
    async (path) => {
      const page = await context.newPage();
      const answer = await page.goto(new URL(path, inject('siteUrl')).href);
      expect(answer?.status()).toBe(404);
      expect(await answer?.text()).toMatch(/<title>404 \| ticket-lifecycle<\/title>/);
      expect(await page.title()).toBe('404 | ticket-lifecycle');
      // It is drawn by its script.
      await page.getByText('This page does not exist.').waitFor();
      await page.close();
    },
  );

  test('a page can be read without script', async () => {
    const plain = await browser.newContext({ javaScriptEnabled: false });
    const page = await plain.newPage();
    const { page: withScript, close } = await open(browser, 'get-started.html');
    await page.goto(withScript.url());
    expect(await page.locator('main h1').textContent()).toContain('Get started');
    expect(await page.locator('main pre').count()).toBeGreaterThan(4);
    expect(await page.locator('figure .wide svg [data-state]').count()).toBe(4);
    await close();
    await plain.close();
  });
});

test('a few pages of the reference show all kinds of elements that it has', () => {
  const few = oneOfEachKind(reference);
  const shapes = (some: readonly string[]) =>
    new Set(some.flatMap((path) => [...shapesOf(readFileSync(path, 'utf8'))]));
  expect(shapes(few)).toEqual(shapes(reference));
  expect(few.length).toBeLessThan(reference.length / 4);
  console.log(`${few.length} of ${reference.length} pages of the reference are looked at.`);
});
