import { orderOf } from './column-order.ts';
import { busesOf, busOf, entriesOf, lanesOf, type Block, type Leaving } from './lanes.ts';
import type { Layout, Plan, Point, Size } from './layout.ts';
import { polyline } from './polyline.ts';

/*
 * A layout for a place that is too narrow for a graph: the states stand below one another, in an
 * order in which time flows down, and each arrow to a state that is not the next one takes a lane
 * beside them. Its width depends on names and lanes only, so sixty states fit where six do.
 *
 *     [ open     ]<-----------+     arrows come in at the top of a box
 *          | START            |
 *     [ resolved ]            |
 *        |  REOPEN -----------+     and leave below, each with its caption above it
 *
 * All arrows to one state that look alike share a lane, so lanes are few. The order is a reversed
 * depth-first search: whatever does not lead back leads down, and the first edge of a state leads
 * to the next one wherever it can.
 */

const gap = 14;
const stem = 12;
const firstLine = 8;

/** Places everything in a column that is at most as wide as asked, if names and lanes allow it. */
export function placeInColumn(plan: Plan, width: number): Layout {
  const { boxes, arrows } = plan;
  const order = orderOf(plan);
  const next = new Map(order.map((box, index) => [box, order[index + 1]]));
  const boxWidth = Math.max(...boxes.map((box) => box.width));
  const middleX = boxWidth / 2;
  const captionX = boxWidth + stem;
  const captionWidth = Math.max(0, ...arrows.map(({ caption }) => caption?.width ?? 0));

  const captions = new Map<number, Point>();
  const leaving = new Map<number, Leaving>();
  const blocks = new Map<number, Block>();
  // Arrows from one box to the next: the first is straight, and so each has a pair of its own.
  const straight = new Map<number, number>();
  for (const box of order) {
    const down = arrows.findIndex(({ from, to }) => from === box && to === next.get(box));
    if (down !== -1) straight.set(down, box);
  }
  const turning = arrows.filter((_, index) => !straight.has(index));
  const entriesInto = (box: number) =>
    new Set(turning.filter(({ to }) => to === box).map(busOf)).size;
  let top = 0;
  for (const box of order) {
    const own = arrows.flatMap((arrow, index) => (arrow.from === box ? [{ ...arrow, index }] : []));
    const down = own.find(({ index }) => straight.has(index));
    const size = boxes[box] ?? { width: 0, height: 0 };
    const { height } = size;
    const entries = entriesOf(entriesInto(box), size).map((entry) => top + entry);
    // No lane comes in across a caption.
    let y = Math.max(top + firstLine, ...entries);
    for (const { index, caption } of own) {
      if (index === down?.index) continue;
      y += 6;
      if (caption !== undefined) {
        captions.set(index, { x: captionX + caption.width / 2, y: y + caption.height / 2 });
        y += caption.height;
      }
      // Not along the lower edge of its box.
      if (y > top + height - 8 && y < top + height + 7) y = top + height + 7;
      leaving.set(index, { arrow: index, y });
    }
    let bottom = Math.max(top + height, y);
    blocks.set(box, { top, bottom: top + height, entries });
    if (down !== undefined) {
      const { caption } = down;
      // Beside its line, below whatever leaves the box above it.
      if (caption !== undefined) {
        captions.set(down.index, {
          x: middleX + 8 + caption.width / 2,
          y: bottom + 4 + caption.height / 2,
        });
        bottom += caption.height + 4;
      }
      bottom += down.head;
    }
    top = bottom + gap;
  }

  const buses = busesOf(arrows, leaving, blocks);
  const lanes = lanesOf(buses);
  const count = Math.max(0, ...lanes) + 1;
  const room = width - captionX - captionWidth - stem;
  const pitch = Math.max(4, Math.min(12, room / count));
  const laneX = (lane: number) => captionX + captionWidth + stem + lane * pitch;
  const curves = new Map<number, { curve: Point[]; tip: Point }>();
  for (const [index, box] of straight) {
    const to = arrows[index]?.to ?? 0;
    const tip = { x: middleX, y: blocks.get(to)?.top ?? 0 };
    const from = { x: middleX, y: blocks.get(box)?.bottom ?? 0 };
    curves.set(index, arrowAlong([from, tip], arrows[index]?.head ?? 0));
  }
  for (const [at, bus] of buses.entries()) {
    const x = laneX(lanes[at] ?? 0);
    const tip = { x: rightOf(boxes[bus.to]), y: bus.entryY };
    for (const { arrow, y } of bus.leaving) {
      const { from = 0, head = 0 } = arrows[arrow] ?? {};
      const right = rightOf(boxes[from]);
      const bottom = blocks.get(from)?.bottom ?? 0;
      const start =
        y < bottom
          ? [{ x: right, y }]
          : [
              { x: right - stem, y: bottom },
              { x: right - stem, y },
            ];
      curves.set(arrow, arrowAlong([...start, { x, y }, { x, y: bus.entryY }, tip], head));
    }
  }

  return {
    size: {
      width: buses.length === 0 ? captionX + captionWidth : laneX(count - 1) + 2,
      height: top - gap,
    },
    boxes: boxes.map(({ height }, index) => ({
      x: middleX,
      y: (blocks.get(index)?.top ?? 0) + height / 2,
    })),
    frames: [],
    arrows: arrows.map((_, index) => {
      const { curve = [], tip = { x: 0, y: 0 } } = curves.get(index) ?? {};
      return { curve, tip, caption: captions.get(index) };
    }),
  };

  function rightOf(size: Size | undefined): number {
    return middleX + (size?.width ?? 0) / 2;
  }
}

/** A line with round corners, which ends where the head begins. */
function arrowAlong(points: readonly Point[], head: number): { curve: Point[]; tip: Point } {
  const tip = points.at(-1) ?? { x: 0, y: 0 };
  const before = points.at(-2) ?? tip;
  const length = Math.hypot(tip.x - before.x, tip.y - before.y) || 1;
  const share = Math.min(1, head / length);
  const base = { x: tip.x + (before.x - tip.x) * share, y: tip.y + (before.y - tip.y) * share };
  return { curve: polyline([...points.slice(0, -1), base]), tip };
}
