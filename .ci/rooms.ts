import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path/posix';
import { fileURLToPath } from 'node:url';

/** A folder under `src`, or some files at its root. The other files there are the room `ground`. */
export type Room = string | { readonly name: string; readonly files: readonly string[] };

const mostFiles = 20;

/**
 * Reads the imports of all files under `src`, those of types included, and says in one sentence
 * each what breaks the order of the rooms. Each room may import itself and all rooms below it;
 * `order` starts at the top. Rooms in an inner list stand side by side: none imports another.
 */
export function findRoomFaults(src: URL, order: readonly (Room | readonly Room[])[]): string[] {
  const root = fileURLToPath(src);
  const levels = order.map((level) => (Array.isArray(level) ? level : [level]) as readonly Room[]);
  const named = levels.flat().filter((room) => typeof room !== 'string');
  const heights = new Map(levels.flatMap((level, at) => level.map((one) => [nameOf(one), at])));
  const files = readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(join(root, '/').length))
    .sort();
  const imports = new Map<string, readonly string[]>();
  for (const file of files) imports.set(file, importsOf(file));
  const folders = Map.groupBy(files, dirname);
  const rooms = new Set([...files.map(roomOf), ...heights.keys()]);

  return [...wrongRooms(), ...crowds(), ...arrows(), ...circlesOf(imports)];

  function roomOf(file: string): string {
    if (file.includes('/')) return file.slice(0, file.indexOf('/'));
    return named.find((room) => room.files.includes(file))?.name ?? 'ground';
  }

  function importsOf(file: string): string[] {
    if (!file.endsWith('.ts')) return [];
    const text = readFileSync(join(root, file), 'utf8');
    const found = text.matchAll(/\b(?:from|import)\s*\(?\s*(['"])(?<path>\.{1,2}\/[^'"]+)\1/g);
    const paths = [...found].map(({ groups }) => join(dirname(file), groups?.['path'] ?? ''));
    return [...new Set(paths)].filter((path) => files.includes(path));
  }

  function wrongRooms(): string[] {
    const empty = [...heights.keys()].filter((room) => !files.some((one) => roomOf(one) === room));
    return [
      ...[...rooms]
        .filter((room) => !heights.has(room))
        .map((room) => `The order of the rooms does not name ${room}.`),
      ...empty.map((room) => `The order of the rooms names ${room}, which has no files.`),
      ...named
        .flatMap((room) => room.files.filter((file) => !files.includes(file)))
        .map((file) => `The order of the rooms names ${file}, which does not exist.`),
    ];
  }

  function crowds(): string[] {
    return [...folders]
      .filter(([, inside]) => inside.length > mostFiles)
      .map(
        ([at, { length }]) => `${at} holds ${length} files. At most ${mostFiles} may stay flat.`,
      );
  }

  function arrows(): string[] {
    return [...imports].flatMap(([file, targets]) => {
      const room = roomOf(file);
      const height = heights.get(room) ?? Infinity;
      const below = [...heights].filter(([, at]) => at > height).map(([name]) => name);
      const may = below.length === 0 ? 'no other room' : `only: ${below.join(', ')}`;
      return targets
        .filter((target) => roomOf(target) !== room && !below.includes(roomOf(target)))
        .map((target) => `${file} imports ${target}, but ${room} may import ${may}.`);
    });
  }
}

const nameOf = (room: Room): string => (typeof room === 'string' ? room : room.name);

/** Finds files that import each other, by Tarjan's strongly connected components. */
function circlesOf(imports: ReadonlyMap<string, readonly string[]>): string[] {
  const indexes = new Map<string, number>();
  const path: string[] = [];
  const circles: string[] = [];
  for (const file of imports.keys()) if (!indexes.has(file)) visit(file);
  return circles;

  function visit(file: string): number {
    const index = indexes.size;
    let lowest = index;
    indexes.set(file, index);
    const start = path.push(file) - 1;
    for (const target of imports.get(file) ?? []) {
      if (!indexes.has(target)) lowest = Math.min(lowest, visit(target));
      else if (path.includes(target)) lowest = Math.min(lowest, indexes.get(target) ?? index);
    }
    if (lowest === index) {
      const circle = path.splice(start).sort();
      if (circle.length > 1) circles.push(`These files import each other: ${circle.join(', ')}.`);
    }
    return lowest;
  }
}
