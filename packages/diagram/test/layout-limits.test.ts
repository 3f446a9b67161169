import { defineLifecycle, type Lifecycle } from '@ticket-lifecycle/core';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type DiagramOptions, toSvg } from '../src/index.ts';
import { pictureOf } from '../src/picture/picture.ts';
import {
  boxAreas,
  captionAreas,
  crossedBoxes,
  crossedCaptions,
  crossedHeadings,
  isClear,
} from '../src/svg/clear-places.ts';
import { fitInto } from '../src/svg/fit-into.ts';
import { loadGraphviz } from '../src/svg/graphviz.ts';
import { drawn } from './support/random-lifecycle.ts';

const layOut = await loadGraphviz();
const statuses = ['open', 'in-progress', 'resolved', 'closed'];

function place(lifecycle: Lifecycle, width: number, options: DiagramOptions) {
  return fitInto(layOut, width, options, (form) =>
    pictureOf('limits', lifecycle, { ...options, ...form }),
  );
}

test('nothing is on anything else, whatever the lifecycle, its names and its overlays', () => {
  fc.assert(
    fc.property(drawn, fc.constantFrom(390, 690, 880), ({ lifecycle, options }, width) => {
      // A direction that is given may leave no place for all.
      const { direction: _, ...free } = options as DiagramOptions;
      const { drawing, layout } = place(lifecycle, width, free);
      expect(isClear(drawing.plan, layout)).toBe(true);
    }),
    { numRuns: 200 },
  );
});

/** States by their names: the status, then the events with their targets. */
type Rows = Readonly<
  Record<string, readonly [status: string, on: Readonly<Record<string, string>>]>
>;

function lifecycleOf(rows: Rows): Lifecycle {
  const states = Object.entries(rows).map(([name, [status, on]]) => [
    name,
    { meta: { status }, ...(Object.keys(on).length === 0 ? { type: 'final' } : { on }) },
  ]);
  const [initial = ''] = Object.keys(rows);
  return defineLifecycle({ initial, states: Object.fromEntries(states) });
}

const pair = (a: string, b: string, forth: string, back: string): Rows => ({
  [a]: ['open', { [forth]: b }],
  [b]: ['closed', { [back]: a }],
});
const many = <Value>(count: number, entry: (index: number) => readonly [string, Value]) =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => entry(index)));
const statusOf = (index: number) => statuses[Math.floor(index / 16) % 4] ?? 'open';

const limits: Readonly<Record<string, Rows>> = {
  'letters from right to left': pair('פתוח', 'סגור 123', 'סגור (CLOSE)', 'פתח מחדש!'),
  'Arabic letters': pair('مفتوح', 'مغلق', 'إغلاق التذكرة', 'إعادة فتح'),
  'Chinese and Japanese letters': pair(
    'お客様からの回答待ちでございます、しばらくお待ちください',
    '完了',
    '关闭这张工单并通知客户',
    '再開',
  ),
  'letters with marks': pair('เปิดตั๋วใหม่ของลูกค้า', 'बंद', 'समस्या का समाधान', 'Z̸̢͎a̷͓͝l̵͔̾g̶̙̈o̴͎͝'),
  'pictures as letters': pair('🆕👩‍👩‍👧‍👦', '✅🏳️‍🌈', '🚀'.repeat(12), '🔁'),
  'names of 200 letters': pair('s'.repeat(200), 'm'.repeat(200), 'E'.repeat(200), 'W'.repeat(200)),
  'names of many words': pair(
    'waiting for them '.repeat(12).trim(),
    'b',
    'ASK_AGAIN_'.repeat(20),
    'F',
  ),
  'labels of several lines': pair('one\ntwo\n\nfour', 'b', 'A\nB', 'C'),
  'one state': { open: ['open', {}] },
  'a state with twelve loops': {
    open: ['open', { ...many(12, (index) => [`NOTE_${index}`, 'open']), CLOSE: 'closed' }],
    closed: ['closed', {}],
  },
  'loops only, but for the way on': many(8, (index) => [
    `s${index}`,
    [statusOf(index * 8), { AGAIN: `s${index}`, NEXT: `s${(index + 1) % 8}` }] as const,
  ]),
  'twelve edges of one pair': {
    open: ['open', many(12, (index) => [`CLOSE_FOR_REASON_${index}`, 'closed'])],
    closed: ['closed', { REOPEN: 'open' }],
  },
  'an edge from each state to each': many(8, (index) => [
    `s${index}`,
    [statuses[index % 4] ?? '', many(8, (to) => [`TO_${to}`, `s${to}`])] as const,
  ]),
  'twenty states around one': {
    hub: ['open', many(20, (index) => [`GO_${index}`, `s${index}`])],
    ...many(20, (index) => [`s${index}`, ['in-progress', { BACK: 'hub' }] as const]),
  },
  'sixty states in a row': many(60, (index) => [
    `s${index}`,
    [statusOf(index), index < 59 ? { NEXT: `s${index + 1}` } : {}] as const,
  ]),
  'sixty states with 200 edges': many(60, (index) => [
    `s${index}`,
    [
      statusOf(index),
      many(index < 20 ? 4 : 3, (edge) => [
        `E${edge}_${index}`,
        `s${(index + ([1, 3, 7, index * 5 + 2][edge] ?? 0)) % 60}`,
      ]),
    ] as const,
  ]),
};

const overlays = {
  'without overlays': () => ({}),
  'with a ticket in it': ({ initial }: Lifecycle) => ({ at: initial }),
  'with a long title': () => ({
    title: 'How a ticket of our service desk goes from its first report to its last word, in 2026',
  }),
  'with counts': ({ edges }: Lifecycle) => ({
    counts: edges.map(({ from, to }, index) => ({ from, to, count: index })),
  }),
} as const;

describe.each(Object.entries(limits))('a lifecycle of %s', (_, rows) => {
  const lifecycle = lifecycleOf(rows);
  describe.each(Object.entries(overlays))('%s', (__, overlay) => {
    test.each([390, 880])('is legible on %i px', async (width) => {
      const options = overlay(lifecycle);
      const { drawing, layout } = place(lifecycle, width, options);
      const { plan } = drawing;
      expect(crossedCaptions(plan, layout)).toEqual([]);
      expect(crossedHeadings(plan, layout)).toEqual([]);
      expect(crossedBoxes(plan, layout)).toEqual([]);
      expect(isClear(plan, layout)).toBe(true);
      const areas = [...boxAreas(plan, layout), ...captionAreas(plan, layout)];
      expect(Math.min(...areas.flatMap(({ from }) => [from.x, from.y]))).toBeGreaterThanOrEqual(-8);
      expect(Math.max(...areas.map(({ to }) => to.x))).toBeLessThanOrEqual(layout.size.width + 8);
      expect(Math.max(...areas.map(({ to }) => to.y))).toBeLessThanOrEqual(layout.size.height + 8);
      const svg = await toSvg(lifecycle, { ...options, width });
      expect(Number(/ width="(\d+)"/.exec(svg)?.[1])).toBeLessThanOrEqual(width);
    });
  });
});

test('a title that is wider than the picture may be breaks into lines, and loses no word', async () => {
  const title = 'How a ticket goes from its first report to its last word, at night and by day';
  const lifecycle = lifecycleOf(limits['one state'] ?? {});
  const linesOn = async (width: number) => {
    const svg = await toSvg(lifecycle, { title, width });
    return [...svg.matchAll(/<text class="tl-title"[^>]*>([^<]*)</g)].map(([, line = '']) => line);
  };
  expect(await linesOn(880)).toEqual([title]);
  const narrow = await linesOn(300);
  expect(narrow.length).toBeGreaterThan(1);
  expect(narrow.join(' ')).toBe(title);
});
