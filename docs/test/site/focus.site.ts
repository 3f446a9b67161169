import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { axeSource, violationsOn } from './axe.ts';
import { hasChromium, launch, open } from './browser.ts';

/** What has the focus, or `undefined` when it has left the page. */
const focusOf = (page: Page): Promise<string | undefined> =>
  page.evaluate(() => {
    const { activeElement: element } = document;
    if (element === null || element === document.body) return undefined;
    return element.outerHTML.slice(0, 80);
  });

/** Whether it shows the focus, itself or by the frame of an editor or the label of a tab. */
const showsFocus = (page: Page): Promise<boolean> =>
  page
    // An editor shows it a moment later.
    .waitForFunction(() => {
      let element = document.activeElement;
      while (element?.shadowRoot?.activeElement) element = element.shadowRoot.activeElement;
      const label = element?.matches('input') === true ? element.nextElementSibling : null;
      return [element, element?.closest('.cm-editor'), label].some((one) => {
        if (one === null || one === undefined) return false;
        const { outlineStyle, outlineWidth } = getComputedStyle(one);
        return outlineStyle !== 'none' && outlineWidth !== '0px';
      });
    })
    .then(
      () => true,
      () => false,
    );

describe.skipIf(!hasChromium)('with the keyboard alone', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launch();
  });
  afterAll(() => browser.close());

  test.each(['index.html', 'get-started.html', 'playground.html', 'api/core/index.html'])(
    'everything on %s that gets the focus shows it',
    async (path) => {
      const { page, close } = await open(browser, path);
      if (path === 'playground.html') await page.locator('.cm-content').waitFor();
      const hidden = new Set<string>();
      let stops = 0;
      for (; stops < 80; stops += 1) {
        await page.keyboard.press('Tab');
        const element = await focusOf(page);
        if (element === undefined) break;
        if (!(await showsFocus(page))) hidden.add(element);
      }
      expect(stops).toBeGreaterThan(15);
      expect([...hidden]).toEqual([]);
      await close();
    },
  );

  /** Names of what got the focus, and was not in the window from left to right. */
  async function walkedUnseen(page: Page, steps: number): Promise<string[]> {
    const unseen: string[] = [];
    for (let step = 0; step < steps; step += 1) {
      await page.keyboard.press('Tab');
      const name = await page.evaluate(() => {
        const { activeElement: element } = document;
        const { left, right, width } = element?.getBoundingClientRect() ?? new DOMRect();
        const isSeen = width > 0 && right > 0 && left < innerWidth;
        return isSeen ? undefined : (element?.textContent.trim() ?? 'nothing');
      });
      if (name !== undefined) unseen.push(name);
    }
    return unseen;
  }

  test.each(['index.html', 'get-started.html', 'playground.html', 'contributing/codes.html'])(
    'on a phone nothing on %s gets the focus outside of the screen',
    async (path) => {
      const { page, close } = await open(browser, path, { width: 390 });
      expect(await walkedUnseen(page, 40)).toEqual([]);
      await close();
    },
  );

  test('the menu of pages opens, is walked through and closes, by keyboard', async () => {
    const { page, close } = await open(browser, 'guides/outcomes.html', { width: 390 });
    const menu = page.getByRole('button', { name: 'Pages', exact: true });
    await menu.press('Enter');
    await page.getByRole('complementary').filter({ visible: true }).waitFor();
    await page.keyboard.press('Tab');
    expect(await focusOf(page)).toContain('<a');
    expect(await walkedUnseen(page, 5)).toEqual([]);
    await page.keyboard.press('Escape');
    await expect.poll(() => menu.evaluate((one) => one === document.activeElement)).toBe(true);
    await close();
  });

  test('Escape in the outline of a page leads back to its button', async () => {
    const { page, close } = await open(browser, 'guides/outcomes.html', { width: 390 });
    const button = page.getByRole('button', { name: 'On this page' });
    await button.press('Enter');
    await page.getByText('Return to top').waitFor();
    await page.keyboard.press('Tab');
    await page.keyboard.press('Escape');
    await page.getByText('Return to top').waitFor({ state: 'hidden' });
    expect(await button.evaluate((one) => one === document.activeElement)).toBe(true);
    await close();
  });

  test.each([390, 1280])(
    'the search has names, and gives the focus back, at %i px',
    async (width) => {
      const { page, close } = await open(browser, 'guides/outcomes.html', { width });
      await page.evaluate(axeSource);
      const button = page.getByRole('button', { name: 'Search' }).first();
      for (const steps of [0, 1, 4]) {
        await button.press('Enter');
        const dialog = page.getByRole('dialog', { name: 'Search' });
        const input = dialog.getByRole('combobox', { name: 'Search the documentation' });
        await input.fill('stale');
        await dialog
          .getByRole('listbox', { name: 'Results' })
          .getByRole('option')
          .first()
          .waitFor();
        await expect.poll(() => input.getAttribute('aria-expanded')).toBe('true');
        const faults = await violationsOn(page, undefined, '.VPLocalSearchBox');
        // The link in a result is for the pointer: the keyboard does not stop at it.
        expect(faults.filter((fault) => !fault.startsWith('nested-interactive'))).toEqual([]);
        expect(await dialog.locator('a:not([tabindex="-1"])').count()).toBe(0);
        for (let step = 0; step < steps; step += 1) await page.keyboard.press('Tab');
        await page.keyboard.press('Escape');
        await dialog.waitFor({ state: 'detached' });
        await expect
          .poll(() => button.evaluate((one) => one === document.activeElement))
          .toBe(true);
      }
      await button.press('Enter');
      const input = page.getByRole('combobox', { name: 'Search the documentation' });
      await input.fill('exit code');
      await page.getByRole('option', { name: /Exit codes/, selected: true }).waitFor();
      await input.press('Enter');
      await expect.poll(() => focusOf(page)).toMatch(/^<h\d/);
      await close();
    },
  );
});
