// Lists, objects and fields. A ticket has some dozen, and eleven for each message.
const mostParts = 100_000;
// The answer, its data, and the ticket in it. Further inside nothing decides.
const deepest = 3;

/**
 * The JSON of an answer; `undefined` where it is none, would stop the event loop, or has an object
 * that names a field twice: of two, `JSON.parse` would silently take the second.
 */
export function parseAnswer(text: string): unknown {
  try {
    return isReadable(text) ? JSON.parse(text) : undefined;
  } catch {
    return undefined;
  }
}

function isReadable(text: string): boolean {
  // The fields of each object that is open; nothing for a list.
  const open: (Set<string> | undefined)[] = [];
  let parts = 0;
  for (let index = 0; index < text.length; index += 1) {
    const sign = text[index];
    if (sign === '{' || sign === '[') {
      parts += 1;
      if (parts > mostParts) return false;
      open.push(sign === '{' && open.length < deepest ? new Set() : undefined);
    } else if (sign === '}' || sign === ']') open.pop();
    else if (sign === '"') {
      const begin = index;
      index = endOfString(text, begin);
      if (!isField(text, index + 1)) continue;
      parts += 1;
      if (parts > mostParts) return false;
      const fields = open.at(-1);
      if (fields === undefined) continue;
      const written = text.slice(begin, index + 1);
      const name = written.includes('\\') ? (JSON.parse(written) as string) : written.slice(1, -1);
      if (fields.has(name)) return false;
      fields.add(name);
    }
  }
  return true;
}

/** Where a string ends that begins there: at its closing quote. */
function endOfString(text: string, begin: number): number {
  let index = begin + 1;
  while (index < text.length && text[index] !== '"') index += text[index] === '\\' ? 2 : 1;
  return index;
}

function isField(text: string, from: number): boolean {
  let index = from;
  while (whiteSpace.includes(text[index] ?? 'none')) index += 1;
  return text[index] === ':';
}

const whiteSpace: readonly string[] = [' ', '\n', '\r', '\t'];

/** A field of an answer, as it came; `undefined` where there is no object that has it. */
export const fieldOf = (place: unknown, name: string): unknown =>
  (place as Record<string, unknown> | null | undefined)?.[name];
