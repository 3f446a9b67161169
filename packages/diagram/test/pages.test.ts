import { evaluate } from '@mdx-js/mdx';
import { defineLifecycle, ticketLifecycle } from '@ticket-lifecycle/core';
import { JSDOM } from 'jsdom';
import MarkdownIt from 'markdown-it';
import rehypeStringify from 'rehype-stringify';
import remarkParse from 'remark-parse';
import remarkRehype from 'remark-rehype';
import { unified } from 'unified';
import { describe, expect, test } from 'vitest';
import { refreshMarkdown } from '../src/index.ts';
import { markdownItLifecycle } from '../src/pages/markdown-it.ts';
import type { PagesOptions } from '../src/pages/plugin-options.ts';
import { remarkLifecycle } from '../src/pages/remark.ts';
import { guarded } from './support/lifecycles.ts';

const lifecycles: PagesOptions['lifecycles'] = { support: ticketLifecycle };

const { DOMParser } = new JSDOM('').window;

type Site = (page: string, options?: PagesOptions) => Promise<string>;

/** As VitePress does: HTML is allowed, and a template reads the result. */
const vitePress: Site = async (page, options = { lifecycles }) =>
  new MarkdownIt({ html: true }).use(await markdownItLifecycle(options)).render(page);

/** As Astro and Starlight do for Markdown. */
const starlight: Site = async (page, options = { lifecycles }) =>
  String(
    await unified()
      .use(remarkParse)
      .use(remarkLifecycle, options)
      .use(remarkRehype, { allowDangerousHtml: true })
      .use(rehypeStringify, { allowDangerousHtml: true })
      .process({ path: 'guide.md', value: page }),
  );

/** What is not a text. */
class Html {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

type Props = Readonly<Record<string, unknown>>;

/** As Docusaurus does: Markdown is MDX, which becomes JSX. */
const docusaurus: Site = async (page, options = { lifecycles }) => {
  const htmlOf = (child: unknown): string => {
    if (child instanceof Html) return child.text;
    if (child === undefined || child === null) return '';
    if (typeof child !== 'string') throw new TypeError('A child is neither an element nor a text.');
    return child.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
  };
  const jsx = (type: unknown, { children, ...props }: Props): unknown => {
    if (typeof type === 'function')
      return (type as (given: Props) => unknown)({ ...props, children });
    const inside = [children].flat(9).map(htmlOf).join('');
    if (typeof type !== 'string') return new Html(inside);
    const { style, ...others } = props;
    if (style !== undefined && typeof style !== 'object')
      throw new Error('A style is not an object.');
    const written = Object.entries(others).map(
      ([name, value]) =>
        ` ${name === 'className' ? 'class' : name}="${htmlOf(value).replaceAll('"', '&quot;')}"`,
    );
    return new Html(`<${type}${written.join('')}>${inside}</${type}>`);
  };
  const { default: Content } = await evaluate(
    { path: 'guide.mdx', value: page },
    {
      Fragment: Symbol.for('fragment'),
      jsx,
      jsxs: jsx,
      remarkPlugins: [[remarkLifecycle, options]],
    },
  );
  return htmlOf((Content as (props: Props) => unknown)({}));
};

const sites = Object.entries({ vitePress, starlight, docusaurus });

function read(html: string) {
  const { documentElement: document } = new DOMParser().parseFromString(html, 'text/html');
  return {
    html,
    states: [...document.querySelectorAll('figure svg [data-state]')].map((one) =>
      one.getAttribute('data-state'),
    ),
    current: document.querySelector('.tl-current')?.getAttribute('data-state'),
    caption: document.querySelector('figcaption')?.textContent,
    all: (selector: string) => [...document.querySelectorAll(selector)],
  };
}

describe.each(sites)('on a site like %s', (name, site) => {
  test('a fence becomes the drawing, with its caption', async () => {
    const page =
      '# Support\n\n```lifecycle support at=resolved title=\'How "we" work\'\nFour <states>.\n```\n\nMore.\n';
    const { states, current, caption, all } = read(await site(page));
    expect(states).toEqual(ticketLifecycle.states);
    expect(current).toBe('resolved');
    expect(caption).toBe('Four <states>.');
    expect(all('.tl-title').map((one) => one.textContent)).toEqual(['How "we" work']);
    expect(all('figure style')).toHaveLength(1);
    expect(all('pre, code')).toEqual([]);
  });

  const shapes: readonly (readonly [shape: string, page: string])[] = [
    ['alone', '<!-- ticket-lifecycle diagram -->\n<!-- /ticket-lifecycle diagram -->\n'],
    [
      'with a name and options',
      '# A\n\n<!-- ticket-lifecycle diagram support at=open -->\n<!-- /ticket-lifecycle diagram support -->\n\nEnd\n',
    ],
    [
      'in a list',
      '1. One\n\n   <!-- ticket-lifecycle diagram -->\n   <!-- /ticket-lifecycle diagram -->\n\n2. Two\n',
    ],
    [
      'in a quotation',
      '> <!-- ticket-lifecycle diagram -->\n> <!-- /ticket-lifecycle diagram -->\n',
    ],
    [
      'as the item of a list',
      '- <!-- ticket-lifecycle diagram -->\n  <!-- /ticket-lifecycle diagram -->\n- b\n',
    ],
    [
      'in a list of tabs',
      '-\tone\n\n\t<!-- ticket-lifecycle diagram -->\n\t<!-- /ticket-lifecycle diagram -->\n',
    ],
    [
      'in a quotation in a list',
      '- one\n\n  > <!-- ticket-lifecycle diagram -->\n  > <!-- /ticket-lifecycle diagram -->\n',
    ],
    [
      'with more blanks',
      '<!--  ticket-lifecycle   diagram -->\n<!--  /ticket-lifecycle   diagram -->\n',
    ],
    [
      'with other line ends',
      'A\r\n\r\n<!-- ticket-lifecycle diagram -->\r\n<!-- /ticket-lifecycle diagram -->\r\n\r\nB\r\n',
    ],
    [
      'with a title of many signs',
      '<!-- ticket-lifecycle diagram title="a \\"b\\" &amp; \\\\ c" -->\n<!-- /ticket-lifecycle diagram -->\n',
    ],
    ['as DOT', '<!-- ticket-lifecycle diagram format=dot -->\n<!-- /ticket-lifecycle diagram -->'],
  ];
  test.each(shapes)(
    'a fresh block becomes the drawing, a stale one fails: %s',
    async (_, given) => {
      const page =
        name === 'docusaurus' ? given.replaceAll('<!--', '{/*').replaceAll('-->', '*/}') : given;
      const fresh = refreshMarkdown(page, ticketLifecycle);
      const { states, all, html } = read(await site(fresh));
      expect(states).toEqual(ticketLifecycle.states);
      expect(all('pre, code')).toEqual([]);
      expect(html).not.toMatch(/ticket-lifecycle\s+diagram/);
      // Without the drawing it is the page without the block.
      // A list with nothing between its items has no paragraphs: each text counts once.
      const words = (text: string) => {
        const { all: inRest } = read(text.replace(/<figure.*<\/figure>/s, ''));
        const texts = inRest('p, h1, li').map((one) => one.textContent.trim());
        return [...new Set(texts)].filter((one) => one !== '');
      };
      const without = page.replaceAll(/^.*ticket-lifecycle\s+diagram.*$/gm, '');
      expect(words(html)).toEqual(words(await site(without)));
      const stale = fresh.replace('START', 'BEGIN');
      expect(stale).not.toBe(fresh);
      const line = fresh.split('\n').findIndex((one) => one.includes('diagram')) + 1;
      await expect(site(stale)).rejects.toThrow(`the diagram on line ${line} is stale`);
    },
  );

  test('two drawings on one page share no id', async () => {
    const { all } = read(await site('```lifecycle\n```\n\n```lifecycle\n```\n'));
    const ids = all('[id]').map((one) => one.getAttribute('id'));
    expect(ids).toHaveLength(4);
    expect(new Set(ids).size).toBe(4);
  });

  test('an image stands for itself, with words for those who do not see it', async () => {
    const { all } = read(
      await site('```lifecycle support title="Support"\n```\n', { lifecycles, as: 'img' }),
    );
    const [image] = all('figure img');
    expect(image?.getAttribute('alt')).toMatch(/^Support\. A ticket starts in open\./);
    const [, data = ''] =
      /^data:image\/svg\+xml;base64,(.*)$/.exec(image?.getAttribute('src') ?? '') ?? [];
    expect(Buffer.from(data, 'base64').toString()).toMatch(/^<svg [^]*<\/svg>\n$/);
  });

  test('a playable one is in its element', async () => {
    const { all } = read(await site('```lifecycle playable=true\n```\n'));
    expect(all('figure ticket-lifecycle > svg > metadata')).toHaveLength(1);
  });

  test('each lifecycle is drawn by its name, with its options', async () => {
    const both: PagesOptions = {
      lifecycles: {
        support: ticketLifecycle,
        desk: {
          lifecycle: guarded,
          guardLabels: { isLead: 'a lead' },
          context: { role: 'agent', answered: true },
        },
      },
    };
    const { states, html } = read(await site('```lifecycle desk\n```\n', both));
    expect(states).toEqual(guarded.states);
    expect(html).toContain('[a lead]');
    await expect(site('```lifecycle\n```\n', both)).rejects.toThrow(
      'the fence on line 1 names no lifecycle. Expected one of support, desk.',
    );
  });

  test('names with signs that mean something to the site are drawn as they are', async () => {
    const event = '{{6+8}} <b> & "x" {y}';
    const lifecycle = defineLifecycle({
      initial: 'open',
      states: { open: { on: { [event]: 'closed' } }, closed: { type: 'final' } },
    });
    const { all } = read(await site('```lifecycle\n```\n', { lifecycles: { odd: lifecycle } }));
    expect(all('[data-event]').map((one) => one.getAttribute('data-event'))).toEqual([event]);
  });

  test.each([
    [
      '```lifecycle suport\n```\n',
      'the fence on line 1 names the lifecycle "suport". Expected one of support.',
    ],
    ['\n```lifecycle at=opne\n```\n', 'the fence on line 2: option "at" must be one of "open"'],
    ['```lifecycle support tilte=x\n```\n', 'unknown option "tilte"'],
    ['```lifecycle support at:open\n```\n', 'must be like `lifecycle NAME at=STATE'],
  ])('a fence that can not be drawn fails the build: %j', async (page, message) => {
    await expect(site(page)).rejects.toThrow(message);
  });

  test.each([
    'Text <!-- ticket-lifecycle diagram -->\nSTALE\n<!-- /ticket-lifecycle diagram -->\n',
    '<!-- Ticket-Lifecycle Diagram -->\nSTALE\n<!-- /Ticket-Lifecycle Diagram -->\n',
    '<!-- ticket-lifecyle diagramm -->\nSTALE\n<!-- /ticket-lifecyle diagramm -->\n',
  ])('a comment that is almost a marker fails the build: %j', async (given) => {
    const page =
      name === 'docusaurus' ? given.replaceAll('<!--', '{/*').replaceAll('-->', '*/}') : given;
    await expect(site(page)).rejects.toThrow('the comment on line 1 is almost a diagram marker');
  });

  test('everything else of a page stays as it was', async () => {
    const page =
      '# A\n\n```ts\nlifecycle\n```\n\n```\nlifecycle\n```\n\n```lifecycles\n```\n\n`lifecycle`\n';
    const html = await site(page);
    expect(html).not.toContain('<svg');
    expect(html.match(/<pre>/g)).toHaveLength(3);
  });
});

test.each([
  [undefined, 'the options must be an object'],
  [{}, 'option "lifecycles" must be lifecycles by their names'],
  [{ lifecycles: {} }, 'option "lifecycles" must be lifecycles by their names'],
  [{ lifecycles: { a: 7 } }, 'lifecycle "a"'],
  [{ lifecycles: { 'a b': ticketLifecycle } }, 'a name in "lifecycles" must be'],
  [{ lifecycles: { a: { lifecycle: ticketLifecycle, tilte: 'x' } } }, 'unknown option "tilte"'],
  [{ lifecycles, wdith: 7 }, 'unknown option "wdith"'],
  [{ lifecycles, as: 'png' }, 'option "as" must be one of "svg", "img"'],
])('options that make no sense are refused at once: %j', async (options, message) => {
  expect(() => remarkLifecycle(options as never)).toThrow(message);
  await expect(markdownItLifecycle(options as never)).rejects.toThrow(message);
});
