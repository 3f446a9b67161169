import type { Picture } from '../picture/picture.ts';
import { textWidth } from '../text-size.ts';
import { fontSizes } from './measure.ts';

/** A line of the legend: a sample that looks like what it explains, and what that means. */
export interface Key {
  readonly shape: 'box' | 'arrow';
  readonly classes: readonly string[];
  readonly stroke: number;
  readonly text: string;
  readonly x: number;
  readonly y: number;
}

export interface Legend {
  readonly keys: readonly Key[];
  readonly width: number;
  readonly height: number;
}

export const sampleWidth = 26;
const gap = 8;
const between = 20;
const rowHeight = 20;

/** Explains the overlays that a picture has. Without one there is nothing to explain. */
export function legendOf(picture: Picture, isPlayable: boolean, width: number): Legend {
  let [x, y, widest] = [0, 0, 0];
  const keys = keysOf(picture, isPlayable).map((key) => {
    const own = sampleWidth + gap + textWidth(key.text) * fontSizes.note;
    if (x > 0 && x + own > width) [x, y] = [0, y + rowHeight];
    const placed = { ...key, x, y: y + rowHeight / 2 };
    x += own + between;
    widest = Math.max(widest, x - between);
    return placed;
  });
  return { keys, width: widest, height: keys.length === 0 ? 0 : y + rowHeight + 10 };
}

function keysOf(
  { states, edges, seen, words }: Picture,
  isPlayable: boolean,
): Pick<Key, 'shape' | 'classes' | 'text' | 'stroke'>[] {
  const box = (mark: string, text: string, isThere: boolean) =>
    isThere ? [{ shape: 'box', classes: ['state', mark], stroke: 1.5, text } as const] : [];
  const arrow = (classes: readonly string[], text: string, isThere: boolean, stroke = 1.4) =>
    isThere ? [{ shape: 'arrow', classes, stroke, text } as const] : [];
  const has = (mark: string) => states.some((state) => state.mark === mark);
  const stands = (kind: string) => edges.some(({ standing }) => standing.kind === kind);
  const kinds = new Set(seen.map(({ kind }) => kind));
  const isCounted = edges.some(({ share = 0 }) => share > 0) || seen.length > 0;
  return [
    ...box('current', words.keyCurrent, has('current') || isPlayable),
    ...box('previous', words.keyPrevious, has('previous')),
    ...arrow(['enabled'], words.keyEnabled, stands('enabled') || isPlayable),
    ...arrow(['blocked'], words.keyBlocked, stands('blocked') || isPlayable),
    ...arrow(['edge'], words.keyCounts, isCounted, 5),
    ...arrow(
      ['never'],
      words.keyNever,
      edges.some(({ count }) => count === 0),
    ),
    ...arrow(['seen', 'path'], words.keyPath, kinds.has('path')),
    ...arrow(['seen', 'jump'], words.keyJump, kinds.has('jump')),
  ];
}
