import type { Graph } from '@viz-js/viz';
import type { LayOut } from './graphviz.ts';

export interface Point {
  readonly x: number;
  readonly y: number;
}

export interface Size {
  readonly width: number;
  readonly height: number;
}

/** How much room is left between things, in pixels. */
export interface Room {
  /** Between neighbours of a rank, and from one rank to the next. */
  readonly sideways: number;
  readonly onwards: number;
  /** Between the line of a frame and its boxes. */
  readonly frame: number;
  /** Inside a box and beside a caption, both sides together. */
  readonly box: number;
  readonly caption: number;
  /** Where names of states break: on wide lines, between words, or inside of a long word too. */
  readonly names: 'wide' | 'words' | 'letters';
}

/** What is to be placed. Names stay outside: Graphviz sees numbers and sizes only. */
export interface Plan {
  readonly direction: 'right' | 'down';
  readonly room: Room;
  readonly boxes: readonly Size[];
  /** The boxes that a frame holds, and the size of the frame's heading. */
  readonly frames: readonly { readonly boxes: readonly number[]; readonly heading: Size }[];
  readonly arrows: readonly PlannedArrow[];
}

export interface PlannedArrow {
  /** Positions in `boxes`. */
  readonly from: number;
  readonly to: number;
  readonly caption: Size | undefined;
  /** How long its head is, and how thick its line. */
  readonly head: number;
  readonly thickness: number;
  /** How straight it should be. With 0 no box is placed on its account. */
  readonly weight: number;
  /** What it looks like: arrows of one look may share a line. */
  readonly look: string;
  /** Positions in `frames`, where it begins or ends at a frame instead of a box. */
  readonly fromFrame?: number | undefined;
  readonly toFrame?: number | undefined;
}

/** Where things are: boxes and captions by their middle, frames by two corners. */
export interface Layout {
  readonly size: Size;
  readonly boxes: readonly Point[];
  readonly frames: readonly {
    readonly from: Point;
    readonly to: Point;
    readonly heading: Point;
  }[];
  readonly arrows: readonly {
    /** A start, then three points for each Bézier curve. */
    readonly curve: readonly Point[];
    readonly tip: Point;
    readonly caption: Point | undefined;
  }[];
}

const pointsPerInch = 72;

/** Places boxes, frames and arrows with Graphviz. */
export function placeAll(plan: Plan, layOut: LayOut): Layout {
  return readLayout(plan, layOut(graphOf(plan)) as Placed);
}

function graphOf({ direction, room, boxes, frames, arrows }: Plan): Graph {
  return {
    directed: true,
    graphAttributes: {
      rankdir: direction === 'right' ? 'LR' : 'TB',
      compound: true,
      newrank: true,
      nodesep: room.sideways / pointsPerInch,
      ranksep: room.onwards / pointsPerInch,
    },
    nodeAttributes: { shape: 'box', fixedsize: true, label: '' },
    nodes: boxes.map(({ width, height }, index) => ({
      name: `n${index}`,
      attributes: { width: width / pointsPerInch, height: height / pointsPerInch },
    })),
    subgraphs: frames.map((frame, index) => ({
      name: `cluster_${index}`,
      graphAttributes: { label: blank(frame.heading), margin: room.frame, labeljust: 'l' },
      nodes: frame.boxes.map((box) => ({ name: `n${box}` })),
    })),
    edges: arrows.map(({ from, to, caption, head, weight, fromFrame, toFrame }, index) => ({
      tail: `n${from}`,
      head: `n${to}`,
      attributes: {
        id: `e${index}`,
        arrowsize: head / 10,
        ...(caption === undefined ? {} : { label: blank(caption) }),
        ...(weight > 0 ? { weight } : { constraint: false }),
        ...(fromFrame === undefined ? {} : { ltail: `cluster_${fromFrame}` }),
        ...(toFrame === undefined ? {} : { lhead: `cluster_${toFrame}` }),
      },
    })),
  };
}

/** An empty table of a size: room for a text that Graphviz could not measure. */
const blank = ({ width, height }: Size) => ({
  html: `<table border="0" cellborder="0" cellspacing="0" cellpadding="0" fixedsize="true" width="${Math.ceil(width)}" height="${Math.ceil(height)}"><tr><td></td></tr></table>`,
});

/** What Graphviz answers, as far as it is read. */
interface Placed {
  readonly bb: string;
  readonly objects?: readonly {
    readonly name: string;
    readonly pos?: string;
    readonly bb?: string;
    readonly lp?: string;
  }[];
  readonly edges?: readonly { readonly id: string; readonly pos: string; readonly lp?: string }[];
}

function readLayout({ boxes, frames, arrows }: Plan, placed: Placed): Layout {
  const objects = new Map((placed.objects ?? []).map((object) => [object.name, object]));
  const edges = new Map((placed.edges ?? []).map((edge) => [edge.id, edge]));
  const [, , right = 0, bottom = 0] = cornersOf(placed.bb);
  const middles = boxes.map((_, index) => pointOf(objects.get(`n${index}`)?.pos));
  return {
    size: { width: right, height: bottom },
    boxes: middles,
    frames: frames.map((_, index) => {
      const { bb, lp } = objects.get(`cluster_${index}`) ?? {};
      const [left = 0, top = 0, farRight = 0, low = 0] = cornersOf(bb);
      return { from: { x: left, y: top }, to: { x: farRight, y: low }, heading: pointOf(lp) };
    }),
    arrows: arrows.map(({ from, to }, index) => {
      const { pos = '', lp } = edges.get(`e${index}`) ?? {};
      const spline = splineOf(pos) ?? straight(middles[from], middles[to]);
      return { ...spline, caption: lp === undefined ? undefined : pointOf(lp) };
    }),
  };
}

const numbersOf = (text = ''): number[] => text.split(',').map(Number);

function pointOf(text: string | undefined): Point {
  const [x = 0, y = 0] = numbersOf(text);
  return { x, y };
}

/** Left, top, right and bottom, whichever way round y was written. */
function cornersOf(text: string | undefined): number[] {
  const [x1 = 0, y1 = 0, x2 = 0, y2 = 0] = numbersOf(text);
  return [Math.min(x1, x2), Math.min(y1, y2), Math.max(x1, x2), Math.max(y1, y2)];
}

/** Reads `e,tip start p p p …`: a curve, and the tip of the head behind it. */
function splineOf(pos: string): { curve: Point[]; tip: Point } | undefined {
  const [spline = ''] = pos.split(';');
  const parts = spline.split(' ').filter((part) => part !== '');
  const end = parts.find((part) => part.startsWith('e,'));
  const curve = parts.filter((part) => !/^[es],/.test(part)).map(pointOf);
  const last = curve.at(-1);
  if (curve.length < 4 || last === undefined) return undefined;
  return { curve, tip: end === undefined ? last : pointOf(end.slice(2)) };
}

/** For an edge that Graphviz did not route: drawn across rather than left out. */
function straight(from: Point = origin, to: Point = origin): { curve: Point[]; tip: Point } {
  return { curve: [from, from, to, to], tip: to };
}

const origin: Point = { x: 0, y: 0 };
