import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { defineLifecycle, ticketLifecycle, type Lifecycle } from '@ticket-lifecycle/core';
import { build } from 'esbuild';
import type { Page } from 'playwright-core';
import { setup } from 'xstate';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { chromiumPath } from '../../../.ci/chromium.ts';
import { TicketLifecycleElement, type ElementMessages } from '../src/element/element.ts';
import { toSvg } from '../src/index.ts';
import { axeFaults, bundleElement, openElementPages } from './support/element-page.ts';
import { toldBeside } from './support/told-beside.ts';
import { guarded } from './support/lifecycles.ts';

if (chromiumPath === undefined) {
  process.stderr.write(
    'Without /usr/bin/chromium <ticket-lifecycle> is not tested in a browser.\n',
  );
}

test('the element is 12 KB at most, with all that it needs and no WASM', async () => {
  const bundle = await bundleElement();
  expect(gzipSync(bundle).length).toBeLessThan(12 * 1024);
  expect(Buffer.from(bundle).toString()).not.toContain('WebAssembly');
});

test('a page without a bundler can load the element: it imports no package', async () => {
  const { metafile } = await build({
    entryPoints: [fileURLToPath(new URL('../src/element/element.ts', import.meta.url))],
    bundle: true,
    packages: 'external',
    format: 'esm',
    write: false,
    metafile: true,
  });
  const imports = Object.values(metafile.outputs).flatMap((output) => output.imports);
  expect(imports).toEqual([]);
});

test('a server that renders pages can import the element', () => {
  expect('HTMLElement' in globalThis).toBe(false);
  expect(new TicketLifecycleElement()).toBeInstanceOf(TicketLifecycleElement);
});

/** A schema of these fields, which nothing that is sent has. */
function missing(...fields: readonly string[]) {
  const issues = fields.map((field) => ({ message: 'missing', path: [field] }));
  return { '~standard': { version: 1, vendor: 'test', validate: () => ({ issues }) } } as const;
}

/** One that says every kind of sentence. */
const needy: Lifecycle = defineLifecycle(
  setup({ guards: { never: () => false } }).createMachine({
    initial: 'open',
    states: {
      open: { on: { CLOSE: 'closed', WAIT: 'waiting' } },
      waiting: {
        meta: { status: 'open' },
        on: { ANSWER: 'open', REOPEN: { target: 'open', guard: 'never' } },
      },
      closed: { type: 'final' },
    },
  }),
  { payloads: { CLOSE: missing('reason', 'note') } },
);

describe.skipIf(chromiumPath === undefined)('in a browser, <ticket-lifecycle>', () => {
  let pages: Awaited<ReturnType<typeof openElementPages>>;
  let support: string;

  beforeAll(async () => {
    pages = await openElementPages();
    support = await toSvg(ticketLifecycle, { playable: true });
    pages.files.set('/support.svg', support);
  });
  afterAll(async () => pages.close());

  const statusOf = (page: Page) => page.locator('ticket-lifecycle').getByRole('status');
  const press = (page: Page, event: string) =>
    // By force: a blocked one counts as disabled, and can be pressed all the same.
    page.getByRole('button', { name: event, exact: true }).click({ force: true });
  const enabledOf = (page: Page) =>
    page
      .locator('ticket-lifecycle [part=event]')
      .evaluateAll((list) => list.map((one) => one.textContent));

  test.each(['inline', 'src'])('moves a ticket by its events (%s)', async (way) => {
    const body =
      way === 'src'
        ? '<ticket-lifecycle src="/support.svg"></ticket-lifecycle>'
        : `<ticket-lifecycle>${support}</ticket-lifecycle>`;
    const { page, faults, close } = await pages.open(body);
    await expect.poll(() => statusOf(page).textContent()).toContain('The ticket is in open.');
    expect(await enabledOf(page)).toEqual(['START']);
    await press(page, 'START');
    await press(page, 'RESOLVE');
    expect(await statusOf(page).textContent()).toBe(
      'RESOLVE: The ticket is in resolved. Possible: CLOSE; REOPEN.',
    );
    // The picture shows the same.
    expect(await page.locator('ticket-lifecycle .tl-current').getAttribute('data-state')).toBe(
      'resolved',
    );
    expect(await page.locator('ticket-lifecycle .tl-edge.tl-enabled').count()).toBe(2);
    await press(page, 'START');
    const verdict = ticketLifecycle.explain('resolved', 'START');
    const reason = verdict.allowed ? '' : verdict.blockers.map(({ message }) => message).join(' ');
    expect(await statusOf(page).textContent()).toBe(`START is blocked. ${reason}`);
    // An edge of the picture can be pressed too, where it leads out of the ticket's state.
    for (const event of ['START', 'REOPEN']) {
      await page.locator(`[part=picture] [data-event="${event}"] text`).first().click();
    }
    expect(await statusOf(page).textContent()).toContain('REOPEN: The ticket is in open.');
    await press(page, 'START');
    await press(page, 'Start over');
    expect(await statusOf(page).textContent()).toContain('The ticket is in open.');
    expect(faults).toEqual([]);
    await close();
  });

  test('lets an edge be pressed to each state that the data of its event may lead to', async () => {
    const lifecycle: Lifecycle = defineLifecycle(
      {
        initial: 'open',
        states: {
          open: {
            on: { CLOSE: [{ target: 'closed', guard: 'isUrgent' }, { target: 'resolved' }] },
          },
          resolved: { on: { REOPEN: 'open' } },
          closed: { on: { REOPEN: 'open' } },
        },
      },
      {
        guards: { isUrgent: ({ event }) => (event as { urgent?: boolean }).urgent === true },
        payloads: { CLOSE: missing('reason') },
      },
    );
    const svg = await toSvg(lifecycle, { playable: true });
    const { page, faults, close } = await pages.open(`<ticket-lifecycle>${svg}</ticket-lifecycle>`);
    await expect.poll(() => statusOf(page).textContent()).toContain('CLOSE, with reason');
    expect(await page.locator('ticket-lifecycle #why-0').textContent()).toBe(
      'Leads to closed or resolved, with reason.',
    );
    expect(await page.locator('ticket-lifecycle .tl-edge.tl-enabled').count()).toBe(2);
    for (const state of ['resolved', 'closed']) {
      await page.locator(`[part=picture] [data-to="${state}"] text`).first().click();
      expect(await statusOf(page).textContent()).toContain(`The ticket is in ${state}.`);
      await press(page, 'REOPEN');
    }
    await press(page, 'CLOSE');
    expect(await statusOf(page).textContent()).toContain('The ticket is in closed.');
    expect(faults).toEqual([]);
    await close();
  });

  test('says in every state of every lifecycle what core says', async () => {
    const payload = defineLifecycle(
      {
        initial: 'open',
        states: {
          open: { on: { CLOSE: 'closed', NOTE: 'open' } },
          closed: { on: { 'RE-CLOSE': 'open' } },
        },
      },
      { guards: {} },
    );
    for (const lifecycle of [ticketLifecycle, guarded, payload] as readonly Lifecycle[]) {
      const svg = await toSvg(lifecycle, { playable: true });
      const { page, close } = await pages.open(`<ticket-lifecycle>${svg}</ticket-lifecycle>`);
      for (const state of lifecycle.states) {
        const element = page.locator('ticket-lifecycle');
        await element.evaluate((one, at) => one.setAttribute('at', at), state);
        const said = await element.locator('button[aria-describedby]').evaluateAll((list) =>
          list.map((one) => ({
            event: one.textContent,
            isBlocked: one.getAttribute('aria-disabled') === 'true',
            why: (one.getRootNode() as ShadowRoot).getElementById(
              one.getAttribute('aria-describedby') ?? '',
            )?.textContent,
          })),
        );
        const label = (name: string) => {
          const { label: declared } = lifecycle.metaOf(name);
          return typeof declared === 'string' ? declared : name;
        };
        const verdicts = lifecycle.enabled(state, undefined, { includeBlocked: true });
        const told = toldBeside(verdicts, label(state));
        expect(said).toEqual(
          verdicts.map((verdict, index) => ({
            event: verdict.event,
            isBlocked: !verdict.allowed,
            why: verdict.allowed ? `Leads to ${label(verdict.to)}.` : told[index]?.join(' '),
          })),
        );
      }
      await close();
    }
  });

  test('lists the reasons of the guards that block', async () => {
    const { page, close } = await pages.open(
      `<ticket-lifecycle>${await toSvg(guarded, { playable: true })}</ticket-lifecycle>`,
    );
    await expect
      .poll(() => page.locator('ticket-lifecycle li').allTextContents())
      .toEqual([expect.stringMatching(/^CLOSE: Only a lead closes a ticket\./)]);
    await close();
  });

  test('on a page from right to left nothing is cut, and the arrow keys go as people see them', async () => {
    const hebrew = defineLifecycle({
      initial: 'פתוח',
      states: {
        פתוח: { meta: { status: 'open' }, on: { 'סגור!': 'סגור', 'המתן (CLOSE)': 'סגור' } },
        סגור: { meta: { status: 'closed' }, type: 'final' },
      },
    });
    for (const title of ['מחזור החיים של כרטיס, 2026', 'The lifecycle of a ticket, 2026']) {
      const svg = await toSvg(hebrew, { playable: true, title });
      const { page, close } = await pages.open(
        `<div dir="rtl">${svg}<ticket-lifecycle>${svg.replaceAll('lifecycle-', 'other-')}</ticket-lifecycle></div>`,
      );
      await expect.poll(() => statusOf(page).textContent()).toContain('פתוח');
      const outside = await page.evaluate(() => {
        const shadow = document.querySelector('ticket-lifecycle')?.shadowRoot?.querySelector('svg');
        return [document.querySelector('main svg'), shadow].flatMap((picture) => {
          const frame = picture?.getBoundingClientRect();
          return [...(picture?.querySelectorAll('text') ?? [])].flatMap((one) => {
            const { left, right } = one.getBoundingClientRect();
            const isInside = frame !== undefined && left >= frame.left && right <= frame.right;
            return isInside ? [] : [one.textContent];
          });
        });
      });
      expect(outside).toEqual([]);
      await page.getByRole('button', { name: 'סגור!' }).focus();
      await page.keyboard.press('ArrowLeft');
      const focused = () =>
        page
          .locator('ticket-lifecycle')
          .evaluate((one) => one.shadowRoot?.activeElement?.textContent);
      expect(await focused()).toBe('המתן (CLOSE)');
      await page.keyboard.press('ArrowRight');
      expect(await focused()).toBe('סגור!');
      await close();
    }
  });

  const german: ElementMessages = {
    picture: 'Bild des Ablaufs',
    events: 'Ereignisse',
    restart: 'Von vorn',
    standing: 'Das Ticket ist in {state}.',
    moved: '{event}: jetzt in {state}.',
    possible: 'Möglich: {events}.',
    nothingPossible: 'Nichts ist möglich.',
    eventWith: '{event} (mit {fields})',
    refused: '{event} geht nicht. {reasons}',
    blocked: '{event} – {reasons}',
    leadsTo: 'Führt zu {state}.',
    leadsToWith: 'Führt mit {fields} zu {state}.',
    betweenEvents: ' oder ',
    betweenFields: ' und ',
    betweenStates: ' oder ',
    unusable: 'Nicht darstellbar: {reason}.',
  };
  /** Everything that the element says, shown or heard. */
  const wordsOf = (page: Page) =>
    page.locator('ticket-lifecycle').evaluate((element) => {
      const root = element.shadowRoot;
      const parts = [...(root?.querySelectorAll('[part]') ?? [])];
      return parts
        .filter((one) => one.getAttribute('part') !== 'picture')
        .map((one) => [one.getAttribute('aria-label') ?? '', one.textContent])
        .concat([[root?.querySelector('[part=picture]')?.getAttribute('aria-label') ?? '', '']])
        .flat()
        .join('\n');
    });

  test.each(['attribute', 'property', 'property before the script'])(
    'says all its own words in another language (%s)',
    async (way) => {
      // The reasons are core's: they are translated when the picture is drawn.
      const svg = await toSvg(needy, {
        playable: true,
        messages: {
          'no-such-transition': ({ event, state }) => `${event} fehlt in ${state}.`,
          guard: ({ guard }) => `${guard} hält auf.`,
        },
      });
      const attribute = JSON.stringify(german).replaceAll('"', '&quot;');
      const { page, faults, close } = await pages.open(
        way === 'attribute'
          ? `<ticket-lifecycle messages="${attribute}">${svg}</ticket-lifecycle>`
          : `<ticket-lifecycle>${svg}</ticket-lifecycle>`,
        way === 'property before the script' ? { before: { messages: german } } : {},
      );
      const element = page.locator('ticket-lifecycle');
      if (way === 'property') {
        await element.evaluate((one, messages) => Object.assign(one, { messages }), german);
      }
      await expect
        .poll(() => statusOf(page).textContent())
        .toBe('Das Ticket ist in open. Möglich: CLOSE (mit reason und note) oder WAIT.');
      const english = /Leads|[Pp]ossible|Start over|Events|Picture|The |blocked|\bwith\b/;
      expect(await wordsOf(page)).not.toMatch(english);
      await press(page, 'WAIT');
      expect(await statusOf(page).textContent()).toBe('WAIT: jetzt in waiting. Möglich: ANSWER.');
      expect(await wordsOf(page)).toContain('REOPEN – never hält auf.');
      await press(page, 'REOPEN');
      expect(await statusOf(page).textContent()).toBe('REOPEN geht nicht. never hält auf.');
      await page.getByRole('button', { name: 'Von vorn' }).click();
      // Another language does not move the ticket.
      await press(page, 'WAIT');
      await element.evaluate((one) => Object.assign(one, { messages: { restart: 'Again' } }));
      expect(await statusOf(page).textContent()).toBe(
        'The ticket is in waiting. Possible: ANSWER.',
      );
      expect(await page.getByRole('button', { name: 'Again' }).count()).toBe(1);
      expect([faults, await axeFaults(page)]).toEqual([[], []]);
      await close();
    },
  );

  test.each([
    ['{ restart', 'its messages are not valid JSON'],
    ['["Von vorn"]', 'messages is not an object of texts'],
    ['null', 'messages is not an object of texts'],
    [
      '{"restrat":"Von vorn"}',
      'messages has no "restrat". Expected one of picture, events, restart',
    ],
    ['{"toString":"Von vorn"}', 'messages has no "toString"'],
    ['{"restart":7}', 'messages.restart is not a text'],
    ['{"moved":"{evnt}!"}', "messages.moved can't fill in {evnt}. Expected {event} and {state}"],
    ['{"restart":"{state}"}', "messages.restart can't fill in {state}. Expected nothing in braces"],
  ])('names what is wrong with messages: %s', async (messages, reason) => {
    const { page, close } = await pages.open(
      `<ticket-lifecycle src="/support.svg" messages="${messages.replaceAll('"', '&quot;')}"></ticket-lifecycle>`,
    );
    const alert = page.locator('ticket-lifecycle').getByRole('alert');
    await expect.poll(() => alert.textContent()).toContain(reason);
    await page.locator('ticket-lifecycle').evaluate((one) => one.removeAttribute('messages'));
    await expect.poll(() => statusOf(page).textContent()).toContain('The ticket is in open.');
    await close();
  });

  test('works by keyboard alone, and keeps the focus where it is', async () => {
    const { page, close } = await pages.open(
      '<ticket-lifecycle src="/support.svg"></ticket-lifecycle>',
    );
    await expect.poll(() => statusOf(page).textContent()).toContain('open');
    const focused = () =>
      page.evaluate(
        `document.querySelector('ticket-lifecycle').shadowRoot.activeElement?.textContent.trim().slice(0, 9)`,
      );
    await page.keyboard.press('Tab');
    await page.keyboard.press('Tab');
    expect(await focused()).toBe('START');
    await page.keyboard.press('Enter');
    expect(await focused()).toBe('START');
    expect(await statusOf(page).textContent()).toContain('The ticket is in in-progress.');
    await page.keyboard.press('ArrowRight');
    expect(await focused()).toBe('RESOLVE');
    await page.keyboard.press('Space');
    expect(await statusOf(page).textContent()).toContain('The ticket is in resolved.');
    for (const [key, event] of [
      ['End', 'REOPEN'],
      ['ArrowRight', 'START'],
      ['ArrowLeft', 'REOPEN'],
      ['Home', 'START'],
    ] as const) {
      await page.keyboard.press(key);
      expect(await focused()).toBe(event);
    }
    await close();
  });

  test('tells the page of each move, and moves when the page says so', async () => {
    const { page, close } = await pages.open(
      '<ticket-lifecycle src="/support.svg" at="resolved"></ticket-lifecycle>',
    );
    await expect.poll(() => statusOf(page).textContent()).toContain('resolved');
    const told = await page.evaluate(`{
      const element = document.querySelector('ticket-lifecycle');
      const moves = [];
      document.addEventListener('move', ({ detail }) => moves.push(detail));
      [element.press('CLOSE'), element.press('START'), element.press('toString'), element.state, moves];
    }`);
    expect(told).toEqual([
      true,
      false,
      false,
      'closed',
      [{ event: 'CLOSE', from: 'resolved', to: 'closed', status: 'closed' }],
    ]);
    await close();
  });

  test.each(['light', 'dark'] as const)(
    'has no fault that axe finds (%s, wide and narrow)',
    async (scheme) => {
      for (const width of [880, 390]) {
        const { page, close } = await pages.open(
          `<ticket-lifecycle src="/support.svg"></ticket-lifecycle>
         <ticket-lifecycle>${await toSvg(guarded, { playable: true, width })}</ticket-lifecycle>
         <ticket-lifecycle src="/gone.svg"></ticket-lifecycle>`,
          { scheme, width },
        );
        await page.getByRole('alert').waitFor();
        await press(page, 'START');
        expect(await axeFaults(page)).toEqual([]);
        await close();
      }
    },
  );

  const verdicts = /<metadata>.*<\/metadata>/s;
  test.each<[what: string, file: (svg: string) => string | undefined, says: string]>([
    ['a file that is not there', () => undefined, "/x.svg can't be loaded (HTTP 404)."],
    ['a text that is no SVG', () => 'no svg', 'it is not an SVG.'],
    ['half of a file', (svg) => svg.slice(0, 900), 'it is not an SVG.'],
    ['an SVG without verdicts', (svg) => svg.replace(verdicts, ''), 'Draw it with playable: true'],
    [
      'verdicts that are no JSON',
      (svg) => svg.replace(verdicts, '<metadata>{</metadata>'),
      'its verdicts are not valid JSON.',
    ],
    [
      'verdicts of null',
      (svg) => svg.replace(verdicts, '<metadata>null</metadata>'),
      'its verdicts are not an object.',
    ],
    [
      'verdicts of another version',
      (svg) => svg.replace('version&quot;:1', 'version&quot;:2'),
      'another version',
    ],
    [
      'verdicts that lead nowhere',
      (svg) => svg.replace(/open&quot;:\[\[0,1\]\]/, 'open&quot;:[[0,99]]'),
      'its verdicts are damaged.',
    ],
    [
      'a flood of entities',
      (svg) => `<!DOCTYPE x [<!ENTITY a "aaaa">]>${svg}`,
      'it is not a drawing of ours.',
    ],
    [
      'a deep one',
      (svg) => svg.replace('</svg>', `${'<g>'.repeat(60)}${'</g>'.repeat(60)}</svg>`),
      'it is not a drawing of ours.',
    ],
  ])('says in the page what is wrong: %s', async (_, file, says) => {
    const text = file(support);
    expect(text).not.toBe(support);
    if (text === undefined) pages.files.delete('/x.svg');
    else pages.files.set('/x.svg', text);
    const { page, faults, close } = await pages.open(
      '<ticket-lifecycle src="/x.svg"></ticket-lifecycle>',
    );
    expect(await page.getByRole('alert').textContent()).toContain(says);
    expect(faults).toEqual([]);
    await close();
  });

  test('says what is missing where there is nothing, and which states there are', async () => {
    const { page, close } = await pages.open(
      '<ticket-lifecycle></ticket-lifecycle><ticket-lifecycle src="/support.svg" at="opne"></ticket-lifecycle>',
    );
    await expect
      .poll(() => page.getByRole('alert').allTextContents())
      .toEqual([
        "This lifecycle can't be shown: it has neither an SVG inside nor a src.",
        `This lifecycle can't be shown: at="opne" is not one of its states. Expected one of open, in-progress, resolved, closed.`,
      ]);
    await close();
  });

  test('runs and loads nothing that an SVG brings along', async () => {
    const hostile = support
      .replace(
        '</svg>',
        `<script>alert(1)</script><foreignObject><img xmlns="http://www.w3.org/1999/xhtml" src="x" onerror="alert(2)"/></foreignObject><a xmlns:xlink="http://www.w3.org/1999/xlink" xlink:href="javascript:alert(3)"><text>x</text></a><image href="https://example.org/a.png"/><use href="https://example.org/b.svg#b"/><animate onbegin="alert(4)" attributeName="x" dur="1s"/><rect fill="url(https://example.org/c.svg#c)" style="fill:url(https://example.org/d)" onclick="alert(5)" width="9" height="9"/></svg>`,
      )
      .replace(
        '<style>',
        '<style>@import "https://example.org/e.css"; *{background:url(https://example.org/f)}</style><style>',
      )
      .replace('<svg ', '<svg onload="alert(6)" ');
    pages.files.set('/hostile.svg', hostile);
    const { page, faults, close } = await pages.open(
      '<ticket-lifecycle src="/hostile.svg"></ticket-lifecycle>',
    );
    await expect.poll(() => statusOf(page).textContent()).toContain('The ticket is in open.');
    const copy = await page.evaluate(
      `document.querySelector('ticket-lifecycle').shadowRoot.querySelector('svg').outerHTML`,
    );
    expect(copy).toContain('data-state="open"');
    expect(copy).not.toMatch(
      /script|foreign|href|url\(|<style| on\w+=|style=|<a|animate|<image|<use/i,
    );
    await page.locator('ticket-lifecycle rect').last().click();
    expect(faults).toEqual([]);
    await close();
  });

  test('takes a child that comes later, and another src', async () => {
    const { page, close } = await pages.open('<ticket-lifecycle></ticket-lifecycle>');
    await page.getByRole('alert').waitFor();
    await page.evaluate(
      `fetch('/support.svg').then((one) => one.text()).then((svg) => { document.querySelector('ticket-lifecycle').insertAdjacentHTML('beforeend', svg); })`,
    );
    await expect.poll(() => statusOf(page).textContent()).toContain('The ticket is in open.');
    await page.evaluate(
      `document.querySelector('ticket-lifecycle').setAttribute('src', '/gone.svg')`,
    );
    await page.getByRole('alert').waitFor();
    await close();
  });
});
