import { HistoryError } from './history-error.ts';
import { DuplicateKeyError, parseJson } from './json/parse-json.ts';
import { createLineReader } from './lines.ts';
import { headBytes, sniff } from './sniff.ts';
import { wildcard } from './wildcard.ts';

/** What the values of somebody else's history mean. */
export interface ValueMap {
  /** The state or status that a value stands for, or `undefined` where it means nothing to us. */
  readonly nameOf: (value: string) => string | undefined;
  /** Whether an entry, other than a pattern, or a name of ours is just this value. */
  readonly hasEntry: (value: string) => boolean;
  /** Whether an entry gives this value its meaning, be it a pattern. */
  readonly covers: (value: string) => boolean;
  /** The entries that no value has met. */
  readonly unused: () => string[];
}

/** A line of a map. */
export interface MapEntry {
  readonly value: string;
  readonly name: string;
}

/**
 * Prepares a map. `*` stands for anything; exact values win, then the first pattern that fits, then
 * a value that is the name of a state or a status itself.
 *
 * @param names - the states and statuses
 * @param unknown - makes the end of the message on a name that is none of them
 */
export function createValueMap(
  entries: readonly MapEntry[],
  names: readonly string[],
  unknown: (name: string) => string = () => `Expected one of ${names.join(', ')}`,
): ValueMap {
  const exact = new Map<string, string>();
  const patterns: (MapEntry & { readonly matches: (value: string) => boolean })[] = [];
  const used = new Set<string>();
  const own = new Set(names);
  for (const { value, name } of entries) {
    if (!own.has(name)) {
      throw new HistoryError(
        'option',
        `"${value}=${name}" leads to an unknown state. ${unknown(name)}.`,
      );
    }
    if (value.includes('*')) patterns.push({ value, name, matches: wildcard(value) });
    else if (exact.has(value) && exact.get(value) !== name) {
      throw mappedTwice(value);
    } else exact.set(value, name);
  }
  return {
    nameOf(value) {
      const name = exact.get(value);
      if (name !== undefined) {
        used.add(value);
        return name;
      }
      const pattern = patterns.find(({ matches }) => matches(value));
      if (pattern === undefined) return own.has(value) ? value : undefined;
      used.add(pattern.value);
      return pattern.name;
    },
    hasEntry: (value) => exact.has(value) || own.has(value),
    covers: (value) => exact.has(value) || patterns.some(({ matches }) => matches(value)),
    unused: () =>
      [...new Set(entries.map(({ value }) => value))].filter((value) => !used.has(value)),
  };
}

const mappedTwice = (value: string) => new HistoryError('option', `"${value}" is mapped twice.`);

/**
 * Reads pairs such as `New=open,Awaiting *=in-progress`. A value with a comma or an equals sign at
 * its end stands in double quotes: `"Closed, done"=closed`.
 */
export function parseMap(text: string): MapEntry[] {
  return splitPairs(text).flatMap((pair) => (pair.trim() === '' ? [] : [parsePair(pair)]));
}

/**
 * Reads a map from a file, in whichever encoding it has: a pair on each line, `#` begins a comment; or
 * a JSON object. What can't be read is named with its line.
 */
export function parseMapFile(bytes: Uint8Array): MapEntry[] {
  const lines = linesOf(bytes);
  const text = lines.map((line) => line.text).join('\n');
  if (text.trimStart().startsWith('{')) return parseJsonMap(text);
  return lines.flatMap(({ line, text: pair }) => {
    const isPair = pair.trim() !== '' && !pair.trimStart().startsWith('#');
    return isPair ? [parsePair(pair, `line ${line}: `)] : [];
  });
}

function linesOf(bytes: Uint8Array): { readonly line: number; readonly text: string }[] {
  const sniffed = sniff(bytes.subarray(0, headBytes), bytes.length <= headBytes);
  if ('looksLike' in sniffed) {
    throw new HistoryError('option', `the map looks like ${sniffed.looksLike}. Give text.`);
  }
  const lines: { line: number; text: string }[] = [];
  const reader = createLineReader(({ line, text, reason }) => {
    if (text === undefined) throw new HistoryError('option', `line ${line}: ${reason}.`);
    lines.push({ line, text });
  }, sniffed.encoding);
  reader.read(bytes);
  reader.end();
  return lines;
}

function parseJsonMap(text: string): MapEntry[] {
  let map: unknown;
  try {
    map = parseJson(text);
  } catch (error) {
    if (error instanceof DuplicateKeyError) throw mappedTwice(error.key);
    throw new HistoryError('option', 'the map is not valid JSON.');
  }
  return Object.entries(map as object).map(([value, name]) => {
    if (typeof name === 'string') return { value, name };
    throw new HistoryError('option', `the map gives "${value}" no name of a state.`);
  });
}

function splitPairs(text: string): string[] {
  const pairs: string[] = [];
  let start = 0;
  let isQuoted = false;
  for (let at = 0; at <= text.length; at += 1) {
    if (text[at] === '"') isQuoted = !isQuoted;
    if (at < text.length && (isQuoted || text[at] !== ',')) continue;
    pairs.push(text.slice(start, at));
    start = at + 1;
  }
  return pairs;
}

function parsePair(given: string, where = ''): MapEntry {
  const pair = given.trim();
  const match = /^"((?:[^"]|"")*)"\s*=(.*)$/s.exec(pair);
  const at = pair.lastIndexOf('=');
  const value = match?.[1]?.replaceAll('""', '"') ?? pair.slice(0, Math.max(0, at)).trim();
  const name = (match?.[2] ?? pair.slice(at + 1)).trim();
  if (value !== '' && name !== '') return { value, name };
  throw new HistoryError(
    'option',
    `${where}"${pair}" is not a pair. Write VALUE=STATUS, several with commas: 'New=open,Awaiting *=in-progress'. A value with a comma needs double quotes.`,
  );
}
