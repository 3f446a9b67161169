import { defineLifecycle, messages, type Lifecycle, type Messages } from '@ticket-lifecycle/core';
import { JSDOM } from 'jsdom';
import { and, setup } from 'xstate';
import { describe, expect, test } from 'vitest';
import { toDot, toMermaid, toSvg, type DiagramWords, type SvgOptions } from '../src/index.ts';
import { remarkLifecycle } from '../src/pages/remark.ts';
import { englishMessages, readMessages } from '../src/element/messages.ts';
import { fill } from '../src/fill-in.ts';
import { englishWords } from '../src/words.ts';
import rehypeStringify from 'rehype-stringify';
import remarkParse from 'remark-parse';
import remarkRehype from 'remark-rehype';
import { unified } from 'unified';

const { DOMParser } = new JSDOM('').window;
const names = Object.keys(englishWords) as (keyof DiagramWords)[];

/** A catalogue without a Latin letter, in which each text can be told from all others. */
const foreign = Object.fromEntries(
  names.map((name, index) => {
    const places = englishWords[name].match(/\{[^{}]*\}/g) ?? [];
    return [name, [`я${index}я`, ...places].join(' ')];
  }),
) as unknown as DiagramWords;
const foreignMessages = Object.fromEntries(
  Object.keys(messages).map((code) => [code, () => `ю ${Object.keys(messages).indexOf(code)}`]),
) as unknown as Messages;

/** A schema that asks for these fields, which nothing that is sent has. */
function missing(...fields: readonly string[]) {
  const issues = fields.map((field) => ({ message: 'ж', path: [field] }));
  const whole = { message: 'ж', path: [] };
  const validate = () => ({ issues: issues.length === 0 ? [whole] : issues });
  return { '~standard': { version: 1, vendor: 'test', validate } } as const;
}

/** One whose names have no Latin letter either, with every kind of thing that can be drawn. */
const lifecycle = defineLifecycle(
  setup({ guards: { γ: () => false, δ: () => true } }).createMachine({
    meta: {
      sla: {
        calendars: { κ: { timeZone: 'Europe/Berlin', hours: { monday: '09:00-17:00' } } },
        clocks: {
          ω: { target: 'PT1H1M1S' },
          ψ: { target: 'PT6H7M8S', calendar: 'κ' },
        },
      },
    },
    initial: 'α',
    states: {
      α: {
        meta: {
          status: 'open',
          default: true,
          sla: { ω: 'run', ψ: 'run' },
          due: [
            { after: 'P1Y1M1W1D', event: 'Ε' },
            { after: 'P2Y3M4W5DT8.5S', event: 'Η' },
          ],
        },
        on: {
          Ε: 'β',
          Ζ: { target: 'ε', guard: and(['γ', 'δ']) },
          Η: [{ target: 'β', guard: and(['γ', 'δ']) }, { target: 'ε' }],
          Θ: 'ζ',
          Ι: 'ζ',
        },
      },
      β: { meta: { status: 'open' }, on: { Ε: { target: 'ζ', guard: 'γ' } } },
      ε: { meta: { status: 'in-progress' }, on: { Κ: 'ζ', Λ: 'ζ', Μ: 'η' } },
      η: { meta: { status: 'resolved' }, on: { Μ: 'ζ' } },
      ζ: { meta: { status: 'closed', sla: { ω: 'stop', ψ: 'stop' } }, type: 'final' },
    },
  }),
  { payloads: { Θ: missing('φ', 'χ'), Ι: missing() } },
) as Lifecycle;

const counts = [
  { from: 'α', to: 'β', count: 1 },
  { from: 'β', to: 'ε', count: 12_345 },
  { from: 'ζ', to: 'α', count: 1 },
  { from: 'ε', to: 'ζ', count: 2 },
  { from: 'α', to: 'η', count: 3 },
  { from: 'open', to: 'closed', count: 4 },
];
const replay = lifecycle.replay(['open', 'closed', 'new']);

const drawings: Readonly<Record<string, SvgOptions>> = {
  plain: {},
  'for a ticket': { at: 'α', previous: 'β' },
  'a log, with frames': { counts: [...counts, replay], group: true },
  'a log, without frames': { counts: [...counts, replay], group: false },
};
const translated = { words: foreign, messages: foreignMessages };

// The API's own names, which are no words of a language.
const apiNames = /\b(?:open|in-progress|resolved|closed)\b/g;
const latinIn = (texts: readonly string[]) =>
  texts.flatMap((text) => text.replaceAll(apiNames, '').match(/[a-z][a-z' -]*/gi) ?? []);

/** All that people see or hear of an SVG: texts, tooltips, verdicts. */
function textsOfSvg(svg: string): string[] {
  const root = new DOMParser().parseFromString(svg, 'image/svg+xml').documentElement;
  const table = root.querySelector('metadata')?.textContent ?? '{}';
  const strings: string[] = [];
  JSON.parse(table, (_, value: unknown) => {
    if (typeof value === 'string') strings.push(value);
    return value;
  });
  return [
    ...[...root.querySelectorAll('title, desc, text')].map(({ textContent }) => textContent),
    ...strings,
  ];
}

/** The same of Mermaid: labels, and what is for people who hear it. */
const textsOfMermaid = (text: string): string[] => [
  ...(/accDescr \{([^}]*)\}/.exec(text)?.slice(1) ?? []),
  ...[...text.matchAll(/accTitle: (.*)$|state "([^"]*)"|-->[^:\n]*: (.*)$/gm)].map((match) =>
    match
      .slice(1)
      .join('')
      .replaceAll(/<br\/>|#\d+;/g, ' '),
  ),
];

/** The same of DOT. */
const textsOfDot = (text: string): string[] =>
  [...text.matchAll(/(?:label|tooltip)="((?:[^"\\]|\\.)*)"/g)].map(([, label = '']) =>
    label.replaceAll(String.raw`\n`, ' '),
  );

describe.each(Object.entries(drawings))('with a whole catalogue, %s', (_, options) => {
  test.each([880, 300])('has no English in an SVG of %d px', async (width) => {
    const svg = await toSvg(lifecycle, { ...options, ...translated, width, playable: true });
    expect(latinIn(textsOfSvg(svg))).toEqual([]);
    // The check sees English where there is some.
    expect(latinIn(textsOfSvg(await toSvg(lifecycle, options))).length).toBeGreaterThan(5);
  });

  test('has no English in Mermaid and DOT', () => {
    expect(latinIn(textsOfMermaid(toMermaid(lifecycle, { ...options, ...translated })))).toEqual(
      [],
    );
    expect(latinIn(textsOfDot(toDot(lifecycle, { ...options, ...translated })))).toEqual([]);
    expect(latinIn(textsOfMermaid(toMermaid(lifecycle, options))).length).toBeGreaterThan(5);
    expect(latinIn(textsOfDot(toDot(lifecycle, options))).length).toBeGreaterThan(3);
  });
});

test('every text of the catalogue is used', async () => {
  const all = await Promise.all(
    Object.values(drawings).map((options) =>
      toSvg(lifecycle, { ...options, ...translated, playable: true }),
    ),
  );
  const site = unified()
    .use(remarkParse)
    .use(remarkLifecycle, { lifecycles: { a: { lifecycle, ...translated } } })
    .use(remarkRehype)
    .use(rehypeStringify);
  const page = String(await site.process('```lifecycle a\n```\n'));
  expect(page).toContain(`aria-label="${foreign.figure}"`);
  const text = [page, ...all].join('\n');
  const unused = names.filter((_, index) => !text.includes(`я${index}я`));
  // What has no time has no clock: core refuses it.
  expect(unused.filter((name) => name !== 'noTime')).toEqual([]);
});

test('a text that is left out stays English', async () => {
  const svg = await toSvg(lifecycle, { at: 'α', words: { keyCurrent: 'Das Ticket ist hier' } });
  expect(svg).toContain('>Das Ticket ist hier<');
  expect(svg).toContain('>possible now<');
  const none = await toSvg(lifecycle, { at: 'α', words: { keyEnabled: undefined } });
  expect(none).toBe(await toSvg(lifecycle, { at: 'α' }));
  const element = readMessages({ restart: undefined, events: 'Ereignisse' });
  expect(element).toEqual({ ...englishMessages, events: 'Ereignisse' });
});

test('a name in a value is not filled in again', () => {
  expect(fill('{a} {b}', { a: '{b}', b: '$&' })).toBe('{b} $&');
});

test.each<[words: unknown, message: string]>([
  ['de', 'an object of texts by the names title, figure, keyCurrent, '],
  [{ jumpp: 'x' }, 'and not by "jumpp"'],
  [{ toString: 'x' }, 'and not by "toString"'],
  [{ jump: 7 }, 'an object with a text as its "jump"'],
  [
    { due: 'nach {zeit}' },
    'an object whose "due" has {time} and {states} in braces, and not {zeit}',
  ],
  [{ jump: '{x}' }, 'an object whose "jump" has nothing in braces, and not {x}'],
])('words of %j are refused', (words, message) => {
  for (const draw of [toMermaid, toDot]) {
    expect(() => draw(lifecycle, { words } as object)).toThrow(message);
  }
});
