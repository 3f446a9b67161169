import { describe, expect, test } from 'vitest';
import { LiteralError, readLiteral } from '../../playground/literal.ts';

const machine = {
  initial: 'open',
  states: { open: { on: { CLOSE: { target: 'closed', guard: 'isLead' } } }, closed: {} },
};

describe('a machine is read', () => {
  const inner = `initial: 'open', states: { open: { on: { CLOSE: { target: \`closed\`, guard: "isLead" } } }, closed: {}, }`;
  test.each([
    ['JSON', JSON.stringify(machine, null, 2)],
    ['JSON5, with comments', `// a desk\n{ /* open */ ${inner}, }`],
    ['as const satisfies', `{ ${inner} } as const satisfies Config;`],
    ['a constant', `const desk = { ${inner} } satisfies LifecycleConfig;`],
    ['export default', `export default { ${inner} };`],
    [
      'createMachine',
      `import { createMachine } from 'xstate';\nconst m = createMachine({ ${inner} });`,
    ],
    ['setup', `const m = setup({ guards: { isLead: () => true } }).createMachine({ ${inner} });`],
    ['defineLifecycle with options', `defineLifecycle({ ${inner} }, { guards: {} });`],
    [
      'brackets around keys',
      `{ ['initial']: ('open'), states: ${JSON.stringify(machine.states)} }`,
    ],
  ])('from %s', (_, text) => {
    expect(readLiteral(text).value).toEqual(machine);
  });

  test('with values of every kind', () => {
    const text = `{ a: -1.5, b: +2, c: 1_000, d: 0x10, e: true, f: null, g: [1, [2], ], h: undefined, 'i j': "\\u0041\\x42\\u{43}\\n\\'" }`;
    expect(readLiteral(text).value).toEqual({
      a: -1.5,
      b: 2,
      c: 1e3,
      d: 16,
      e: true,
      f: null,
      g: [1, [2]],
      h: undefined,
      'i j': "ABC\n'",
    });
  });

  test('as JSON.parse reads it, whatever the keys', () => {
    const text = '{"__proto__":{"a":1},"constructor":"x","":{"toString":[]}}';
    expect(JSON.stringify(readLiteral(text).value)).toBe(text);
    expect(({} as { a?: unknown }).a).toBeUndefined();
  });
});

/** What a text is refused for, and which part of it. */
function refusal(text: string): { message: string; part: string } {
  try {
    readLiteral(text);
  } catch (error) {
    if (!(error instanceof LiteralError)) throw error;
    return { message: error.message, part: text.slice(error.span.from, error.span.to) };
  }
  throw new Error('It was read.');
}

test.each([
  ['{ guard: () => true }', 'No function runs in this page', '() => true'],
  ['{ a: b }', '“b” is not known here', 'b'],
  ['{ a: “open” }', 'Write texts in straight quotes', '“open”'],
  ["{ a: 'closed',, }", 'nothing before this comma', ','],
  ['{ a: 1, /* b */ , c: 2 }', 'nothing before this comma', ','],
  ['{ a: [1,,2] }', 'nothing before this comma', ','],
  ['{ a: [,] }', 'nothing before this comma', ','],
  ['{"a":1,,}', 'nothing before this comma', ','],
  ['{ a: 1, a: 2 }', '“a” is here twice', 'a'],
  ['{ ...other }', 'key: value', '...other'],
  ['{ run() {} }', 'key: value', 'run() {}'],
  ['{ a: `x${1}` }', 'Write the whole text', '`x${1}`'],
  ['{ a: 1 + 2 }', 'Write the value', '1 + 2'],
  ['{ a: fetch("/") }', 'not a plain value', 'fetch("/")'],
  ['{ "initial": ', 'ends too soon', ''],
  ["{ initial: 'a' states: {} }", 'before “states: {} }”', 's'],
  ['', 'Expected an object', ''],
  ['42', 'Expected an object', '42'],
])('%s is refused: %s', (text, message, part) => {
  expect(refusal(text).message).toContain(message);
  expect(refusal(text).part).toBe(part);
});

test('what is nested without end is refused, and nothing breaks', () => {
  expect(refusal(`{ a: ${'['.repeat(50_000)}${']'.repeat(50_000)} }`).message).toMatch(
    /too deeply/,
  );
});

test('many comments at the beginning take no time', () => {
  const comments = '/* a * b **/ '.repeat(30);
  expect(refusal(`${comments}x`).message).toContain('Expected an object');
  expect(readLiteral(`${comments}{ states: {} }`).value).toEqual({ states: {} });
}, 2000);

test('tells where a key is, or the nearest one around it', () => {
  const text = "{\n  states: {\n    open: { on: { GO: 'x' } },\n  },\n}";
  const { placeOf } = readLiteral(text);
  const lineOf = (path: string) => text.slice(0, placeOf(path).from).split('\n').length;
  expect(lineOf('states')).toBe(2);
  expect(lineOf('states.open.on.GO')).toBe(3);
  expect(lineOf('states.open.after')).toBe(3);
  expect(lineOf('nowhere')).toBe(1);
});
