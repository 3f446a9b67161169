import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hasChromium, launch, open } from './browser.ts';

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
        const stop = await page.evaluate(() => {
          let element = document.activeElement;
          while (element?.shadowRoot?.activeElement) element = element.shadowRoot.activeElement;
          if (element === null || element === document.body) return undefined;
          // An editor shows it with its frame, and a hidden radio button with its label.
          const shown = [
            element,
            element.closest('.cm-editor'),
            element.matches('input') ? element.nextElementSibling : null,
          ];
          const isSeen = shown.some((one) => {
            if (one === null) return false;
            const { outlineStyle, outlineWidth } = getComputedStyle(one);
            return outlineStyle !== 'none' && outlineWidth !== '0px';
          });
          return { isSeen, name: element.outerHTML.slice(0, 80) };
        });
        if (stop === undefined) break;
        if (!stop.isSeen) hidden.add(stop.name);
      }
      expect(stops).toBeGreaterThan(15);
      expect([...hidden]).toEqual([]);
      await close();
    },
  );
});
