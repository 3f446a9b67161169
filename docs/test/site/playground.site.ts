import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hasChromium, launch, open, type WatchedPage } from './browser.ts';

describe.skipIf(!hasChromium)('the playground', () => {
  let browser: Browser;
  let opened: WatchedPage;
  beforeAll(async () => {
    browser = await launch();
    opened = await open(browser, 'playground.html');
    await opened.page.getByTestId('playground').waitFor();
  });
  afterAll(() => browser.close());

  const outcome = () => opened.page.getByTestId('outcome');
  const press = (event: string) =>
    opened.page.getByRole('button', { name: event, exact: true }).click();
  const fault = () => opened.page.getByLabel('What goes wrong with the next change');
  const saw = () => opened.page.locator('ol.requests li');

  test('a forbidden change is blocked with its reason, and nothing is written', async () => {
    await press('CLOSE');
    await outcome().waitFor();
    expect(await outcome().textContent()).toBe('blocked');
    expect(await opened.page.getByLabel('Outcome').textContent()).toContain('no-such-transition');
    expect(await saw().filter({ hasText: 'POST' }).count()).toBe(0);
  });

  test('an allowed one arrives, and the diagram moves on', async () => {
    await press('START');
    await opened.page.getByText('It arrived; the server said so.').waitFor();
    expect(await opened.page.getByTestId('at').textContent()).toBe('in-progress');
    expect(await opened.page.getByTestId('status').textContent()).toBe('in-progress');
    expect(await opened.page.locator('.box.here').first().getAttribute('data-state')).toBe(
      'in-progress',
    );
  });

  test('a guard that does not hold blocks with its message, by keyboard', async () => {
    await opened.page.getByRole('button', { name: 'RESOLVE', exact: true }).focus();
    await opened.page.keyboard.press('Enter');
    await opened.page.getByLabel('Outcome').getByText('Nobody has answered').waitFor();
    expect(await outcome().textContent()).toBe('blocked');
    await opened.page.getByLabel('hasAnswer').check();
    await opened.page.getByLabel('isLead').check();
  });

  test('an answer that is lost is settled by a look at the ticket', async () => {
    await fault().selectOption('lost-after-applying');
    await press('RESOLVE');
    await opened.page.getByText('a look at the ticket settled it').waitFor();
    expect(await outcome().textContent()).toBe('confirmed');
    expect(await opened.page.getByTestId('at').textContent()).toBe('resolved');
    expect(await opened.page.getByText('with 2 system messages').count()).toBe(1);
  });

  test('a refusal says what the server said', async () => {
    await fault().selectOption('403-subscription');
    await press('CLOSE');
    await opened.page
      .getByLabel('Outcome')
      .getByText(/Premium or Enterprise/)
      .waitFor();
    expect(await outcome().textContent()).toBe('refused');
    await fault().selectOption('');
  });

  test('a colleague who was faster is noticed', async () => {
    await opened.page.getByRole('button', { name: 'Do that' }).click();
    await opened.page.getByText('Somebody else moved the ticket: edge (CLOSE)').waitFor();
    await press('REOPEN');
    await opened.page.getByLabel('Outcome').getByText('stale').waitFor();
    await opened.page.getByRole('button', { name: 'Take it over' }).click();
    expect(await opened.page.getByTestId('at').textContent()).toBe('closed');
  });

  test('a way is planned from where the ticket stands', async () => {
    await opened.page.getByLabel(/From closed to/).selectOption('resolved');
    const steps = opened.page.getByTestId('plan').locator('li code');
    expect(await steps.allTextContents()).toEqual(['REOPEN', 'START', 'RESOLVE']);
  });

  test('a definition that is none is refused while it is typed', async () => {
    const editor = opened.page.getByLabel('An XState machine, as JSON');
    const good = await editor.inputValue();
    await editor.fill(good.replace('"initial": "open"', '"initial": "opne"'));
    await opened.page.getByText('Not a lifecycle yet').waitFor();
    const faults = opened.page.locator('#faults');
    expect(await faults.getByRole('listitem').textContent()).toContain('initial');
    await editor.fill('{ "initial": ');
    await faults.getByText('JSON').first().waitFor();
    await editor.fill(good);
    await opened.page.getByText('✓ A lifecycle').waitFor();
    expect(await faults.getByRole('listitem').count()).toBe(0);
  });

  test('a pasted history is mapped and judged', async () => {
    await opened.page
      .getByLabel('Updates')
      .fill('1;New\n2;Awaiting vendor\n3;Resolved\n4;New\n5;Closed');
    const judged = await opened.page.getByTestId('replayed').textContent();
    expect(judged?.trim()).toBe('4 steps: 3 edge, 1 path.');
  });

  test('200 changes drain inside the limit', async () => {
    await opened.page.getByRole('button', { name: 'Send 200 changes' }).click();
    await opened.page.getByText(/^200 requests in/).waitFor({ timeout: 40_000 });
    const result = (await opened.page.getByTestId('drained').textContent()) ?? '';
    expect(result).toContain('0 answered 429');
    expect(
      Number(/at most (\d+) in any/.exec(result.replaceAll(/\s+/g, ' '))?.[1]),
    ).toBeLessThanOrEqual(25);
  });

  test('a counter that counts what it sends does not', async () => {
    await opened.page.getByRole('spinbutton', { name: 'Changes' }).fill('150');
    await opened.page.getByLabel('Sent by').selectOption('counter');
    await opened.page.getByRole('button', { name: 'Send 150 changes' }).click();
    await opened.page.getByText(/^150 requests in/).waitFor();
    expect(await opened.page.getByTestId('drained').textContent()).toMatch(/[1-9]\d* answered 429/);
  });

  test('the address carries it all to somebody else', async () => {
    await opened.page.getByRole('button', { name: 'Share this' }).click();
    await opened.page.waitForURL(/#s=/);
    const { hash } = new URL(opened.page.url());
    const other = await open(browser, `playground.html${hash}`);
    await other.page.getByTestId('playground').waitFor();
    expect(await other.page.getByTestId('at').textContent()).toBe('closed');
    expect(await other.page.getByLabel('hasAnswer').isChecked()).toBe(true);
    expect(await other.page.getByRole('spinbutton', { name: 'Changes' }).inputValue()).toBe('150');
    expect(await other.page.getByLabel('Updates').inputValue()).toContain('Awaiting vendor');
    expect(other.faults).toEqual([]);
    await other.close();
  });

  test('an address with rubbish in it opens an ordinary playground', async () => {
    const other = await open(browser, 'playground.html#s=%00rubbish');
    await other.page.getByTestId('playground').waitFor();
    expect(await other.page.getByTestId('at').textContent()).toBe('open');
    expect(other.faults).toEqual([]);
    await other.close();
  });

  test('nothing went to another host, and the console stayed quiet', () => {
    expect(opened.faults).toEqual([]);
  });
});
