import { existsSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import axe from 'axe-core';
import { chromium } from 'playwright-core';
import { expect, onTestFinished, test } from 'vitest';
import { chromiumFlags, chromiumPath } from '../../../../.ci/chromium.ts';
import { sandboxWith } from '../support/api.ts';
import { file, folder, ndjson, runHere } from '../support/cli.ts';

test('a run is told on a page that needs nothing but itself', async () => {
  const { url } = await sandboxWith({
    limit: 'none',
    tickets: [{ ticketId: 'T-1' }, { ticketId: 'T-2' }],
  });
  const changes = file(
    'changes.ndjson',
    ndjson(
      { ticketId: 'T-1', event: 'START', staffUserId: 7 },
      { ticketId: 'T-2', to: 'closed', from: 'open', staffUserId: 7 },
      { ticketId: 'T-2', event: '<script>alert(1)</script>', staffUserId: 7 },
    ),
  );
  const report = join(folder(), 'report.html');
  const { code } = await runHere(['apply', changes, '--base-url', url, '--report', report]);
  expect(code).toBe(65);
  const page = readFileSync(report, 'utf8');
  expect(page).toContain(
    "content=\"default-src 'none'; style-src 'unsafe-inline'; img-src data:\"",
  );
  expect(page).not.toMatch(/<script|src=|href="http|@import|url\(/);
  expect(page).toContain('&lt;script&gt;');
  expect(page).toContain('aria-label="How the changes ended: confirmed 1, unchanged 0, blocked 1,');
  expect(page).toContain('CLOSE is not possible in state &quot;open&quot;.');
  expect(page).toMatch(/START · 1/);
  expect(page.match(/<svg/g)).toHaveLength(4);
});

test('a report that cannot be written is named before anything is sent', async () => {
  const { url, sandbox } = await sandboxWith({ tickets: [{ ticketId: 'T-1' }] });
  const changes = file('c.ndjson', ndjson({ ticketId: 'T-1', event: 'START', staffUserId: 7 }));
  const report = join(folder(), 'missing', 'report.html');
  const { code, stderr } = await runHere(['apply', changes, '--base-url', url, '--report', report]);
  expect([code, stderr]).toEqual([2, expect.stringContaining('--report: ')]);
  expect(sandbox.record().requests).toBe(0);
});

test('a report does not take the place of what the run reads or writes down', async () => {
  const { url, sandbox } = await sandboxWith({ tickets: [{ ticketId: 'T-1' }] });
  const text = ndjson({ ticketId: 'T-1', event: 'START', staffUserId: 7 });
  const changes = file('c.ndjson', text);
  const journal = join(folder(), 'c.journal');
  const link = join(folder(), 'report.html');
  symlinkSync(changes, link);
  for (const report of [changes, link, journal, '-']) {
    const args = ['apply', changes, '--base-url', url, '--journal', journal, '--report', report];
    const { code, stderr } = await runHere(args);
    expect([code, stderr]).toEqual([2, expect.stringContaining('error: --report: ')]);
  }
  expect(readFileSync(changes, 'utf8')).toBe(text);
  expect(existsSync('-')).toBe(false);
  expect(sandbox.record().requests).toBe(0);
});

test('the page is for everybody, in light and in dark, on a screen and on a phone', async ({
  skip,
}) => {
  if (chromiumPath === undefined) return skip('there is no /usr/bin/chromium here');
  const { url } = await sandboxWith({ limit: 'none', tickets: [{ ticketId: 'T-1' }] });
  const changes = file(
    'changes.ndjson',
    ndjson(
      { ticketId: 'T-1', event: 'START', staffUserId: 7 },
      { ticketId: 'T-1', event: 'REOPEN', staffUserId: 7 },
      { ticketId: 'T-1' },
    ),
  );
  const report = join(folder(), 'report.html');
  await runHere(['apply', changes, '--base-url', url, '--report', report]);
  const browser = await chromium.launch({ executablePath: chromiumPath, args: chromiumFlags });
  onTestFinished(() => browser.close());
  for (const colorScheme of ['light', 'dark'] as const) {
    for (const width of [1280, 390]) {
      const viewport = { width, height: 900 };
      const page = await browser.newPage({ colorScheme, viewport, bypassCSP: true });
      page.setDefaultTimeout(120_000);
      const requests: string[] = [];
      page.on('request', (request) => requests.push(request.url()));
      await page.goto(pathToFileURL(report).href);
      await page.evaluate(axe.source);
      const violations = await page.evaluate(
        `axe.run(document).then(({ violations }) => violations.map(({ id }) => id))`,
      );
      expect(violations).toEqual([]);
      expect(requests).toHaveLength(1);
      // Only what is made to scroll is wider than the screen.
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(width);
      await page.close();
    }
  }
});
