import type { Area } from './clear-places.ts';
import { rounded } from './xml.ts';

const corner = 12;

interface Side {
  readonly isAcross: boolean;
  /** Where the line is, and from where to where it goes. */
  readonly at: number;
  readonly from: number;
  readonly to: number;
}

/** The line of a frame with round corners, left out where something is written on it. */
export function frameOutline({ from, to }: Area, written: readonly Area[]): string {
  const [left, right] = [from.x + corner, to.x - corner];
  const [top, bottom] = [from.y + corner, to.y - corner];
  const sides: readonly Side[] = [
    { isAcross: true, at: from.y, from: left, to: right },
    { isAcross: true, at: to.y, from: left, to: right },
    { isAcross: false, at: from.x, from: top, to: bottom },
    { isAcross: false, at: to.x, from: top, to: bottom },
  ];
  const turn = (x: number, y: number, toX: number, toY: number) =>
    `M${rounded(x)},${rounded(y)}A${corner},${corner} 0 0 1 ${rounded(toX)},${rounded(toY)}`;
  return [
    ...sides.flatMap((side) => piecesOf(side, written).map((piece) => lineOf(side, piece))),
    turn(from.x, top, left, from.y),
    turn(right, from.y, to.x, top),
    turn(to.x, bottom, right, to.y),
    turn(left, to.y, from.x, bottom),
  ].join('');
}

/** What is left of a side. */
function piecesOf(side: Side, written: readonly Area[]): (readonly [from: number, to: number])[] {
  const cuts = written
    .filter((area) =>
      side.isAcross
        ? area.from.y < side.at && side.at < area.to.y
        : area.from.x < side.at && side.at < area.to.x,
    )
    .map((area) =>
      side.isAcross ? ([area.from.x, area.to.x] as const) : ([area.from.y, area.to.y] as const),
    )
    .toSorted(([a], [b]) => a - b);
  const pieces: (readonly [number, number])[] = [];
  let start = side.from;
  for (const [from, to] of cuts) {
    if (from > start) pieces.push([start, Math.min(from, side.to)]);
    start = Math.max(start, to);
  }
  if (start < side.to) pieces.push([start, side.to]);
  return pieces.filter(([from, to]) => to - from > 2);
}

const lineOf = ({ isAcross, at }: Side, [from, to]: readonly [number, number]): string =>
  isAcross
    ? `M${rounded(from)},${rounded(at)}H${rounded(to)}`
    : `M${rounded(at)},${rounded(from)}V${rounded(to)}`;
