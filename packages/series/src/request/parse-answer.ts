// A ticket has some dozen objects, and a few for each message.
const mostObjects = 200_000;
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
  let objects = 0;
  for (let index = 0; index < text.length; index += 1) {
    const sign = text[index];
    if (sign === '{' || sign === '[') {
      objects += 1;
      if (objects > mostObjects) return false;
      open.push(sign === '{' && open.length < deepest ? new Set() : undefined);
    } else if (sign === '}' || sign === ']') open.pop();
    else if (sign === '"') {
      const begin = index;
      index = endOfString(text, begin);
      const fields = open.at(-1);
      if (fields === undefined || !isField(text, index + 1)) continue;
      const name = JSON.parse(text.slice(begin, index + 1)) as string;
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

const isField = (text: string, from: number): boolean => {
  const colon = /\s*:/y;
  colon.lastIndex = from;
  return colon.test(text);
};

/** A field of an answer, as it came; `undefined` where there is no object that has it. */
export const fieldOf = (place: unknown, name: string): unknown =>
  (place as Record<string, unknown> | null | undefined)?.[name];
