import { existsSync } from 'node:fs';
import { expect, test } from 'vitest';
import { docsDir, handwrittenPages } from '../build/places.ts';
import { siteParts } from '../build/site-map.ts';
import { llmsFullText, llmsText, siteUrl } from '../build/text-versions.ts';

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
