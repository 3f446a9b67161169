/** An element or a text, as the unified tools know HTML (hast). */
export type HtmlNode = HtmlElement | { readonly type: 'text'; readonly value: string };

export interface HtmlElement {
  readonly type: 'element';
  readonly tagName: string;
  readonly properties: Record<string, string | string[]>;
  readonly children: HtmlNode[];
}

const tag =
  /<(?<end>\/?)(?<name>[\w-]+)(?<attributes>(?:\s+[\w:-]+="[^"]*")*)\s*(?<empty>\/?)>|(?<text>[^<]+)/g;
const attribute = /([\w:-]+)="([^"]*)"/g;
const signs: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"' };

/** Reads HTML that we wrote ourselves: whole, with every attribute quoted and every tag closed. */
export function readHtml(html: string): HtmlElement {
  const root: HtmlElement = { type: 'element', tagName: '', properties: {}, children: [] };
  const open = [root];
  for (const { groups = {} } of html.matchAll(tag)) {
    const { end, name = '', attributes = '', empty, text } = groups;
    if (text !== undefined) open.at(-1)?.children.push({ type: 'text', value: decoded(text) });
    else if (end === '/') open.pop();
    else {
      const made: HtmlElement = {
        type: 'element',
        tagName: name,
        properties: propertiesOf(attributes),
        children: [],
      };
      open.at(-1)?.children.push(made);
      if (empty !== '/') open.push(made);
    }
  }
  const [first] = root.children;
  if (first?.type !== 'element') throw new TypeError('The HTML holds no element.');
  return first;
}

const propertiesOf = (text: string): HtmlElement['properties'] =>
  Object.fromEntries(
    Array.from(text.matchAll(attribute), ([, name = '', value = '']) =>
      name === 'class' ? ['className', decoded(value).split(' ')] : [name, decoded(value)],
    ),
  );

const decoded = (text: string): string =>
  text.replaceAll(/&(?:#(\d+)|(\w+));/g, (whole, code: string | undefined, name = '') =>
    code === undefined ? (signs[String(name)] ?? whole) : String.fromCodePoint(Number(code)),
  );
