import type { SyntaxNode } from '@lezer/common';
import { parser } from '@lezer/javascript';

/** A stretch of a text, in characters from its beginning. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** An object that was read from a text, and where in the text its parts are. */
export interface Literal {
  readonly value: object;
  /** The place of a key such as `states.open.on`, or of the nearest one around it. */
  placeOf: (path: string) => Span;
}

/** Why a text is no object: one sentence with the cure, and where. */
export class LiteralError extends Error {
  override readonly name = 'LiteralError';
  readonly span: Span;

  constructor(message: string, span: Span) {
    super(message);
    this.span = span;
  }
}

// TypeScript is the largest of the three: JSON and JSON5 are object literals of it.
const typescript = parser.configure({ dialect: 'ts' });

/**
 * Reads an object from JSON, JSON5 or TypeScript: the first object that has `states`, also inside
 * `createMachine(…)` or behind `export default`. Nothing of the text is run.
 *
 * @throws LiteralError
 */
export function readLiteral(text: string): Literal {
  // An object at the beginning of a program would be read as a block.
  const isBare = /^(?:\s|\/\/[^\n]*\n|\/\*(?:[^*]|\*(?!\/))*\*\/)*\{/.test(text);
  const before = isBare ? 'export default ' : '';
  const source = before + text;
  if (isTooDeep(text)) {
    throw new LiteralError('This is nested too deeply.', { from: 0, to: text.length });
  }
  const toSpan = ({ from, to }: Span): Span => ({
    from: Math.max(0, Math.min(text.length, from - before.length)),
    to: Math.max(0, Math.min(text.length, to - before.length)),
  });
  const tree = typescript.parse(source);
  const slip = firstSlip(tree.topNode);
  if (slip !== undefined) {
    const { from, to } = toSpan(slip);
    throw new LiteralError(slipMessage(text, from), { from, to: Math.max(to, from + 1) });
  }
  const root = objectWithStates(tree.topNode, source) ?? firstObject(tree.topNode);
  if (root === undefined) {
    const all = { from: 0, to: text.length };
    throw new LiteralError('Expected an object with initial and states, in { and }.', all);
  }
  const places = new Map<string, Span>();
  const reader = createReader(source, places);
  try {
    const value = reader.read(root, '') as object;
    return {
      value,
      placeOf(path) {
        for (let key = path; key !== ''; key = key.slice(0, Math.max(0, key.lastIndexOf('.')))) {
          const place = places.get(key);
          if (place !== undefined) return toSpan(place);
        }
        return toSpan({ from: root.from, to: root.from + 1 });
      },
    };
  } catch (error) {
    if (!(error instanceof LiteralError)) throw error;
    throw new LiteralError(error.message, toSpan(error.span));
  }
}

const deepest = 200;

/** A parser may take seconds over brackets without end. Those in quotes count as well. */
function isTooDeep(text: string): boolean {
  let depth = 0;
  for (const [bracket] of text.matchAll(/[[\]{}()]/g)) {
    depth += '[{('.includes(bracket) ? 1 : -1;
    if (depth > deepest) return true;
  }
  return false;
}

function slipMessage(text: string, at: number): string {
  const rest = text.slice(at).trimStart();
  if (rest === '') return 'The text ends too soon: a bracket or a value is missing.';
  const [next = ''] = rest.slice(0, 12).split(/[\r\n]/);
  return `Something is missing or too much before “${next}”, such as a comma.`;
}

/** Where the parser first had to guess. */
function firstSlip(top: SyntaxNode): Span | undefined {
  let slip: Span | undefined;
  top.cursor().iterate((node) => {
    if (slip === undefined && node.type.isError) slip = { from: node.from, to: node.to };
    return slip === undefined;
  });
  return slip;
}

function firstObject(top: SyntaxNode): SyntaxNode | undefined {
  return objectsIn(top).next().value ?? undefined;
}

function objectWithStates(top: SyntaxNode, source: string): SyntaxNode | undefined {
  for (const object of objectsIn(top)) {
    for (const property of object.getChildren('Property')) {
      const [key] = [property.firstChild];
      if (key !== null && keyText(key, source) === 'states') return object;
    }
  }
  return undefined;
}

function* objectsIn(top: SyntaxNode): Generator<SyntaxNode> {
  const cursor = top.cursor();
  do {
    if (cursor.name === 'ObjectExpression') yield cursor.node;
  } while (cursor.next());
}

const keyText = (key: SyntaxNode, source: string): string => {
  const own = source.slice(key.from, key.to);
  return key.name === 'String' ? unquote(own) : own;
};

function createReader(source: string, places: Map<string, Span>) {
  const textOf = ({ from, to }: Span) => source.slice(from, to);
  const refuse = (node: Span, message: string): never => {
    throw new LiteralError(message, { from: node.from, to: node.to });
  };

  function read(node: SyntaxNode, path: string): unknown {
    switch (node.name) {
      case 'ObjectExpression':
        return readObject(node, path);
      case 'ArrayExpression':
        return readArray(node, path);
      case 'String':
        return unquote(textOf(node));
      case 'TemplateString':
        if (node.getChild('Interpolation') !== null) {
          refuse(node, 'A text with ${…} has to be worked out. Write the whole text.');
        }
        return unquote(textOf(node));
      case 'Number':
        return Number(textOf(node).replaceAll('_', ''));
      case 'BooleanLiteral':
        return textOf(node) === 'true';
      case 'null':
        return null;
      case 'UnaryExpression':
        return readSigned(node, path);
      case 'ParenthesizedExpression':
      case 'BinaryExpression':
        return readInner(node, path);
      case 'VariableName':
        if (textOf(node) === 'undefined') return undefined;
        if (/[‘’‚“”„«»]/.test(textOf(node)))
          return refuse(node, 'Write texts in straight quotes, such as "open".');
        return refuse(node, `“${textOf(node)}” is not known here. Write its value.`);
      case 'ArrowFunction':
      case 'FunctionExpression':
        return refuse(
          node,
          'No function runs in this page. Name a guard by a text, such as guard: "hasAnswer", and say below whether it holds.',
        );
      default:
        return refuse(
          node,
          `“${textOf(node).slice(0, 30)}” is not a plain value. Write the value.`,
        );
    }
  }

  function readObject(node: SyntaxNode, path: string): object {
    refuseEmptyPlaces(node);
    const entries = new Map<string, unknown>();
    for (const property of node.getChildren('Property')) {
      const [key, value] = partsOf(property);
      const name = keyText(key, source);
      if (entries.has(name)) refuse(key, `“${name}” is here twice.`);
      const own = path === '' ? name : `${path}.${name}`;
      places.set(own, { from: key.from, to: key.to });
      entries.set(name, read(value, own));
    }
    return Object.fromEntries(entries);
  }

  /** A comma with nothing before it, which the parser passes over. */
  function refuseEmptyPlaces(node: SyntaxNode): void {
    let isEmpty = true;
    for (let child = node.firstChild?.nextSibling; child; child = child.nextSibling) {
      if (isComment(child)) continue;
      if (child.name === ',' && isEmpty)
        refuse(child, 'There is nothing before this comma. Take it away.');
      isEmpty = child.name === ',';
    }
  }

  /** Key and value; of `[key]: value` too. */
  function partsOf(property: SyntaxNode): readonly [SyntaxNode, SyntaxNode] {
    const children = [];
    for (let child = property.firstChild; child !== null; child = child.nextSibling) {
      if (!['[', ']', ':'].includes(child.name)) children.push(child);
    }
    const [key, value, more] = children;
    if (key === undefined || value === undefined || more !== undefined || key.name === 'Spread') {
      return refuse(property, 'Write each entry as key: value.');
    }
    return [key, value];
  }

  function readArray(node: SyntaxNode, path: string): unknown[] {
    refuseEmptyPlaces(node);
    const items: unknown[] = [];
    for (let child = node.firstChild; child !== null; child = child.nextSibling) {
      if (['[', ']', ','].includes(child.name) || isComment(child)) continue;
      const own = `${path}.${items.length}`;
      places.set(own, { from: child.from, to: child.to });
      items.push(read(child, own));
    }
    return items;
  }

  function readSigned(node: SyntaxNode, path: string): number {
    const sign = textOf(node).trimStart()[0];
    const value = node.lastChild === null ? undefined : read(node.lastChild, path);
    if (typeof value !== 'number' || (sign !== '-' && sign !== '+')) {
      return refuse(node, 'Write the value.');
    }
    return sign === '-' ? -value : value;
  }

  /** `(value)`, `value as const`, `value satisfies Type`. */
  function readInner(node: SyntaxNode, path: string): unknown {
    const isTyped = node.getChild('as') ?? node.getChild('satisfies');
    const inner = node.name === 'BinaryExpression' ? node.firstChild : node.firstChild?.nextSibling;
    if (
      inner === null ||
      inner === undefined ||
      (node.name === 'BinaryExpression' && isTyped === null)
    ) {
      return refuse(node, 'This has to be worked out. Write the value.');
    }
    return read(inner, path);
  }

  return { read };
}

const isComment = ({ name }: SyntaxNode): boolean => /^(?:Line|Block)Comment$/.test(name);

const escapes: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', b: '\b', f: '\f' };

/** The text between quotes, with its escapes resolved. */
function unquote(quoted: string): string {
  return quoted
    .slice(1, -1)
    .replaceAll(
      /\\(?:u\{([\da-fA-F]{1,6})\}|u([\da-fA-F]{4})|x([\da-fA-F]{2})|(\r?\n)|([^]))/g,
      (_, braced?: string, four?: string, two?: string, line?: string, one = '') => {
        const code = braced ?? four ?? two;
        if (code !== undefined) return characterOf(Number.parseInt(code, 16));
        return line === undefined ? (escapes[one] ?? one) : '';
      },
    );
}

const characterOf = (code: number): string =>
  code <= 0x10_ff_ff ? String.fromCodePoint(code) : '\u{fffd}';
