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
  'behind a link definition': [1, `[a]: https://example.com "\n${open}"\n\n${block}`],
  'three blanks before it': [1, within('   ')],
  'a torn fence inside': [1, `${open}\n\`\`\`mermaid\nold\n${close}\n\nafter`],
  'a torn comment inside': [1, `${open}\n<!-- old\n${close}\n\nafter`],
  'two blocks side by side': [2, `${block}\n${block}`],
  'named ones, too': [
    3,
    `${block}\n\n${['a', 'b.c-d'].map((name) => block.replaceAll(/diagram/g, `diagram ${name}`)).join('\n\n')}`,
  ],
  'blanks behind the marker': [1, `${open}  \t\nSTALE\n${close}  `],
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
