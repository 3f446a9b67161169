import type Axe from 'axe-core';
import type { Browser, Page } from 'playwright-core';
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { docsDir, handwrittenPages } from '../../build/places.ts';
import { hasChromium, launch, open } from './browser.ts';
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
const axeSource = readFileSync(
  createRequire(import.meta.url).resolve('axe-core/axe.min.js'),
  'utf8',
);

/** What axe finds, a line each: the rule, and the first element that breaks it. */
async function violationsOn(page: Page, rules?: readonly string[]): Promise<string[]> {
  return page.evaluate(async (only) => {
    const { axe } = globalThis as unknown as { axe: typeof Axe };
    const { violations } = await axe.run(document, {
      resultTypes: ['violations'],
      ...(only === undefined ? {} : { runOnly: [...only] }),
    });
    return violations.map(
      ({ id, nodes }) => `${id} (${nodes.length}): ${nodes[0]?.html.slice(0, 160)}`,
    );
  }, rules);
}

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
  beforeAll(async () => {
    browser = await launch();
  });
  afterAll(() => browser.close());

  test.each(paths)('%s is accessible, fits a phone, and asks nobody else', async (path) => {
    const { page, faults, close } = await open(browser, path);
    if (path === 'playground.html') await page.getByTestId('playground').waitFor();
    await page.evaluate(axeSource);
    expect(await violationsOn(page)).toEqual([]);
    // Colours are all that the other scheme changes.
    await page.evaluate(() => document.documentElement.classList.add('dark'));
    expect(await violationsOn(page, ['color-contrast'])).toEqual([]);
    await page.setViewportSize({ width: 390, height: 844 });
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(390);
    expect(faults).toEqual([]);
    await close();
  });

  test.each(handwritten)(
    '%s shows its samples whole at 1280 px, its pictures at 390 px',
    async (path) => {
      const { page, close } = await open(browser, path);
      expect(await cutOff(page, 'main pre')).toEqual([]);
      await page.setViewportSize({ width: 390, height: 844 });
      expect(await cutOff(page, 'main figure, main figure .picture, main figure svg')).toEqual([]);
      await close();
    },
  );

  test('a search finds the guide and leads to it', async () => {
    const { page, faults, close } = await open(browser, 'index.html');
    await page.getByRole('button', { name: 'Search' }).click();
    await page.getByRole('searchbox').fill('answer is lost');
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

  test('a page can be read without script', async () => {
    const context = await browser.newContext({ javaScriptEnabled: false });
    const page = await context.newPage();
    const { page: withScript, close } = await open(browser, 'get-started.html');
    await page.goto(withScript.url());
    expect(await page.locator('main h1').textContent()).toContain('Get started');
    expect(await page.locator('main pre').count()).toBeGreaterThan(4);
    expect(await page.locator('figure .wide svg [data-state]').count()).toBe(4);
    await close();
    await context.close();
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
