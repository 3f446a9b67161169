// What is longer is not a typo, and would cost a lot to compare.
const longest = 40;

/** Finds the name that somebody may have meant, or `undefined`. */
export function nearestName(given: string, names: readonly string[]): string | undefined {
  const plain = (name: string) => name.toLowerCase().replace(/[\s_-]/g, '');
  const same = names.find((name) => plain(name) === plain(given));
  if (same !== undefined) return same;
  if (given.length > longest) return undefined;
  const [best] = names
    .filter((name) => name.length <= longest)
    .map((name) => ({ name, distance: distanceOf(plain(given), plain(name)) }))
    .filter(({ name, distance }) => distance <= Math.floor(name.length / 4))
    .sort((a, b) => a.distance - b.distance);
  return best?.name;
}

/** Optimal string alignment: insertions, deletions, replacements, and swapped neighbours. */
function distanceOf(a: string, b: string): number {
  const rows = [Array.from({ length: b.length + 1 }, (_, column) => column)];
  const at = (row: number, column: number) => rows[row]?.[column] ?? Infinity;
  for (let i = 1; i <= a.length; i += 1) {
    rows[i] = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const replaced = at(i - 1, j - 1) + (a[i - 1] === b[j - 1] ? 0 : 1);
      const isSwapped = a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      const swapped = isSwapped ? at(i - 2, j - 2) + 1 : Infinity;
      const cost = Math.min(replaced, at(i - 1, j) + 1, at(i, j - 1) + 1, swapped);
      rows[i]?.push(cost);
    }
  }
  return at(a.length, b.length);
}
