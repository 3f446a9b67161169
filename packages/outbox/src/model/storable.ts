// More of a reason than this nobody reads; some errors carry a whole answer.
const longestText = 1000;

/** Whether Postgres can keep a text: it has no NUL, and no half of a surrogate pair. */
export const isStorable = (text: string): boolean => !text.includes('\0') && text.isWellFormed();

/** How many characters an entry of an index of Postgres has room for, whatever they are. */
export const longestIndexed = 500;

export const isIndexable = (text: string): boolean =>
  text.length <= longestIndexed && isStorable(text);

/**
 * A text as Postgres can keep it, of so many characters at most. What a server says or an error tells
 * ends up in it, and one that could not be written down would keep all others that end with it from
 * being written down.
 */
export function storable(value: unknown, most = longestText): string {
  // Cut first: a cut may leave half of a surrogate pair.
  return textOf(value).slice(0, most).replaceAll('\0', '\uFFFD').toWellFormed();
}

function textOf(value: unknown): string {
  try {
    return String(value instanceof Error ? value.message : value);
  } catch {
    // Anything can be thrown, also what can't be shown.
    return 'no reason that could be shown';
  }
}
