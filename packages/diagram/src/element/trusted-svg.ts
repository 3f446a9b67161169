/*
 * An SVG may come from anywhere, and a page must not run what is in it. So nothing of it is put into
 * the page: a copy is made of the elements and attributes that our drawings consist of, and all else
 * is left behind: scripts, handlers, links, style sheets, foreign content.
 */

const svgNamespace = 'http://www.w3.org/2000/svg';
const elements = new Set([
  'svg',
  'g',
  'title',
  'desc',
  'rect',
  'circle',
  'path',
  'polygon',
  'line',
  'text',
]);
// None of these can refer to anything, and what they hold is no code.
const attributes =
  /^(?:class|id|role|aria-(?:labelledby|describedby|label|hidden)|data-[\w-]+|width|height|viewBox|x|y|x1|x2|y1|y2|cx|cy|r|rx|d|points|transform|font-(?:size|family|weight)|text-anchor|direction|stroke-(?:width|dasharray|opacity)|fill-opacity|opacity)$/;
const paints = /^(?:fill|stroke|color)$/;
const paint = /^(?:none|currentColor|#[\da-f]{3,8})$/i;
// Ours is four deep. A deeper one is somebody's attempt.
const deepest = 8;
const mostElements = 20_000;

/** What is wrong with an SVG, in words that follow "This lifecycle can't be shown: ". */
export class UnusableSvg extends Error {}

/** Reads an SVG from a text, as strictly as XML is. */
export function parseSvg(text: string): Element {
  // Ours has none, and its entities could fill the memory.
  if (/<!(?:DOCTYPE|ENTITY)/i.test(text)) throw new UnusableSvg('it is not a drawing of ours');
  const { documentElement } = new DOMParser().parseFromString(text, 'image/svg+xml');
  if (documentElement.namespaceURI !== svgNamespace || documentElement.localName !== 'svg') {
    throw new UnusableSvg('it is not an SVG');
  }
  return documentElement;
}

/** A copy of what our drawings consist of. */
export function trustedCopy(source: Element): Element {
  let count = 0;
  const copy = copyOf(source, 0);
  if (copy === undefined) throw new UnusableSvg('it is not an SVG');
  return copy;

  function copyOf(original: Element, depth: number): Element | undefined {
    if (original.namespaceURI !== svgNamespace || !elements.has(original.localName))
      return undefined;
    count += 1;
    if (depth > deepest || count > mostElements) {
      throw new UnusableSvg('it is not a drawing of ours');
    }
    const made = document.createElementNS(svgNamespace, original.localName);
    for (const { name, value } of original.attributes) {
      if (paints.test(name) ? paint.test(value) : attributes.test(name)) {
        made.setAttribute(name, value);
      }
    }
    for (const child of original.childNodes) {
      if (child.nodeType === Node.TEXT_NODE) made.append(child.textContent ?? '');
      else if (child.nodeType === Node.ELEMENT_NODE) {
        const part = copyOf(child as Element, depth + 1);
        if (part !== undefined) made.append(part);
      }
    }
    return made;
  }
}

/** The verdicts that a drawing holds, as text. */
export const verdictsIn = (svg: Element): string | undefined =>
  [...svg.children].find(({ localName }) => localName === 'metadata')?.textContent ?? undefined;
