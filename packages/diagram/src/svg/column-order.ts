import type { Plan, PlannedArrow } from './layout.ts';

/**
 * The boxes from the first on, so that whatever does not lead back leads down. Arrows of the
 * greatest weight decide; what only lighter ones reach, such as a reopening, comes behind.
 */
export function orderOf({ boxes, arrows }: Plan): number[] {
  const heaviest = Math.max(0, ...arrows.map(({ weight }) => weight));
  const out = Map.groupBy(
    arrows.filter(({ weight }) => weight === heaviest && weight > 0),
    ({ from }) => from,
  );
  const seen = new Set<number>();
  return boxes.flatMap((_, first) => (seen.has(first) ? [] : below(first, out, seen)));
}

/** All that a box leads to and that is new, in the order of a reversed depth-first search. */
function below(
  first: number,
  out: ReadonlyMap<number, readonly PlannedArrow[]>,
  seen: Set<number>,
): number[] {
  const left: number[] = [];
  const open: { readonly box: number; readonly rest: PlannedArrow[] }[] = [];
  const enter = (box: number) => {
    seen.add(box);
    open.push({ box, rest: [...(out.get(box) ?? [])] });
  };
  enter(first);
  for (let top = open.at(-1); top !== undefined; top = open.at(-1)) {
    // From the last edge to the first: what is left last comes first.
    const arrow = top.rest.pop();
    if (arrow === undefined) {
      left.push(top.box);
      open.pop();
    } else if (!seen.has(arrow.to)) enter(arrow.to);
  }
  return left.toReversed();
}
