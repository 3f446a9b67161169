/** Prepares a text in which `*` stands for anything. Looks for each part once. */
export function wildcard(pattern: string): (value: string) => boolean {
  const [first = '', ...others] = pattern.split('*');
  const last = others.pop();
  if (last === undefined) return (value) => value === pattern;
  const middle = others.filter((part) => part !== '');
  return (value) => {
    const end = value.length - last.length;
    if (end < first.length || !value.startsWith(first) || !value.endsWith(last)) return false;
    // The earliest place for a part leaves the most to those behind it: none has to be tried again.
    let from = first.length;
    for (const part of middle) {
      const found = value.indexOf(part, from);
      if (found === -1) return false;
      from = found + part.length;
    }
    return from <= end;
  };
}

/** How an option writes a value that is empty: nothing at all is mostly a variable that is not set. */
export const emptyValue = '""';

/** What a condition wants of a field, or why it can't be read. */
export type SplitCondition =
  | {
      readonly name: string;
      readonly isNegated: boolean;
      readonly matches: (value: string) => boolean;
    }
  | { readonly fault: string };

/**
 * Takes `NAME=VALUE` or `NAME!=VALUE` apart. In the value `*` stands for anything, and `""` for
 * nothing.
 *
 * @param noun - what the name is called, in capitals
 */
export function splitCondition(text: string, noun: 'FIELD' | 'COLUMN'): SplitCondition {
  const match = /^\s*([^=!]+?)\s*(!?)=(.*)$/su.exec(text);
  const [, name, not = '', value] = match ?? [];
  const shown = `"${text.slice(0, 60)}"`;
  if (name === undefined || value === undefined) {
    return {
      fault: `${shown} is not a condition. Write ${noun}=VALUE or ${noun}!=VALUE; * stands for anything.`,
    };
  }
  const pattern = value.trim();
  if (pattern === '') {
    return {
      fault: `${shown} has no value. Is a variable unset? For an empty ${noun.toLowerCase()} write ${name}${not}=${emptyValue}.`,
    };
  }
  return {
    name,
    isNegated: not === '!',
    matches: wildcard(pattern === emptyValue ? '' : pattern),
  };
}
