/*
 * A drawing in a file names the options that it was drawn with, such as `at=open title="Two words"`,
 * in the comment that marks it. So a check need not be told them again.
 */

/** The options of a drawing as text that can be written. */
export const textNames = [
  'direction',
  'guards',
  'group',
  'times',
  'at',
  'previous',
  'title',
] as const;

const option = /(\w+)=("(?:[^"\\]|\\.)*"|'[^']*'|\S+)/g;
const numbers = ['width'];

/** Reads `at=open title="…"`, as markers and fences have it. */
export function optionsOf(text: string): Record<string, unknown> {
  return Object.fromEntries(
    Array.from(text.matchAll(option), ([, name = '', value = '']) => [name, valueOf(name, value)]),
  );
}

function valueOf(name: string, text: string): unknown {
  if (text === 'true' || text === 'false') return text === 'true';
  if (numbers.includes(name) && /^\d+(?:\.\d+)?$/.test(text)) return Number(text);
  if (text.startsWith("'")) return text.slice(1, -1);
  if (!text.startsWith('"')) return text;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

/** The same written: each of these options that is given. */
export const optionWords = (names: readonly string[], options: object): string[] =>
  names.flatMap((name) => {
    const value: unknown = Reflect.get(options, name);
    return value === undefined ? [] : `${name}=${written(value)}`;
  });

/** Only what is given: an option that is `undefined` is not, and what a file keeps is left. */
export const givenOf = <Options extends object>(options: Options): Options =>
  Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as Options;

// A value with a sign that could end its comment is written so that it can't, and a text that would
// be read as another kind of value is quoted.
function written(value: unknown): string {
  const text = String(value);
  const isPlain = /^[\w.-]+$/.test(text) && !text.includes('--');
  const isMistaken = typeof value === 'string' && /^(?:true|false)$/.test(text);
  if (isPlain && !isMistaken) return text;
  return JSON.stringify(value).replaceAll(
    /[->*{}<]/g,
    (sign) => `\\u00${sign.charCodeAt(0).toString(16)}`,
  );
}
