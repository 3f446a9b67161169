import type { Page } from 'playwright-core';

/**
 * Puts the contents of another page of the reference into an open one, and gives their height. All of
 * them have the same frame, and opening each takes many times as long.
 */
export async function showContents(page: Page, path: string): Promise<number> {
  return page.evaluate(async (wanted) => {
    const place = document.querySelector<HTMLElement>('main .vp-doc');
    if (place === null) throw new Error('The page has no contents.');
    const html = await (await fetch(`/${wanted}`)).text();
    const contents = new DOMParser()
      .parseFromString(html, 'text/html')
      .querySelector('main .vp-doc');
    place.innerHTML = contents?.innerHTML ?? '';
    return contents === null ? 0 : place.offsetHeight;
  }, path);
}
