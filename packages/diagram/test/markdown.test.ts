import { ticketLifecycle } from '@ticket-lifecycle/core';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { checkMarkdown, refreshMarkdown, toDot, toMermaid } from '../src/index.ts';
import { lifecycleNamed } from './support/lifecycles.ts';
import { nastyNames } from './support/random-lifecycle.ts';

const open = '<!-- ticket-lifecycle diagram -->';
const close = '<!-- /ticket-lifecycle diagram -->';
const refresh = (text: string) => refreshMarkdown(text, ticketLifecycle);
const page = (...lines: string[]) => lines.join('\n');

test('what is between the markers is drawn anew, and the rest stays', () => {
  const text = page('# Ours ', '', open, 'old', '', close, '\ttrailing  ');
  expect(refresh(text)).toBe(
    page(
      '# Ours ',
      '',
      open,
      '',
      '```mermaid',
      toMermaid(ticketLifecycle).trimEnd(),
      '```',
      '',
      close,
      '\ttrailing  ',
    ),
  );
});

test('a text without a block comes back as it is', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      expect(refresh(text)).toBe(text);
      expect(checkMarkdown(text, ticketLifecycle)).toEqual([]);
    }),
  );
});

test('what stands around a block is never touched, whatever it is', () => {
  // A fence or a marker in it would have a meaning.
  const anything = fc
    .array(fc.string({ unit: 'binary' }), { maxLength: 4 })
    .map((lines) => lines.join('\n'))
    .filter((text) => !/```|~~~|ticket-lifecycle/.test(text));
  fc.assert(
    fc.property(anything, anything, anything, (before, inside, after) => {
      const text = `${before}\n${open}\n${inside}\n${close}\n${after}`;
      const fresh = refresh(text);
      expect(fresh.startsWith(`${before}\n${open}\n`)).toBe(true);
      expect(fresh.endsWith(`\n${close}\n${after}`)).toBe(true);
      expect(refresh(fresh)).toBe(fresh);
      expect(checkMarkdown(fresh, ticketLifecycle).map(({ isFresh }) => isFresh)).toEqual([true]);
    }),
  );
});

test('lines end as the marker’s line does, and are indented as it is', () => {
  const fresh = refresh(`- item\r\n\r\n  ${open}\r\n  ${close}\r\n`);
  expect(fresh).toContain('\r\n  ```mermaid\r\n  stateDiagram-v2\r\n');
  expect(fresh).not.toMatch(/[^\r]\n/);
});

test('MDX has its own comments', () => {
  const fresh = refresh('{/* ticket-lifecycle diagram */}\n{/* /ticket-lifecycle diagram */}');
  expect(fresh).toMatch(/^\{\/\* ticket-lifecycle diagram \*\/\}\n\n```mermaid\n/);
  expect(fresh).toMatch(/\n```\n\n\{\/\* \/ticket-lifecycle diagram \*\/\}$/);
});

describe('a marker is none', () => {
  test.each([
    ['inside a fence', page('```md', open, 'old', close, '```')],
    [
      'inside a fence of tildes that holds one of backticks',
      page('~~~~', '```', open, close, '~~~~'),
    ],
    ['inside a fence that never ends', page('```', open, close)],
    ['as indented code', page(`    ${open}`, `    ${close}`)],
    ['with another word', page('<!-- ticket-lifecycle drawing -->', 'old')],
  ])('%s', (_, text) => {
    expect(refresh(text)).toBe(text);
  });
});

test('behind a fence that has ended it is one again', () => {
  const text = page(
    '```',
    open,
    '```',
    '``` inline ``` code',
    open,
    close,
    '~~~',
    open,
    close,
    '~~~',
  );
  expect(checkMarkdown(text, ticketLifecycle)).toEqual([{ line: 5, isFresh: false }]);
});

describe('a marker without its other half is named with its line', () => {
  test.each([
    [page('', open, 'never closed'), 2, 'has no closing one'],
    [page(open, open, close), 1, 'has no closing one'],
    [page('', '', close), 3, 'closes what nothing has opened'],
    [page(open, '<!-- /ticket-lifecycle diagram other -->'), 2, 'closes another one'],
    [
      page('<div>', `    ${open}`, '    old', `    ${close}`, '</div>'),
      2,
      'something else: four blanks make it code. Indent both by fewer.',
    ],
  ])('%j', (text, line, message) => {
    expect(() => refresh(text)).toThrow(
      expect.objectContaining({
        code: 'unpaired-marker',
        line,
        message: expect.stringContaining(message),
      }),
    );
  });
});

test('a name tells the blocks of a page apart, and each has a drawing of its own', () => {
  const named = page('<!-- ticket-lifecycle diagram b -->', '<!-- /ticket-lifecycle diagram b -->');
  const text = page(open, close, named);
  const fresh = refreshMarkdown(text, ticketLifecycle, { name: 'b', format: 'dot', at: 'open' });
  expect(fresh.startsWith(page(open, close, ''))).toBe(true);
  expect(fresh).toContain(`\`\`\`dot\n${toDot(ticketLifecycle, { at: 'open' })}\`\`\``);
  expect(checkMarkdown(text, ticketLifecycle, { name: 'c' })).toEqual([]);
});

test('no name of a state can end its block or its fence', () => {
  for (const name of [...nastyNames.filter((one) => !/[.#\\]/.test(one)), close, '{/* x */}']) {
    for (const format of ['mermaid', 'dot'] as const) {
      const options = { format };
      const fresh = refreshMarkdown(page(open, close, 'end'), lifecycleNamed(name), options);
      expect(fresh.split('\n').filter((line) => line.trim() === close)).toHaveLength(1);
      expect(fresh.split('\n').filter((line) => line.startsWith('```'))).toHaveLength(2);
      expect(refreshMarkdown(fresh, lifecycleNamed(name), options)).toBe(fresh);
    }
  }
});

describe('an option in a marker', () => {
  const marker = '<!-- ticket-lifecycle diagram format=dot at=open direction=down title=true -->';
  const text = page(marker.replace('title=true', 'title="true"'), 'old', close);

  test('stays where the same one is given as undefined', () => {
    const undefinedOptions = {
      format: undefined,
      at: undefined,
      direction: undefined,
      title: undefined,
      group: undefined,
    };
    const fresh = refreshMarkdown(text, ticketLifecycle, undefinedOptions);
    expect(fresh).toBe(refresh(text));
    const options = { at: 'open', direction: 'down', title: 'true' } as const;
    expect(fresh).toContain(`\`\`\`dot\n${toDot(ticketLifecycle, options)}\`\`\``);
  });

  test.each(['true', 'false', '7', 'a "b"', '--> <!--', '*/}', "it's", ' '])(
    'is read as it was written: a title of %j',
    (title) => {
      for (const [from, to] of [
        [open, close],
        ['{/* ticket-lifecycle diagram */}', '{/* /ticket-lifecycle diagram */}'],
      ]) {
        const fresh = refreshMarkdown(`${from}\n${to}`, ticketLifecycle, { title });
        expect(checkMarkdown(fresh, ticketLifecycle)).toEqual([{ line: 1, isFresh: true }]);
        expect(refresh(fresh)).toBe(fresh);
      }
    },
  );

  test.each([
    ['format=svg', 'option "format" must be one of "mermaid", "dot", received "svg"'],
    ['format=nonsense', 'option "format" must be one of "mermaid", "dot", received "nonsense"'],
    [`guardLabels='{"a":"b"}'`, `option "guardLabels" is not a text, so it can't be written here`],
    ['messages=x', `option "messages" is not a text`],
    ['context=x', `option "context" is not a text`],
    ['counts=x', `option "counts" is not a text`],
  ])('is refused with its line where it can’t be drawn: %s', (words, message) => {
    const wrong = page('', `<!-- ticket-lifecycle diagram ${words} -->`, close);
    for (const options of [{}, { format: undefined, at: 'open' }] as const) {
      expect(() => refreshMarkdown(wrong, ticketLifecycle, options)).toThrow(
        expect.objectContaining({ line: 2, message: expect.stringContaining(message) }),
      );
    }
  });

  test('that is unknown is refused with a list of those that a marker can hold', () => {
    const wrong = page('<!-- ticket-lifecycle diagram atx=open -->', close);
    expect(() => refresh(wrong)).toThrow(
      /Expected one of title, direction, guards, group, times, at, previous, format[.,]/,
    );
  });
});
