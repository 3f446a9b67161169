import type { Browser } from 'playwright-core';
import { readdirSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { docsDir, entryPoints } from '../../build/places.ts';
import { referenceEntries } from '../../build/reference/tasks.ts';
import { hasChromium, launch, open } from './browser.ts';
import { showContents } from './contents.ts';

const dist = `${docsDir}.vitepress/dist/`;
const pages = readdirSync(`${dist}api`, { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.html'))
  .map((path) => `api/${path}`);

const highest = 6_000;

describe.skipIf(!hasChromium)('the reference in a browser', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launch();
  });
  afterAll(() => browser.close());

  test('no page is higher than 6,000 px at 1280 px', async () => {
    const { page, close } = await open(browser, 'api/core/index.html');
    const heights: [string, number][] = [];
    for (const path of pages) heights.push([path, await showContents(page, path)]);
    const byHeight = heights.toSorted(([, one], [, other]) => other - one);
    console.log(
      `${pages.length} pages of the reference. The highest: ${byHeight[0]?.join(', ')} px.`,
    );
    expect(byHeight.filter(([, height]) => height > highest)).toEqual([]);
    expect(byHeight.at(-1)?.[1]).toBeGreaterThan(50);
    expect(pages.length).toBeGreaterThan(300);
    await close();
  });
});

test('every path that can be imported has an introduction, and its exports have a task', () => {
  const names = entryPoints().map(({ name }) => name);
  expect(names).toContain('core/testing');
  for (const name of names) {
    const page = readFileSync(`${dist}api/${name}/index.html`, 'utf8');
    expect(page).toContain(`@ticket-lifecycle/${name}`);
    expect(page).not.toContain('__namedParameters');
    const { tasks, introduction = '' } = referenceEntries[name] ?? {};
    expect([name, introduction]).not.toEqual([name, '']);
    for (const { heading } of tasks ?? []) expect(page).toContain(`>${heading} <`);
    if (tasks !== undefined) expect(page).not.toMatch(/<h2 id="(?:functions|other)"/);
  }
});

test('a guide leads to the reference, and the reference back', () => {
  const guide = readFileSync(`${dist}guides/outcomes.html`, 'utf8');
  expect(guide).toMatch(/href="[^"]*\/api\/series\//);
  const reference = readFileSync(`${dist}api/series/createTicketWorkflow.html`, 'utf8');
  expect(reference).toContain('Shown in ');
  expect(reference).toMatch(/href="[^"]*\/guides\/outcomes\.html"/);
});
