// A text in quotes, or what JSON is put together with. In sound JSON nothing else matters here.
const token = /"[^"\\]*(?:\\.[^"\\]*)*"|[{}[\]:]/g;

/**
 * The first key that stands twice in one object of a sound JSON text, or `undefined`. JSON.parse
 * takes the last, and says nothing of the others.
 */
export function duplicateKey(json: string): string | undefined {
  const objects: (Set<string> | undefined)[] = [];
  let text = '';
  for (const [found] of json.matchAll(token)) {
    switch (found) {
      case '{':
        objects.push(new Set());
        break;
      case '[':
        objects.push(undefined);
        break;
      case '}':
      case ']':
        objects.pop();
        break;
      case ':': {
        const key = String(JSON.parse(text));
        const keys = objects.at(-1);
        if (keys?.has(key) === true) return key;
        keys?.add(key);
        break;
      }
      default:
        text = found;
    }
  }
  return undefined;
}
