import { ticketLifecycle } from '@ticket-lifecycle/core';
import { describe, expect, test } from 'vitest';
import { checkMarkdown, refreshMarkdown, unusedMarkers } from '../src/index.ts';

const open = '<!-- ticket-lifecycle diagram -->';
const close = '<!-- /ticket-lifecycle diagram -->';
const mdxOpen = '{/* ticket-lifecycle diagram */}';
const mdxClose = '{/* /ticket-lifecycle diagram */}';
const block = `${open}\nSTALE\n${close}`;
const mdxBlock = `${mdxOpen}\nSTALE\n${mdxClose}`;
const within = (indent: string, text = block) => text.replaceAll(/^/gm, indent);

/** Pages of all shapes, each with stale blocks: how many, and the page. */
const shapes: Readonly<Record<string, readonly [count: number, page: string]>> = {
  'nothing else': [1, block],
  'a byte order mark': [1, `\uFEFF${block}\n`],
  'Windows line ends': [1, `# A\r\n\r\n${block.replaceAll('\n', '\r\n')}\r\n`],
  'old Mac line ends': [1, `# A\r\r${block.replaceAll('\n', '\r')}\r`],
  'YAML before it': [1, `---\ntitle: "<!-- x -->"\n---\n\n${block}`],
  'TOML before it': [1, `+++\ntitle = "a"\n+++\n\n${block}`],
  'a fence opened by a list item': [
    2,
    `${block}\n\n1. \`\`\`sh\n   npm install\n   \`\`\`\n\n${block}\n`,
  ],
  'a fence in a bullet': [1, `- \`\`\`\n  x\n  \`\`\`\n${block}`],
  'a fence in a quotation': [1, `> \`\`\`\n> x\n\n${block}`],
  'a fence that a quotation ends': [1, `> \`\`\`\n> never closed\n${block}`],
  'a fence that a list item ends': [1, `- \`\`\`\n  never closed\n\n${block}`],
  'in a list item': [1, `- one\n\n${within('  ')}\n- two`],
  'in a numbered item': [1, `1. one\n\n${within('   ')}\n2. two`],
  'in an item of two digits': [1, `10. one\n\n${within('    ')}`],
  'in a list in a list': [1, `- one\n  - two\n\n${within('    ')}`],
  'as the item itself': [1, `- ${open}\n  STALE\n  ${close}`],
  'in a quotation': [1, within('> ')],
  'in a quotation in a list': [1, `- a\n\n${within('  > ')}`],
  'in a quotation without blanks': [1, within('>')],
  'behind a paragraph, without a blank line': [1, `Some words\n${block}\nmore`],
  'behind a heading': [1, `Title\n===\n${block}`],
  'behind a table': [1, `| a | b |\n| - | - |\n| 1 | 2 |\n${block}`],
  'behind a rule': [1, `---\n\n***\n${block}\n***`],
  'behind indented code': [1, `    code\n    ${open}\n\n${block}`],
  'in an element': [1, `<details>\n<summary>See</summary>\n\n${block}\n\n</details>`],
  'in an element, without blank lines': [1, `<div align="center">\n${block}\n</div>`],
  'behind another comment': [1, `<!-- note -->\n${block}`],
  'behind a comment of several lines': [1, `<!--\nnote\n${open}\n-->\n\n${block}`],
  'behind a fence of tildes': [1, `~~~md\n\`\`\`\n~~~\n${block}`],
  'behind a longer fence': [1, `\`\`\`\`md\n\`\`\`\n${open}\n${close}\n\`\`\`\n\`\`\`\`\n${block}`],
  'behind a fence with attributes': [1, `\`\`\`js {1,3} title="a"\nx\n\`\`\`\n${block}`],
  'behind code in a line': [1, `\`\`\` inline \`\`\` code\n${block}`],
  'behind a link definition': [1, `[a]: https://example.com "\nx ${open}"\n\n${block}`],
  'three blanks before it': [1, within('   ')],
  'a torn fence inside': [1, `${open}\n\`\`\`mermaid\nold\n${close}\n\nafter`],
  'a torn comment inside': [1, `${open}\n<!-- old\n${close}\n\nafter`],
  'two blocks side by side': [2, `${block}\n${block}`],
  'named ones, too': [
    3,
    `${block}\n\n${['a', 'b.c-d'].map((name) => block.replaceAll(/diagram/g, `diagram ${name}`)).join('\n\n')}`,
  ],
  'blanks behind the marker': [1, `${open}  \t\nSTALE\n${close}  `],
  'in a footnote': [1, `A[^1]\n\n[^1]: note\n\n${within('    ')}\n`],
  'as the footnote itself': [1, `A[^a-b]\n\n[^a-b]: ${open}\n    STALE\n    ${close}`],
  'in a footnote in a quotation': [1, `> A[^1]\n>\n> [^1]: note\n>\n${within('>     ')}`],
  'in a definition': [1, `Term\n:   Definition\n\n${within('    ')}`],
  'in a box of MkDocs': [1, `!!! note "Title"\n\n${within('    ')}`],
  'in a folded box of MkDocs, without a blank line': [1, `??? note\n${within('    ')}`],
  'in a tab of MkDocs': [1, `=== "A"\n\n${within('    ')}\n\n=== "B"\n\n    x`],
  'in a box of VitePress': [1, `:::note\n${block}\n:::`],
  'in a callout': [1, `> [!NOTE]\n${within('> ')}`],
  'in a list of tabs': [1, `-\tone\n\n${within('\t')}`],
  'as the item of a list of tabs': [1, `-\t${open}\n\tSTALE\n\t${close}`],
  'in a list of tabs in a list': [1, `1.\ta\n\t- b\n\n${within('\t\t')}`],
  'in a task list': [1, `- [ ] do it\n\n${within('  ')}`],
  'in quotations of different depth': [1, `> > ${open}\n> > STALE\n> ${close}`],
  'in details in a list': [1, `- a\n  <details>\n\n${within('  ')}\n\n  </details>`],
  'in a table of HTML': [1, `<table><tr><td>\n\n${block}\n\n</td></tr></table>`],
  'before what underlines a heading': [1, `${block}\n===\n`],
  'between tildes': [1, `~~~\na\n~~~\n${block}\n~~~\nb\n~~~`],
  'behind tildes that a list item ends': [1, `- ~~~\n  x\n\n${block}`],
  'line ends of three kinds': [1, `# A\r\n\r\n${open}\r\nSTALE\n${close}\r`],
  'YAML and Windows line ends behind a byte order mark': [
    1,
    `\uFEFF---\r\ntitle: x\r\n---\r\n\r\n${block.replaceAll('\n', '\r\n')}`,
  ],
  'Windows line ends in a list': [1, `- a\n\n${within('  ')}\n- b`.replaceAll('\n', '\r\n')],
  'more blanks in the marker': [1, block.replaceAll(' diagram', '   diagram')],
  'in MDX, behind expressions of several lines': [1, `{[\n  1,\n].length}\n\n${mdxBlock}`],
  'in MDX, with a torn expression inside': [1, `# A\n\n${mdxOpen}\n{ STALE\n${mdxClose}`],
  'in MDX, with a torn element and expression inside': [1, `${mdxOpen}\n<A b={\n${mdxClose}`],
  'in MDX, in an element in an element': [
    1,
    `<A>\n  <B>\n${within('    ', mdxBlock)}\n  </B>\n</A>`,
  ],
  'in MDX': [1, `import A from './a';\n\n# A\n\n<A b={1} />\n\n${mdxBlock}`],
  'in MDX, in an element': [
    1,
    `<Tabs>\n  <TabItem value="a">\n\n${mdxBlock}\n\n  </TabItem>\n</Tabs>`,
  ],
  'in MDX, indented': [1, `<Tabs>\n${within('    ', mdxBlock)}\n</Tabs>`],
  'in MDX, in a list': [1, `- a\n\n${within('  ', mdxBlock)}`],
  'in MDX, behind a fence in a list': [1, `1. \`\`\`tsx\n   {x}\n   \`\`\`\n\n${mdxBlock}`],
};

describe.each(Object.entries(shapes))('a page with %s', (_, [count, page]) => {
  test('has each stale block found and drawn, and is left alone once it is fresh', () => {
    const before = checkMarkdown(page, ticketLifecycle);
    expect(before.map(({ isFresh }) => isFresh)).toEqual(
      Array.from({ length: count }, () => false),
    );
    const fresh = refreshMarkdown(page, ticketLifecycle);
    expect(fresh).not.toMatch(/STALE|torn/);
    expect(fresh.split('stateDiagram-v2')).toHaveLength(count + 1);
    const after = checkMarkdown(fresh, ticketLifecycle);
    expect(after.map(({ isFresh }) => isFresh)).toEqual(Array.from({ length: count }, () => true));
    expect(refreshMarkdown(fresh, ticketLifecycle)).toBe(fresh);
    // What was around the blocks is still there.
    const around = (text: string) => text.split(/(?:<!--|\{\/\*) \/?ticket-lifecycle/)[0];
    expect(around(fresh)).toBe(around(page));
  });
});

const closing = `\nSTALE\n${close}`;
describe.each<[what: string, line: number, page: string]>([
  ['text around both', 1, `See ${open} and ${close}.`],
  ['text before it', 3, `# A\n\nText ${open}${closing}`],
  ['text behind it', 1, `${open} text${closing}`],
  ['a comment behind it', 1, `${open}<!-- note -->${closing}`],
  ['an element before it', 1, `<details>${open}${closing}\n</details>`],
  ['a summary before it', 2, `<details>\n<summary>x</summary> ${open}${closing}`],
  ['a box of a task before it', 1, `- [x] ${open}\n  STALE\n  ${close}`],
  ['text before the closing one', 2, `${open}\nSTALE ${close}`],
  ['both on one line', 3, `# A\n\n${open}STALE${close}`],
  ['cells of a table around it', 3, `| a |\n| - |\n| ${open} |\n| STALE |\n| ${close} |`],
  ['capitals', 1, `<!-- Ticket-Lifecycle Diagram -->\nSTALE\n<!-- /Ticket-Lifecycle Diagram -->`],
  [
    'an underscore',
    1,
    `<!-- ticket_lifecycle diagram -->\nSTALE\n<!-- /ticket_lifecycle diagram -->`,
  ],
  [
    'a slip of the pen',
    1,
    `<!-- ticket-lifecyle diagramm -->\nSTALE\n<!-- /ticket-lifecyle diagramm -->`,
  ],
  [
    'three dashes',
    1,
    `<!--- ticket-lifecycle diagram --->\nSTALE\n<!--- /ticket-lifecycle diagram --->`,
  ],
  [
    'three lines',
    1,
    `<!--\nticket-lifecycle diagram\n-->\nSTALE\n<!--\n/ticket-lifecycle diagram\n-->`,
  ],
  ['a blank behind the slash', 3, `${open}\nSTALE\n<!-- / ticket-lifecycle diagram -->`],
  [
    'a name in quotes',
    1,
    `<!-- ticket-lifecycle diagram "a" -->\nSTALE\n<!-- /ticket-lifecycle diagram "a" -->`,
  ],
  ['a name of other letters', 1, `<!-- ticket-lifecycle diagram größe -->${closing}`],
  ['blanks around an equals sign', 1, `<!-- ticket-lifecycle diagram at = open -->${closing}`],
  [
    'a malformed closing one before the next block',
    3,
    `${open}\nA\n<!-- /ticket-lifecycle-diagram -->\n<!-- /ticket-lifecycle diagrams -->\n${block}`.replace(
      '\n<!-- /ticket-lifecycle-diagram -->',
      '',
    ),
  ],
  ['in MDX, text before it', 1, `Text ${mdxOpen}\nSTALE\n${mdxClose}`],
  [
    'in MDX, blanks in its braces',
    1,
    `{ /* ticket-lifecycle diagram */ }\nSTALE\n{ /* /ticket-lifecycle diagram */ }`,
  ],
  [
    'in MDX, three lines',
    3,
    `# A\n\n{\n  /* ticket-lifecycle diagram */\n}\nSTALE\n{\n  /* /ticket-lifecycle diagram */\n}`,
  ],
  [
    'in MDX, a comment of a line',
    1,
    `{// ticket-lifecycle diagram\n}\nSTALE\n{// /ticket-lifecycle diagram\n}`,
  ],
])('a comment that is almost a marker (%s)', (_, line, page) => {
  test.each([page, page.replaceAll('\n', '\r\n'), `\uFEFF${page}`])(
    'is refused with its line, so that nothing stale behind it is passed',
    (text) => {
      for (const read of [checkMarkdown, refreshMarkdown]) {
        expect(() => read(text, ticketLifecycle)).toThrow(
          expect.objectContaining({ code: 'malformed-marker', line }),
        );
      }
    },
  );
});

test.each([
  'The `<!-- ticket-lifecycle diagram` comment, as in `{ /* ticket-lifecycle diagram */ }`.',
  '```html\n<b><!-- Ticket-Lifecycle Diagram -->\n{ /* ticket-lifecycle diagram */ }\n```',
  '    <!-- ticket-lifecycle diagram : -->',
  '<pre>\n<!-- ticket-lifecycle diagram : -->\n</pre>',
  '<!-- The lifecycle of a ticket, as a diagram -->',
  '<!-- ticket-lifecycle is a package -->',
  '<!-- Ticket lifecycle: the diagram is below -->',
  'const a = { /* ticket-lifecycle */ diagram: 1 };',
])('%j is about a marker, and almost none', (page) => {
  expect(checkMarkdown(page, ticketLifecycle)).toEqual([]);
  expect(refreshMarkdown(page, ticketLifecycle)).toBe(page);
});

test('a marker inside code is an example, and is named with its fence', () => {
  const page = `# A\n\n\`\`\`md\n${block}\n\`\`\`\n\n    ${open}\n\n${block}`;
  expect(checkMarkdown(page, ticketLifecycle)).toEqual([{ line: 11, isFresh: false }]);
  expect(unusedMarkers(page)).toEqual([
    { line: 4, fenceLine: 3 },
    { line: 9, fenceLine: 9 },
  ]);
  expect(unusedMarkers(`<pre>\n${block}\n</pre>`)).toEqual([{ line: 2, fenceLine: undefined }]);
  expect(unusedMarkers('no marker')).toEqual([]);
});

describe('a marker keeps what it was drawn with', () => {
  test('so a later check needs no options', () => {
    const options = { at: 'resolved', direction: 'down', title: 'A "b" --> {c}' } as const;
    const fresh = refreshMarkdown(`${open}\n${close}\n`, ticketLifecycle, options);
    const [marker = ''] = fresh.split('\n');
    expect(marker).toMatch(
      /^<!-- ticket-lifecycle diagram direction=down at=resolved title="[^>]+" -->$/,
    );
    expect(checkMarkdown(fresh, ticketLifecycle)).toEqual([{ line: 1, isFresh: true }]);
    expect(refreshMarkdown(fresh, ticketLifecycle)).toBe(fresh);
    expect(fresh).toContain('direction TB');
    expect(fresh).toContain('class resolved current');
  });

  test('what is passed comes first, and is kept from then on', () => {
    const page = `<!-- ticket-lifecycle diagram flow direction=down -->\n<!-- /ticket-lifecycle diagram flow -->\n`;
    const fresh = refreshMarkdown(page, ticketLifecycle, { direction: 'right', format: 'dot' });
    expect(fresh).toMatch(
      /^<!-- ticket-lifecycle diagram flow format=dot direction=right -->\n\n```dot\n/,
    );
  });

  test.each([
    ['colour=red', 'unknown option "colour"'],
    ['at=opne', 'option "at" must be one of'],
    ['group=perhaps', 'option "group" must be true or false'],
  ])('%s is refused with its line', (words, message) => {
    const page = `\n<!-- ticket-lifecycle diagram ${words} -->\n${close}`;
    expect(() => checkMarkdown(page, ticketLifecycle)).toThrow(
      expect.objectContaining({
        line: 2,
        message: expect.stringMatching(new RegExp(`${message}.*in the marker on line 2`)),
      }),
    );
  });
});

test('what is no MDX is refused with its line', () => {
  expect(() => checkMarkdown(`{ never closed\n\n${mdxBlock}`, ticketLifecycle)).toThrow(
    expect.objectContaining({ code: 'unreadable-mdx' }),
  );
});
