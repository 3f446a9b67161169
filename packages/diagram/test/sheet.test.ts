import { describe, expect, test } from 'vitest';
import { toSvg } from '../src/index.ts';
import { pictureOf } from '../src/picture/picture.ts';
import {
  boxAreas,
  captionAreas,
  crossedBoxes,
  crossedCaptions,
  crossedHeadings,
  doOverlap,
  pointsAlong,
  type Area,
} from '../src/svg/clear-places.ts';
import { fitInto } from '../src/svg/fit-into.ts';
import { loadGraphviz } from '../src/svg/graphviz.ts';
import { desks } from './support/desks.ts';

const layOut = await loadGraphviz();
const widths = [880, 690, 390];
const cases = desks.flatMap((desk) => widths.map((width) => ({ ...desk, width })));

/** Every picture of the sheet, measured where it is placed. */
function place({ lifecycle, width }: (typeof cases)[number]) {
  return fitInto(layOut, width, {}, (form) => pictureOf('sheet', lifecycle, form));
}

const overlapping = (areas: readonly Area[], others: readonly Area[] = areas): string[] =>
  areas.flatMap((one, at) =>
    others
      .slice(areas === others ? at + 1 : 0)
      .filter((other) => doOverlap(one, other))
      .map((other) => JSON.stringify([one, other])),
  );

describe.each(cases)('$name on $width px', (desk) => {
  const { picture, drawing, layout } = place(desk);
  const boxes = boxAreas(drawing.plan, layout);
  // Without the room around a caption, which may be shared.
  const captions = captionAreas(drawing.plan, layout).map(({ from, to }) => ({
    from: { x: from.x + 3, y: from.y + 3 },
    to: { x: to.x - 3, y: to.y - 3 },
  }));

  test('nothing is cut, and no text is small', async () => {
    const svg = await toSvg(desk.lifecycle, { width: desk.width });
    expect(Number(/ width="(\d+)"/.exec(svg)?.[1])).toBeLessThanOrEqual(desk.width);
    const sizes = [...svg.matchAll(/ font-size="([\d.]+)"/g)].map(([, size]) => Number(size));
    expect(Math.min(...sizes)).toBeGreaterThanOrEqual(11);
    const texts = [...svg.matchAll(/<text[^>]*>([^<]*)</g)].map(([, text]) => text);
    expect(texts.filter((text) => text?.includes('…'))).toEqual([]);
    const all = [...boxes, ...captions];
    expect(Math.min(...all.map(({ from }) => Math.min(from.x, from.y)))).toBeGreaterThanOrEqual(-8);
    expect(Math.max(...all.map(({ to }) => to.x))).toBeLessThanOrEqual(layout.size.width + 8);
    expect(Math.max(...all.map(({ to }) => to.y))).toBeLessThanOrEqual(layout.size.height + 8);
    const [right, bottom] = ['x', 'y'].map((axis) =>
      Math.max(
        ...layout.arrows
          .flatMap(({ curve }) => pointsAlong(curve))
          .map((point) => point[axis as 'x']),
      ),
    );
    expect(right).toBeLessThanOrEqual(layout.size.width + 8);
    expect(bottom).toBeLessThanOrEqual(layout.size.height + 8);
  });

  test('no caption or box overlaps another', () => {
    expect(overlapping(boxes)).toEqual([]);
    expect(overlapping(captions)).toEqual([]);
    expect(overlapping(captions, boxes)).toEqual([]);
  });

  test('the main way runs in one direction', () => {
    const axis = picture.direction === 'right' ? 'x' : 'y';
    const at = desk.mainWay.map((state) => {
      const index = picture.states.findIndex(({ name }) => name === state);
      return layout.boxes[index + 1]?.[axis] ?? 0;
    });
    expect(at).toEqual(at.toSorted((a, b) => a - b));
    expect(new Set(at).size).toBe(at.length);
  });

  test('no arrow crosses a caption, a heading or a state that is not its own', () => {
    expect(crossedCaptions(drawing.plan, layout)).toEqual([]);
    expect(crossedHeadings(drawing.plan, layout)).toEqual([]);
    expect(crossedBoxes(drawing.plan, layout)).toEqual([]);
  });
});

/**
 * The smaller of the two pictures that state-machine-cat 15.0.8 draws of the same states and events
 * (`--direction left-right` and `top-down`), in the pixels of a page. It knows neither statuses nor
 * deadlines.
 */
const peers = [
  { name: 'support', width: 660, height: 177 },
  { name: 'approval', width: 655, height: 145 },
  { name: 'returns', width: 341, height: 712 },
  { name: 'help desk', width: 635, height: 540 },
  { name: 'hiring', width: 1343, height: 397 },
  { name: 'incident', width: 589, height: 884 },
  { name: 'IT desk', width: 1248, height: 627 },
  { name: 'change request', width: 728, height: 884 },
  { name: 'orders', width: 835, height: 969 },
  { name: 'plant of 20', width: 1539, height: 1056 },
  { name: 'plant of 36', width: 2548, height: 1743 },
  { name: 'plant of 60', width: 3864, height: 2773 },
];

test.each(desks)('$name takes no more room than another drawing of it', async (desk) => {
  const peer = peers.find(({ name }) => name === desk.name);
  const svg = await toSvg(desk.lifecycle);
  const [, width, height] = / width="(\d+)" height="(\d+)"/.exec(svg) ?? [];
  expect(Number(width) * Number(height)).toBeLessThanOrEqual(
    (peer?.width ?? 0) * (peer?.height ?? 0),
  );
});
