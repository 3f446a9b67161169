import { defineLifecycle, ticketLifecycle, type Lifecycle } from '@ticket-lifecycle/core';
import * as fc from 'fast-check';
import { type Element, JSDOM } from 'jsdom';
import { expect, test } from 'vitest';
import { toSvg, type SvgOptions } from '../src/index.ts';
import { schemes } from '../src/svg/svg-style.ts';
import { guarded, lifecycleNamed } from './support/lifecycles.ts';
import { drawn } from './support/random-lifecycle.ts';

const runs = Number(process.env['LIFECYCLE_FUZZ_RUNS'] ?? 200);

const { DOMParser } = new JSDOM('').window;

/** Reads an SVG as strictly as an XML parser does. */
function read(svg: string): Element {
  const { documentElement } = new DOMParser().parseFromString(svg, 'image/svg+xml');
  expect(documentElement.nodeName).toBe('svg');
  return documentElement;
}

const attributesOf = (svg: Element, selector: string, name: string): (string | null)[] =>
  [...svg.querySelectorAll(selector)].map((one) => one.getAttribute(name));

test('the SVG of many random lifecycles has every state and edge, each once', async () => {
  await fc.assert(
    fc.asyncProperty(drawn, async ({ lifecycle, options }) => {
      const text = await toSvg(lifecycle, options as never);
      // Each text is as long as its name is; only places are numbers.
      expect(text).not.toMatch(/ (?:d|x|y|width|height|points)="[^"]*(?:NaN|undefined)/);
      const svg = read(text);
      expect(attributesOf(svg, '[data-state]', 'data-state')).toEqual(lifecycle.states);
      const edges = [...svg.querySelectorAll('[data-event]')].map((edge) => ({
        ends: ['from', 'to', 'event'].map((end) => edge.getAttribute(`data-${end}`)),
        // A curve and a head. Compared as numbers, for speed.
        parts: ['path[d^="M"]', 'polygon'].map((part) => edge.querySelectorAll(part).length).join(),
      }));
      const inOrder = (some: readonly (readonly (string | null)[])[]) =>
        some.map((ends) => JSON.stringify(ends)).toSorted();
      expect(inOrder(edges.map(({ ends }) => ends))).toEqual(
        inOrder(lifecycle.edges.map(({ from, to, event }) => [from, to, event])),
      );
      // An arrow for each, or one that it shares with another edge of its pair of states.
      const pairOf = ({ ends }: (typeof edges)[number]) => JSON.stringify(ends.slice(0, 2));
      for (const [index, edge] of edges.entries()) {
        const before = edges[index - 1];
        const shares = before !== undefined && pairOf(before) === pairOf(edge);
        expect(shares ? ['1,1', '0,0'] : ['1,1']).toContain(edge.parts);
      }
    }),
    { numRuns: runs },
  );
});

test('says in words what it shows, and names itself', async () => {
  const svg = read(await toSvg(ticketLifecycle, { title: 'Support', at: 'resolved' }));
  expect(svg.getAttribute('role')).toBe('img');
  expect(svg.getAttribute('aria-labelledby')).toBe('lifecycle-title');
  expect(svg.getAttribute('aria-describedby')).toBe('lifecycle-desc');
  expect(svg.querySelector('#lifecycle-title')?.textContent).toBe('Support');
  expect(svg.querySelector('#lifecycle-desc')?.textContent).toBe(
    'A ticket starts in open. From open: START to in-progress. From in-progress: RESOLVE to resolved. From resolved: CLOSE to closed, enabled; REOPEN to open, enabled. From closed: REOPEN to open. The ticket is in resolved now.',
  );
});

test('two on one page share no id', async () => {
  const ids = async (idPrefix: string) =>
    attributesOf(read(await toSvg(ticketLifecycle, { idPrefix })), '[id]', 'id');
  const all = [...(await ids('first')), ...(await ids('second'))];
  expect(all).toHaveLength(4);
  expect(new Set(all).size).toBe(4);
});

test('takes its ink from the page, and names no colour outside of its style sheet', async () => {
  const text = await toSvg(guarded, {
    at: 'open',
    counts: [{ from: 'open', to: 'closed', count: 3 }],
  });
  const drawing = text.replace(/<style>.*<\/style>/s, '');
  const colors = [...drawing.matchAll(/ (?:fill|stroke)="([^"]*)"/g)].map(([, color]) => color);
  expect(new Set(colors)).toEqual(new Set(['none', 'currentColor']));
});

test('the same lifecycle gives the same bytes, also side by side', async () => {
  const [first, second, third] = await Promise.all([
    toSvg(ticketLifecycle),
    toSvg(guarded),
    toSvg(ticketLifecycle),
  ]);
  expect(third).toBe(first);
  expect(second).not.toBe(first);
});

test('a text of many letters stays inside of its box', async () => {
  const [box] = read(await toSvg(lifecycleNamed('w'.repeat(200)))).querySelectorAll('.tl-state');
  const width = Number(box?.querySelector('rect')?.getAttribute('width'));
  const lines = [...(box?.querySelectorAll('text') ?? [])].map((line) => line.textContent);
  expect(lines).toHaveLength(4);
  expect(lines.slice(0, 3).join('')).toMatch(/^w+…$/);
  // The widest letter but one, in the usual sans-serif fonts, is 0.75 em wide.
  expect(Math.max(...lines.map((line) => line.length)) * 0.75 * 14).toBeLessThan(width);
  expect(box?.querySelector('title')?.textContent).toBe('w'.repeat(200));
});

/** One with two states of a status, as most help desks have. */
const desk = defineLifecycle({
  initial: 'open',
  states: {
    open: { on: { START: 'in-progress', NOTE: 'open', PING: 'open' } },
    'in-progress': { on: { WAIT: 'waiting', RESOLVE: 'resolved' } },
    waiting: { meta: { status: 'in-progress' }, on: { ANSWER: 'in-progress' } },
    resolved: { on: { CLOSE: 'closed', REOPEN: 'open' } },
    closed: { on: { REOPEN: 'open' } },
  },
});
const route = ['open', 'in-progress', 'resolved', 'closed'] as const;

/** Where the boxes of states begin, along an axis. */
async function placesOf(options: SvgOptions, axis: 'x' | 'y'): Promise<number[]> {
  const svg = read(await toSvg(desk as Lifecycle, options));
  return route.map((state) =>
    Number(svg.querySelector(`[data-state="${state}"] rect`)?.getAttribute(axis)),
  );
}

const sizeOf = (svg: Element): { width: number; height: number } => ({
  width: Number(svg.getAttribute('width')),
  height: Number(svg.getAttribute('height')),
});

test.each([true, false])('time flows one way, with frames: %s', async (group) => {
  const across = await placesOf({ direction: 'right', group }, 'x');
  expect(across).toEqual(across.toSorted((one, other) => one - other));
  const down = await placesOf({ direction: 'down', group }, 'y');
  expect(down).toEqual(down.toSorted((one, other) => one - other));
});

test.each([880, 690, 390])('a help desk fits into %d px', async (width) => {
  const svg = read(await toSvg(desk, { width }));
  expect(sizeOf(svg).width).toBeLessThanOrEqual(width);
  // Nothing is made smaller for it.
  const sizes = attributesOf(svg, 'text', 'font-size').map(Number);
  expect(Math.min(...sizes)).toBeGreaterThanOrEqual(11);
});

test('what is given is kept, though it is too wide', async () => {
  const across = sizeOf(read(await toSvg(desk, { width: 200, direction: 'right' })));
  expect(across.width).toBeGreaterThan(across.height);
  const framed = read(await toSvg(desk, { width: 200, group: true }));
  expect(framed.querySelectorAll('.tl-group')).toHaveLength(1);
});

test('events from one state to another share an arrow, each with its own caption', async () => {
  const svg = read(await toSvg(desk));
  const loops = [...svg.querySelectorAll('[data-from="open"][data-to="open"]')];
  expect(loops.map((loop) => loop.getAttribute('data-event'))).toEqual(['NOTE', 'PING']);
  expect(loops.map((loop) => loop.querySelector('text')?.textContent)).toEqual(['NOTE', 'PING']);
  expect(loops.flatMap((loop) => [...loop.querySelectorAll('path')])).toHaveLength(1);
});

test('a file of its own stands on paper; inside a page the page shows through', async () => {
  const [auto, light, dark] = await Promise.all(
    (['auto', 'light', 'dark'] as const).map(async (scheme) => toSvg(desk, { scheme })),
  );
  const paperOf = (text = '') => read(text).querySelector('.tl-page')?.getAttribute('fill');
  expect([auto, light, dark].map(paperOf)).toEqual(['none', '#ffffff', '#0d1117']);
  expect(auto).toMatch(/svg\.ticket-lifecycle:root \.tl-page\{fill:#ffffff\}/);
  expect(auto).toMatch(/prefers-color-scheme:dark\).*\.tl-page\{fill:#0d1117\}/);
});

test('the colours of both schemes have a contrast of 4.5 on their paper', () => {
  for (const { paper, ...inks } of Object.values(schemes)) {
    for (const ink of Object.values(inks)) expect(contrast(ink, paper)).toBeGreaterThan(4.5);
  }
});

/** As WCAG counts it. */
function contrast(one: string, other: string): number {
  const [light = 0, dark = 0] = [one, other].map(luminance).toSorted((a, b) => b - a);
  return (light + 0.05) / (dark + 0.05);
}

function luminance(color: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const part = Number.parseInt(color.slice(at, at + 2), 16) / 255;
    return part <= 0.040_45 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

test('what a template would read as code is written as entities', async () => {
  const text = await toSvg(lifecycleNamed('{{6+8}}'));
  const drawing = text.replace(/<style>.*<\/style>/s, '');
  expect(drawing).not.toMatch(/[{}]/);
  expect(read(text).textContent).toContain('{{6+8}}');
});

test('a sentence that ends in a message has one full stop', async () => {
  const text = await toSvg(guarded, { at: 'open' });
  expect(text).toContain('blocked: Only a lead closes a ticket');
  expect(text).not.toContain('..');
});

/** Names of states as people write them, with the longest words that a desk has. */
const longWords = defineLifecycle({
  initial: 'new',
  states: {
    new: {
      meta: { status: 'open', label: 'Neu eingegangen' },
      on: { START: 'busy', WAIT: 'waiting', RENEW: 'renewal' },
    },
    busy: {
      meta: { status: 'in-progress', label: 'In Bearbeitung' },
      on: { WAIT: 'waiting', RESOLVE: 'resolved', RENEW: 'renewal' },
    },
    waiting: {
      meta: { status: 'in-progress', label: 'Wartet auf Kundin' },
      on: { ANSWER: 'busy', RENEW: 'renewal' },
    },
    renewal: {
      meta: { status: 'in-progress', label: 'Vertragsverlängerung' },
      on: { ANSWER: 'busy', RESOLVE: 'resolved' },
    },
    resolved: {
      meta: { status: 'resolved', label: 'Gelöst' },
      on: { CLOSE: 'closed', REOPEN: 'new' },
    },
    closed: { meta: { status: 'closed', label: 'Abgeschlossen' }, on: { REOPEN: 'new' } },
  },
});

test.each([
  ...[320, 390, 480, 560, 640, 700, 760, 880].flatMap((width) => [
    [width, {}] as const,
    [width, { direction: 'down' }] as const,
  ]),
  // These forbid a column.
  [1400, { direction: 'right' }] as const,
  [880, { group: true }] as const,
])('no word of a name is broken where there is room: %d px, %j', async (width, form) => {
  const svg = read(await toSvg(longWords as Lifecycle, { width, ...form }));
  expect(Number(svg.getAttribute('width'))).toBeLessThanOrEqual(width);
  const lines = [...svg.querySelectorAll('[data-state] .tl-name')].map(
    ({ textContent }) => textContent,
  );
  const words = longWords.states.flatMap((state) =>
    String(longWords.metaOf(state)['label']).split(' '),
  );
  expect(lines.join(' ').split(' ')).toEqual(words);
});

test('a word that is wider than the picture may be is broken', async () => {
  const svg = read(await toSvg(longWords as Lifecycle, { width: 200 }));
  const lines = [...svg.querySelectorAll('[data-state] .tl-name')].map(
    ({ textContent }) => textContent,
  );
  expect(lines).not.toContain('Vertragsverlängerung');
  expect(lines.join('')).toContain('Vertragsverlängerung');
});
