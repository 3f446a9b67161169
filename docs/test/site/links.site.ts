import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { docsDir } from '../../build/places.ts';

const dist = `${docsDir}.vitepress/dist/`;

test('every link within the site leads to a page, and to a place on it', () => {
  const files = readdirSync(dist, { recursive: true, encoding: 'utf8' }).filter(
    (path) => path.endsWith('.html') && !path.startsWith('assets/'),
  );
  const texts = new Map(files.map((path) => [path, readFileSync(`${dist}${path}`, 'utf8')]));
  const places = new Map(
    Array.from(texts, ([path, text]) => [
      path,
      new Set(Array.from(text.matchAll(/\sid="([^"]+)"/g), ([, id = '']) => id)),
    ]),
  );
  // This part of the page is made by its script.
  places.get('playground.html')?.add('drain');
  const dead = Array.from(texts, ([path, text]) => {
    const here = new URL(path, 'http://site/');
    const links = Array.from(text.matchAll(/<a [^>]*href="([^"]+)"/g), ([, link = '']) => link);
    return links.flatMap((link) => {
      const there = new URL(link.replaceAll('&amp;', '&'), here);
      if (there.host !== here.host) return [];
      const page = decodeURIComponent(there.pathname.slice(1)).replace(/(^|\/)$/, '$1index.html');
      const place = decodeURIComponent(there.hash.slice(1));
      const known = places.get(page);
      const isAlive =
        known === undefined ? existsSync(`${dist}${page}`) : place === '' || known.has(place);
      return isAlive ? [] : [`${path}: ${link}`];
    });
  }).flat();
  expect(texts.size).toBeGreaterThan(100);
  expect(dead).toEqual([]);
});
