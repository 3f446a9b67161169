/** A way to draw, as far as its place matters. */
interface Way {
  readonly from: string;
  readonly to: string;
}

/** A state's box. */
export interface Box {
  readonly state: string;
  readonly x: number;
  readonly y: number;
}

/** All ways from one state to another: they share one arrow. */
export interface Arrow<Edge extends Way = Way> {
  readonly edges: readonly Edge[];
  readonly path: string;
  /** Where the middle of the label is. */
  readonly x: number;
  readonly y: number;
}

export interface Layout<Edge extends Way = Way> {
  readonly width: number;
  readonly height: number;
  readonly boxes: readonly Box[];
  readonly arrows: readonly Arrow<Edge>[];
}

export const boxSize = { width: 164, height: 38 };
const pitch = 92;
const gap = 18;
const lineHeight = 17;

/**
 * Puts the states below each other, in order of their distance from the start. A way to the next
 * one is straight, ways further down lie on the right, ways up on the left, each in a lane that
 * is wide enough for its label. So nothing ever lies on something else, whatever the machine.
 */
export function layOut<Edge extends Way>(
  initial: string,
  states: readonly string[],
  edges: readonly Edge[],
  labelOf: (edge: Edge) => string,
): Layout<Edge> {
  const order = inOrder(initial, states, edges);
  const row = new Map(order.map((state, index) => [state, index]));
  const bundles = bundle(edges).map((together) => {
    const [{ from, to }] = together;
    const [start = 0, end = 0] = [row.get(from), row.get(to)];
    const labelWidth = Math.max(...together.map((edge) => labelOf(edge).length)) * 7.4 + 10;
    return { edges: together, start, end, labelWidth };
  });
  const isStraight = ({ start, end }: { start: number; end: number }) => end === start + 1;
  const right = inLanes(bundles.filter((way) => way.end >= way.start && !isStraight(way)));
  const left = inLanes(bundles.filter((way) => way.end < way.start));

  const boxX = gap + left.width;
  const middle = boxX + boxSize.width / 2;
  const straightWidth = Math.max(0, ...bundles.filter(isStraight).map((way) => way.labelWidth));
  const rightX = Math.max(boxX + boxSize.width, middle + straightWidth + gap);
  const yOf = (index: number) => gap + index * pitch + boxSize.height / 2;

  const straight = bundles.filter(isStraight).map((way): Arrow<Edge> => {
    const top = yOf(way.start) + boxSize.height / 2;
    const bottom = yOf(way.end) - boxSize.height / 2;
    const x = middle + way.labelWidth / 2 + 4;
    return { edges: way.edges, path: `M${middle} ${top}V${bottom - 3}`, x, y: (top + bottom) / 2 };
  });
  const curved = [
    ...right.ways.map((way) => curve(way, boxX + boxSize.width, rightX + way.offset, 8)),
    ...left.ways.map((way) => curve(way, boxX, boxX - way.offset, -8)),
  ];

  return {
    width: rightX + right.width + gap,
    height: yOf(order.length - 1) + boxSize.height / 2 + gap,
    boxes: order.map((state, index) => ({ state, x: boxX, y: yOf(index) - boxSize.height / 2 })),
    arrows: [...straight, ...curved],
  };

  /** Out of the box, along the lane, and back in a little beside where it came out. */
  function curve(way: Placed<Edge>, side: number, laneX: number, bend: number): Arrow<Edge> {
    const spread = way.end === way.start ? 9 : 7;
    const down = way.end >= way.start ? 1 : -1;
    const from = yOf(way.start) + spread * down;
    const to = yOf(way.end) - spread * (way.end === way.start ? 1 : down);
    const [top, bottom] = way.end === way.start ? [from, to] : [from, to];
    const turn = Math.sign(bottom - top) * Math.abs(bend);
    const path =
      `M${side} ${top}H${laneX - bend}Q${laneX} ${top} ${laneX} ${top + turn}` +
      `V${bottom - turn}Q${laneX} ${bottom} ${laneX - bend} ${bottom}H${side + Math.sign(bend) * 3}`;
    return { edges: way.edges, path, x: laneX, y: (top + bottom) / 2 };
  }
}

/** How high a label is that has a line for each of its ways. */
export const labelHeight = (lines: number): number => lines * lineHeight;

function inOrder(initial: string, states: readonly string[], edges: readonly Way[]): string[] {
  const seen = new Set([initial]);
  for (const state of seen) for (const { from, to } of edges) if (from === state) seen.add(to);
  return [...seen, ...states.filter((state) => !seen.has(state))];
}

function bundle<Edge extends Way>(edges: readonly Edge[]): [Edge, ...Edge[]][] {
  const bundles = new Map<string, [Edge, ...Edge[]]>();
  for (const edge of edges) {
    const key = JSON.stringify([edge.from, edge.to]);
    const known = bundles.get(key);
    if (known === undefined) bundles.set(key, [edge]);
    else known.push(edge);
  }
  return [...bundles.values()];
}

interface Unplaced<Edge> {
  readonly edges: readonly Edge[];
  readonly start: number;
  readonly end: number;
  readonly labelWidth: number;
}

interface Placed<Edge> extends Unplaced<Edge> {
  /** Distance of the lane's line from the boxes. */
  readonly offset: number;
}

/** Gives each way the innermost lane in which nothing overlaps it, the short ones first. */
function inLanes<Edge>(ways: readonly Unplaced<Edge>[]): { width: number; ways: Placed<Edge>[] } {
  const lanes: Unplaced<Edge>[][] = [];
  const reach = ({ start, end }: Unplaced<Edge>) => Math.abs(end - start);
  for (const way of ways.toSorted((a, b) => reach(a) - reach(b))) {
    const lane = lanes.find((others) => others.every((other) => !overlaps(way, other)));
    if (lane === undefined) lanes.push([way]);
    else lane.push(way);
  }
  let width = 0;
  const placed: Placed<Edge>[] = [];
  for (const lane of lanes) {
    const laneWidth = Math.max(...lane.map(({ labelWidth }) => labelWidth)) + gap;
    for (const way of lane) placed.push({ ...way, offset: width + laneWidth / 2 + 6 });
    width += laneWidth;
  }
  return { width: width === 0 ? 0 : width + 6, ways: placed };
}

function overlaps(a: Unplaced<unknown>, b: Unplaced<unknown>): boolean {
  const [aTop, aBottom] = [Math.min(a.start, a.end), Math.max(a.start, a.end)];
  const [bTop, bBottom] = [Math.min(b.start, b.end), Math.max(b.start, b.end)];
  return aTop <= bBottom && bTop <= aBottom;
}
