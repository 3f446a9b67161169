import { existsSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { pageText } from '../build/page-text.ts';
import { docsDir, handwrittenPages } from '../build/places.ts';
import { siteParts } from '../build/site-map.ts';
import { llmsFullText, llmsText, siteUrl, textOfDrawing } from '../build/text-versions.ts';

const links = siteParts.flatMap(({ items }) => items.map(({ link }) => link));
const linkOf = (page: string) => `/${page.replace(/(?:index)?\.md$/, '')}`;

test('every page that is written by hand is in the sidebar, and in llms.txt', () => {
  const pages = handwrittenPages()
    .map(linkOf)
    // The home page leads to the others, and each decision is listed by their index.
    .filter((link) => link !== '/' && !/^\/contributing\/decisions\/./.test(link));
  const missing = pages.filter((link) => !links.includes(link));
  expect(missing).toEqual([]);
  expect(pages.length).toBeGreaterThan(25);
});

test('llms.txt names each page with an address and a sentence', () => {
  const lines = llmsText()
    .split('\n')
    .filter((line) => line.startsWith('- '));
  expect(lines).toHaveLength(links.length);
  for (const line of lines) {
    expect(line).toMatch(/^- \[[^\]]+\]\(https?:\/\/[^)]+\.html\): .+\.$/);
    expect(line).toContain(siteUrl);
  }
});

// The page of the command line is written by a build.
test.skipIf(!existsSync(`${docsDir}command-line.md`))(
  'llms-full.txt holds every page',
  async () => {
    const text = await llmsFullText();
    for (const link of links) expect(text).toContain(`<!-- ${link} -->`);
    expect(text).toContain('# Operate the outbox');
    expect(text).not.toContain('pageClass:');
  },
);

/** What only the site can show. */
const unreadable =
  /^<<<|@include|<ClientOnly|^```(?:plot|diagram|live-diagram|figures)\b|\]\(\.{1,2}\//m;

test.each(handwrittenPages())('%s is a text without anything that only the site shows', (path) => {
  const markdown = readFileSync(docsDir + path, 'utf8');
  expect(pageText(markdown, linkOf(path), textOfDrawing)).not.toMatch(unreadable);
});

test('a text has the code, the tables and the drawings of its page', () => {
  const textOf = (path: string) =>
    pageText(readFileSync(docsDir + path, 'utf8'), linkOf(path), textOfDrawing);
  expect(textOf('recipes/index.md')).toContain('export function serve(');
  expect(textOf('conformance.md')).toContain('| `changed-nothing`');
  expect(textOf('rate-limit.md')).toContain('| p-queue, strict | 50 |');
  expect(textOf('get-started.md')).toContain('open --> in_progress: START');
  expect(textOf('index.md')).toMatch(/^- \*\*\d+ %\*\* of the quota was used/m);
  expect(textOf('index.md')).toContain('[Get started](/get-started)');
});

test.each([
  ['a component', '<PriceTable />'],
  ['an element', 'Press <kbd>Ctrl</kbd>.'],
  ['lines of a file', '<<< ./data/scale.md{1-3}'],
  ['a part of a file', '<!--@include: ./data/scale.md{1,3}-->'],
])('%s that is left in a text is an error', (_, line) => {
  expect(() => pageText(`# A\n\n${line}\n`, '/faq', textOfDrawing)).toThrow();
});

test('a drawing without a name that is known is an error', () => {
  const page = '```plot no-such-plot\nCaption.\n```\n';
  expect(() => pageText(page, '/faq', textOfDrawing)).toThrow('There is no plot "no-such-plot".');
});

test('links begin at the root of the site, and code stays as it is', () => {
  const code = '```md\n<<< ./a.ts\n[x](./y)\n```';
  const page = `[a](../faq.html#b) [c](#d) [e](https://f.g) \`<tag>\`\n\n${code}\n`;
  expect(pageText(page, '/guides/limit', textOfDrawing)).toBe(
    `[a](/faq#b) [c](/guides/limit#d) [e](https://f.g) \`<tag>\`\n\n${code}`,
  );
});
