import { element, xmlText } from '../svg/xml.ts';
import type { PageDrawing } from './page-drawings.ts';

/** A drawing as a figure of a page: it scrolls where the page is narrower, by keyboard too. */
export function figureOf(
  { svg, caption, as, label, isPlayable }: PageDrawing,
  attributes = {},
): string {
  const frame = { style: 'overflow-x:auto', tabindex: '0', role: 'group', 'aria-label': label };
  return element(
    'figure',
    // Browsers indent figures, and a column is narrow.
    { ...attributes, style: 'margin-inline:0' },
    element('div', frame, as === 'img' ? imageOf(svg) : playable(svg.trim(), isPlayable)),
    ...(caption === '' ? [] : [element('figcaption', {}, xmlText(caption))]),
  );
}

const playable = (svg: string, isPlayable: boolean): string =>
  isPlayable ? element('ticket-lifecycle', {}, svg) : svg;

function imageOf(svg: string): string {
  const part = (pattern: RegExp) => pattern.exec(svg)?.[1] ?? '';
  const bytes = new TextEncoder().encode(svg);
  const data = btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''));
  const size = `width="${part(/ width="(\d+)"/)}" height="${part(/ height="(\d+)"/)}"`;
  // Title and description are escaped in the SVG already.
  const alt = `${part(/<title[^>]*>([^<]*)</)}. ${part(/<desc[^>]*>([^<]*)</)}`;
  return `<img src="data:image/svg+xml;base64,${data}" ${size} style="max-width:none" alt="${alt}"/>`;
}
