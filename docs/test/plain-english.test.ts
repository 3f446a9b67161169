import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { docsDir, rootDir } from '../build/places.ts';

/*
 * Phrases that readers have stumbled over, each with what to write instead. People read our texts in
 * an incident, and often in their second language.
 */
const banned: readonly (readonly [phrase: RegExp, instead: string])[] = [
  [/\bleads? nowhere\b/i, 'is not possible'],
  [/\b(?:is|are) none of\b/i, 'is not one of; expected one of'],
  [/\bas if it were\b/i, 'as'],
  [/\bwhat stands\b/i, 'what is'],
  [/(?:^|[.:|] )Whoever\b/, 'name the person, or "you"'],
  [/\bsays nothing\b/i, 'does not tell you'],
  [/\bbe it\b/i, 'whether'],
  [/\balso where\b/i, 'even if'],
  [/\bbut for (?:one|a)\b/i, 'except'],
  [/\bstands? in clear\b/i, 'is plain text'],
  [/\bsurely (?:was|were|not|processed|sent)\b/i, 'say what is known'],
  [/\b(?:state|key|server|id|words|requests|statement) of yours\b/i, 'your'],
  [/\bnobody can tell\b/i, 'say what is seen'],
  [/\bno evidence tells\b/i, 'nothing shows it'],
  [/\bNot possible: /, 'Invalid, and the field'],
  [/\banswers before\b/, 'add the option to go on without a question'],
  [/\b[Nn]obody can be asked\b/, 'there is no terminal'],
  [/\bby whose\b/i, 'name the thing: the zone of …'],
  [/\bwritten down of\b/i, 'entries of'],
  [/\bno say\b/i, 'cannot choose'],
  [/\bnot believed\b/i, 'is read again'],
  [/\b(?:draw|drawn|entered|begin)(?: it)? anew\b/i, 'again'],
  [/\ball the same\b/i, 'anyway'],
  [/\bis that of \$/, 'comes from'],
  [/\bname nobody\b/i, 'have none'],
  [/\bwhere none may\b/i, 'is not allowed here'],
  [/\bis no MDX\b/i, 'is not'],
  [/\b(?:is|are) told as\b/i, 'is reported as'],
];

const markdown = (folder: string): string[] =>
  readdirSync(folder)
    .filter((name) => name.endsWith('.md'))
    .map((name) => `${folder}${name}`);

/** What users read: the guides, the READMEs, and what the security page says. */
const pages = [
  // The page of the command line is made of messages.
  ...markdown(docsDir).filter((page) => !page.endsWith('command-line.md')),
  ...markdown(`${docsDir}guides/`),
  ...markdown(`${docsDir}recipes/`),
  `${rootDir}README.md`,
  `${rootDir}SECURITY.md`,
  ...readdirSync(`${rootDir}packages`)
    .filter((name) => !['benchmarks', 'internal'].includes(name))
    .map((name) => `${rootDir}packages/${name}/README.md`),
];

/** What those read who work on the repository. */
const contributing = [
  ...markdown(`${docsDir}contributing/`),
  ...markdown(`${docsDir}contributing/decisions/`),
  `${rootDir}CONTRIBUTING.md`,
  `${rootDir}RELEASING.md`,
];

/** The texts of our messages: strings and templates that hold a sentence. */
function messagesOf(source: string): { readonly line: number; readonly text: string }[] {
  return source.split('\n').flatMap((line, index) => {
    if (/^\s*(?:\/\/|\*|\/\*)/.test(line)) return [];
    const texts = line.match(/'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|`[^`]*`/g) ?? [];
    return texts.filter((text) => text.includes(' ')).map((text) => ({ line: index + 1, text }));
  });
}

const sources = readdirSync(`${rootDir}packages`).flatMap((name) =>
  readdirSync(`${rootDir}packages/${name}/src`, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts'))
    .map((path) => `${rootDir}packages/${name}/src/${path}`),
);

const faultsIn = (place: string, text: string): string[] =>
  banned.flatMap(([phrase, instead]) => {
    const found = phrase.exec(text)?.[0];
    return found === undefined
      ? []
      : [`${place.replace(rootDir, '')}: "${found.trim()}". Write: ${instead}.`];
  });

test('what users read has none of the phrases that readers stumble over', () => {
  expect(pages.length).toBeGreaterThan(20);
  const faults = pages.flatMap((page) =>
    readFileSync(page, 'utf8')
      .split('\n')
      .flatMap((line, index) => faultsIn(`${page}:${index + 1}`, line)),
  );
  expect(faults).toEqual([]);
});

test('nor have our messages', () => {
  const messages = sources.flatMap((file) =>
    messagesOf(readFileSync(file, 'utf8')).map((message) => ({ file, ...message })),
  );
  expect(messages.length).toBeGreaterThan(500);
  const faults = messages.flatMap(({ file, line, text }) => faultsIn(`${file}:${line}`, text));
  expect(faults).toEqual([]);
});

/** The sentences of a page, without its samples; a cell of a table, a row of a list is one at least. */
const sentencesOf = (text: string): string[] =>
  text
    .replaceAll(/^(\s*)```[\s\S]*?^\1```$/gm, '')
    .split(/\n\s*\n|\n(?=\s*(?:[-*|]|\d+\.) ?)|\|/)
    .flatMap((part) => part.replaceAll(/\s+/g, ' ').split(/(?<=[.!?:]["”_*]*) (?=["“_*`[A-Z])/));

/** What a reader can still hold in mind; half of it is better. */
const mostWords = 40;
const longIn = (text: string): string[] =>
  sentencesOf(text).filter((sentence) => sentence.trim().split(' ').length > mostWords);

/** A statement that begins so is read as a question first. */
const isRiddle = (sentence: string): boolean =>
  /^\s*(?:(?:[-*]|\d+\.) )?(?:\*\*[^*]+\*\*[.:]? )?(?:What|Whatever|Whoever)\b[^?]*$/.test(
    sentence,
  );
const riddlesIn = (text: string): string[] =>
  sentencesOf(text).filter((sentence) => isRiddle(sentence));

test('no statement begins with "What" or "Whoever"', () => {
  const riddles = [...pages, ...contributing].flatMap((page) =>
    riddlesIn(readFileSync(page, 'utf8')).map(
      (sentence) => `${page.replace(rootDir, '')}: ${sentence}`,
    ),
  );
  expect(riddles).toEqual([]);
});

test('a statement is told from a question and a headline', () => {
  for (const text of [
    'What is kept is sent.',
    '- Good. What is kept is sent.',
    '**Era**. What ends.',
  ])
    expect(riddlesIn(text)).toHaveLength(1);
  for (const text of ['## What it does', 'What does it keep?', 'It keeps what is sent.'])
    expect(riddlesIn(text)).toEqual([]);
});

test('no sentence that users read is longer than a reader can hold', () => {
  const long = pages.flatMap((page) =>
    longIn(readFileSync(page, 'utf8')).map(
      (sentence) => `${page.replace(rootDir, '')}: ${sentence}`,
    ),
  );
  expect(long).toEqual([]);
});

test('a sentence that is too long is found in a paragraph, a list and a table', () => {
  const long = `It ${'is very '.repeat(mostWords / 2)}long.`;
  for (const text of [
    `Short. ${long} Short.`,
    `- ${long}`,
    `| a | b |\n| - | - |\n| x | ${long} |`,
  ])
    expect(longIn(text)).toHaveLength(1);
  expect(longIn(`\`\`\`ts\n${long}\n\`\`\``)).toEqual([]);
});

test('a phrase that is banned is named with its place and a better one', () => {
  expect(faultsIn('README.md:3', 'CLOSE leads nowhere from open.')).toEqual([
    'README.md:3: "leads nowhere". Write: is not possible.',
  ]);
});
