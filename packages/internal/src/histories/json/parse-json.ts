/** A key that stands twice in one object: it says two things, and JSON.parse would take the last. */
export class DuplicateKeyError extends Error {
  override readonly name = 'DuplicateKeyError';
  readonly key: string;

  constructor(key: string) {
    super(`has the key ${JSON.stringify(key)} twice in one object. Drop one.`);
    this.key = key;
  }
}

// A number that JavaScript may write in another way than the text does. In a string that only looks
// so it costs a second look, no more.
const oddNumber = /(?:"\s*:|[[,])\s*(?:-0[\s,}\]]|-?\d+[.eE]|-?\d{16})/;

/**
 * Parses JSON without loss: refuses keys that stand twice. With `keepDigits`, a number that would be
 * written in another way afterwards, such as a long id, is given as the text that stands there.
 *
 * @throws DuplicateKeyError for a key that stands twice in an object
 * @throws SyntaxError for what is not JSON
 */
export function parseJson(text: string, { keepDigits = false } = {}): unknown {
  const isOdd = keepDigits && oddNumber.test(text);
  const value: unknown = isOdd ? JSON.parse(text, digitsOf) : JSON.parse(text);
  if (typeof value !== 'object' || value === null) return value;
  // Nearly every text is told by the quotes before its colons: each key has one, so that as many as
  // there are keys leave none for another. The others are looked at more closely.
  const twice = countKeyColons(text) === countKeys(value) ? undefined : duplicateKey(text);
  if (twice === undefined) return value;
  throw new DuplicateKeyError(twice);
}

function digitsOf(_key: string, value: unknown, context?: { readonly source?: string }): unknown {
  const { source } = context ?? {};
  return typeof value !== 'number' || source === undefined || source === String(value)
    ? value
    : source;
}

function countKeys(value: object): number {
  let count = 0;
  const isList = Array.isArray(value);
  for (const key in value) {
    if (!isList) count += 1;
    const inner = (value as Readonly<Record<string, unknown>>)[key];
    if (typeof inner === 'object' && inner !== null) count += countKeys(inner);
  }
  return count;
}

/**
 * How many colons stand right behind a quote: every key's, and those in strings that look so.
 * `undefined` where white space stands before a colon, which may hide a key's.
 */
function countKeyColons(text: string): number | undefined {
  let count = 0;
  for (let at = text.indexOf(':'); at !== -1; at = text.indexOf(':', at + 1)) {
    const before = text.charCodeAt(at - 1);
    if (before === quote) count += 1;
    else if (isSpace(before)) return undefined;
  }
  return count;
}

const quote = 0x22;

const isSpace = (code: number) => code === 0x20 || code === 0x09 || code === 0x0a || code === 0x0d;

// A text in quotes, or what JSON is put together with. In sound JSON nothing else matters here.
const token = /"[^"\\]*(?:\\.[^"\\]*)*"|[{}[\]:]/g;

/**
 * The first key that stands twice in one object of a sound JSON text, or `undefined`. JSON.parse
 * takes the last, and says nothing of the others.
 */
function duplicateKey(json: string): string | undefined {
  const objects: (Set<string> | undefined)[] = [];
  let text = '';
  for (const [found] of json.matchAll(token)) {
    switch (found) {
      case '{':
        objects.push(new Set());
        break;
      case '[':
        objects.push(undefined);
        break;
      case '}':
      case ']':
        objects.pop();
        break;
      case ':': {
        const key = String(JSON.parse(text));
        const keys = objects.at(-1);
        if (keys?.has(key) === true) return key;
        keys?.add(key);
        break;
      }
      default:
        text = found;
    }
  }
  return undefined;
}
