import { clean, oneLine } from '../text.ts';

// Words that Mermaid's lexer takes for its own where an id stands, and ids that Mermaid itself
// gives to start and end. The names that every JavaScript object has can't be ids either.
const reserved =
  /^(?:accdescr|acctitle|as|choice|class|classdef|click|default|direction|end|fork|hide|href|join|note|root|scale|state|statediagram|style|constructor|prototype|tostring|valueof|hasownproperty|isprototypeof|propertyisenumerable|tolocalestring|.*_(?:start|end))$/i;

const longestId = 40;

/** An id that resembles a name, and that Mermaid reads as one. Not yet unique. */
export function mermaidId(name: string): string {
  const plain = name
    .normalize('NFKD')
    .replaceAll(/[^a-z0-9]+/gi, '_')
    .replaceAll(/^_+|_+$/g, '')
    .slice(0, longestId);
  const id = /^[a-z]/i.test(plain) ? plain : `s_${plain}`.replace(/_$/, '');
  return reserved.test(id) ? `${id}_state` : id;
}

const longestText = 160;

// Letters of every script, and signs that mean nothing to Mermaid, HTML or Markdown.
const harmless = /[^\p{ASCII}]|[a-z0-9 ,.'()/!?+=_-]/iu;
// Mermaid writes ﬂ°°35¶ß for an entity while it draws, and so would take a text that holds it for one.
const ligature = /ﬂ/g;

/** A text between quotes or behind a colon: everything else is an entity, a new line `<br/>`. */
export function mermaidText(text: string): string {
  const letters = Array.from(clean(text).trim().replaceAll(ligature, 'fl'));
  const shown = letters.length > longestText ? [...letters.slice(0, longestText), '…'] : letters;
  const escaped = shown
    .map((letter) => {
      if (letter === '\n') return '<br/>';
      return harmless.test(letter) ? letter : entity(letter);
    })
    .join('');
  return (
    escaped
      // "direction LR" turns the diagram wherever it stands on a line.
      .replaceAll(/d(?=irection\s)/gi, entity)
      // Inside a word it is a letter, elsewhere Markdown's emphasis.
      .replaceAll(/(?<![a-z0-9])_|_(?![a-z0-9])/gi, entity)
      // Mermaid 11 and later take these for the lists of Markdown and refuse to draw them.
      .replaceAll(/(?<=^\d+)[.)]|^[-+]/g, entity)
      // The only link whose signs are all harmless by themselves.
      .replaceAll(/(?<=\bwww)\./gi, entity) || entity(' ')
  );
}

const entity = (letter: string): string => `#${letter.codePointAt(0)};`;

// Signs that look the same and that Markdown does not know.
const lookAlikes: Readonly<Record<string, string>> = {
  '*': '∗',
  $: '﹩',
  '`': 'ˋ',
  '~': '∼',
  _: 'ˍ',
  '.': '․',
  ')': '﹚',
  '-': '‐',
  '+': '﹢',
  '#': '＃',
  ']': '］',
  ':': '∶',
  '@': '＠',
};
const markdown = new RegExp(
  [
    '[*$`~]',
    '(?<![a-z0-9])_|_(?![a-z0-9])',
    // Lists and headings, which a text begins with.
    String.raw`(?<=^\d+)[.)](?=\s)|^[-+](?=\s)|^#(?=#*\s)`,
    // Links and images, and what becomes a link by itself.
    String.raw`\](?=\()|:(?=//)|(?<=\bwww)\.|@(?=\w)`,
  ].join('|'),
  'gi',
);

/**
 * The label of a state. Mermaid 11 and later read a label of several lines as Markdown, after its
 * entities are letters again. So signs that look the same stand in for those that mean something.
 */
export function mermaidLabel(text: string): string {
  const label = clean(text).trim();
  return mermaidText(
    label.includes('\n') ? label.replaceAll(markdown, (sign) => lookAlikes[sign] ?? sign) : label,
  );
}

/** A text for people who hear the picture: one line, with no sign that Mermaid takes for its own. */
export const mermaidWords = (text: string): string =>
  oneLine(text.replaceAll(';', ',').replaceAll(/[#{}<>%]/g, ' '));

const longestLine = 68;

/** The same in lines that a page shows whole. */
export function linesOfWords(words: string): string[] {
  const lines: string[] = [];
  for (const word of words.split(' ')) {
    const longer = `${lines.at(-1) ?? ''} ${word}`;
    if (lines.length > 0 && longer.length <= longestLine) lines.splice(-1, 1, longer);
    else lines.push(word);
  }
  return lines;
}

/** A title in Mermaid's front matter, where it knows no entities and shows `&amp;` for an `&`. */
export const mermaidTitle = (title: string): string =>
  JSON.stringify(oneLine(title).replaceAll('&', '＆').replaceAll('<', '‹').replaceAll('>', '›'));
