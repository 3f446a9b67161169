import type { NameHelp } from './blockers.ts';
import { kindOf } from './values.ts';

// Longer names are no typing errors of a name that somebody chose.
const longestName = 40;

/** The known name that a misspelt one most likely means: at most two letters off, a third of it. */
export function nearestName(name: string, known: readonly string[]): string | undefined {
  if (name.length > longestName) return undefined;
  const most = Math.min(2, Math.floor(name.length / 3));
  const ranked = known
    .map((one) => ({ one, off: distance(name.toLowerCase(), one.toLowerCase()) }))
    .filter(({ one, off }) => one !== name && off <= most)
    .sort((a, b) => a.off - b.off);
  return ranked[0]?.one;
}

/** What a message adds about an unknown name, empty where no known one is near. */
export const suggestName: NameHelp['suggest'] = (name, known) => {
  const nearest = typeof name === 'string' ? nearestName(name, known) : undefined;
  return nearest === undefined ? '' : ` Did you mean ${nearest}?`;
};

/** What the messages of a whole lifecycle add about a name. */
export const nameHelp: NameHelp = {
  suggest: suggestName,
  nameless: (event, events) =>
    event === undefined || event === '' || typeof event === 'object'
      ? `The event has no name. Pass its name, or an object with the name as "type". The events are ${events.join(', ')}.`
      : undefined,
  stateless: (state, states) => {
    if (typeof state !== 'object' || state === null) return undefined;
    const hint = 'value' in state ? ' Pass its "value".' : '';
    return `Expected the name of a state, received ${kindOf(state)}.${hint} The states are ${states.join(', ')}.`;
  },
};

/** How many letters differ (Damerau-Levenshtein: two letters that changed places count once). */
function distance(a: string, b: string): number {
  let [before, last]: [number[], number[]] = [[], Array.from(`${b} `, (_, index) => index)];
  for (let row = 1; row <= a.length; row += 1) {
    const line = [row];
    for (let column = 1; column <= b.length; column += 1) {
      const isSame = a[row - 1] === b[column - 1];
      const swapped = a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1];
      line[column] = Math.min(
        (last[column] ?? 0) + 1,
        (line[column - 1] ?? 0) + 1,
        (last[column - 1] ?? 0) + (isSame ? 0 : 1),
        swapped ? (before[column - 2] ?? 0) + 1 : Infinity,
      );
    }
    [before, last] = [last, line];
  }
  return last[b.length] ?? 0;
}
