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
