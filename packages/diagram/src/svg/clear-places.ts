import type { Layout, Plan, Point, Size } from './layout.ts';
import { plainStroke, roomAround } from './measure.ts';

/*
 * Graphviz keeps captions and boxes apart, and nothing else: its arrows may cross the heading of a
 * frame, and a frame's line may cross a caption. So headings move along the upper edge of their
 * frame to where nothing is, and a frame's line leaves out what is written on it.
 */

/** A rectangle by its two corners. */
export interface Area {
  readonly from: Point;
  readonly to: Point;
}

const areaAround = ({ x, y }: Point, { width, height }: Size, room = 0): Area => ({
  from: { x: x - width / 2 - room, y: y - height / 2 - room },
  to: { x: x + width / 2 + room, y: y + height / 2 + room },
});

export const doOverlap = (one: Area, other: Area): boolean =>
  one.from.x < other.to.x &&
  other.from.x < one.to.x &&
  one.from.y < other.to.y &&
  other.from.y < one.to.y;

/** Points along a curve, near enough to each other to find what it crosses. */
export function pointsAlong(curve: readonly Point[]): Point[] {
  const points: Point[] = [];
  for (let index = 0; index + 3 < curve.length; index += 3) {
    const [a, b, c, d] = curve.slice(index, index + 4);
    if (a === undefined || b === undefined || c === undefined || d === undefined) break;
    const steps = Math.max(2, Math.ceil((Math.abs(d.x - a.x) + Math.abs(d.y - a.y)) / 4));
    for (let step = 0; step <= steps; step += 1) {
      const t = step / steps;
      const [p, q, r, s] = [(1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t * t * (1 - t), t ** 3];
      points.push({
        x: p * a.x + q * b.x + r * c.x + s * d.x,
        y: p * a.y + q * b.y + r * c.y + s * d.y,
      });
    }
  }
  return points;
}

/** Moves the headings of frames to where no arrow crosses them, as far as there is such a place. */
export function clearHeadings(plan: Plan, layout: Layout): Layout {
  if (layout.frames.length === 0) return layout;
  const crossing = layout.arrows.flatMap(({ curve }) => pointsAlong(curve));
  const taken = [...boxAreas(plan, layout), ...captionAreas(plan, layout)];
  const frames = layout.frames.map((frame, index) => {
    const size = plan.frames[index]?.heading ?? noSize;
    const isFree = (heading: Point) => {
      const area = areaAround(heading, size, 2);
      return !taken.some((one) => doOverlap(one, area)) && !isCrossed(area, crossing);
    };
    const heading = placesIn(frame, frame.heading, size).find(isFree) ?? frame.heading;
    return { ...frame, heading };
  });
  return { ...layout, frames };
}

/** Whether no caption, box or heading has something on it that makes it hard to read. */
export function isClear(plan: Plan, layout: Layout): boolean {
  // The room around a caption may be shared.
  const captions = captionAreas(plan, layout).map((area) => grown(area, -3));
  const areas = [...captions, ...boxAreas(plan, layout)];
  const isAlone = captions.every((one, at) =>
    areas.every((other, index) => index <= at || !doOverlap(one, other)),
  );
  return (
    isAlone &&
    crossedHeadings(plan, layout).length === 0 &&
    crossedCaptions(plan, layout).length === 0 &&
    crossedBoxes(plan, layout).length === 0
  );
}

/** The captions that arrows cross, by the place of their texts. */
export function crossedCaptions(plan: Plan, layout: Layout): Area[] {
  const curves = layout.arrows.map(({ curve }) => pointsAlong(curve));
  return plan.arrows.flatMap(({ caption, thickness }, at) => {
    const middle = layout.arrows[at]?.caption;
    if (caption === undefined || middle === undefined) return [];
    const text = areaAround(middle, caption, -roomAround(thickness));
    const isHit = curves.some((points, index) => {
      const half = ((plan.arrows[index]?.thickness ?? plainStroke) - plainStroke) / 2;
      return isCrossed(grown(text, half), points);
    });
    return isHit ? [text] : [];
  });
}

/** The boxes that arrows cross on their way to others. */
export function crossedBoxes(plan: Plan, layout: Layout): Area[] {
  const curves = layout.arrows.map(({ curve }) => pointsAlong(curve));
  const isOther = (box: number, arrow: number) =>
    plan.arrows[arrow]?.from !== box && plan.arrows[arrow]?.to !== box;
  return boxAreas(plan, layout).filter((area, box) =>
    curves.some((points, arrow) => isOther(box, arrow) && isCrossed(area, points)),
  );
}

const isCrossed = (area: Area, points: readonly Point[]): boolean =>
  points.some((point) => doOverlap(area, { from: point, to: point }));

/** The headings that arrows cross. */
export function crossedHeadings(plan: Plan, layout: Layout): Area[] {
  const points = layout.arrows.flatMap(({ curve }) => pointsAlong(curve));
  return layout.frames
    .map(({ heading }, index) => areaAround(heading, plan.frames[index]?.heading ?? noSize))
    .filter((area) => isCrossed(area, points));
}

const noSize: Size = { width: 0, height: 0 };

const grown = ({ from, to }: Area, by: number): Area => ({
  from: { x: from.x - by, y: from.y - by },
  to: { x: to.x + by, y: to.y + by },
});

/** Where a heading may stand: where it is, along the upper edge, along the lower one. */
function placesIn({ from, to }: Area, heading: Point, { width, height }: Size): Point[] {
  const half = width / 2 + 6;
  const places = [heading];
  for (const y of [heading.y, to.y - height / 2 - 3]) {
    for (let x = from.x + half; x <= to.x - half; x += 6) places.push({ x, y });
  }
  return places;
}

/** Where boxes are, in the order of the plan. */
export const boxAreas = (plan: Plan, layout: Layout): Area[] =>
  plan.boxes.map((size, index) => areaAround(layout.boxes[index] ?? { x: 0, y: 0 }, size));

/** Where captions are. */
export const captionAreas = (plan: Plan, layout: Layout): Area[] =>
  plan.arrows.flatMap(({ caption }, index) => {
    const middle = layout.arrows[index]?.caption;
    return caption === undefined || middle === undefined ? [] : [areaAround(middle, caption)];
  });
