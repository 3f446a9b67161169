import type { Plan, Room, Size } from './layout.ts';
import {
  bundlesOf,
  type Caption,
  type Picture,
  type PictureEdge,
  type PictureState,
} from '../picture/picture.ts';
import {
  edgeLabel,
  noteLabel,
  stateLabel,
  tightStateLabel,
  type LabelWidth,
} from '../label-width.ts';
import { fill } from '../fill-in.ts';
import { fit, widestPiece } from '../text.ts';
import { textWidth } from '../text-size.ts';

/** A line of text, and how it is set. */
export interface TextLine {
  readonly text: string;
  readonly style: 'name' | 'heading' | 'event' | 'note';
}

export const fontSizes = { name: 14, heading: 12, event: 12.5, note: 11 } as const;
const leading = 1.3;
export const plainStroke = 1.4;

/** How far a caption's text is from its arrow. A thick one takes from the room of what is beside it. */
export const roomAround = (thickness: number): number =>
  3 + 0.8 * Math.max(0, thickness - plainStroke);
// The usual path through a lifecycle runs straight, and the edges back go around it.
const forward = 10;

/** A box, a frame or an arrow: its texts, and what styles and scripts know it by. */
export interface Part {
  readonly classes: readonly string[];
  readonly data: Readonly<Record<string, string | undefined>>;
  /** Shown when a pointer rests on it. */
  readonly tooltip: string;
  readonly lines: readonly TextLine[];
}

export interface BoxPart extends Part {
  readonly size: Size;
  readonly isFinal: boolean;
}

export interface ArrowPart extends Part {
  /** Further edges of the same pair of states: their captions are below its own. */
  readonly others: readonly Part[];
  /** How thick it is. */
  readonly stroke: number;
  readonly head: number;
}

/** All that is drawn, in the order of the plan that places it. */
export interface Drawing {
  readonly boxes: readonly BoxPart[];
  readonly frames: readonly Part[];
  readonly arrows: readonly ArrowPart[];
  readonly plan: Plan;
}

/**
 * Measures what a picture shows, and lists what is to be placed.
 *
 * @param form how wide captions may be, in units of the font size, and how much room there is
 */
export function measure(
  picture: Picture,
  { lineWidth, room }: { readonly lineWidth: number; readonly room: Room },
): Drawing {
  const { states, groups, seen, direction, initial, words } = picture;
  const begin: Part = { classes: ['begin'], data: {}, tooltip: words.startsHere, lines: [] };
  const dot: BoxPart = {
    ...begin,
    classes: ['start'],
    size: { width: 12, height: 12 },
    isFinal: false,
  };
  const bundles = bundlesOf(picture.edges);
  const captionLines = linesOfCaption(lineWidth);
  const boxOf = new Map(states.map(({ name }, index) => [name, index + 1]));
  const box = (name: string) => boxOf.get(name) ?? 0;
  const frameOf = (names: readonly string[]) => {
    const [first = ''] = names;
    const at = groups.findIndex((group) => names.length > 1 && group.states.includes(first));
    return at === -1 ? undefined : at;
  };

  const names = namesIn(room, states);
  const boxes = [dot, ...states.map((state) => boxPart(state, names, room.box))];
  const frames = groups.map(({ status }): Part => ({
    classes: ['group'],
    data: { 'data-status': status },
    tooltip: fill(words.frame, { status }),
    lines: [{ text: status, style: 'heading' }],
  }));
  const arrows: ArrowPart[] = [
    { ...strokeOf(undefined), ...begin, others: [] },
    ...bundles.map((bundle) => {
      const [first, ...others] = bundle.map((edge) => edgePart(edge, captionLines));
      return { ...strokeOf(bundle[0]?.share), ...(first ?? begin), others };
    }),
    ...seen.map(({ from, to, kind, share, ...caption }) => ({
      ...strokeOf(share),
      classes: ['seen', kind],
      others: [],
      data: { 'data-seen-from': from.join(' '), 'data-seen-to': to.join(' ') },
      tooltip: `${from.join(words.or)} → ${to.join(words.or)}: ${caption.head}\n${caption.notes.join('\n')}`,
      lines: captionLines(caption),
    })),
  ];

  const ends = [
    { from: 0, to: box(initial), weight: forward },
    ...bundles.map(([edge]) => ({
      from: box(edge?.from ?? ''),
      to: box(edge?.to ?? ''),
      weight: edge?.isReopening === true ? 1 : forward,
    })),
    ...seen.map(({ from, to }) => ({
      from: box(from[0] ?? ''),
      to: box(to[0] ?? ''),
      weight: 0,
      fromFrame: frameOf(from),
      toFrame: frameOf(to),
    })),
  ];
  const plan: Plan = {
    direction,
    room,
    boxes: boxes.map(({ size }) => size),
    frames: frames.map(({ lines }, index) => ({
      boxes: (groups[index]?.states ?? []).map(box),
      heading: sizeOf(lines),
    })),
    arrows: ends.map((end, index) => {
      const arrow = arrows[index];
      const parts = arrow === undefined ? [] : [arrow, ...arrow.others];
      const lines = parts.flatMap((part) => part.lines);
      return {
        ...end,
        head: arrow?.head ?? 0,
        look: JSON.stringify([
          arrow?.stroke,
          arrow?.classes.filter((name) => name !== 'reopening'),
        ]),
        thickness: arrow?.stroke ?? plainStroke,
        caption:
          lines.length === 0
            ? undefined
            : roomy(sizeOf(lines), room.caption, arrow?.stroke ?? plainStroke),
      };
    }),
  };
  return { boxes, frames, arrows, plan };
}

// A longer word is broken wherever it is.
const longestWord = 20;

/** How wide the lines of names are: as wide as the longest word, if words stay whole. */
function namesIn({ names }: Room, states: readonly PictureState[]): LabelWidth {
  if (names === 'letters') return tightStateLabel;
  const label = names === 'wide' ? stateLabel : tightStateLabel;
  const pieces = states.map((state) => widestPiece(state.label));
  const longest = Math.max(...pieces.filter((width) => width <= longestWord));
  return { ...label, width: Math.max(label.width, longest) };
}

function boxPart(state: PictureState, names: LabelWidth, padding: number): BoxPart {
  const { name, label, description, status, showsStatus, times, isFinal, mark } = state;
  const lines: TextLine[] = [
    ...fit(label, names).map((text) => ({ text, style: 'name' as const })),
    ...(showsStatus ? [{ text: status, style: 'note' as const }] : []),
    ...times
      .flatMap((text) => fit(text, { width: names.width * 1.3, lines: 3 }))
      .map((text) => ({ text, style: 'note' as const })),
  ];
  const { width, height } = sizeOf(lines);
  return {
    classes: ['state', ...(mark === undefined ? [] : [mark])],
    data: { 'data-state': name, 'data-status': status },
    tooltip: [label === name ? name : `${label} (${name})`, ...(description ?? '').split('\n')]
      .join('\n')
      .trim(),
    lines,
    size: { width: Math.max(padding + 36, width + padding), height: Math.max(36, height + 12) },
    isFinal,
  };
}

function edgePart(
  { event, from, to, standing, isReopening, count, head, notes }: PictureEdge,
  captionLines: (caption: Caption) => TextLine[],
): Part {
  return {
    classes: [
      'edge',
      ...(standing.kind === 'elsewhere' ? [] : [standing.kind]),
      ...(isReopening ? ['reopening'] : []),
      ...(count === 0 ? ['never'] : []),
    ],
    data: { 'data-from': from, 'data-to': to, 'data-event': event },
    tooltip: [`${event}: ${from} → ${to}`, ...notes].join('\n'),
    lines: captionLines({ head, notes }),
  };
}

const strokeOf = (share: number | undefined) => {
  const stroke = share === undefined ? plainStroke : 1 + 7 * share;
  return { stroke, head: 7 + 1.6 * stroke };
};

const linesOfCaption =
  (width: number) =>
  ({ head, notes }: Caption): TextLine[] => {
    // A word is not broken to save a little width.
    const room = Math.max(width, Math.min(edgeLabel.width, widestPiece(head)));
    const lines = (text: string, style: TextLine['style'], label: LabelWidth) =>
      fit(text, { ...label, width: room }).map((line) => ({ text: line, style }));
    return [
      ...lines(head, 'event', edgeLabel),
      ...notes.flatMap((note) => lines(note, 'note', noteLabel(note))),
    ];
  };

function sizeOf(lines: readonly TextLine[]): Size {
  return {
    width: Math.max(0, ...lines.map(widthOf)),
    height: lines.reduce((sum, line) => sum + heightOf(line), 0),
  };
}

// Names are set in bold, which takes more room.
const widthOf = ({ text, style }: TextLine): number =>
  textWidth(text) * fontSizes[style] * (style === 'name' ? 1.08 : 1);

export const heightOf = ({ style }: TextLine): number => fontSizes[style] * leading;

function roomy({ width, height }: Size, sideways: number, thickness: number): Size {
  const around = 2 * roomAround(thickness);
  return { width: width + sideways + around - 6, height: height + around };
}
