import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import axe from 'axe-core';
import { type BrowserContext, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { chromiumFlags, chromiumPath } from '../../../../.ci/chromium.ts';
import { type RunningSandbox, startSandbox } from '../../src/index.ts';
import { createFakeClock, postStatus } from '../support/request.ts';

if (chromiumPath === undefined) {
  process.stderr.write('Without /usr/bin/chromium the page is not tested in a browser.\n');
}

interface AxeResults {
  readonly violations: readonly { readonly id: string; readonly nodes: readonly object[] }[];
}

describe.skipIf(chromiumPath === undefined)('in a browser, the page', () => {
  const profile = mkdtempSync(join(tmpdir(), 'ticket-lifecycle-page-'));
  let browser: BrowserContext;
  let running: RunningSandbox;
  let page: Page;
  const foreign: string[] = [];
  const problems: string[] = [];

  beforeAll(async () => {
    running = await startSandbox({
      // It stands still, so that what has been used of the limit stays to be seen.
      clock: createFakeClock(),
      tickets: [
        { ticketId: 'T-1', subject: '<img src=x onerror=alert(1)>' },
        { ticketId: 'T-2', claimedBy: 7 },
      ],
    });
    browser = await chromium.launchPersistentContext(profile, {
      executablePath: chromiumPath ?? '',
      args: chromiumFlags,
      bypassCSP: false,
    });
    page = await browser.newPage();
    page.setDefaultTimeout(120_000);
    page.on('request', (request) => {
      if (!request.url().startsWith(running.url)) foreign.push(request.url());
    });
    page.on('console', (message) => {
      if (message.type() === 'error') problems.push(message.text());
    });
    page.on('pageerror', (error) => problems.push(error.message));
    await page.goto(running.url);
    await page.getByText('Live').waitFor();
  });

  afterAll(async () => {
    await browser.close();
    await running.close();
    rmSync(profile, { recursive: true, force: true });
  });

  const change = (status: string) =>
    postStatus((_, init) => fetch(`${running.url}/tickets/T-1/status`, init), 'T-1', status);

  test('shows a request as it comes, and what it did to the ticket', async () => {
    await change('in-progress');
    const row = page.locator('#requests tr').first();
    await row.getByText('POST /tickets/T-1/status').waitFor();
    expect(await row.innerText()).toMatch(/key-1.*200\s+yes/s);
    await expect.poll(() => page.getByLabel('Status of T-1').inputValue()).toBe('in-progress');
    expect(await page.getByText('<img src=x onerror=alert(1)>').count()).toBe(1);
    await page.getByText('4 %').waitFor();
  });

  test('a fault that is asked for hits the next request, and no other', async () => {
    await page.getByLabel('The next request meets 503-after-applying').click();
    await page.getByText('Next in line: 1 × 503-after-applying').waitFor();
    expect((await change('resolved')).status).toBe(503);
    await page.locator('#requests tr').first().getByText('503-after-applying').waitFor();
    await page.getByText('Next in line: none').waitFor();
    expect((await change('closed')).status).toBe(200);
  });

  test('a fault that is switched on hits as many as it is told to', async () => {
    await page.locator('#share').fill('100');
    await page.getByLabel('409', { exact: true }).check();
    await expect
      .poll(() => running.sandbox.faults.state().rate)
      .toEqual({
        share: 1,
        faults: ['409'],
      });
    expect([(await change('open')).status, (await change('open')).status]).toEqual([409, 409]);
    await page.getByRole('button', { name: 'Clear all faults' }).click();
    await expect.poll(() => running.sandbox.faults.state().rate).toBeUndefined();
    expect((await change('open')).status).toBe(200);
    await expect.poll(() => page.getByLabel('409', { exact: true }).isChecked()).toBe(false);
  });

  test('every fault can be switched on', async () => {
    await page.getByRole('button', { name: 'Switch all on' }).click();
    await expect.poll(() => running.sandbox.faults.state().rate?.faults.length).toBe(37);
    await page.getByRole('button', { name: 'Clear all faults' }).click();
    await expect.poll(() => running.sandbox.faults.state().rate).toBeUndefined();
  });

  test('a ticket can be added and changed as a colleague would, by keyboard alone', async () => {
    await page.getByLabel('New ticket').focus();
    await page.keyboard.type('T-3');
    await page.keyboard.press('Enter');
    await expect.poll(() => running.sandbox.tickets.get('T-3')?.status).toBe('open');
    await page.getByLabel('Status of T-3').focus();
    await page.keyboard.press('ArrowDown');
    await expect.poll(() => running.sandbox.tickets.get('T-3')?.status).toBe('in-progress');
    await page.getByLabel('New ticket').fill('T-3');
    await page.getByRole('button', { name: 'Add' }).click();
    await page.getByText('T-3 is there already.').waitFor();
    expect(running.sandbox.tickets.get('T-3')?.status).toBe('in-progress');
  });

  test.each([
    ['light', 1280],
    ['dark', 1280],
    ['light', 390],
    ['dark', 390],
  ] as const)('has nothing for axe to find, in %s at %i pixels', async (colorScheme, width) => {
    await page.emulateMedia({ colorScheme });
    await page.setViewportSize({ width, height: 800 });
    // The test, not the page, brings axe in: the page's own policy would not let it.
    const session = await browser.newCDPSession(page);
    await session.send('Page.setBypassCSP', { enabled: true });
    await page.reload();
    await page.locator('#requests tr').first().waitFor();
    await page.addScriptTag({ content: axe.source });
    const { violations } = await page.evaluate<AxeResults>('axe.run()');
    expect(violations.map(({ id, nodes }) => [id, nodes])).toEqual([]);
    const overflow = 'document.documentElement.scrollWidth - document.documentElement.clientWidth';
    expect(await page.evaluate(overflow)).toBe(0);
    await session.send('Page.setBypassCSP', { enabled: false });
    await session.detach();
  });

  test('shows the requests of the sandbox that is there now, each once', async () => {
    const first = await startSandbox();
    const ask = (id: string) => fetch(`${first.url}/tickets/get/${id}`);
    const other = await browser.newPage();
    await other.goto(first.url);
    await ask('before');
    await other.getByText('/tickets/get/before').waitFor();
    await first.close();
    const second = await startSandbox({ port: first.port });
    await ask('after');
    await other.getByText('/tickets/get/after').waitFor();
    expect(await other.locator('#requests tr').count()).toBe(1);
    await other.close();
    await second.close();
  });

  test('asks no other host for anything, and breaks nothing', () => {
    expect(foreign).toEqual([]);
    expect(problems.filter((text) => !text.includes('503'))).toEqual([]);
  });
});
