import type { PlannedArrow, Size } from './layout.ts';

/** A box of the column, and the heights at which lanes come in. */
export interface Block {
  readonly top: number;
  readonly bottom: number;
  readonly entries: readonly number[];
}

/** An arrow that takes a lane: at which height it leaves its box. */
export interface Leaving {
  readonly arrow: number;
  readonly y: number;
}

/** The arrows to one state that look alike. */
export interface Bus {
  readonly to: number;
  readonly leaving: readonly Leaving[];
  readonly entryY: number;
}

const firstEntry = 8;
const betweenEntries = 9;

/** Where lanes come in at the right side of a box: below one another, closer where they are many. */
export function entriesOf(count: number, { height }: Size): number[] {
  const room = (height - firstEntry - 4) / Math.max(1, count - 1);
  const step = Math.min(betweenEntries, room);
  return Array.from({ length: count }, (_, index) => firstEntry + step * index);
}

/** Arrows to one state that look alike share a lane. */
export const busOf = ({ to, look, weight }: PlannedArrow): string =>
  JSON.stringify([to, look, weight > 0]);

export function busesOf(
  arrows: readonly PlannedArrow[],
  leaving: ReadonlyMap<number, Leaving>,
  blocks: ReadonlyMap<number, Block>,
): Bus[] {
  const keyOf = ({ arrow }: Leaving) => {
    const planned = arrows[arrow];
    return planned === undefined ? '' : busOf(planned);
  };
  const groups = [...Map.groupBy(leaving.values(), keyOf).values()];
  const entries = new Map<number, number>();
  return groups.map((group) => {
    const to = arrows[group[0]?.arrow ?? 0]?.to ?? 0;
    const entry = entries.get(to) ?? 0;
    entries.set(to, entry + 1);
    return { to, leaving: group, entryY: blocks.get(to)?.entries[entry] ?? 0 };
  });
}

/** A lane for each bus: short ones near the boxes, and no two at one height in the same. */
export function lanesOf(buses: readonly Bus[]): number[] {
  const spans = buses.map(({ leaving, entryY }, index) => {
    const heights = [entryY, ...leaving.map(({ y }) => y)];
    return { index, from: Math.min(...heights) - 4, to: Math.max(...heights) + 4 };
  });
  const lanes: (typeof spans)[] = [];
  const found = buses.map(() => 0);
  for (const span of spans.toSorted((a, b) => a.to - a.from - (b.to - b.from))) {
    const isFree = (taken: typeof spans) =>
      taken.every((one) => one.to < span.from || span.to < one.from);
    const free = lanes.findIndex(isFree);
    const lane = free === -1 ? lanes.length : free;
    (lanes[lane] ??= []).push(span);
    found[span.index] = lane;
  }
  return found;
}
