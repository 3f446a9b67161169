import { indent } from './text.ts';

// Our longer texts are laid out by hand, for a terminal of usual width. For another width they are
// taken apart and filled anew:
//   - lines of one indentation are a paragraph
//   - two columns stay two, or the second goes below the first where there is no room beside it
//   - a command stays one that can be copied: it goes on behind a backslash
//   - JSON is shown as it is
// A word is never cut in two. One that is longer than the line sticks out.

/** Lays a text out for a width. */
export function wrapText(text: string, width: number): string {
  const lines = text.split('\n');
  const wrapped: string[] = [];
  for (let line = lines.shift(); line !== undefined; line = lines.shift()) {
    const indentation = line.length - line.trimStart().length;
    const columns = columnsOf(line);
    if (line.trim() === '' || isVerbatim(line)) wrapped.push(line);
    else if (isCommand(line)) {
      const parts = [line.trim()];
      while (parts.at(-1)?.endsWith('\\') === true) parts.push((lines.shift() ?? '').trim());
      const command = parts.map((part) => part.replace(/\s*\\$/, '')).join(' ');
      wrapped.push(...commandLines(command, indentation, width));
    } else if (columns === undefined) {
      const paragraph = [line, ...takeParagraph(lines, line, indentation)];
      wrapped.push(...indented(wordsOf(paragraph), indentation, width));
    } else {
      const { first, column, second } = columns;
      const beside = [second, ...takeParagraph(lines, second, column)];
      wrapped.push(...besideOrBelow(first, beside.join(' '), { indentation, column, width }));
    }
  }
  return wrapped.join('\n');
}

// Narrower than this a column is a list of words.
const leastColumn = 30;

/** Lays out a name with what is to be said of it, beside it if there is room. */
export function besideOrBelow(
  name: string,
  text: string,
  {
    indentation,
    column,
    width,
  }: { readonly indentation: number; readonly column: number; readonly width: number },
): string[] {
  const words = wordsOf([text]);
  if (width - column < Math.min(leastColumn, text.length)) {
    const named = indented(wordsOf([name]), indentation, width);
    return [...named, ...indented(words, indentation + 4, width)];
  }
  const [first = '', ...more] = fill(words, width - column);
  const before = `${indent(indentation)}${name}`.padEnd(column);
  return [`${before}${first}`, ...more.map((line) => `${indent(column)}${line}`)];
}

/** Fills lines with words. */
export function fill(words: readonly string[], width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of words) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return line === '' ? lines : [...lines, line];
}

/** The words of a text. */
export const wordsOf = (lines: readonly string[]): string[] =>
  lines.flatMap((line) => line.split(/\s+/)).filter((word) => word !== '');

const indented = (words: readonly string[], indentation: number, width: number) =>
  fill(words, width - indentation).map((line) => `${indent(indentation)}${line}`);

const isCommand = (line: string) => line.trimStart().startsWith('$ ');

const isVerbatim = (line: string) => line.trimStart().startsWith('{');

function columnsOf(line: string) {
  const found = /^(\s*\S+(?: \S+)*)\s{2,}(?=\S)/.exec(line);
  if (found === null || isCommand(line)) return undefined;
  const [before, first = ''] = found;
  return { first: first.trim(), column: before.length, second: line.slice(before.length) };
}

/** Takes the lines that go on with a paragraph. What follows a colon is something else. */
function takeParagraph(lines: string[], first: string, indentation: number): string[] {
  const taken: string[] = [];
  for (let before = first; !before.endsWith(':');) {
    const [next] = lines;
    if (next === undefined || next.search(/\S/) !== indentation) break;
    if (isCommand(next) || isVerbatim(next) || columnsOf(next) !== undefined) break;
    taken.push(next);
    before = next;
    lines.shift();
  }
  return taken;
}

function commandLines(command: string, indentation: number, width: number): string[] {
  // What stands in quotes is one word.
  const words = command.match(/(?:[^\s'"]|'[^']*'|"[^"]*")+/g) ?? [];
  // Two for the prompt, and two for the backslash.
  const [first = '', ...more] = fillCommand(words, width - indentation - 2);
  const lines = [first, ...more.map((line) => `    ${line}`)];
  return lines.map(
    (line, index) => `${indent(indentation)}${line}${index === lines.length - 1 ? '' : ' \\'}`,
  );
}

function fillCommand(words: readonly string[], width: number): string[] {
  const all = fill(words, width + 2);
  return all.length === 1 ? all : fillHanging(words, width);
}

/** Fills lines of which all but the first are indented. An option stays with its value. */
function fillHanging(words: readonly string[], width: number): string[] {
  const units: string[] = [];
  for (const word of words) {
    const before = units.at(-1);
    const isValue = before !== undefined && /^--?[\w-]+$/.test(before) && !word.startsWith('-');
    if (isValue) units[units.length - 1] = `${before} ${word}`;
    else units.push(word);
  }
  const [prompt = '', program = '', ...rest] = units;
  return fill([`${prompt} ${program}`, ...rest], width - 4);
}
