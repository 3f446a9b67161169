import type { Point } from './layout.ts';

const radius = 6;

/** A line along points, with round corners, as Bézier curves: a start, then three points for each. */
export function polyline(points: readonly Point[]): Point[] {
  const [first = { x: 0, y: 0 }] = points;
  const curve: Point[] = [first];
  let from = first;
  for (let index = 1; index < points.length; index += 1) {
    const corner = points[index] ?? from;
    const after = points[index + 1];
    if (after === undefined) {
      curve.push(from, corner, corner);
      break;
    }
    const rounding = Math.min(radius, distance(from, corner) / 2, distance(corner, after) / 2);
    const start = towards(corner, from, rounding);
    const end = towards(corner, after, rounding);
    curve.push(from, start, start, corner, corner, end);
    from = end;
  }
  return curve;
}

const distance = (a: Point, b: Point): number => Math.hypot(a.x - b.x, a.y - b.y);

function towards(from: Point, to: Point, length: number): Point {
  const share = length / (distance(from, to) || 1);
  return { x: from.x + (to.x - from.x) * share, y: from.y + (to.y - from.y) * share };
}
