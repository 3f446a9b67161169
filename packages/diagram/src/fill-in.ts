const placeholder = /\{([^{}]*)\}/g;

/** The names in braces of a text, with their braces. */
export const namesIn = (text: string): string[] =>
  [...text.matchAll(placeholder)].map(([all]) => all);

/** Puts values where their names stand in braces. A value is never read for names itself. */
export const fill = (text: string, values: Readonly<Record<string, string>>): string =>
  text.replaceAll(placeholder, (all, name: string) => values[name] ?? all);
