/** Gives each name an id of its own: the one that it asks for, or that with a number. */
export function idsOf(
  names: readonly string[],
  toId: (name: string) => string,
): ReadonlyMap<string, string> {
  const taken = new Set<string>();
  return new Map(
    names.map((name) => {
      const wanted = toId(name);
      let id = wanted;
      // Without regard to case: Mermaid's ids end up in CSS selectors and in its own keywords.
      for (let next = 2; taken.has(id.toLowerCase()); next += 1) id = `${wanted}_${next}`;
      taken.add(id.toLowerCase());
      return [name, id];
    }),
  );
}
