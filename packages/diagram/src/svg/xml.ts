import { clean } from '../text.ts';

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
  // Templates of Vue and MDX read these as code, also inside a picture.
  '{': '&#123;',
  '}': '&#125;',
  '\t': '&#9;',
  '\n': '&#10;',
  '\r': '&#13;',
};
// What no XML can hold in any form, and its like.
const impossible = /(?![\t\n\r])\p{Cc}|[\uFFFE\uFFFF]/gu;

/** A text between tags, for people to read. */
export const xmlText = (text: string): string => escapeXml(clean(text));

/** A value in an attribute, exact as far as XML can hold it: scripts look for it. */
const attribute = (value: string): string =>
  escapeXml(value.toWellFormed().replaceAll(impossible, '\u{FFFD}'));

/** Data between tags. Whatever no text can hold is written as JSON writes it, so nothing is lost. */
export const jsonText = (value: unknown): string =>
  escapeXml(JSON.stringify(value).replaceAll(beyondPrint, (sign) => escapeJson(sign)));

const beyondPrint = /[\p{C}\p{Z}\uFFFD]/gu;
const escapeJson = (sign: string): string =>
  sign === ' '
    ? sign
    : sign.replaceAll(
        /[\s\S]/g,
        (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
      );

const escapeXml = (text: string): string =>
  text.replaceAll(/[&<>"'{}\t\n\r]/g, (sign) => entities[sign] ?? '');

/** Attributes of an element. Those that are `undefined` are left out. */
export type Attributes = Readonly<Record<string, string | number | undefined>>;

export function element(
  name: string,
  attributes: Attributes,
  ...content: readonly string[]
): string {
  const written = Object.entries(attributes)
    .filter(([, value]) => value !== undefined)
    .map(([key, value = '']) =>
      typeof value === 'number' ? ` ${key}="${rounded(value)}"` : ` ${key}="${attribute(value)}"`,
    )
    .join('');
  return content.length === 0
    ? `<${name}${written}/>`
    : `<${name}${written}>${content.join('')}</${name}>`;
}

/** A number without the digits that nobody can see. */
export const rounded = (value: number): string => String(Math.round(value * 10) / 10);
