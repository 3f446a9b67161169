import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
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
    .waitForFunction(
      () => {
        let element = document.activeElement;
        while (element?.shadowRoot?.activeElement) element = element.shadowRoot.activeElement;
        const label = element?.matches('input') === true ? element.nextElementSibling : null;
        return [element, element?.closest('.cm-editor'), label].some((one) => {
          if (one === null || one === undefined) return false;
          const { outlineStyle, outlineWidth } = getComputedStyle(one);
          return outlineStyle !== 'none' && outlineWidth !== '0px';
        });
      },
      // An editor shows it a moment later.
      undefined,
      { timeout: 2000 },
    )
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
});
