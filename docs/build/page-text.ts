import { readFileSync } from 'node:fs';
import { extname } from 'node:path';
import { docsDir } from './places.ts';

/** The file of a link of the sidebar, without its ending. */
export const fileOf = (link: string): string =>
  `${link.slice(1)}${link.endsWith('/') ? 'index' : ''}`;

/** The text of a drawing, by the kind of its block and its name. */
export type TextOfDrawing = (kind: string, name: string) => string;

/** A block of code, or of what the site draws. */
const block =
  /^(?<indent> *)(?<ticks>`{3,})(?<info>[^\n]*)\n(?<content>.*?)^\k<indent>\k<ticks>$/gms;
const drawing = /^(?<kind>diagram|live-diagram|plot|figures)(?: (?<name>\S+))?$/;

/** A page with its words replaced, and its blocks left alone. */
function replaceWords(page: string, replace: (words: string) => string): string {
  let text = '';
  let end = 0;
  for (const { 0: found, index } of page.matchAll(block)) {
    text += replace(page.slice(end, index)) + found;
    end = index + found.length;
  }
  return text + replace(page.slice(end));
}

/** Takes in the files that a page names, as code or as a part of the page. */
function takeInFiles(page: string, link: string): string {
  const base = new URL(fileOf(link), `file://${docsDir}`);
  const read = (path: string) => readFileSync(new URL(path, base), 'utf8').trim();
  return replaceWords(page, (words) =>
    words
      .replaceAll(
        /^<<< (\S+)$/gm,
        (_, path: string) => `\`\`\`${extname(path).slice(1)}\n${read(path)}\n\`\`\``,
      )
      .replaceAll(/^<!--\s*@include: (\S+?)\s*-->$/gm, (_, path: string) => read(path)),
  );
}

// Elements that place the words of a page, and have none of their own.
const frames = /<\/?(?:main|div|p|noscript|ClientOnly|PlaygroundApp)\b[^>]*>/g;

/** Words without the elements of a page, and with links that begin at the root of the site. */
function plainWords(words: string, link: string): string {
  return words
    .replaceAll(/<a [^>]*?href="([^"]+)"[^>]*>(.*?)<\/a>/g, '[$2]($1)')
    .replaceAll(frames, '')
    .replaceAll(/\]\((?![a-z]+:)([^)\s]+)\)/g, (_, href: string) => {
      const { pathname, hash } = new URL(href, `http://site${link}`);
      return `](${pathname.replace(/\.(?:html|md)$/, '')}${hash})`;
    });
}

/** The first thing in a text that only the site can show, or `undefined`. */
function leftIn(text: string): string | undefined {
  const words = text.replaceAll(block, '').replaceAll(/(?<ticks>`+).*?\k<ticks>/gs, '');
  const inWords = /^.*(?:<<<|@include|<\/?[A-Za-z]|\]\((?!\/|[a-z]+:)).*$/m.exec(words)?.[0];
  const blocks = [...text.matchAll(block)].map(({ groups }) => groups?.['info'] ?? '');
  return inWords ?? blocks.find((info) => drawing.test(info));
}

/**
 * A page as text for programs: what the site takes in or draws is written out, and its links begin at
 * the root of the site. Throws where something is left that only the site can show.
 */
export function pageText(markdown: string, link: string, textOf: TextOfDrawing): string {
  const page = takeInFiles(markdown.replace(/^---\n.*?\n---\n+/s, ''), link);
  const drawn = page.replaceAll(block, (whole, ...rest) => {
    const { info, content } = rest.at(-1) as { info: string; content: string };
    const { kind, name = '' } = drawing.exec(info)?.groups ?? {};
    return kind === undefined ? whole : `${content.trim()}\n\n${textOf(kind, name)}`.trim();
  });
  const text = replaceWords(drawn, (words) =>
    plainWords(words, link).replaceAll(/\n{3,}/g, '\n\n'),
  );
  const left = leftIn(text);
  if (left !== undefined) throw new Error(`The text of ${link} still has "${left}".`);
  return text.trim();
}
