import { ticketLifecycle } from '@ticket-lifecycle/core';
import * as fc from 'fast-check';
import { type Element, JSDOM } from 'jsdom';
import { expect, test } from 'vitest';
import { toSvg } from '../src/index.ts';
import { guarded, lifecycleNamed } from './support/lifecycles.ts';
import { drawn } from './support/random-lifecycle.ts';

const { DOMParser } = new JSDOM('').window;

/** Reads an SVG as strictly as an XML parser does. */
function read(svg: string): Element {
  const { documentElement } = new DOMParser().parseFromString(svg, 'image/svg+xml');
  expect(documentElement.nodeName).toBe('svg');
  return documentElement;
}

const attributesOf = (svg: Element, selector: string, name: string): (string | null)[] =>
  [...svg.querySelectorAll(selector)].map((one) => one.getAttribute(name));

test('the SVG of a thousand random lifecycles has every state and edge, each once', async () => {
  await fc.assert(
    fc.asyncProperty(drawn, async ({ lifecycle, options }) => {
      const text = await toSvg(lifecycle, options as never);
      // Each text is as long as its name is; only places are numbers.
      expect(text).not.toMatch(/ (?:d|x|y|width|height|points)="[^"]*(?:NaN|undefined)/);
      const svg = read(text);
      expect(attributesOf(svg, '[data-state]', 'data-state')).toEqual(lifecycle.states);
      const edges = [...svg.querySelectorAll('[data-event]')];
      expect(
        edges.map((edge) => ['from', 'to', 'event'].map((end) => edge.getAttribute(`data-${end}`))),
      ).toEqual(lifecycle.edges.map(({ from, to, event }) => [from, to, event]));
      // Each of them is drawn: a curve and a head. Compared as numbers, for speed.
      const drawnParts = edges.map((edge) =>
        ['path[d^="M"]', 'polygon'].map((part) => edge.querySelectorAll(part).length).join(),
      );
      expect(drawnParts.every((parts) => parts === '1,1')).toBe(true);
    }),
    { numRuns: 1000 },
  );
}, 120_000);

test('says in words what it shows, and names itself', async () => {
  const svg = read(await toSvg(ticketLifecycle, { title: 'Support', at: 'resolved' }));
  expect(svg.getAttribute('role')).toBe('img');
  expect(svg.getAttribute('aria-labelledby')).toBe('lifecycle-title lifecycle-desc');
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
