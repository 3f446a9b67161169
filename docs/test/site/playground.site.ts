import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { presetText } from '../../playground/presets.ts';
import { hasChromium, launch, open, type WatchedPage } from './browser.ts';

describe.skipIf(!hasChromium)('the playground', () => {
  let browser: Browser;
  let opened: WatchedPage;
  beforeAll(async () => {
    browser = await launch();
    opened = await open(browser, 'playground.html');
    await opened.page.getByTestId('playground').waitFor();
    await opened.page.locator('.cm-content').waitFor();
  });
  afterAll(() => browser.close());

  const outcome = () => opened.page.getByTestId('outcome');
  const press = (event: string) =>
    opened.page.getByRole('button', { name: event, exact: true }).click();
  const fault = () => opened.page.getByLabel('What goes wrong with each change');
  const saw = () => opened.page.locator('ol.requests li');
  const label = 'An XState machine, as JSON or TypeScript';
  const editor = () => opened.page.locator('.cm-content');
  const form = () => opened.page.locator('select', { hasText: 'Mermaid' });
  const good = presetText('helpdesk');
  /** Pastes a text over everything, as somebody would. */
  const paste = async (text: string, page = opened.page) => {
    const content = page.locator('.cm-content');
    await content.focus();
    await page.keyboard.press('Control+a');
    await content.evaluate((element, pasted) => {
      const clipboardData = new DataTransfer();
      clipboardData.setData('text/plain', pasted);
      const options = { clipboardData, bubbles: true, cancelable: true };
      element.dispatchEvent(new ClipboardEvent('paste', options));
    }, text);
  };
  const faults = () => opened.page.locator('#faults');
  const isGood = () => opened.page.getByText('✓ A lifecycle').waitFor();
  const map = () => opened.page.getByLabel('The lifecycle, with what is possible now');
  const current = () => map().locator('.tl-current').getAttribute('data-state');

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
    expect(await current()).toBe('in-progress');
    expect(await map().locator('.tl-enabled').getAttribute('data-event')).toBe('WAIT');
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
    await opened.page.getByText('a read of the ticket showed it').waitFor();
    expect(await outcome().textContent()).toBe('confirmed');
    expect(await opened.page.getByTestId('at').textContent()).toBe('resolved');
    expect(await opened.page.getByText('2 system messages').count()).toBe(1);
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
    await opened.page.getByText('Taken over: our record is closed.').waitFor();
    expect(await opened.page.getByTestId('at').textContent()).toBe('closed');
    expect(await outcome().textContent()).toBe('blocked');
  });

  test('a change of others is judged from the state of our record, and taken over as the lifecycle says', async () => {
    const other = await open(browser, 'playground.html');
    const { page } = other;
    await page.locator('.cm-content').waitFor();
    const states = {
      open: { on: { START: 'in-progress' } },
      waiting: { meta: { status: 'in-progress' }, on: { ANSWER: 'in-progress' } },
      'in-progress': { on: { WAIT: 'waiting', RESOLVE: 'resolved' } },
      resolved: { on: { REOPEN: 'open' } },
    };
    await paste(JSON.stringify({ initial: 'open', states }), page);
    await page.getByText('A lifecycle: 4 states').waitFor();
    const colleague = async (status: string) => {
      await page.getByLabel('Meanwhile, a colleague').selectOption(status);
      await page.getByRole('button', { name: 'Do that' }).click();
    };
    await colleague('in-progress');
    await page.getByRole('button', { name: 'Take it over' }).click();
    await page.getByText('our record is in-progress. Other states have this status').waitFor();
    await page.getByRole('button', { name: 'WAIT', exact: true }).click();
    await page.getByText('Its state is now waiting.').waitFor();
    await colleague('resolved');
    await page.getByText('Somebody else moved the ticket: path (ANSWER, RESOLVE)').waitFor();
    // No state has this status, so there is nothing to take over.
    await colleague('closed');
    await page.getByText('Somebody else moved the ticket: jump').waitFor();
    expect(await page.getByRole('button', { name: 'Take it over' }).count()).toBe(0);
    expect(other.faults).toEqual([]);
    await other.close();
  });

  test('how a change ended stays when a colleague’s change is taken over', async () => {
    const other = await open(browser, 'playground.html');
    const ended = other.page.getByLabel('Outcome');
    await other.page.getByRole('button', { name: 'START', exact: true }).click();
    await ended.getByText('Its state is now in-progress.').waitFor();
    await other.page.getByRole('button', { name: 'Do that' }).click();
    await other.page.getByRole('button', { name: 'Take it over' }).click();
    await other.page.getByText('Taken over: our record is closed.').waitFor();
    expect(await ended.textContent()).toContain('Its state is now in-progress.');
    await other.close();
  });

  test('what is read out is what somebody did, and nothing else', async () => {
    const other = await open(browser, 'playground.html');
    const { page } = other;
    await page.getByTestId('stays').waitFor();
    await page.locator('.map svg').nth(1).waitFor();
    // As a screen reader hears it: each change of a region that speaks.
    await page.evaluate(() => {
      const heard = new Set<string>();
      Object.assign(globalThis, { heard });
      new MutationObserver((changes) => {
        for (const { target } of changes) {
          const element = target instanceof Element ? target : target.parentElement;
          const region = element?.closest('[role="status"], [aria-live]');
          const words = region?.textContent.trim() ?? '';
          if (words !== '' && region?.getAttribute('aria-live') !== 'off') heard.add(words);
        }
      }).observe(document.body, { childList: true, characterData: true, subtree: true });
    });
    const heard = () =>
      page.evaluate(() => {
        const all = (globalThis as unknown as { heard: Set<string> }).heard;
        const words = [...all];
        all.clear();
        return words;
      });
    await page.getByRole('button', { name: 'START', exact: true }).click();
    await page.getByText('It arrived; the server said so.').waitFor();
    const change = await heard();
    expect(change.filter((words) => !/under way|It arrived/.test(words))).toEqual([]);
    await page.getByRole('button', { name: /^IT desk/ }).click();
    await page.locator('.map [data-state="spam"]').nth(1).waitFor({ state: 'attached' });
    expect(await heard()).toEqual([expect.stringContaining('A lifecycle: 12 states')]);
    await other.close();
  });

  test('a way is planned from where the ticket stands', async () => {
    await opened.page.getByLabel(/From closed to/).selectOption('resolved');
    const steps = opened.page.getByTestId('plan').locator('li code');
    expect(await steps.allTextContents()).toEqual(['REOPEN', 'START', 'RESOLVE']);
  });

  test('an edge of the map can be pressed, and others can not', async () => {
    await map().locator('[data-from="open"][data-event="START"] text').first().click();
    expect(await opened.page.getByTestId('at').textContent()).toBe('closed');
    await map().locator('[data-from="closed"][data-event="REOPEN"] text').first().click();
    await expect.poll(() => opened.page.getByTestId('at').textContent()).toBe('open');
    expect(await current()).toBe('open');
  });

  test('a server that confirms and does nothing is found out by `verify`', async () => {
    await fault().selectOption('changed-nothing');
    await press('START');
    await opened.page.getByText('It arrived; the server said so.').waitFor();
    expect(await opened.page.getByTestId('status').textContent()).toBe('open');
    await opened.page.getByRole('button', { name: 'Take it over' }).click();
    await opened.page.getByLabel('Read it back after a success').check();
    await fault().selectOption('changed-nothing');
    await press('START');
    await opened.page
      .getByLabel('Outcome')
      .getByText('Seen afterwards')
      .or(outcome().getByText('refused'))
      .first()
      .waitFor();
    expect(await outcome().textContent()).not.toBe('confirmed');
    expect(await opened.page.getByTestId('at').textContent()).toBe('open');
    await opened.page.getByLabel('Read it back after a success').uncheck();
    await fault().selectOption('');
  });

  test('without a read before it, a change costs one request', async () => {
    await opened.page.getByLabel('Read the ticket before a change').uncheck();
    const before = await saw().count();
    await press('START');
    await expect.poll(() => opened.page.getByTestId('at').textContent()).toBe('in-progress');
    const last = await saw().last().textContent();
    expect(last).toContain('POST');
    expect(before).toBeGreaterThan(0);
    await opened.page.getByLabel('Read the ticket before a change').check();
  });

  test('faults are marked in their lines while somebody types', async () => {
    await paste(good.replace('"initial": "open"', '"initial": "opne"'));
    await opened.page.getByText('Not a lifecycle yet').waitFor();
    expect(await faults().getByRole('listitem').textContent()).toMatch(/line 2\s*initial/);
    await opened.page.locator('.cm-lintRange-error').first().waitFor();
    expect(await opened.page.locator('.cm-lint-marker-error').count()).toBe(1);
    expect(await editor().getAttribute('aria-invalid')).toBe('true');
    // The last good lifecycle stays in use, and its guards with it.
    expect(await opened.page.getByLabel('hasAnswer').isChecked()).toBe(true);
    await paste('{ "initial": ');
    await faults().getByText('The text ends too soon').waitFor();
    await paste(good);
    await isGood();
    expect(await faults().getByRole('listitem').count()).toBe(0);
    expect(await opened.page.locator('.cm-lintRange-error').count()).toBe(0);
    expect(await editor().getAttribute('aria-invalid')).toBe('false');
  });

  test('all faults come at once, each with its line, and lead there', async () => {
    const lines = [
      "{ initial: 'open',",
      '  states: {',
      "    open: { after: { 1000: 'lost' }, on: { GO: 'lost' } },",
      '    waiting: {},',
      '  } }',
    ];
    await paste(lines.join('\n'));
    await opened.page.getByText('Not a lifecycle yet').waitFor();
    const texts = await faults().getByRole('listitem').allTextContents();
    expect(texts.length).toBeGreaterThanOrEqual(3);
    expect(texts.some((text) => /line 3\s*states\.open\.after/.test(text))).toBe(true);
    expect(texts.some((text) => /line 4[^]*waiting/.test(text))).toBe(true);
    await faults().getByRole('button', { name: 'line 4' }).first().click();
    expect(await editor().evaluate((content) => content === document.activeElement)).toBe(true);
    await paste(good);
    await isGood();
  });

  test('TypeScript of the guides can be pasted', async () => {
    await paste(
      "export const desk = defineLifecycle({\n  initial: 'open', // a comment\n  states: { open: { on: { CLOSE: 'closed' } }, closed: { type: 'final' } },\n} as const);",
    );
    await opened.page.getByText('A lifecycle: 2 states').waitFor();
    await paste(
      "{ initial: 'open', states: { open: { on: { X: { target: 'open', guard: () => true } } } } }",
    );
    await faults().getByText('Name a guard by a text').waitFor();
    expect(await faults().getByRole('listitem').count()).toBe(1);
    await paste(good);
    await isGood();
  });

  test('the keyboard gets into the editor and out of it', async () => {
    await opened.page.getByLabel(label).focus();
    await opened.page.keyboard.press('Tab');
    expect(await editor().evaluate((content) => content === document.activeElement)).toBe(false);
  });

  test.each([
    ['typescript', 'export const lifecycle = defineLifecycle('],
    ['json', '"initial": "open"'],
    ['mermaid', 'stateDiagram-v2'],
    ['readme', '<!-- ticket-lifecycle diagram -->'],
    ['svg', '<svg xmlns='],
  ])('the lifecycle leaves the page as %s', async (name, part) => {
    await form().selectOption(name);
    await opened.page.getByTestId('taken').getByText(part).waitFor();
    const coming = opened.page.waitForEvent('download');
    await opened.page.getByRole('button', { name: 'Download', exact: true }).click();
    expect((await coming).suggestedFilename()).toMatch(/^lifecycle\.\w+$/);
  });

  test('and as a picture of pixels', async () => {
    await form().selectOption('svg');
    const coming = opened.page.waitForEvent('download');
    await opened.page.getByRole('button', { name: 'Download as PNG' }).click();
    expect((await coming).suggestedFilename()).toBe('lifecycle.png');
  });

  test('a pasted history is mapped and judged', async () => {
    await opened.page.getByLabel('Updates').fill('New\nAwaiting vendor\nResolved\nNew\nClosed');
    const judged = await opened.page.getByTestId('replayed').textContent();
    expect(judged?.trim()).toBe('4 steps: 3 edge, 1 path.');
  });

  test('a log with words that are no states is drawn all the same', async () => {
    const other = await open(browser, 'playground.html');
    await other.page
      .getByLabel('Updates')
      .fill('A-1;New\nA-1;Reassigned\nA-1;Active\nA-1;Resolved');
    await other.page.getByText('Without a meaning: Reassigned.').waitFor();
    const ways = other.page.getByRole('region', { name: 'The ways that the history took' });
    await ways.getByText('RESOLVE · 1').waitFor();
    expect(await other.page.getByText('can’t be drawn').count()).toBe(0);
    await other.page.getByLabel(/Words to pass over/).fill('Reassigned');
    await ways.getByText('START · 1').waitFor();
    await other.close();
  });

  test('a log that does not show which column names the ticket asks for it', async () => {
    const other = await open(browser, 'playground.html');
    const { page } = other;
    await page.getByLabel('Updates').fill('Request,Status\nR-1,open\nR-2,open\nR-1,closed');
    await page.getByText('Choose it under “Column of the ticket”').waitFor();
    expect(await page.getByTestId('reopened').count()).toBe(0);
    const column = page.getByLabel('Column of the ticket');
    await column.selectOption({ label: 'Request' });
    await page.getByText('1 step of 2 tickets: 1 path.').waitFor();
    await column.selectOption({ label: 'All rows are of one ticket' });
    await page.getByText('1 step: 1 path.').waitFor();
    await page.getByLabel('Updates').fill('id,state\nA,open\nA,closed\nB,open');
    await column.selectOption({ label: 'Find it' });
    await page.getByText('1 step of 2 tickets: 1 path.').waitFor();
    expect(other.faults).toEqual([]);
    await other.close();
  });

  test('a time zone counts as soon as it is one, and half a name is no fault', async () => {
    const other = await open(browser, 'playground.html');
    const { page } = other;
    await page.getByLabel('Updates').fill('id,at,state\nA,2026-03-02 09:00,open');
    await page.getByText('without a zone: taken as UTC').waitFor();
    const zone = page.getByLabel(/Time zone of times/);
    await zone.pressSequentially('Europe/Berl');
    expect(await page.getByText('without a zone: taken as UTC').count()).toBe(1);
    await zone.pressSequentially('in');
    await page.getByText('without a zone: taken as Europe/Berlin').waitFor();
    await zone.fill('Europe/Berl');
    await zone.press('Tab');
    await page.getByText('The time zone:').waitFor();
    await other.close();
  });

  test('times of a pasted log show how long tickets stay', async () => {
    await opened.page
      .getByLabel('Updates')
      .fill(
        'key;at;state\nA;2026-03-02 09:00;New\nA;2026-03-02 11:00;Awaiting vendor\nA;2026-03-04 11:00;Resolved',
      );
    const rows = opened.page.getByTestId('stays').locator('tbody tr');
    await expect.poll(() => rows.count()).toBe(2);
    expect(await rows.first().textContent()).toMatch(/open\s*1\s*2 h\s*2 h\s*4 %/);
  });

  test('a lifecycle with clocks shows what a pasted log has used of each target', async () => {
    const other = await open(browser, 'playground.html');
    await other.page.getByRole('button', { name: /^Service desk/ }).click();
    await other.page.getByText('A lifecycle: 6 states').waitFor();
    await other.page
      .getByLabel('Updates')
      .fill(
        'key;at;state\nA;2026-03-02 09:00+01:00;New\nA;2026-03-02 11:00+01:00;Awaiting vendor\nA;2026-03-04 11:00+01:00;Resolved\nB;2026-03-02 08:00+01:00;New',
      );
    const table = other.page.getByTestId('service-levels');
    await table.getByRole('rowheader', { name: 'B' }).waitFor();
    expect(await table.locator('caption').textContent()).toContain('1 of 2 targets missed');
    const [late, early] = await table.locator('tbody tr').allTextContents();
    expect(late).toMatch(
      /B\s*solution, running\s*23 h\s*7 h over.*missed at 2026-03-03 13:00 UTC/s,
    );
    expect(early).toMatch(/A\s*solution, stopped\s*2 h\s*14 h.*in time/s);
    expect(other.faults).toEqual([]);
    await other.close();
  });

  test.each(['2000', '-5', '0', '20000000', ''])('%j changes are not drained', async (typed) => {
    const changes = opened.page.getByRole('spinbutton', { name: 'Changes' });
    await changes.fill(typed);
    await opened.page.getByText('Give a whole number from 1 to 500.').waitFor();
    expect(await opened.page.getByRole('button', { name: 'Send', exact: true }).isDisabled()).toBe(
      true,
    );
    expect(await opened.page.locator('.chart svg text').count()).toBeLessThan(40);
    await changes.fill('1');
    await opened.page.getByRole('button', { name: 'Send 1 change', exact: true }).waitFor();
  });

  test('150 changes drain inside the limit, and not by a counter of what it sends', async () => {
    await opened.page.getByRole('spinbutton', { name: 'Changes' }).fill('150');
    await opened.page.getByRole('button', { name: 'Send 150 changes' }).click();
    await opened.page.getByText(/our limiter:\s+150 requests in/).waitFor({ timeout: 120_000 });
    const [ours = '', counter = ''] = await opened.page
      .getByTestId('drained')
      .getByRole('listitem')
      .allTextContents();
    expect(ours).toContain('0 answered 429');
    expect(Number(/at most (\d+)/.exec(ours)?.[1])).toBeLessThanOrEqual(25);
    expect(counter).toMatch(/[1-9]\d* answered 429/);
    expect(await opened.page.locator('.chart polyline').count()).toBe(2);
  });

  test('the address carries it all to somebody else', async () => {
    await press('START');
    await expect.poll(() => opened.page.getByTestId('at').textContent()).toBe('in-progress');
    await opened.page.getByLabel(/Words to pass over/).fill('Reassigned, ""');
    await opened.page.getByLabel('The log holds every change').check();
    await opened.page.getByLabel('Meanwhile, a colleague').selectOption('resolved');
    await form().selectOption('mermaid');
    await opened.page.getByRole('button', { name: 'Share this' }).click();
    await opened.page.getByText(/The address (is in your clipboard|above has it all)/).waitFor();
    const { hash } = new URL(opened.page.url());
    const other = await open(browser, `playground.html${hash}`);
    await other.page.getByTestId('playground').waitFor();
    expect(await other.page.getByTestId('at').textContent()).toBe('in-progress');
    expect(await other.page.getByLabel('hasAnswer').isChecked()).toBe(true);
    expect(await other.page.getByRole('spinbutton', { name: 'Changes' }).inputValue()).toBe('150');
    expect(await other.page.getByLabel('Updates').inputValue()).toContain('Awaiting vendor');
    expect(await other.page.getByLabel(/Words to pass over/).inputValue()).toBe('Reassigned, ""');
    const complete = other.page.getByLabel('The log holds every change');
    expect(await complete.isChecked()).toBe(true);
    const colleague = other.page.getByLabel('Meanwhile, a colleague');
    expect(await colleague.inputValue()).toBe('resolved');
    await other.page.getByTestId('taken').getByText('stateDiagram-v2').waitFor();
    await other.page.getByRole('button', { name: 'Start over' }).click();
    await expect.poll(() => complete.isChecked()).toBe(false);
    expect(other.faults).toEqual([]);
    await other.close();
  });

  test('a lifecycle of forty states can be read and pressed', async () => {
    const other = await open(browser, 'playground.html');
    await other.page.getByTestId('playground').waitFor();
    const states = Array.from({ length: 40 }, (_, index) => {
      const next = (index + 1) % 40;
      const meta = { status: index < 20 ? 'open' : 'in-progress' };
      const skip = index % 7 === 0 ? { [`SKIP_${index}`]: `step-${(index + 5) % 40}` } : {};
      return [`step-${index}`, { meta, on: { [`NEXT_${index}`]: `step-${next}`, ...skip } }];
    });
    const text = JSON.stringify({ initial: 'step-0', states: Object.fromEntries(states) }, null, 1);
    await other.page.locator('.cm-content').waitFor();
    await paste(text, other.page);
    await other.page.getByText('A lifecycle: 40 states').waitFor();
    const drawn = other.page.getByLabel('The lifecycle, with what is possible now');
    await drawn.locator('[data-state="step-39"]').waitFor({ state: 'attached' });
    const here = drawn.locator('.tl-current');
    await expect.poll(() => here.getAttribute('data-state')).toBe('step-0');
    const height = (await here.locator('text').first().boundingBox())?.height ?? 0;
    expect(height).toBeGreaterThanOrEqual(10);
    await drawn.locator('[data-event="NEXT_0"] text').first().click();
    await expect.poll(() => here.getAttribute('data-state')).toBe('step-1');
    // The button goes to the folded ones. The keyboard stays at the events.
    await other.page.getByRole('button', { name: 'NEXT_1', exact: true }).focus();
    await other.page.keyboard.press('Enter');
    await expect.poll(() => here.getAttribute('data-state')).toBe('step-2');
    const focused = () => other.page.evaluate(() => document.activeElement?.ariaLabel);
    await expect.poll(focused).toBe('Events in step-2');
    // Where the map is wider or higher than its frame, there is a button that fits it.
    for (const whose of ['ticket', 'history'])
      await other.page.getByRole('button', { name: `Fit the map of the ${whose}` }).click();
    await other.page
      .getByText(/^Map at \d+ %$/)
      .first()
      .waitFor({ state: 'attached' });
    const overflow = await drawn.evaluate((box) =>
      Math.max(box.scrollWidth - box.clientWidth, box.scrollHeight - box.clientHeight),
    );
    expect(overflow).toBeLessThanOrEqual(1);
    expect(other.faults).toEqual([]);
    await other.close();
  });

  test('presets are cards, and starting over brings everything back', async () => {
    const other = await open(browser, 'playground.html');
    await other.page.getByTestId('playground').waitFor();
    await other.page.getByRole('button', { name: /^IT desk/ }).click();
    await other.page.getByText('A lifecycle: 12 states').waitFor();
    expect(await other.page.getByTestId('at').textContent()).toBe('new');
    // The events that are not possible are folded, and can be pressed all the same.
    await other.page.getByText(/more events, not possible in new/).click();
    await other.page.getByRole('button', { name: 'CLOSE', exact: true }).click();
    await other.page.getByTestId('outcome').waitFor();
    const taken = other.page.getByRole('combobox', { name: 'As', exact: true });
    await taken.selectOption('json');
    await other.page.getByRole('button', { name: 'Start over' }).click();
    await other.page.getByText('A lifecycle: 5 states').waitFor();
    await expect.poll(() => taken.inputValue()).not.toBe('json');
    const note = other.page.getByRole('status').filter({ hasText: 'as at the beginning' });
    await note.waitFor();
    expect(await other.page.getByTestId('at').textContent()).toBe('open');
    expect(await other.page.getByTestId('outcome').count()).toBe(0);
    await other.page.getByRole('button', { name: 'Undo' }).click();
    await other.page.getByText('A lifecycle: 12 states').waitFor();
    expect(await taken.inputValue()).toBe('json');
    await other.page.getByText('Everything is as it was before.').waitFor();
    expect(await other.page.getByRole('button', { name: 'Undo' }).count()).toBe(0);
    const focused = () => other.page.evaluate(() => document.activeElement?.textContent);
    expect(await focused()).toBe('Start over');
    await other.close();
  });

  test('undo brings a text with faults back, and the lifecycle that was in use', async () => {
    const other = await open(browser, 'playground.html');
    const { page } = other;
    await page.locator('.cm-content').waitFor();
    await page.getByRole('button', { name: /^IT desk/ }).click();
    await page.getByText('A lifecycle: 12 states').waitFor();
    await paste('{ "initial": ', page);
    await page.getByText('The last good one stays in use.').waitFor();
    await page.getByRole('button', { name: 'Start over' }).click();
    await page.getByText('A lifecycle: 5 states').waitFor();
    await page.getByRole('button', { name: 'Undo' }).click();
    await page.getByText('The last good one stays in use.').waitFor();
    expect(await page.getByTestId('at').textContent()).toBe('new');
    await page.getByRole('button', { name: 'TRIAGE', exact: true }).waitFor();
    await paste(`${' '.repeat(250_000)}{`, page);
    await page.getByText('The text ends too soon').waitFor();
    await page.getByRole('button', { name: 'Share this' }).click();
    await page.getByText('This lifecycle is too long for an address.').waitFor();
    expect(other.faults).toEqual([]);
    await other.close();
  });

  test.each(['light', 'dark'] as const)(
    'on a phone nothing is wider than it, %s',
    async (scheme) => {
      const other = await open(browser, 'playground.html', { scheme, width: 390 });
      await other.page.locator('.map svg').first().waitFor();
      const width = await other.page.evaluate(() => document.documentElement.scrollWidth);
      expect(width).toBeLessThanOrEqual(390);
      await other.close();
    },
  );

  test('at 400 % zoom no line is cut, and what has the focus is in sight', async () => {
    const other = await open(browser, 'playground.html', { width: 320 });
    const { page } = other;
    await page.setViewportSize({ width: 320, height: 225 });
    await page.locator('.cm-content').waitFor();
    await page.locator('.map svg').first().waitFor();
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(
      320,
    );
    const control = ['button', 'input', 'select', 'summary', 'textarea']
      .map((name) => `.playground ${name}`)
      .join();
    const last = page.getByRole('button', { name: /^Send \d+ changes$/ });
    const walks = [
      { from: page.getByRole('button', { name: 'Start over' }), key: 'Tab' },
      { from: last, key: 'Shift+Tab' },
    ];
    const hidden: string[] = [];
    for (const { from, key } of walks) {
      await from.focus();
      for (let step = 0; step < 40; step += 1) {
        await page.keyboard.press(key);
        const covered = await page.evaluate((selector) => {
          const { activeElement: element } = document;
          if (element === null || !element.matches(selector)) return undefined;
          const { left, top, width, bottom } = element.getBoundingClientRect();
          // In the middle of what the window has of it.
          const y = (Math.max(0, top) + Math.min(innerHeight, bottom)) / 2;
          const seen = document.elementFromPoint(left + width / 2, y);
          const name = `${element.tagName} ${element.textContent.trim()}`;
          return seen !== null && element.contains(seen) ? undefined : name;
        }, control);
        if (covered !== undefined) hidden.push(`${key}: ${covered}`);
      }
    }
    expect(hidden).toEqual([]);
    await other.close();
  });

  test('forced colours still tell which preset is chosen', async () => {
    const other = await open(browser, 'playground.html');
    await other.page.emulateMedia({ forcedColors: 'active' });
    const card = (name: RegExp) =>
      other.page
        .getByRole('button', { name })
        .evaluate((button) => getComputedStyle(button).borderStyle);
    expect(await card(/^Help desk/)).not.toBe(await card(/^IT desk/));
    await other.close();
  });

  test('a link to the drain leads there, though the page is drawn bit by bit', async () => {
    const other = await open(browser, 'playground.html#drain');
    const heading = other.page.locator('#drain');
    await heading.waitFor();
    // What comes above it is drawn later, and pushes it down.
    await other.page.getByTestId('stays').waitFor();
    await other.page.waitForFunction(() => {
      const { top } = document.querySelector('#drain')?.getBoundingClientRect() ?? { top: -1 };
      return top >= 0 && top < innerHeight / 2;
    });
    expect(await heading.evaluate((element) => element === document.activeElement)).toBe(true);
    // A reader who scrolls on is not pulled back.
    await other.page.keyboard.press('Home');
    await other.page.setViewportSize({ width: 900, height: 900 });
    await other.page.waitForFunction(() => scrollY === 0);
    expect(other.faults).toEqual([]);
    await other.close();
  });

  test.each(['#s=%00rubbish', '#s=%E4%', '#%'])('%s opens an ordinary playground', async (hash) => {
    const other = await open(browser, `playground.html${hash}`);
    await other.page.getByTestId('playground').waitFor();
    expect(await other.page.getByTestId('at').textContent()).toBe('open');
    await other.page.getByText('The link is cut or damaged. This is the beginning').waitFor();
    await other.page.evaluate(() => (location.hash = '#s=%E4'));
    await other.page.getByText('The link is cut or damaged. Nothing was changed.').waitFor();
    expect(other.faults).toEqual([]);
    await other.close();
  });

  test('an address that is opened in the same tab is followed, also by the way back', async () => {
    const sender = await open(browser, 'playground.html');
    const preset = sender.page.getByRole('button', { name: /^IT desk/ });
    await preset.click();
    await sender.page.getByRole('button', { name: 'Share this' }).click();
    await sender.page.getByText(/The address (is in your clipboard|above has it all)/).waitFor();
    const { hash } = new URL(sender.page.url());
    await sender.close();

    const other = await open(browser, 'playground.html');
    const { page } = other;
    await page.getByTestId('playground').waitFor();
    const isChosen = (name: RegExp) => page.getByRole('button', { name, pressed: true }).waitFor();
    await isChosen(/^Help desk/);
    const goTo = (to: string) => page.evaluate((there) => (location.hash = there), to);
    await goTo(hash);
    await isChosen(/^IT desk/);
    await page.getByText('This is the playground of the address.').waitFor();
    await page.goBack();
    await isChosen(/^Help desk/);
    // Cut on its way, as mail programs do.
    await goTo(hash);
    await isChosen(/^IT desk/);
    // At once: the one before it may still be taken over.
    await goTo(hash.slice(0, -40));
    await page.getByText('The link is cut or damaged. Nothing was changed.').waitFor();
    await isChosen(/^IT desk/);
    expect(other.faults).toEqual([]);
    await other.close();
  });

  test('nothing went to another host, and the console stayed quiet', () => {
    expect(opened.faults).toEqual([]);
  });
});
