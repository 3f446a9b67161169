import { ticketLifecycle, type Lifecycle } from '@ticket-lifecycle/core';
import * as fc from 'fast-check';
import { instance } from '@viz-js/viz';
import { JSDOM } from 'jsdom';
import { describe, expect, test } from 'vitest';
import { refreshDrawing, toDot, toMermaid, toSvg, type DrawingFileOptions } from '../src/index.ts';
import { guarded } from './support/lifecycles.ts';
import { understand } from './support/mermaid-parser.ts';

const { DOMParser } = new JSDOM('').window;
const lifecycle = ticketLifecycle as Lifecycle;
const lastLine = (text: string) => text.trimEnd().split('\n').at(-1) ?? '';

const maybe = <Value>(values: fc.Arbitrary<Value>) => fc.option(values, { nil: undefined });
const states = fc.constantFrom(...ticketLifecycle.states);
const textOptions = {
  title: maybe(
    fc.oneof(
      fc.string({ unit: 'binary', minLength: 1 }),
      fc.constantFrom('true', '7', '--> <!-- x', '*/ %% //', 'at=open', 'with=counts', ' '),
    ),
  ),
  direction: maybe(fc.constantFrom('right' as const, 'down' as const)),
  guards: maybe(fc.constantFrom('names' as const, 'none' as const)),
  group: maybe(fc.boolean()),
  times: maybe(fc.boolean()),
  at: maybe(states),
  previous: maybe(states),
};
const svgOptions = {
  idPrefix: maybe(fc.constantFrom('a', 'b-2')),
  width: maybe(fc.constantFrom(390, 640.5)),
  scheme: maybe(fc.constantFrom('auto' as const, 'light' as const, 'dark' as const)),
  playable: maybe(fc.boolean()),
  legend: maybe(fc.boolean()),
};

const drawings = fc.oneof(
  fc.record({ format: fc.constant('svg' as const), ...textOptions, ...svgOptions }),
  fc.record({ format: fc.constantFrom('mermaid' as const, 'dot' as const), ...textOptions }),
);

test('a file is drawn again with the options that it was drawn with, without repeating them', async () => {
  await fc.assert(
    fc.asyncProperty(drawings, async ({ format, ...options }) => {
      const drawn = await refreshDrawing('', lifecycle, { format, ...options });
      expect(await refreshDrawing(drawn, lifecycle, { format })).toBe(drawn);
      const ofWindows = drawn.replaceAll('\n', '\r\n');
      expect(await refreshDrawing(ofWindows, lifecycle, { format })).toBe(ofWindows);
      expect(await refreshDrawing(`stale${ofWindows}`, lifecycle, { format })).toBe(drawn);
      // The drawing itself is the one of the options; what they do is not for this test.
      const given = Object.fromEntries(
        Object.entries(options).filter(([, value]) => value !== undefined),
      );
      const draw = { svg: toSvg, mermaid: toMermaid, dot: toDot }[format];
      const plain = await draw(lifecycle, given);
      expect(drawn.startsWith(plain)).toBe(true);
      const rest = drawn.slice(plain.length);
      expect(rest.split('\n')).toHaveLength(Object.keys(given).length === 0 ? 1 : 2);
      if (format === 'svg') {
        const root = new DOMParser().parseFromString(drawn, 'image/svg+xml').documentElement;
        expect(root.nodeName).toBe('svg');
      }
    }),
    { numRuns: 100 },
  );
});

test('every format still reads the file', async () => {
  const options = { at: 'resolved', title: 'a --> b */ %% "c"' } as const;
  const graphviz = await instance();
  const dot = await refreshDrawing('', lifecycle, { ...options, format: 'dot' });
  expect(graphviz.render(dot).status).toBe('success');
  const mermaid = await refreshDrawing('', lifecycle, { ...options, format: 'mermaid' });
  expect(await understand(mermaid)).toEqual(await understand(toMermaid(lifecycle, options)));
});

test('what is given comes before what the file keeps, and undefined is not given', async () => {
  const drawn = await refreshDrawing('', lifecycle, { at: 'open', playable: true });
  const moved = await refreshDrawing(drawn, lifecycle, { at: 'closed', playable: undefined });
  expect(lastLine(moved)).toBe('<!-- ticket-lifecycle diagram at=closed playable=true -->');
});

describe('an option that is not text', () => {
  const context = { role: 'lead', answered: true };
  const all = {
    context,
    counts: [],
    guardLabels: { isLead: 'only a lead' },
    messages: {},
    words: { jump: 'ein Sprung' },
  } satisfies DrawingFileOptions;
  test.each(Object.entries(all))('%s has to be given again, and says so', async (name, value) => {
    const options = { at: 'open', [name]: value } as const;
    const drawn = await refreshDrawing('', guarded as Lifecycle, options);
    expect(lastLine(drawn)).toBe(`<!-- ticket-lifecycle diagram at=open with=${name} -->`);
    await expect(refreshDrawing(drawn, guarded as Lifecycle)).rejects.toThrow(
      `the file was drawn with ${name}, which it does not keep. Give ${name} again, or delete the file to draw it without.`,
    );
    expect(await refreshDrawing(drawn, guarded as Lifecycle, { [name]: value })).toBe(drawn);
  });
});

test.each([
  ['at=opne', 'option "at" must be one of'],
  ['atx=open', 'unknown option "atx"'],
  ['context=x', 'option "context" is not a text'],
  ['width=wide', 'option "width" must be a number of pixels'],
])('a comment with %s is refused', async (words, message) => {
  const text = `<svg/>\n<!-- ticket-lifecycle diagram ${words} -->\n`;
  await expect(refreshDrawing(text, lifecycle)).rejects.toMatchObject({
    code: 'invalid-option',
    message: expect.stringMatching(new RegExp(`${message}.*, in the comment on the last line\\.$`)),
  });
});

test('options of another format are refused by name', async () => {
  const wrong = { format: 'dot', playable: true } as const;
  await expect(refreshDrawing('', lifecycle, wrong)).rejects.toThrow('unknown option "playable"');
  await expect(refreshDrawing('', lifecycle, { format: 'png' } as never)).rejects.toThrow(
    'option "format" must be one of "svg", "mermaid", "dot", received "png"',
  );
  await expect(refreshDrawing(7 as never, lifecycle)).rejects.toThrow(
    'expected a text, received 7',
  );
});
