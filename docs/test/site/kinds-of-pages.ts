import { readFileSync } from 'node:fs';

/** What a page's contents are made of: each element with its attributes, and what it is in. */
export function shapesOf(html: string): Set<string> {
  const shapes = new Set<string>();
  const open: string[] = [];
  const contents = /<main.*<\/main>/s.exec(html)?.[0] ?? '';
  for (const [, slash, name = '', attributes = ''] of contents.matchAll(
    /<(\/?)([a-z][\w-]*)([^>]*)>/g,
  )) {
    if (slash === '/') {
      open.length = Math.max(0, open.lastIndexOf(name));
      continue;
    }
    const parts = attributes.matchAll(/(?:class|style|role|tabindex)="[^"]*"/g);
    const shape = `${name} ${[...parts].map(([part]) => part.replace(/ _api_\w*/, '')).join(' ')}`;
    shapes.add(`${open.at(-1) ?? ''} > ${shape}`);
    if (!/^(?:br|hr|img|input|path|wbr)$/.test(name)) open.push(name);
  }
  return shapes;
}

/**
 * As few pages as show every shape that any of them has. Pages that a program writes differ in their
 * words and not in their elements, so what holds for these holds for the others.
 */
export function oneOfEachKind(paths: readonly string[]): string[] {
  const left = new Map(paths.map((path) => [path, shapesOf(readFileSync(path, 'utf8'))]));
  const chosen: string[] = [];
  for (;;) {
    const [best] = [...left].toSorted(([, one], [, other]) => other.size - one.size);
    if (best === undefined || best[1].size === 0) return chosen;
    chosen.push(best[0]);
    for (const shapes of left.values()) {
      if (shapes !== best[1]) for (const shape of best[1]) shapes.delete(shape);
    }
    left.delete(best[0]);
  }
}
