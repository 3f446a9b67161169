import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hasChromium, launch, open, type WatchedPage } from './browser.ts';

/** What somebody types, and the pages of which one must be the first result. */
const searches: readonly (readonly [query: string, pages: RegExp])[] = [
  ['mcp', /^\/guides\/mcp\.html/],
  ['sqlite', /^\/(?:guides\/stores|recipes\/)/],
  ['express', /^\/(?:recipes\/|faq)/],
  ['jira', /^\/(?:coming-from|faq|guides\/observe)/],
  ['429', /^\/(?:guides\/limit|rate-limit)/],
  ['stale', /^\/(?:contributing\/codes|guides\/(?:outcomes|observe))/],
  ['exit code', /^\/(?:guides\/bulk|contributing\/codes|command-line)/],
  ['postgres', /^\/guides\/(?:fleet|outbox-operations|stores)/],
  ['webhook', /^\/(?:recipes|guides\/observe|faq)/],
  ['doctor', /^\/(?:command-line|guides\/bulk)/],
  ['completion', /^\/command-line/],
  ['vitest', /^\/(?:guides\/testing|recipes\/#test)/],
  ['payload', /^\/guides\/own-lifecycle/],
  ['mermaid', /^\/guides\/diagrams/],
  ['duplicate message', /^\/(?:guides\/outcomes|faq)/],
  ['redrive', /^\/guides\/(?:outbox-operations|fleet)/],
  ['bun', /^\/runtimes/],
  // On call.
  ['backup', /^\/guides\/outbox-operations/],
  ['restore', /^\/guides\/outbox-operations/],
  ['sigterm', /^\/guides\/(?:fleet|outbox-operations)/],
  ['drain', /^\/guides\/(?:fleet|outbox-operations)/],
  ['revoked', /^\/guides\/(?:fleet|outbox-operations)/],
  ['unknown outcome', /^\/(?:guides\/outcomes|contributing\/codes|faq)/],
  ['sla', /^\/guides\/(?:own-lifecycle|stores|observe)/],
  ['audit log', /^\/guides\/stores/],
  ['fake timers', /^\/(?:guides\/testing|recipes\/#test)/],
  ['api key', /^\/(?:guides\/security|faq)/],
  ['symfony', /^\/co(?:mparison|ming-from)/],
  // Who types a name means the name.
  ['createTicketWorkflow', /createTicketWorkflow/],
  ['toMermaid', /^\/(?:api\/diagram\/toMermaid|guides\/diagrams)/],
];

describe.skipIf(!hasChromium)('the search', () => {
  let browser: Browser;
  let opened: WatchedPage;
  beforeAll(async () => {
    browser = await launch();
    opened = await open(browser, 'get-started.html');
    await opened.page.getByRole('button', { name: 'Search' }).click();
  });
  afterAll(() => browser.close());

  test('tells who cannot see it how much it has found', async () => {
    const { page } = opened;
    const box = page.getByRole('combobox', { name: 'Search the documentation' });
    const said = page.getByRole('dialog', { name: 'Search' }).locator('p[role=status]');
    await box.fill('mcp');
    await expect.poll(() => said.textContent()).toMatch(/^\d+ results$/);
    await box.fill('qqqqqzzzz');
    await expect.poll(() => said.textContent()).toMatch(/^No results for "qqqqqzzzz"$/);
    await box.fill('');
    await expect.poll(() => said.textContent()).toBe('');
  });

  test.each(searches)('%s leads to the right page first', async (query, pages) => {
    const box = opened.page.getByRole('combobox', { name: 'Search the documentation' });
    await box.fill('');
    await opened.page
      .locator('#localsearch-list [role=option]')
      .first()
      .waitFor({ state: 'detached' });
    await box.fill(query);
    const result = opened.page.locator('#localsearch-list a').first();
    await result.waitFor();
    expect(await result.getAttribute('href')).toMatch(pages);
  });
});
